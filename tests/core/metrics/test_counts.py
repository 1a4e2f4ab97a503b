"""The count table: the same counts as looking at every row, at every threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve, roc_curve

from lookingglass.metrics.counts import Counts, CountTable
from lookingglass.metrics.formulas import Cells, Settings, at_threshold
from tests.core.metrics.samples import Floats, Labels, Maker, draw, labelled_scores, tied


def counted(y_true: Labels, y_score: Floats, threshold: float) -> Counts:
    """Count row by row: the definition."""
    rows = list(zip(y_true.tolist(), y_score.tolist(), strict=True))
    return Counts(
        tp=sum(label == 1 and score >= threshold for label, score in rows),
        fp=sum(label == 0 and score >= threshold for label, score in rows),
        tn=sum(label == 0 and score < threshold for label, score in rows),
        fn=sum(label == 1 and score < threshold for label, score in rows),
    )


def test_a_case_by_hand() -> None:
    # scores   0.9 0.7 0.7 0.4     >= 0.9: one positive. >= 0.7: two positives, one negative. >= 0.4: all.
    # labels    1   1   0   0
    table = CountTable.from_scores([0, 1, 0, 1], [0.4, 0.9, 0.7, 0.7])
    assert table.thresholds.tolist() == [0.9, 0.7, 0.4]
    assert table.tp.tolist() == [1, 2, 2]
    assert table.fp.tolist() == [0, 1, 2]
    assert table.fn.tolist() == [1, 0, 0]
    assert table.tn.tolist() == [2, 1, 0]
    assert table.at(0.7) == Counts(tp=2, fp=1, tn=1, fn=0), "a score equal to the threshold is answered yes"
    assert table.at(np.nextafter(0.7, 1)) == Counts(tp=1, fp=0, tn=2, fn=1)
    assert table.at(None) == Counts(tp=0, fp=0, tn=2, fn=2)
    assert table.at(np.inf) == table.at(None)
    assert table.at(-1e300) == Counts(tp=2, fp=2, tn=0, fn=0)


def test_counts_name_their_totals() -> None:
    counts = Counts(tp=1, fp=2, tn=3, fn=4)
    assert (counts.n, counts.positives, counts.negatives) == (10, 5, 5)
    assert counts.to_json() == {"tp": 1, "fp": 2, "tn": 3, "fn": 4}


@given(labelled_scores(), st.floats(-0.5, 1.5))
def test_any_threshold_counts_as_the_definition_does(data: tuple[Labels, Floats], threshold: float) -> None:
    y_true, y_score = data
    assert CountTable.from_scores(y_true, y_score).at(threshold) == counted(y_true, y_score, threshold)


@given(labelled_scores())
def test_the_order_of_rows_does_not_matter(data: tuple[Labels, Floats]) -> None:
    y_true, y_score = data
    order = np.random.default_rng(len(y_true)).permutation(len(y_true))
    one, other = (
        CountTable.from_scores(y_true, y_score),
        CountTable.from_scores(y_true[order], y_score[order]),
    )
    for name in ("thresholds", "tp", "fp"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


@given(labelled_scores(least=1))
def test_swapping_the_classes_swaps_the_counts(data: tuple[Labels, Floats]) -> None:
    y_true, y_score = data
    one, other = CountTable.from_scores(y_true, y_score), CountTable.from_scores(1 - y_true, y_score)
    assert one.tp.tolist() == other.fp.tolist()
    assert one.positives == other.negatives


@given(labelled_scores())
def test_counts_per_score_add_up(data: tuple[Labels, Floats]) -> None:
    table = CountTable.from_scores(*data)
    at_positive, at_negative = table.per_score()
    assert at_positive.sum() == table.positives
    assert at_negative.sum() == table.negatives
    assert (at_positive + at_negative >= 1).all(), "a distinct score has at least one row"
    assert table.n == len(data[0])


@pytest.mark.parametrize("make", [draw, tied])
def test_roc_and_precision_recall_agree_with_scikit_learn(make: Maker) -> None:
    y_true, y_score = make(1, 3_000)
    table = CountTable.from_scores(y_true, y_score)
    cells = Cells.of(table)
    fpr, tpr, thresholds = roc_curve(y_true, y_score, drop_intermediate=False)
    np.testing.assert_array_equal(thresholds[1:], table.thresholds)
    np.testing.assert_allclose(at_threshold("false_positive_rate", cells, Settings()), fpr[1:], rtol=1e-14)
    np.testing.assert_allclose(at_threshold("recall", cells, Settings()), tpr[1:], rtol=1e-14)
    precision, recall, thresholds = precision_recall_curve(y_true, y_score)
    np.testing.assert_array_equal(thresholds[::-1], table.thresholds)
    np.testing.assert_allclose(at_threshold("precision", cells, Settings()), precision[-2::-1], rtol=1e-14)
    np.testing.assert_allclose(at_threshold("recall", cells, Settings()), recall[-2::-1], rtol=1e-14)


def test_spread_keeps_the_ends_and_follows_the_curve_in_even_steps() -> None:
    """Thinned to 100 rows, no step is longer than two even steps along the ROC curve, rare positives or not."""
    for share in (0.3, 0.01):
        table = CountTable.from_scores(*draw(2, 20_000, share))
        chosen = table.spread(100)
        assert len(chosen) <= 100
        assert chosen[0] == 0
        assert chosen[-1] == len(table.thresholds) - 1
        assert (np.diff(chosen) > 0).all()
        walked = table.tp[chosen] / table.positives + table.fp[chosen] / table.negatives
        assert np.diff(walked).max() < 2 * 2 / 99
    few = CountTable.from_scores(*tied(2, 500))
    assert few.spread(100).tolist() == list(range(len(few.thresholds))), "all fit: all are kept"


def test_a_missing_class_or_no_row_at_all_is_a_table_too() -> None:
    empty = CountTable.from_scores([], [])
    assert (empty.n, len(empty.thresholds), empty.spread(10).tolist()) == (0, 0, [])
    assert empty.at(0.5) == Counts(0, 0, 0, 0)
    assert CountTable.from_scores(np.ones(300), np.linspace(0, 1, 300)).spread(10)[[0, -1]].tolist() == [
        0,
        299,
    ]


def test_scores_that_differ_by_the_last_bit_or_only_by_sign_of_zero() -> None:
    close = CountTable.from_scores([0, 1, 1], [0.5, np.nextafter(0.5, 1), 5e-324])
    assert close.tp.tolist() == [1, 1, 2]
    assert CountTable.from_scores([0, 1], [0.0, -0.0]).tp.tolist() == [1]


@pytest.mark.parametrize(
    ("y_true", "y_score", "message"),
    [
        ([0, 1], [0.5], "one length"),
        ([[0, 1]], [[0.5, 0.4]], "one-dimensional"),
        ([0, -1], [0.5, 0.4], "only 0 and 1"),
        ([0, 2], [0.5, 0.4], "only 0 and 1"),
        ([0, 0.5], [0.5, 0.4], "only 0 and 1"),
        ([0, 1], [0.5, np.nan], "finite"),
        ([0, 1], [0.5, np.inf], "finite"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(y_true: object, y_score: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CountTable.from_scores(y_true, y_score)  # type: ignore[arg-type] - wrong input is what is tested
