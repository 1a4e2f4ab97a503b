"""fairlearn's MetricFrame on compressed counts, with guards for its traps: what our figures are held against.

At most four rows a slice (yes and no of each class) with their number as weight give the values of the raw rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lookingglass.fairness.disparities import k_of_n
from lookingglass.fairness.groups import GROUP_METRICS
from lookingglass.fairness.slices import Slice
from lookingglass.metrics.counts import Counts

if TYPE_CHECKING:
    import pandas as pd


def metric_frame(
    slices: Sequence[tuple[Slice, Counts]], metrics: Sequence[str] = GROUP_METRICS
) -> pd.DataFrame:
    """Return fairlearn's value of each metric in each slice: one row a slice, one column a metric.

    Guards: an empty denominator is NaN, where fairlearn gives 0; labels and answers are 0 and 1, so that the selection
    rate is not 0 for texts; plain arrays, so that nothing is matched by position of an index; slices go in as numbers,
    so that none is missing, blank or like another; ``count`` is the sum of the weights, which fairlearn's ignores.

    Args:
        slices: with their counts at one threshold; empty ones come back as NaN.
        metrics: of ``GROUP_METRICS``.
    """
    import pandas as pd
    from fairlearn import metrics as fairlearn
    from sklearn.metrics import accuracy_score, precision_score

    functions: dict[str, Any] = {
        "selection_rate": fairlearn.selection_rate,
        "recall": fairlearn.true_positive_rate,
        "false_positive_rate": fairlearn.false_positive_rate,
        "false_negative_rate": fairlearn.false_negative_rate,
        "precision": _precision(precision_score),
        "accuracy": accuracy_score,
    }
    cells = np.array([[c.tp, c.fp, c.tn, c.fn] for _, c in slices], dtype=np.int64).reshape(-1, 4)
    place, cell = np.nonzero(cells)
    weights = cells[place, cell]
    titles = [each.title for each, _ in slices]
    if not len(weights):
        return pd.DataFrame(np.nan, index=titles, columns=list(metrics)).assign(count=0)
    frame = fairlearn.MetricFrame(
        metrics={name: functions[name] for name in metrics},
        y_true=np.isin(cell, (0, 3)).astype(np.int64),
        y_pred=np.isin(cell, (0, 1)).astype(np.int64),
        sensitive_features=place,
        sample_params={name: {"sample_weight": weights} for name in metrics},
    )
    found: pd.DataFrame = frame.by_group.reindex(range(len(slices))).astype(float)
    for name in metrics:
        empty = [k_of_n(name, counts)[1] == 0 for _, counts in slices]
        found.loc[empty, name] = np.nan
    found.index = pd.Index(titles, name="slice")
    found["count"] = cells.sum(axis=1)
    return found


def _precision(score: Any) -> Any:
    def precision(y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        return float(score(y_true, y_pred, sample_weight=sample_weight, zero_division=0.0))

    return precision
