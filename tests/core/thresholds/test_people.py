"""Counts of people add up, and the score distribution loses nobody."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.metrics import Counts
from lookingglass.thresholds import per_thousand, score_histogram
from tests.core.metrics.samples import Floats, Labels, labelled_scores


def test_of_a_thousand_by_hand() -> None:
    # 1, 1, 1 of 3: 333.33 each; one case is left and goes to the first of equals.
    assert per_thousand(Counts(tp=1, fp=1, tn=1, fn=0)) == {"tp": 334, "fp": 333, "tn": 333, "fn": 0}
    # 2, 1, 3, 1 of 7: 285.71, 142.86, 428.57, 142.86; the three that are left go to fp, fn (.86) and tp (.71).
    assert per_thousand(Counts(tp=2, fp=1, tn=3, fn=1)) == {"tp": 286, "fp": 143, "tn": 428, "fn": 143}
    assert per_thousand(Counts(tp=20, fp=0, tn=80, fn=0)) == {"tp": 200, "fp": 0, "tn": 800, "fn": 0}


def test_of_nobody_there_is_nothing_to_say() -> None:
    assert per_thousand(Counts(0, 0, 0, 0)) is None


@given(*(st.integers(0, 10**7) for _ in range(4)), st.sampled_from([100, 1_000]))
def test_it_adds_up_and_no_count_is_off_by_one_whole_case(
    tp: int, fp: int, tn: int, fn: int, total: int
) -> None:
    counts = Counts(tp, fp, tn, fn)
    rounded = per_thousand(counts, total)
    if counts.n == 0:
        assert rounded is None
        return
    assert rounded is not None
    assert sum(rounded.values()) == total
    for name, exact in counts.to_json().items():
        assert abs(rounded[name] * counts.n - exact * total) < counts.n


def test_a_histogram_by_hand() -> None:
    histogram = score_histogram([1, 0, 0, 1, 1], [0.0, 0.25, 0.5, 0.6, 1.0], bins=2)
    assert histogram.edges.tolist() == [0.0, 0.5, 1.0]
    assert histogram.positives.tolist() == [1, 2]
    assert histogram.negatives.tolist() == [1, 1], (
        "0.5 is in the upper bin, as a threshold of 0.5 says yes to it"
    )
    frame = histogram.frame()
    assert frame.columns == ["bin_start", "bin_end", "positive", "count", "share"]
    assert frame["share"].to_list() == [1 / 3, 2 / 3, 1 / 2, 1 / 2]


@given(labelled_scores())
def test_every_example_is_in_one_bin(data: tuple[Labels, Floats]) -> None:
    y_true, y_score = data
    for shifted in (y_score, y_score * 10 - 3):
        histogram = score_histogram(y_true, shifted, bins=7)
        assert histogram.positives.sum() == (y_true == 1).sum()
        assert histogram.negatives.sum() == (y_true == 0).sum()
        assert len(histogram.edges) == 8
        assert (np.diff(histogram.edges) > 0).all()


def test_a_class_without_examples_has_no_shares() -> None:
    frame = score_histogram([1], [0.3], bins=2).frame()
    assert frame["share"].to_list() == [1.0, 0.0, None, None]
