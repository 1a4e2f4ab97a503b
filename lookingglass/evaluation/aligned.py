"""Each candidate's scores in the order of a version's rows, kept from version to version: a change costs the change.

An array of the version before is carried over, and only what has changed since, or has had no score, is looked up in
score files that are new. Nothing here is a record: forgetting it costs one reading of all score files.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.candidates import Candidate, scores_without_model
from lookingglass.candidates.formats import FORMATS
from lookingglass.candidates.predictions import sources_of
from lookingglass.evaluation.carry import Carry, Positions, Stand, carry
from lookingglass.evaluation.scores import Floats, ScoreFileGone, ScoreStore, read_scores
from lookingglass.home import Home
from lookingglass.testset import TestSet

KEPT_VERSIONS = 3
"""Arrays of so many versions stay in memory for each candidate: 8 bytes an example."""

_TRIES = 5

Prefixes = NDArray[np.uint32]


@dataclass(frozen=True)
class _Array:
    """Scores of one version. ``known``: the first four bytes of every input that the files have, sorted."""

    stand: Stand
    sources: Hashable
    values: Floats
    files: frozenset[Path] = frozenset()
    known: Prefixes | None = None


@dataclass
class Counters:
    """What looking up scores has cost so far; for tests and for those who measure."""

    files_read: int = 0
    rows_read: int = 0
    rows_looked_up: int = 0


class AlignedScores:
    """P(positive) of every candidate on any version. Safe between threads; arrays are shared and cannot be written."""

    def __init__(self, home: Home, store: ScoreStore) -> None:
        self.home, self.store = home, store
        self.counters = Counters()
        self._arrays: dict[tuple[str, int], OrderedDict[Stand, _Array]] = {}
        self._carries: OrderedDict[tuple[Stand, Stand], Carry | None] = OrderedDict()
        self._locks: dict[tuple[str, int], threading.Lock] = {}
        self._lock = threading.Lock()

    def scores(self, candidate: Candidate, test_set: TestSet) -> Floats:
        """Return P(positive) for each example, shape (n,), NaN where there is no score.

        Raises:
            Damaged: a predictions candidate's file is not what was registered.
        """
        if not FORMATS[candidate.manifest.format].needs_worker:
            return self._without_model(candidate, test_set)
        index = list(candidate.manifest.classes).index(self.home.config.task.positive)
        key = (candidate.fingerprint, index)
        with self._lock_of(key):
            for _ in range(_TRIES):
                try:
                    return self._from_files(key, test_set)
                except ScoreFileGone:  # another process has put small files together: look again
                    self._forget(key)
            return self._from_files(key, test_set)

    def merged(self, fingerprint: str, gone: frozenset[Path], into: Path) -> None:
        """Note that the files ``gone`` were put together into one, so that it need not be read."""
        for key in [key for key in self._arrays if key[0] == fingerprint]:
            with self._lock_of(key):
                for stand, array in self._arrays[key].items():
                    if gone <= array.files:
                        files = array.files - gone | {into}
                        self._arrays[key][stand] = replace(array, files=files, sources=files)

    def _from_files(self, key: tuple[str, int], test_set: TestSet) -> Floats:
        fingerprint, index = key
        files = frozenset(self.store.files(fingerprint))
        stand = Stand.of(test_set)
        here = self._here(key, stand, files)
        if here is not None:
            return here.values
        column = f"p{index}"
        base, step = self._nearest(key, test_set, lambda array: array.files <= files)
        if base is None or base.known is None:
            every = self._read(files, column)
            values = self._look_up(every, test_set.rows.get_column("@input_id"), None, column)
            known = np.sort(_prefixes(every["@input_id"]))
            return self._keep(key, _Array(stand, files, values, files, known))
        new = files - base.files
        stored: pl.DataFrame | None = self._read(new, column) if new else None
        values = base.values.copy() if step is None else step.array(base.values, test_set.examples)
        input_ids = test_set.rows.get_column("@input_id")
        if stored is not None:
            lacking = np.flatnonzero(np.isnan(values))
            values[lacking] = self._look_up(stored, input_ids, lacking, column)
        if step is not None:
            fresh = step.fresh[np.isnan(values[step.fresh])]
            back = fresh[_among(base.known, input_ids.gather(fresh))]
            if len(back):  # inputs that were there once and have come back
                wanted = input_ids.gather(back)
                older = self._read(base.files, column).filter(pl.col("@input_id").is_in(wanted.implode()))
                values[back] = self._look_up(older, input_ids, back, column)
        known = base.known if stored is None else _added(base.known, _prefixes(stored["@input_id"]))
        return self._keep(key, _Array(stand, files, values, files, known))

    def _without_model(self, candidate: Candidate, test_set: TestSet) -> Floats:
        key, stand = (candidate.fingerprint, -1), Stand.of(test_set)
        with self._lock_of(key):
            sources = sources_of(self.home, candidate)
            here = self._here(key, stand, sources)
            if here is not None:
                return here.values
            base, step = self._nearest(key, test_set, lambda array: array.sources == sources)
            if base is None or step is None:
                values = np.array(scores_without_model(self.home, candidate, test_set))
            else:
                values = step.array(base.values, test_set.examples)
                if len(step.fresh):
                    changed = replace(test_set, rows=test_set.rows[step.fresh])
                    values[step.fresh] = scores_without_model(self.home, candidate, changed)
            return self._keep(key, _Array(stand, sources, values))

    def _here(self, key: tuple[str, int], stand: Stand, sources: Hashable) -> _Array | None:
        found = self._arrays.get(key, OrderedDict()).get(stand)
        if found is None or found.sources != sources:
            return None
        self._arrays[key].move_to_end(stand)
        return found

    def _nearest(
        self, key: tuple[str, int], test_set: TestSet, fits: Callable[[_Array], bool]
    ) -> tuple[_Array | None, Carry | None]:
        """Return the latest array that can be carried over, and how (None: it is of this very version)."""
        stand = Stand.of(test_set)
        for array in sorted(self._arrays.get(key, {}).values(), key=lambda array: -array.stand.version):
            if not fits(array):
                continue
            if array.stand == stand:
                return array, None
            step = self._carry(array.stand, stand, test_set)
            if step is not None:
                return array, step
        return None, None

    def _carry(self, base: Stand, stand: Stand, test_set: TestSet) -> Carry | None:
        with self._lock:  # candidates share it, so that it is worked out once a version
            if (base, stand) not in self._carries:
                self._carries[base, stand] = carry(self.home, base, test_set)
                while len(self._carries) > KEPT_VERSIONS:
                    self._carries.popitem(last=False)
            return self._carries[base, stand]

    def _read(self, files: frozenset[Path], column: str) -> pl.DataFrame:
        stored = read_scores(sorted(files), ["@input_id", column])
        self.counters.files_read += len(files)
        self.counters.rows_read += stored.height
        return stored.unique("@input_id", keep="first")

    def _look_up(
        self, stored: pl.DataFrame, input_ids: pl.Series, rows: Positions | None, column: str
    ) -> Floats:
        """Return the scores of the inputs at the positions ``rows`` (all when None), NaN where ``stored`` has none."""
        wanted = (input_ids if rows is None else input_ids.gather(rows)).alias("@input_id").to_frame()
        self.counters.rows_looked_up += wanted.height
        joined = wanted.join(stored, on="@input_id", how="left", maintain_order="left")
        return np.array(joined.get_column(column).fill_null(np.nan).to_numpy(), dtype=np.float64)

    def _keep(self, key: tuple[str, int], array: _Array) -> Floats:
        array.values.setflags(write=False)
        kept = self._arrays.setdefault(key, OrderedDict())
        kept[array.stand] = array
        kept.move_to_end(array.stand)
        while len(kept) > KEPT_VERSIONS:
            kept.popitem(last=False)
        return array.values

    def _forget(self, key: tuple[str, int]) -> None:
        self._arrays.pop(key, None)

    def _lock_of(self, key: tuple[str, int]) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(key, threading.Lock())


def _prefixes(input_ids: pl.Series) -> Prefixes:
    """Return the first four bytes of each 32-byte id as a number, shape (n,)."""
    if not len(input_ids):
        return np.empty(0, dtype=np.uint32)
    whole = input_ids.bin.slice(0, 4).bin.reinterpret(dtype=pl.UInt32, endianness="big")
    return whole.to_numpy().astype(np.uint32, copy=False)


def _added(known: Prefixes, more: Prefixes) -> Prefixes:
    more = np.sort(more)
    return np.insert(known, np.searchsorted(known, more), more)


def _among(known: Prefixes, input_ids: pl.Series) -> NDArray[np.bool_]:
    """Say for each id whether the files may have it: always when they do, and once in thousands when they do not."""
    wanted = _prefixes(input_ids)
    if not len(known):
        return np.zeros(len(wanted), dtype=np.bool_)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.asarray(known[at] == wanted)
