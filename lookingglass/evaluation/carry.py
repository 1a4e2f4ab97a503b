"""Which rows of a version are rows of an earlier one with the same inputs, so that their scores need not be looked up.

Read off the sequence numbers of a version's rows, without comparing what they hold. Knows nothing of scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.errors import LookingGlassError
from lookingglass.home import Home
from lookingglass.testset import TestSet, read_version
from lookingglass.testset.events import testset_events

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Stand:
    """Which rows an array belongs to: a version as it was read (erasure takes rows out of versions that were read)."""

    version: int
    digest: str
    seq: int
    height: int

    @classmethod
    def of(cls, test_set: TestSet) -> Stand:
        """Return the stand of one version."""
        return cls(test_set.version, test_set.digest, test_set.seq, test_set.examples)


@dataclass(frozen=True)
class Carry:
    """How an array of an earlier version becomes one of a later version.

    Attributes:
        source: the earlier position of each of the later version's first rows; a slice where they are the same ones.
        kept: how many of the later version's first rows were there already.
        fresh: the later positions of rows that were not there, or had other inputs, ascending.
    """

    source: Positions | slice
    kept: int
    fresh: Positions

    def array(self, before: NDArray[np.float64], examples: int) -> NDArray[np.float64]:
        """Return the later version's array, shape (examples,), NaN in the fresh rows."""
        values = np.empty(examples)
        values[: self.kept] = before[self.source]
        values[self.kept :] = np.nan
        values[self.fresh] = np.nan
        return values


def carry(home: Home, base: Stand, test_set: TestSet) -> Carry | None:
    """Return how an array of the version ``base`` becomes one of ``test_set``; None when that cannot be told cheaply.

    A version's rows stand in the order of their first addition and a changed row keeps its place, so the rows that were
    there before come first, in the order in which they stood.
    """
    if not 0 < base.version <= test_set.version or not _is_ancestor(home, base):
        return None
    added, inputs = (_numbers(test_set, name) for name in ("@added_seq", "@input_seq"))
    kept = int(np.count_nonzero(added <= base.seq))
    if not (added[:kept] <= base.seq).all():
        return None
    source: Positions | slice = slice(0, kept)
    if kept != base.height:
        found = _positions_before(home, base, test_set, kept)
        if found is None:
            return None
        source = found
    return Carry(source, kept, np.flatnonzero(inputs > base.seq))


def _is_ancestor(home: Home, base: Stand) -> bool:
    events = testset_events(home)
    if base.version > len(events):
        return False
    event = events[base.version - 1]
    return event.seq == base.seq and event.payload["digest"] == base.digest


def _positions_before(home: Home, base: Stand, test_set: TestSet, kept: int) -> Positions | None:
    """Return where the first ``kept`` rows stood in ``base``, of which some rows are gone."""
    try:
        before = read_version(home, base.version)
    except LookingGlassError:
        return None
    if before.examples != base.height:
        return None
    ids = test_set.rows.get_column("@id").head(kept)
    found = before.rows.get_column("@id").is_in(ids.implode()).arg_true().to_numpy().astype(np.intp)
    return found if len(found) == kept else None


def _numbers(test_set: TestSet, name: str) -> NDArray[Any]:
    return test_set.rows.get_column(name).to_numpy()
