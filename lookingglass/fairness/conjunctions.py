"""Counts every conjunction of up to three column = value conditions that is large enough; what is too small is pruned.

Knows nothing of what a failure is, nor of evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from lookingglass.fairness.groups import GroupCodes
from lookingglass.metrics.counts import Ints

Codes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Looked:
    """The slices of one set of columns that are large enough: their values, shape (s, columns), cases and failures."""

    columns: tuple[int, ...]
    values: Codes
    n: Ints
    k: Ints


@dataclass(frozen=True, eq=False)
class _Coded:
    """One set of columns as numbers: each row's place among its slices, the last place being that of all too small.

    Attributes:
        code: shape (rows,). ``values``: of each slice, shape (s, columns). ``looked``: the same with their counts.
    """

    code: NDArray[np.intp]
    looked: Looked

    @property
    def places(self) -> int:
        """How many places there are, that of the too small ones among them."""
        return len(self.looked.n) + 1


def looked_at_all(
    axes: Sequence[GroupCodes],
    cases: NDArray[np.bool_],
    failed: NDArray[np.bool_],
    smallest: int,
    conditions: int,
    stop: Callable[[], bool],
) -> Iterator[Looked]:
    """Yield every set of up to ``conditions`` columns with its slices of at least ``smallest`` cases.

    Values that are too small share one place and are never looked into, nor are pairs of values that are.
    """
    single = []
    for at, axis in enumerate(axes):
        cell = axis.codes[cases].astype(np.intp)
        names = np.arange(len(axis.values), dtype=np.int32)[:, None]
        looked, kept = _large((at,), _per_cell(cell * 2 + failed, len(names)), names, None, smallest)
        single.append(_Coded(_places(cell, kept, len(names)), looked))
        yield looked
    if conditions == 1:
        return
    with_failures = [one.code * 2 + failed for one in single]
    for first, second in combinations(range(len(axes)), 2):
        if stop():
            return
        one, other = single[first], single[second]
        counted = _pairs(one.code, one.places, with_failures[second], other.places)
        looked, kept = _large((first, second), counted, one.looked.values, other.looked.values, smallest)
        yield looked
        if conditions == 2 or not len(looked.n) or second + 1 == len(axes):
            continue
        width = other.places - 1
        both = kept // width * other.places + kept % width  # the same with the places of the too small ones
        code = _places(one.code * other.places + other.code, both, one.places * other.places)
        rows = np.flatnonzero(code < len(kept))  # of most use where many pairs are too small
        everybody = len(rows) == len(code)
        if not everybody:
            code = code[rows]
        for third in range(second + 1, len(axes)):
            last = with_failures[third] if everybody else with_failures[third][rows]
            counted = _pairs(code, len(kept) + 1, last, single[third].places)
            values = single[third].looked.values
            yield _large((first, second, third), counted, looked.values, values, smallest)[0]


def _pairs(code: NDArray[np.intp], places: int, other: NDArray[np.intp], others: int) -> Ints:
    """Count two codes together, the other one with its failures; leave out what is too small, shape (s, 2)."""
    counted = _per_cell(code * (2 * others) + other, places * others)
    within: Ints = counted.reshape(places, others, 2)[:-1, :-1].reshape(-1, 2)
    return within


def _per_cell(cell: NDArray[np.intp], cells: int) -> Ints:
    """Return those who did not fail and those who did in each cell, shape (cells, 2)."""
    return np.bincount(cell, minlength=2 * cells).reshape(-1, 2)


def _large(
    columns: tuple[int, ...], counted: Ints, one: Codes, other: Codes | None, smallest: int
) -> tuple[Looked, NDArray[np.intp]]:
    """Return the slices that are large enough, and where they stood among all combinations of two sets of slices."""
    n = counted.sum(axis=1)
    kept = np.flatnonzero(n >= smallest)
    if other is None:
        values = one[kept]
    else:
        width = max(1, len(other))
        values = np.concatenate([one[kept // width], other[kept % width]], axis=1)
    return Looked(columns, values, n[kept], counted[kept, 1]), kept


def _places(cell: NDArray[np.intp], kept: NDArray[np.intp], cells: int) -> NDArray[np.intp]:
    place = np.full(max(1, cells), len(kept), dtype=np.intp)
    place[kept] = np.arange(len(kept))
    return place[cell]
