"""Reading any version of the test set, from the nearest one that is still at hand."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.config import WorkspaceConfig
from lookingglass.errors import Damaged
from lookingglass.home import Home
from lookingglass.ledger import Event, next_moment
from lookingglass.testset.events import Head, events_until
from lookingglass.testset.image_cells import image_columns
from lookingglass.testset.layout import empty_frame
from lookingglass.testset.model import TestSet
from lookingglass.testset.replay import State, replay
from lookingglass.testset.rows import digest_text
from lookingglass.testset.tombstones import Erasures, erasures

KEPT_VERSIONS = 6


@dataclass(frozen=True)
class _Kept:
    version: int
    state: State
    test_set: TestSet
    ledger: str
    erased: str


_kept: OrderedDict[tuple[str, str, str], _Kept] = OrderedDict()
_lock = threading.Lock()
_schemas: dict[int, tuple[WorkspaceConfig, str]] = {}
_MOST_SCHEMAS = 64


def read_version(home: Home, version: int | None = None) -> TestSet:
    """Return one version of the test set, the latest when None.

    The last few versions read stay in memory and share their rows; another one is made from the nearest earlier of
    them, at the cost of the changes in between.

    Raises:
        NotFound: there is no such version.
        Damaged: a stored file is not what the ledger says.
    """
    while True:
        erased = erasures(home)
        try:
            return _read(home, version, erased)
        except Damaged:
            next_moment()  # what is erased since is to be seen
            if erasures(home).key == erased.key:
                raise  # otherwise it was erased while we read: leave it out


def _read(home: Home, version: int | None, erased: Erasures) -> TestSet:
    events = events_until(home, version)
    schema = _schema_key(home.config)
    if image_columns(home.config):
        schema = f"{schema} {home.folder}"  # images are read from this very folder, a moved one has its own
    key = (events[-1].hash if events else "", schema, erased.key)
    ledger = events[0].hash if events else ""
    with _lock:
        for old in [
            old for old, kept in _kept.items() if kept.ledger == ledger and kept.erased != erased.key
        ]:
            del _kept[old]  # holds what was erased since
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key].test_set
        near = _nearest(events, schema, erased.key)
    begin = near.version if near else 0
    start = near.state if near else State(empty_frame(home.config), 0)
    state = replay(home, start, events[begin:], erased)
    head = Head.of(events)
    if digest_text(state.total) != head.digest:
        raise Damaged(
            f"version {len(events)} of the test set of {home.config.name} does not have the digest that the ledger "
            "recorded: run `lookingglass audit verify` and restore the files from a backup."
        )
    test_set = TestSet(
        len(events),
        head.digest,
        head.seq,
        head.time,
        state.frame,
        home.config,
        home.files,
        tuple(
            replace(erased.tombstones[name], row_hash=row_hash.hex())
            for name, row_hash in sorted(state.gone.items())
        ),
    )
    with _lock:
        _kept[key] = _Kept(len(events), state, test_set, ledger, erased.key)
        while len(_kept) > KEPT_VERSIONS:
            _kept.popitem(last=False)
    return test_set


def forget_versions() -> None:
    """Drop every version kept in memory; the next reading makes them again from ledger and files."""
    with _lock:
        _kept.clear()


def _nearest(events: list[Event], schema: str, erased: str) -> _Kept | None:
    """Return the latest kept version that is an ancestor of these events."""
    best: _Kept | None = None
    for (event_hash, its_schema, its_erased), kept in _kept.items():
        if (
            (its_schema, its_erased) != (schema, erased)
            or not 0 < kept.version <= len(events)
            or events[kept.version - 1].hash != event_hash
        ):
            continue
        if best is None or kept.version > best.version:
            best = kept
    return best


def _schema_key(config: WorkspaceConfig) -> str:
    """Return what names the schema; worked out once for a configuration that nobody changes."""
    known = _schemas.get(id(config))
    if known is None or known[0] is not config:
        named = config.model_dump(mode="json", include={"name", "task", "columns"})
        known = config, sha256_hex(canonical_json(named))
        if len(_schemas) >= _MOST_SCHEMAS:
            _schemas.clear()
        _schemas[id(config)] = known
    return known[1]
