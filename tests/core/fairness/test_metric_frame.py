"""Our figures equal fairlearn's MetricFrame, on compressed counts and on raw rows, and its traps are guarded."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_score

from lookingglass.fairness import GROUP_METRICS, Slice
from lookingglass.fairness.metric_frame import metric_frame
from lookingglass.metrics.counts import Counts
from tests.core.fairness.made import assessed

THEIRS = {
    "selection_rate": selection_rate,
    "recall": true_positive_rate,
    "false_positive_rate": false_positive_rate,
    "false_negative_rate": false_negative_rate,
    "precision": lambda y_true, y_pred: precision_score(y_true, y_pred, zero_division=0.0),
    "accuracy": accuracy_score,
}


def made(cells: dict[str, tuple[int, int, int, int]]) -> list[tuple[Slice, Counts]]:
    return [(Slice((("g", name),)), Counts(*four)) for name, four in cells.items()]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_counts_rows_and_our_figures_agree(seed: int) -> None:
    """Ours, fairlearn on at most four weighted rows a slice, and fairlearn on the raw rows: to 1e-12."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(50, 400))
    groups, y_true, y_pred = rng.integers(0, 4, n), rng.integers(0, 2, n), rng.integers(0, 2, n)
    cells = {}
    for group in sorted(set(groups.tolist())):
        here = groups == group
        cells[str(group)] = tuple(
            int((here & (y_true == truth) & (y_pred == answer)).sum())
            for truth, answer in ((1, 1), (0, 1), (0, 0), (1, 0))
        )
    compressed = metric_frame(made(cells))
    raw = MetricFrame(metrics=THEIRS, y_true=y_true, y_pred=y_pred, sensitive_features=groups).by_group
    ours = assessed(cells, minimum=1)
    for each in ours.slices:
        name = each.slice.to_json()["g"]
        for metric in GROUP_METRICS:
            value = each.figures[metric].value
            mine = np.nan if value is None else value
            assert compressed.loc[each.slice.title, metric] == pytest.approx(mine, abs=1e-12, nan_ok=True)
            if value is not None:
                assert raw.loc[int(name), metric] == pytest.approx(mine, abs=1e-12)
        assert compressed.loc[each.slice.title, "count"] == each.n
    again = ours.metric_frame
    assert sorted(again.index) == sorted(compressed.index)


def test_an_empty_denominator_is_nan_where_fairlearn_says_0() -> None:
    found = metric_frame(made({"a": (0, 2, 2, 0), "b": (3, 0, 0, 3), "c": (0, 0, 2, 2)}))
    assert np.isnan(found.loc["g = a", "recall"])
    assert np.isnan(found.loc["g = a", "false_negative_rate"])
    assert np.isnan(found.loc["g = b", "false_positive_rate"])
    assert np.isnan(found.loc["g = c", "precision"])
    assert found.loc["g = c", "recall"] == 0.0
    theirs = MetricFrame(
        metrics=true_positive_rate, y_true=[0, 0], y_pred=[1, 0], sensitive_features=["a", "a"]
    )
    assert theirs.by_group["a"] == 0.0


def test_counts_are_summed_and_empty_slices_kept() -> None:
    found = metric_frame(made({"": (5, 5, 5, 5), "NA": (0, 0, 0, 0)}))
    assert found["count"].to_list() == [20, 0]
    assert np.isnan(found.loc["g = NA", "accuracy"])
    assert found.loc['g = ""', "accuracy"] == 0.5
    nothing = metric_frame(made({"a": (0, 0, 0, 0)}))
    assert np.isnan(nothing.loc["g = a", "recall"])
    assert nothing["count"].to_list() == [0]


def test_crosstabs_by_hand() -> None:
    """As one would do it in a spreadsheet: count rows by group, label and answer, then divide."""
    rng = np.random.default_rng(9)
    rows = pl.DataFrame(
        {
            "g": rng.choice(["x", "y"], 500),
            "deny": rng.choice(["yes", "no"], 500),
            "said": rng.choice(["yes", "no"], 500),
        }
    )
    crosstab = {
        name: tuple(
            rows.filter((pl.col("g") == name) & (pl.col("deny") == label) & (pl.col("said") == said)).height
            for label, said in (("yes", "yes"), ("no", "yes"), ("no", "no"), ("yes", "no"))
        )
        for name in ("x", "y")
    }
    for each in assessed(crosstab).slices:
        tp, fp, tn, fn = crosstab[each.slice.to_json()["g"]]
        values = {name: figure.value for name, figure in each.figures.items()}
        assert values["recall"] == tp / (tp + fn)
        assert values["false_positive_rate"] == fp / (fp + tn)
        assert values["precision"] == tp / (tp + fp)
        assert values["selection_rate"] == (tp + fp) / (tp + fp + tn + fn)
