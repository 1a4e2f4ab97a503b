"""The figures of slices: by hand, equal to scikit-learn's on the rows of each slice, undefined never 0, worst first."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from lookingglass.errors import BadSetting
from lookingglass.fairness import SLICE_FIGURES, SliceTables, group_codes, intersect, worst_first
from lookingglass.figures import Figure
from lookingglass.metrics import evaluate_metrics
from lookingglass.metrics.intervals import wilson
from lookingglass.metrics.ordered import Ordered
from tests.core.fairness.made import tables

# tp, fp, tn, fn; every figure below is worked out from these.
BY_HAND = {"f": (12, 8, 60, 20), "m": (30, 30, 110, 30)}


def test_by_hand() -> None:
    found = {each.slice.to_json()["g"]: each for each in tables(BY_HAND).figures(0.5)}
    f = found["f"]
    assert tuple(f.figures) == SLICE_FIGURES
    assert (f.n, f.wrong, f.counts.to_json()) == (100, 28, {"tp": 12, "fp": 8, "tn": 60, "fn": 20})
    for name, k, n in (
        ("base_rate", 32, 100),
        ("selection_rate", 20, 100),
        ("recall", 12, 32),
        ("false_positive_rate", 8, 68),
        ("false_negative_rate", 20, 32),
        ("precision", 12, 20),
        ("accuracy", 72, 100),
        ("share_of_wrong", 28, 88),
    ):
        assert f.figures[name] == Figure(k / n, n, *wilson(k, n), "wilson", k), name
    assert f.figures["mean_score"].value == pytest.approx((20 * 0.9 + 80 * 0.1) / 100)
    assert f.figures["calibration_gap"].value == pytest.approx(0.26 - 0.32)
    # In the band of 0.9: 20 examples, 12 positive; in that of 0.1: 80 examples, 20 positive.
    assert f.figures["calibration_error"].value == pytest.approx((abs(18 - 12) + abs(8 - 20)) / 100)
    assert f.small == (
        "recall",
        "false_positive_rate",
        "false_negative_rate",
        "precision",
        "roc_auc",
        "share_of_wrong",
    )


def drawn(seed: int, n: int, many: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, many, n), rng.integers(0, 2, n), rng.uniform(size=n).round(int(rng.integers(1, 4)))


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(1, 400), st.integers(1, 6), st.sampled_from([None, 0.0, 0.37, 1.0])
)
def test_slices_have_the_figures_of_their_own_rows(
    seed: int, n: int, many: int, threshold: float | None
) -> None:
    """One sort for all slices and the catalogue on the rows of each alone agree, whatever the threshold."""
    groups, y_true, y_score = drawn(seed, n, many)
    slicing = intersect([group_codes(pl.Series("g", groups).cast(pl.String))], np.ones(n, dtype=bool))
    shared = SliceTables.of(slicing, Ordered.of(y_true, y_score))
    names = ("selection_rate", "recall", "false_positive_rate", "precision", "accuracy", "roc_auc")
    for each in shared.figures(threshold, minimum=1):
        inside = groups == int(each.slice.to_json()["g"])
        alone = evaluate_metrics(y_true[inside], y_score[inside], threshold, metrics=names)
        for name in names:
            mine = each.figures[name]
            assert (mine.value, mine.low, mine.high, mine.n, mine.k) == (
                alone[name].value, alone[name].low, alone[name].high, alone[name].n, alone[name].k,
            )  # fmt: skip
        if len(set(y_true[inside])) == 2:
            assert each.figures["roc_auc"].value == pytest.approx(
                roc_auc_score(y_true[inside], y_score[inside])
            )
        assert each.figures["mean_score"].value == pytest.approx(y_score[inside].mean())
    assert sum(each.n for each in shared.figures(threshold)) == n
    whole = shared.wholly.at(threshold)
    assert sum(each.wrong for each in shared.figures(threshold)) == whole.fp + whole.fn


def test_undefined_is_never_0_and_a_figure_over_nine_cases_is_not_estimable() -> None:
    found = tables({"none": (0, 3, 20, 0), "nine": (9, 2, 18, 0), "ten": (10, 2, 18, 0), "one": (0, 0, 1, 0)})
    by = {each.slice.to_json()["g"]: each for each in found.figures(0.5)}
    for name in ("recall", "false_negative_rate", "roc_auc"):
        assert (by["none"].figures[name].value, by["none"].figures[name].reason) == (None, "no positives")
        assert by["nine"].figures[name].value is None
        assert by["nine"].figures[name].reason == "not estimable: only 9 cases"
    assert by["ten"].figures["recall"].value == 1.0
    assert by["ten"].figures["recall"].low is not None
    assert "recall" in by["ten"].small
    assert "recall" not in by["nine"].small
    assert by["one"].figures["accuracy"].reason == "not estimable: only 1 case"
    assert {figure.value for figure in by["one"].figures.values()} == {None}
    assert by["nine"].figures["precision"].value is not None


def test_a_slice_without_labels_has_no_figure_and_says_so() -> None:
    codes = group_codes(pl.Series("g", ["a"] * 20 + ["b"] * 3))
    labelled = np.array([True] * 20 + [False] * 3)
    slicing = intersect([codes], labelled)
    shared = SliceTables.of(slicing, Ordered.of([0, 1] * 10, np.linspace(0, 1, 20)))
    empty = shared.figures(0.5)[1]
    assert (empty.n, empty.unlabelled) == (0, 3)
    assert {figure.reason for figure in empty.figures.values()} == {"no labelled examples"}


def test_nothing_wrong_gives_no_shares_of_what_is_wrong() -> None:
    for each in tables({"a": (20, 0, 20, 0), "b": (20, 0, 20, 0)}).figures(0.5):
        assert each.figures["share_of_wrong"].reason == "nothing was answered wrongly"


def test_what_is_left_out_still_counts_among_all_that_is_wrong() -> None:
    names = ["a"] * 30 + ["b"] * 20
    slicing = intersect([group_codes(pl.Series("g", names))], np.ones(50, dtype=bool), most=1)
    shared = SliceTables.of(slicing, Ordered.of(np.zeros(50), np.full(50, 0.9)))
    (only,) = shared.figures(0.5)
    assert (only.figures["share_of_wrong"].k, only.figures["share_of_wrong"].n) == (30, 50)
    assert only.n == 30


def test_scores_that_are_no_probabilities_have_no_calibration() -> None:
    slicing = intersect([group_codes(pl.Series("g", ["a"] * 20))], np.ones(20, dtype=bool))
    (only,) = SliceTables.of(slicing, Ordered.of([0, 1] * 10, np.linspace(-3, 3, 20))).figures(0.0)
    for name in ("calibration_gap", "calibration_error"):
        assert only.figures[name].reason == "scores are not between 0 and 1"
    assert only.figures["mean_score"].value == pytest.approx(0.0, abs=1e-12)


def test_the_worst_slice_comes_first_and_those_without_a_value_last() -> None:
    found = tables({"good": (20, 0, 20, 0), "bad": (5, 15, 5, 15), "few": (1, 0, 1, 0)}).figures(0.5)

    def order(by: str) -> list[str]:
        return [each.slice.to_json()["g"] for each in worst_first(found, by)]

    assert order("accuracy") == ["bad", "good", "few"]
    assert order("false_positive_rate") == ["bad", "good", "few"]
    assert order("share_of_wrong") == ["bad", "good", "few"]
    with pytest.raises(BadSetting, match="cannot be sorted worst first by 'selection_rate'"):
        worst_first(found, "selection_rate")
