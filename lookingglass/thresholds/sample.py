"""What every threshold does to labelled, scored examples, and the groups that the examples belong to."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lookingglass.metrics.counts import Counts, Ints
from lookingglass.metrics.formulas import Cells
from lookingglass.metrics.ordered import Ordered


class Groups(Protocol):
    """The groups of one column: ``lookingglass.fairness.group_codes`` makes them."""

    @property
    def values(self) -> tuple[str, ...]:
        """The name of each group, that of missing values too."""

    @property
    def codes(self) -> NDArray[np.int32]:
        """The place in ``values`` of each example's group, shape (n,)."""


class Sample(Ordered):
    """Labels and scores of the same examples, with everything that is chosen on them.

    *State* number i answers yes to everybody whose score is among the i highest distinct ones: state 0 answers nobody,
    state d everybody. Thresholds fall as states rise.
    """

    @cached_property
    def ends(self) -> Ints:
        """How many examples each state answers yes, shape (d + 1,)."""
        return _from_zero(self.table.tp + self.table.fp)

    @cached_property
    def cells(self) -> Cells:
        """The four counts in each state, shape (d + 1,)."""
        tp, fp = _from_zero(self.table.tp), _from_zero(self.table.fp)
        return _cells(tp, fp, self.table.positives, self.table.negatives)

    @cached_property
    def rising(self) -> Ints:
        """State 0, and the states that answer yes to a positive that the one before does not, ascending, shape (r,)."""
        return np.concatenate([[0], np.flatnonzero(np.diff(self.table.tp, prepend=0)) + 1])

    @cached_property
    def rising_cells(self) -> Cells:
        """The four counts in those states, shape (r,)."""
        rows = self.rising[1:] - 1
        tp, fp = (_from_zero(column[rows]) for column in (self.table.tp, self.table.fp))
        return _cells(tp, fp, self.table.positives, self.table.negatives)

    def by_group(self, groups: Groups) -> list[Cells]:
        """Return the four counts of each group alone in each state, shape (d + 1,), in the order of its values."""
        descending = self.order[::-1]
        codes, positive = groups.codes[descending], self.y_true[descending] == 1
        found = []
        for code in range(len(groups.values)):
            inside = codes == code
            answered, tp = (
                _from_zero(np.cumsum(part, dtype=np.int64))[self.ends] for part in (inside, inside & positive)
            )
            fp = answered - tp
            found.append(_cells(tp, fp, int(tp[-1]), int(fp[-1])))
        return found

    def threshold(self, state: int) -> float | None:
        """Return the lowest score that a state answers yes; None for nobody."""
        return float(self.table.thresholds[state - 1]) + 0.0 if state else None  # minus zero is zero

    def counts(self, state: int) -> Counts:
        """Return the counts in one state."""
        tp, fp = (int(self.table.tp[state - 1]), int(self.table.fp[state - 1])) if state else (0, 0)
        return Counts(tp, fp, self.table.negatives - fp, self.table.positives - tp)


def _from_zero(cumulated: Ints) -> Ints:
    result = np.empty(len(cumulated) + 1, dtype=np.int64)
    result[0], result[1:] = 0, cumulated
    return result


def _cells(tp: Ints, fp: Ints, positives: int, negatives: int) -> Cells:
    floats = tp.astype(np.float64), fp.astype(np.float64)
    totals = np.asarray(float(positives)), np.asarray(float(negatives))
    return Cells(*floats, totals[1] - floats[1], totals[0] - floats[0], *totals)
