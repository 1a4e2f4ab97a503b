"""Group rates have their own denominators, keep missing values as a group, and equal fairlearn's on the raw rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
from sklearn.metrics import recall_score

from lookingglass.fairness import (
    SMALLEST_DENOMINATOR,
    counts_of_groups,
    group_codes,
    group_figures,
    with_further,
)
from lookingglass.metrics.ordered import Ordered


def drawn(n: int = 900) -> tuple[pl.Series, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    return (
        pl.Series("colour", random.choice(["red", "blue", "green"], n)),
        random.integers(0, 2, n),
        random.uniform(size=n).round(2),
    )


def test_rates_equal_fairlearns_metric_frame_on_the_raw_rows() -> None:
    groups, y_true, y_score = drawn()
    frame = MetricFrame(
        metrics={
            "selection_rate": selection_rate,
            "recall": recall_score,
            "false_positive_rate": false_positive_rate,
            "false_negative_rate": false_negative_rate,
        },
        y_true=y_true,
        y_pred=(y_score >= 0.37).astype(int),
        sensitive_features=groups.to_numpy(),
    ).by_group
    for group in group_figures(groups, y_true, y_score, 0.37):
        for name in frame.columns:
            assert group.figures[name].value == pytest.approx(frame.loc[group.value, name], abs=1e-12)


def test_by_hand_with_a_missing_group_and_one_too_small_to_say() -> None:
    # a: 12 negatives, 3 of them answered yes. missing: 10 positives, 6 answered yes. c: 2 negatives, both answered yes.
    groups = pl.Series("g", ["a"] * 12 + [None] * 10 + ["c"] * 2, dtype=pl.String)
    y_true = np.array([0] * 12 + [1] * 10 + [0] * 2)
    y_score = np.array([0.9] * 3 + [0.1] * 9 + [0.9] * 6 + [0.1] * 4 + [0.9] * 2)
    found = {group.value: group for group in group_figures(groups, y_true, y_score, 0.5)}
    assert (found["a"].figures["false_positive_rate"].k, found["a"].figures["false_positive_rate"].n) == (
        3,
        12,
    )
    assert found["a"].figures["recall"].value is None
    assert found["a"].figures["recall"].reason == "no positives"
    assert found["missing"].figures["recall"].value == 0.6
    assert found["c"].n == 2
    assert found["c"].figures["false_positive_rate"].value is None
    assert found["c"].figures["false_positive_rate"].reason == "not estimable: only 2 cases"
    assert SMALLEST_DENOMINATOR == 10


def test_a_missing_value_is_not_mixed_with_the_word_missing() -> None:
    groups = pl.Series("status", ["missing"] * 3 + [None] * 2)
    found = group_figures(groups, np.zeros(5, dtype=np.int8), np.full(5, 0.5), 0.5)
    assert {group.value: group.n for group in found} == {"missing": 3, "(missing)": 2}


def test_without_any_labelled_row_there_is_no_group() -> None:
    codes = group_codes(pl.Series("office", [], dtype=pl.String))
    assert group_figures(pl.Series("office", [], dtype=pl.String), [], [], 0.5) == ()
    none = np.array([], dtype=np.int8), np.array([], dtype=np.float64)
    counted = counts_of_groups(codes, *none, [np.inf])
    assert counted == ()
    assert with_further(counted, np.array([np.inf]), np.array([0.5]), codes, Ordered(*none)) == ()
