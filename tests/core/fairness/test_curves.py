"""Counts of groups at every threshold equal those of each group alone at each threshold."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.fairness import counts_of_groups, group_codes, with_further
from lookingglass.metrics.counts import CountTable
from lookingglass.metrics.ordered import Ordered

example = st.tuples(
    st.sampled_from(["a", "b", None]), st.integers(0, 1), st.sampled_from([0.0, 0.2, 0.5, 0.5000001, 1.0])
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(example, min_size=1, max_size=60),
    st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.7, 1.0]), unique=True),
)
def test_each_group_counts_as_it_does_alone(
    rows: list[tuple[str | None, int, float]], cuts: list[float]
) -> None:
    names, labels, scores = zip(*rows, strict=True)
    y_true, y_score = np.array(labels, dtype=np.int8), np.array(scores)
    thresholds = [np.inf, *sorted(cuts, reverse=True)]
    groups = group_codes(pl.Series("g", names, dtype=pl.String))
    found = counts_of_groups(groups, y_true, y_score, thresholds)
    assert sum(group.n for group in found) == len(rows)
    for group in found:
        own = groups.codes == groups.values.index(group.value)
        table = CountTable.from_scores(y_true[own], y_score[own])
        assert (group.positives, group.negatives) == (table.positives, table.negatives)
        for place, threshold in enumerate(thresholds):
            counts = table.at(threshold)
            assert (group.tp[place], group.fp[place]) == (counts.tp, counts.fp)


def test_a_missing_group_is_one_of_its_own_and_the_largest_comes_first() -> None:
    groups = group_codes(pl.Series("g", ["a", None, None, "a", None]))
    found = counts_of_groups(
        groups, np.array([1, 0, 1, 0, 0], dtype=np.int8), np.array([0.9, 0.8, 0.1, 0.2, 0.5]), [0.5]
    )
    assert [(group.value, group.n, group.tp.tolist(), group.fp.tolist()) for group in found] == [
        ("missing", 3, [0], [2]),
        ("a", 2, [1], [0]),
    ]


def test_further_thresholds_are_put_where_they_belong() -> None:
    groups = group_codes(pl.Series("g", ["a", "b", "a", "b"]))
    y_true, y_score = np.array([1, 0, 1, 1], dtype=np.int8), np.array([0.9, 0.8, 0.3, 0.2])
    usual, further = np.array([np.inf, 0.8, 0.1]), np.array([0.95, 0.9, 0.25, 0.2, 0.05])
    known = counts_of_groups(groups, y_true, y_score, usual)
    whole = counts_of_groups(groups, y_true, y_score, np.sort(np.concatenate([usual, further]))[::-1])
    found = with_further(known, usual, further, groups, Ordered.of(y_true, y_score))
    assert [(one.value, one.tp.tolist(), one.fp.tolist()) for one in found] == [
        (one.value, one.tp.tolist(), one.fp.tolist()) for one in whole
    ]
