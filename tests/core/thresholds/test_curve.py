"""The threshold table: exact counts at chosen thresholds, agreed ones always among them, ready for the browser."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score

from lookingglass.metrics import Costs, Counts, CountTable, evaluate_metrics
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.thresholds import format_thresholds, threshold_table, with_thresholds
from tests.core.metrics.samples import Floats, Labels, draw, labelled_scores, tied

COSTS = Costs(cost_fp=1.0, cost_fn=5.0)


def test_a_case_by_hand() -> None:
    # scores 0.9 (positive), 0.7 (one of each), 0.4 (negative), and an agreed threshold between two scores.
    table = threshold_table([0, 1, 0, 1], [0.4, 0.9, 0.7, 0.7], always=[0.5], costs=COSTS)
    frame = table.frame()
    assert frame["index"].to_list() == [0, 1, 2, 3, 4]
    assert frame["threshold"].to_list() == [None, 0.9, 0.7, 0.5, 0.4]
    assert frame["label"].to_list() == ["answer nobody", "0.90", "0.70", "0.50", "0.40"]
    assert frame["tp"].to_list() == [0, 1, 2, 2, 2]
    assert frame["fp"].to_list() == [0, 0, 1, 1, 2]
    assert frame["tn"].to_list() == [2, 2, 1, 1, 0]
    assert frame["fn"].to_list() == [2, 1, 0, 0, 0]
    assert frame["tpr"].to_list() == frame["recall"].to_list() == [0.0, 0.5, 1.0, 1.0, 1.0]
    assert frame["fpr"].to_list() == [0.0, 0.0, 0.5, 0.5, 1.0]
    assert frame["precision"].to_list() == [None, 1.0, pytest.approx(2 / 3), pytest.approx(2 / 3), 0.5]
    assert frame["cost_per_example"].to_list() == [2.5, 1.25, 0.25, 0.25, 0.5]
    assert (table.positives, table.negatives, table.complete, len(table)) == (2, 2, True, 5)
    assert table.counts(2) == Counts(tp=2, fp=1, tn=1, fn=0)


@given(labelled_scores(), st.lists(st.floats(-0.5, 1.5), max_size=3), st.sampled_from([8, 20, 512]))
@settings(deadline=None)
def test_every_row_counts_exactly_and_every_wanted_threshold_is_a_row(
    data: tuple[Labels, Floats], always: list[float], limit: int
) -> None:
    y_true, y_score = data
    table = threshold_table(y_true, y_score, limit=limit, always=always)
    assert len(table) <= limit + 1
    assert (np.diff(table.thresholds) < 0).all(), "thresholds fall"
    for row in range(len(table)):
        at = table.thresholds[row]
        yes, positive = y_score >= at, y_true == 1
        expected = Counts(
            int((yes & positive).sum()),
            int((yes & ~positive).sum()),
            int((~yes & ~positive).sum()),
            int((~yes & positive).sum()),
        )
        assert table.counts(row) == expected
    assert set(always) <= set(table.thresholds.tolist())
    assert table.threshold(0) is None
    if len(y_score):
        assert {y_score.max(), y_score.min()} <= set(table.thresholds.tolist()), "the extremes are rows"
    if table.complete:
        assert set(y_score.tolist()) <= set(table.thresholds.tolist())


def test_the_rows_agree_with_scikit_learn_and_with_the_figures() -> None:
    y_true, y_score = draw(1, 5_000, 0.2)
    table = threshold_table(y_true, y_score, always=[0.35], costs=COSTS, beta=2.0)
    assert not table.complete
    assert len(table) <= 513
    for row in (1, 100, 250, len(table) - 2):
        yes = y_score >= table.thresholds[row]
        counts = table.counts(row)
        assert confusion_matrix(y_true, yes).ravel().tolist() == [counts.tn, counts.fp, counts.fn, counts.tp]
        assert table.metrics["f1"][row] == pytest.approx(f1_score(y_true, yes))
    row = table.index_of(0.35)
    figures = evaluate_metrics(y_true, y_score, 0.35, costs=COSTS, beta=2.0, metrics=AT_THRESHOLD)
    for name, figure in figures.items():
        assert table.metrics[name][row] == pytest.approx(figure.value), name


def test_a_thinned_curve_stays_close_to_the_whole_one() -> None:
    y_true, y_score = draw(2, 50_000, 0.02)
    thin, whole = threshold_table(y_true, y_score), CountTable.from_scores(y_true, y_score)
    tpr = np.interp(whole.fp / whole.negatives, thin.metrics["false_positive_rate"], thin.metrics["recall"])
    assert np.abs(tpr - whole.tp / whole.positives).max() < 0.01


@given(labelled_scores(least=1), st.floats(-0.5, 1.5))
@settings(deadline=None)
def test_the_row_of_any_threshold_answers_as_the_threshold_does(
    data: tuple[Labels, Floats], at: float
) -> None:
    table = threshold_table(*data)
    assert table.complete
    assert table.counts(table.index_of(at)) == CountTable.from_scores(*data).at(at)


@given(labelled_scores(least=1), st.lists(st.floats(-0.5, 1.5), max_size=8))
@example((np.array([0, 1], dtype=np.int8), np.array([0.0, 0.5])), [-0.0])
@settings(deadline=None)
def test_further_thresholds_make_the_table_that_has_them_always(
    data: tuple[Labels, Floats], further: list[float]
) -> None:
    usual = threshold_table(*data, costs=COSTS, beta=2.0)
    got = with_thresholds(usual, *data, further, costs=COSTS, beta=2.0).frame()
    assert got.equals(threshold_table(*data, always=further, costs=COSTS, beta=2.0).frame())
    counted = CountTable.from_scores(*data)
    sorted_before = with_thresholds(usual, *data, further, costs=COSTS, beta=2.0, counted=counted).frame()
    assert sorted_before.equals(got)


def test_further_thresholds_of_a_thinned_table_are_counted_exactly_and_the_other_rows_stay() -> None:
    y_true, y_score = draw(4, 5_000)
    usual, whole = threshold_table(y_true, y_score), CountTable.from_scores(y_true, y_score)
    table = with_thresholds(usual, y_true, y_score, [0.123, 0.9, float(usual.thresholds[7]), -1.0, 2.0])
    assert len(table) == len(usual) + 4
    assert not table.complete
    assert (np.diff(table.thresholds) < 0).all()
    assert set(usual.thresholds) <= set(table.thresholds)
    assert all(table.counts(row) == whole.at(table.threshold(row)) for row in range(len(table)))
    assert with_thresholds(usual, y_true, y_score, []) is usual
    with pytest.raises(ValueError, match="finite"):
        with_thresholds(usual, y_true, y_score, [float("nan")])


def test_index_of_in_a_thinned_table() -> None:
    table = threshold_table(*draw(3, 5_000), always=[0.5])
    assert table.index_of(None) == 0
    assert table.index_of(2.0) == 0
    assert table.thresholds[table.index_of(0.5)] == 0.5
    assert table.index_of(-1.0) == len(table) - 1
    assert all(table.index_of(table.threshold(row)) == row for row in range(len(table)))


def test_best_index_takes_the_highest_threshold_among_equals_and_skips_undefined() -> None:
    table = threshold_table([0, 1, 0, 1], [0.4, 0.9, 0.7, 0.7], always=[0.5], costs=COSTS)
    assert table.best_index("precision", "higher") == 1, "row 0 has no precision"
    assert table.best_index("cost_per_example", "lower") == 2
    assert table.best_index("recall", "higher") == 2
    assert threshold_table([0, 1], [0.1, 0.2]).best_index("cost_per_example", "lower") is None


def test_json_is_plain_small_and_keeps_thresholds_whole() -> None:
    y_true, y_score = draw(4, 3_000)
    table = threshold_table(y_true, y_score, costs=COSTS)
    data = json.loads(json.dumps(table.to_json(), allow_nan=False))
    assert len(json.dumps(data)) < 200_000, "five candidates stay under a megabyte"
    assert data["columns"]["threshold"] == [None, *table.thresholds[1:].tolist()]
    assert data["columns"]["tp"] == table.tp.tolist()
    assert data["columns"]["precision"][0] is None
    assert data["columns"]["recall"][7] == pytest.approx(table.metrics["recall"][7], rel=1e-6)
    assert {len(column) for column in data["columns"].values()} == {len(table)}


@pytest.mark.parametrize(("y_true", "rows"), [([], 1), ([1, 1], 3), ([0, 0], 3)])
def test_a_missing_class_leaves_its_rates_null(y_true: list[int], rows: int) -> None:
    frame = threshold_table(y_true, [0.2, 0.4][: len(y_true)]).frame()
    assert frame.height == rows
    assert frame["threshold"].dtype == frame["precision"].dtype == pl.Float64
    assert frame["tpr"].null_count() == (0 if 1 in y_true else rows)
    assert frame["fpr"].null_count() == (0 if 0 in y_true else rows)
    assert frame["mcc"].null_count() == rows


def test_only_the_metrics_asked_for_beside_the_two_axes() -> None:
    table = threshold_table(*tied(5, 50), metrics=["f1"])
    assert set(table.metrics) == {"f1", "recall", "false_positive_rate"}
    with pytest.raises(ValueError, match="'roc_auc' is no metric at a threshold"):
        threshold_table([0, 1], [0.1, 0.2], metrics=["roc_auc"])


def test_thresholds_that_cannot_be_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        threshold_table([0, 1], [0.1, 0.2], always=[float("inf")])
    with pytest.raises(ValueError, match="no room"):
        threshold_table([0, 1], [0.1, 0.2], always=[0.1, 0.5], limit=3)


def test_thresholds_have_as_many_digits_as_tell_neighbours_apart() -> None:
    assert format_thresholds([0.5, 0.25]) == ["0.50", "0.25"]
    assert format_thresholds([0.5, 0.1234, 0.1231, 0.1]) == ["0.50", "0.1234", "0.1231", "0.10"]
    assert format_thresholds([0.9999, 0.0001]) == ["0.9999", "0.0001"], "neither 1 nor 0"
    assert format_thresholds([1.0, 0.0]) == ["1.00", "0.00"]
    assert format_thresholds([2e-20, 1e-20]) == ["2e-20", "1e-20"]
    assert format_thresholds([]) == []


@given(st.lists(st.floats(0, 1), unique=True, max_size=30).map(sorted))
def test_distinct_thresholds_that_are_neighbours_read_differently(thresholds: list[float]) -> None:
    texts = format_thresholds(thresholds)
    assert all(one != other for one, other in pairwise(texts))
