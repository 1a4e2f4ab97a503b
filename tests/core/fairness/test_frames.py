"""The rows that charts of slices are drawn from: each slice's own ROC curve and calibration."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from lookingglass.fairness import SliceTables, calibration_frame, group_codes, intersect, roc_frame
from lookingglass.metrics.ordered import Ordered
from tests.core.fairness.made import tables


def drawn(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, SliceTables]:
    rng = np.random.default_rng(7)
    groups, y_true = rng.integers(0, 3, n), rng.integers(0, 2, n)
    y_score = np.clip(rng.normal(0.4 + 0.2 * y_true, 0.2), 0, 1)
    slicing = intersect([group_codes(pl.Series("g", groups).cast(pl.String))], np.ones(n, dtype=bool))
    return groups, y_true, y_score, SliceTables.of(slicing, Ordered.of(y_true, y_score))


def test_a_curve_begins_with_nobody_ends_with_everybody_and_holds_its_area() -> None:
    groups, y_true, y_score, made = drawn(3_000)
    frame = roc_frame(made)
    assert frame.height <= 3 * 200
    for (title,), rows in frame.group_by("slice"):
        inside = groups == int(str(title).removeprefix("g = "))
        tpr, fpr = rows["tpr"].to_numpy(), rows["fpr"].to_numpy()
        assert rows["threshold"][0] is None
        assert (tpr[0], fpr[0], tpr[-1], fpr[-1]) == (0, 0, 1, 1)
        assert (np.diff(tpr) >= 0).all()
        assert np.trapezoid(tpr, fpr) == pytest.approx(
            roc_auc_score(y_true[inside], y_score[inside]), abs=0.01
        )
        assert rows["positives"][0] == y_true[inside].sum()


def test_each_row_is_the_count_at_its_threshold() -> None:
    _, _, _, made = drawn(500)
    for row in roc_frame(made, [1]).iter_rows(named=True):
        counts = made.counts(row["threshold"])[1]
        assert (row["tp"], row["fp"]) == (counts.tp, counts.fp)


def test_calibration_by_hand() -> None:
    frame = calibration_frame(tables({"a": (12, 8, 60, 20), "b": (0, 1, 0, 0)}))
    rows = frame.filter(pl.col("slice") == "g = a").to_dicts()
    assert [(row["from"], row["n"], row["positives"]) for row in rows] == [(0.1, 80, 20), (0.9, 20, 12)]
    assert rows[1]["mean_score"] == pytest.approx(0.9)
    assert rows[1]["low"] < rows[1]["share"] == 0.6 < rows[1]["high"]
    assert frame.filter(pl.col("slice") == "g = b").height == 1


def test_without_positives_there_is_no_recall_and_without_probabilities_no_calibration() -> None:
    curve = roc_frame(tables({"a": (0, 8, 60, 0)}))
    assert curve["tpr"].null_count() == curve.height
    assert curve["fpr"].null_count() == 0
    slicing = intersect([group_codes(pl.Series("g", ["a"] * 4))], np.ones(4, dtype=bool))
    made = SliceTables.of(slicing, Ordered.of([0, 1, 0, 1], [-1.0, 2.0, 3.0, 0.0]))
    assert calibration_frame(made).height == 0
    assert roc_frame(made, []).height == 0
