"""What every threshold does to each group: counts at the rows of a threshold table, in one look at each example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookingglass.fairness.groups import GroupCodes
from lookingglass.metrics.counts import Ints
from lookingglass.metrics.ordered import Ordered


@dataclass(frozen=True, eq=False)
class GroupCounts:
    """One group at several thresholds.

    Attributes:
        column, value: which group.
        positives, negatives: its labelled examples.
        tp, fp: those of them with ``score >= threshold``, shape (r,), in the order of the thresholds.
    """

    column: str
    value: str
    positives: int
    negatives: int
    tp: Ints
    fp: Ints

    @property
    def n(self) -> int:
        """All its labelled examples."""
        return self.positives + self.negatives


def counts_of_groups(
    groups: GroupCodes, y_true: NDArray[np.int8], y_score: NDArray[np.float64], thresholds: ArrayLike
) -> tuple[GroupCounts, ...]:
    """Return each group's counts at every threshold, largest group first; scores are not sorted.

    Args:
        groups: the group of each example, shape (n,).
        y_true: labels, 1 positive and 0 otherwise, shape (n,). ``y_score``: scores, finite, shape (n,).
        thresholds: descending, shape (r,); infinity answers nobody.
    """
    cuts = np.asarray(thresholds, dtype=np.float64)
    rows, many = len(cuts), len(groups.values)
    first = rows - np.searchsorted(
        cuts[::-1], y_score, side="right"
    )  # the first row whose threshold it reaches
    cell = (groups.codes.astype(np.int64) * 2 + y_true) * (rows + 1) + first
    counted = np.bincount(cell, minlength=many * 2 * (rows + 1)).reshape(many, 2, rows + 1)
    reached = np.cumsum(counted, axis=2)[:, :, :rows].astype(np.int64)
    totals = counted.sum(axis=2)
    found = [
        GroupCounts(
            groups.column,
            value,
            int(totals[place, 1]),
            int(totals[place, 0]),
            reached[place, 1],
            reached[place, 0],
        )
        for place, value in enumerate(groups.values)
    ]
    return tuple(sorted(found, key=lambda group: (-group.n, group.value)))


def with_further(
    counts: Sequence[GroupCounts],
    thresholds: NDArray[np.float64],
    further: NDArray[np.float64],
    groups: GroupCodes,
    rows: Ordered,
) -> tuple[GroupCounts, ...]:
    """Return counts with those at further thresholds put in; only examples between two rows are looked at.

    Args:
        counts: of ``counts_of_groups`` at ``thresholds``, descending from infinity, shape (r,).
        further: descending, none of them a row yet, shape (f,).
        groups, rows: the same examples, sorted.
    """
    if not counts:
        return ()
    before = np.searchsorted(-thresholds, -further)
    places = {value: place for place, value in enumerate(groups.values)}
    above = np.sum([one.tp + one.fp for one in counts], axis=0)[before - 1]
    reaching = len(rows.order) - np.searchsorted(rows.y_score, further, side="left", sorter=rows.order)
    between = np.zeros((len(further), len(places), 2), dtype=np.int64)
    for row, (high, low) in enumerate(zip(above, reaching, strict=True)):
        inside = rows.order[len(rows.order) - low : len(rows.order) - high]
        cell = groups.codes[inside].astype(np.int64) * 2 + rows.y_true[inside]
        between[row] = np.bincount(cell, minlength=2 * len(places)).reshape(-1, 2)

    def put_in(cumulated: Ints, place: int, label: int) -> Ints:
        return np.insert(cumulated, before, cumulated[before - 1] + between[:, place, label])

    return tuple(
        replace(one, tp=put_in(one.tp, places[one.value], 1), fp=put_in(one.fp, places[one.value], 0))
        for one in counts
    )
