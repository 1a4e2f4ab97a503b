"""The threshold table: exact counts and metrics at up to 512 chosen thresholds, for charts and for the browser.

Knows nothing of candidates, charts or decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from lookingglass.metrics.counts import Counts, CountTable, Floats, Ints, checked_arrays
from lookingglass.metrics.formulas import AT_THRESHOLD, Cells, Costs, Settings, at_threshold

if TYPE_CHECKING:
    import polars as pl

MOST_THRESHOLDS = 512
"""So many rows can be looked up and redrawn within a frame while a threshold is dragged."""

NOBODY = "answer nobody"
_JSON_DIGITS = 7


@dataclass(frozen=True, eq=False)
class ThresholdTable:
    """What happens at each chosen threshold, by row index.

    Row 0 answers nobody; then thresholds fall, so recall and selection rate rise with the index.

    Attributes:
        thresholds: shape (r,), descending, infinite in row 0 (None in JSON, null in the frame).
        tp, fp, tn, fn: exact counts of ``score >= threshold`` over all examples, shape (r,).
        metrics: each metric by its agreed name, shape (r,), NaN where it is undefined.
        complete: whether every distinct score is a row.
    """

    thresholds: Floats
    tp: Ints
    fp: Ints
    tn: Ints
    fn: Ints
    metrics: dict[str, Floats]
    complete: bool

    def __len__(self) -> int:
        """Return the number of rows, "answer nobody" included."""
        return len(self.thresholds)

    @property
    def positives(self) -> int:
        """Examples whose label is positive."""
        return int(self.tp[0] + self.fn[0])

    @property
    def negatives(self) -> int:
        """Examples whose label is not positive."""
        return int(self.fp[0] + self.tn[0])

    def counts(self, row: int) -> Counts:
        """Return the four counts of one row."""
        return Counts(*(int(column[row]) for column in (self.tp, self.fp, self.tn, self.fn)))

    def threshold(self, row: int) -> float | None:
        """Return the threshold of one row, None for "answer nobody"."""
        value = float(self.thresholds[row])
        return None if np.isinf(value) else value

    def index_of(self, threshold: float | None) -> int:
        """Return the row that stands for a threshold: the lowest one at or above it; row 0 for None.

        For a row's own threshold, and for any threshold of a complete table, that row has exactly the same counts.
        """
        return 0 if threshold is None else int(self.indices_of(np.array([threshold]))[0])

    def indices_of(self, thresholds: Floats) -> Ints:
        """Return what ``index_of`` does for each of many thresholds, shape (n,)."""
        at_or_above = len(self) - np.searchsorted(self.thresholds[::-1], thresholds, side="left")
        return np.maximum(at_or_above - 1, 0)

    def best_index(self, metric: str, direction: Literal["higher", "lower"]) -> int | None:
        """Return the row where ``metric`` is best, the highest threshold among equals; None where it has no value."""
        values = self.metrics[metric]
        if bool(np.isnan(values).all()):
            return None
        return int(np.nanargmax(values) if direction == "higher" else np.nanargmin(values))

    @cached_property
    def _labels(self) -> list[str]:
        return [NOBODY, *format_thresholds(self.thresholds[1:])]

    def labels(self) -> list[str]:
        """Return each row's threshold as text, "answer nobody" for row 0."""
        return list(self._labels)

    def frame(self) -> pl.DataFrame:
        """Return a polars frame: index, threshold, label, tp, fp, tn, fn, tpr, fpr, the metrics; undefined is null.

        ``tpr`` and ``fpr`` are recall and false positive rate under the names of the ROC curve's axes.
        """
        import polars as pl

        columns: dict[str, Any] = {
            "index": np.arange(len(self)),
            "threshold": pl.Series([self.threshold(row) for row in range(len(self))], dtype=pl.Float64),
            "label": self.labels(),
            **{name: getattr(self, name) for name in ("tp", "fp", "tn", "fn")},
            "tpr": self.metrics["recall"],
            "fpr": self.metrics["false_positive_rate"],
            **self.metrics,
        }
        return pl.DataFrame(columns).with_columns(pl.col("tpr", "fpr", *self.metrics).fill_nan(None))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data: totals, ``complete`` and one list a column; metrics with seven digits.

        A threshold is written in full, since rounding it could change an answer; undefined and "answer nobody" are
        None.
        """
        return {
            "positives": self.positives,
            "negatives": self.negatives,
            "complete": self.complete,
            "columns": {
                "threshold": [self.threshold(row) for row in range(len(self))],
                "label": self.labels(),
                **{name: getattr(self, name).tolist() for name in ("tp", "fp", "tn", "fn")},
                **{
                    name: [_rounded(value) for value in values.tolist()]
                    for name, values in self.metrics.items()
                },
            },
        }


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else float(f"{value:.{_JSON_DIGITS}g}")


def threshold_table(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    limit: int = MOST_THRESHOLDS,
    always: Sequence[float] = (),
    metrics: Sequence[str] = AT_THRESHOLD,
    beta: float = 1.0,
    costs: Costs | None = None,
) -> ThresholdTable:
    """Return exact counts and metrics at chosen thresholds, and at "answer nobody".

    All distinct scores are rows when they and ``always`` fit in ``limit``. Otherwise the rows are the highest and the
    lowest score, every threshold of ``always``, and scores chosen so that the ROC curve is followed in even steps.

    Args:
        y_true: labels, 1 positive and 0 otherwise, shape (n,), n >= 0.
        y_score: scores, finite, shape (n,).
        limit: thresholds at most, "answer nobody" not counted; at least 2.
        always: thresholds that must be rows, such as agreed ones; they need not be scores.
        metrics: names of metrics at a threshold; recall and false positive rate are always there.
        beta, costs: of ``f_beta`` and ``cost_per_example``.

    Raises:
        ValueError: arrays that do not fit, an unknown metric, or a limit too small for ``always``.
    """
    return rows_of(
        CountTable.from_scores(y_true, y_score),
        limit=limit, always=always, metrics=metrics, beta=beta, costs=costs,
    )  # fmt: skip


def rows_of(
    table: CountTable,
    *,
    limit: int = MOST_THRESHOLDS,
    always: Sequence[float] = (),
    metrics: Sequence[str] = AT_THRESHOLD,
    beta: float = 1.0,
    costs: Costs | None = None,
) -> ThresholdTable:
    """Return what ``threshold_table`` does, from counts at every distinct score that were made before."""
    wanted = np.unique(np.asarray(always, dtype=np.float64) + 0.0)  # minus zero is zero
    if not np.isfinite(wanted).all():
        raise ValueError("thresholds must be finite: answering nobody is a row of every table")
    if limit < len(wanted) + 2:
        raise ValueError(
            f"a limit of {limit} leaves no room for the highest and lowest score beside {len(wanted)} others"
        )
    unknown = [name for name in metrics if name not in AT_THRESHOLD]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no metric at a threshold: choose from {', '.join(AT_THRESHOLD)}")
    extra = np.setdiff1d(wanted, table.thresholds)
    complete = len(table.thresholds) + len(extra) <= limit
    scores = table.thresholds if complete else table.thresholds[table.spread(limit - len(wanted))]
    thresholds = np.union1d(scores, wanted)[::-1]
    reached = np.concatenate([[0], table.rows_at(thresholds)])
    tp, fp = (np.concatenate([[0], column])[reached] for column in (table.tp, table.fp))
    names = dict.fromkeys((*metrics, "recall", "false_positive_rate"))
    settings = Settings(beta, costs)
    return _filled(thresholds, tp, fp, (table.positives, table.negatives), names, settings, complete)


def with_thresholds(
    table: ThresholdTable,
    y_true: ArrayLike,
    y_score: ArrayLike,
    thresholds: Sequence[float],
    *,
    beta: float = 1.0,
    costs: Costs | None = None,
    counted: CountTable | None = None,
) -> ThresholdTable:
    """Return a table with further thresholds as rows, counted one by one: a few take far less than sorting all scores.

    Args:
        table: what ``threshold_table`` made of these labels and scores with this ``beta`` and these ``costs``.
        thresholds: finite; those that are rows already stay as they are.
        counted: of the same labels and scores, where they were sorted already: then nothing is counted again.

    Raises:
        ValueError: a threshold is not finite, or arrays do not fit.
    """
    wanted = np.setdiff1d(np.asarray(thresholds, dtype=np.float64) + 0.0, table.thresholds)[::-1]
    if not np.isfinite(wanted).all():
        raise ValueError("thresholds must be finite: answering nobody is a row of every table")
    if not len(wanted):
        return table
    if counted is not None and len(counted.thresholds):
        reaching = counted.rows_at(wanted)
        more_tp, more_fp = (
            np.where(reaching > 0, column[np.maximum(reaching - 1, 0)], 0)
            for column in (counted.tp, counted.fp)
        )
    else:
        labels, (scores,) = checked_arrays(y_true, y_score)
        reached = [labels[scores >= threshold] for threshold in wanted]
        more_tp = np.array([np.count_nonzero(each) for each in reached], dtype=np.int64)
        more_fp = np.array([len(each) for each in reached], dtype=np.int64) - more_tp
    before = np.searchsorted(-table.thresholds, -wanted)
    tp, fp = (np.insert(have, before, more) for have, more in ((table.tp, more_tp), (table.fp, more_fp)))
    rows = np.insert(table.thresholds, before, wanted)[1:]
    totals = (table.positives, table.negatives)
    return _filled(rows, tp, fp, totals, table.metrics, Settings(beta, costs), table.complete)


def settle(table: ThresholdTable, settings: Settings) -> ThresholdTable:
    """Return the same rows and counts with every metric computed under other settings; nothing is sorted again."""
    totals = (table.positives, table.negatives)
    return _filled(table.thresholds[1:], table.tp, table.fp, totals, table.metrics, settings, table.complete)


def _filled(
    thresholds: Floats,
    tp: Ints,
    fp: Ints,
    totals: tuple[int, int],
    names: Iterable[str],
    settings: Settings,
    complete: bool,
) -> ThresholdTable:
    """Return the table of these thresholds, descending, shape (r - 1,), and of the counts that reach each, (r,)."""
    tn, fn = totals[1] - fp, totals[0] - tp
    cells = Cells.of_four(*(column.astype(np.float64) for column in (tp, fp, tn, fn)))
    figures = {name: at_threshold(name, cells, settings) for name in names}
    return ThresholdTable(np.concatenate([[np.inf], thresholds]), tp, fp, tn, fn, figures, complete)


def format_thresholds(thresholds: ArrayLike, fewest: int = 2, most: int = 17) -> list[str]:
    """Return sorted thresholds as text, each with as many decimals as tell it from its neighbours.

    At least ``fewest`` decimals; distinct neighbours get distinct texts, in scientific form where ``most`` do not
    suffice. Nothing is rounded to 0 or 1 that is neither: at 1 a candidate may answer nobody.
    """
    values = np.asarray(thresholds, dtype=np.float64).tolist()
    texts = []
    for row, value in enumerate(values):
        neighbours = {other for other in (0.0, 1.0, *values[max(row - 1, 0) : row + 2]) if other != value}
        texts.append(_shortest(value, neighbours, fewest, most))
    return texts


def _shortest(value: float, neighbours: set[float], fewest: int, most: int) -> str:
    for decimals in range(fewest, most + 1):
        text = f"{value:.{decimals}f}"
        if all(f"{other:.{decimals}f}" != text for other in neighbours):
            return text
    return repr(value)
