"""Telling a person whose change came too late what others did to the same example."""

from __future__ import annotations

import polars as pl

from lookingglass.errors import ExampleConflict
from lookingglass.home import Home
from lookingglass.ledger import Event
from lookingglass.testset.changes import changes_between, from_to
from lookingglass.testset.content import Row, row_at
from lookingglass.testset.events import CHANGED, changes_of, testset_events
from lookingglass.testset.model import TestSet
from lookingglass.testset.replay import locate
from lookingglass.testset.versions import read_version


def what_happened(home: Home, example_id: str, seen: TestSet, latest: TestSet) -> ExampleConflict:
    """Return what others did to ``example_id`` between version ``seen``, which had it, and ``latest``.

    Its words are such as: ana changed lvr of row-000007 from 0.8 to 0.9 at 2026-11-02T10:00:00.000000Z.
    """
    told = []
    base = _row_in(seen, example_id) or {}
    before: Row | None = base
    now: Row | None = base
    last: Event | None = None
    for version, event in enumerate(
        testset_events(home)[seen.version : latest.version], start=seen.version + 1
    ):
        if not _may_touch(event, example_id):
            continue
        now = _row_in(read_version(home, version), example_id)
        if now != before:
            # An example that was erased is not in ``seen`` either, so this never tells of an erasure.
            told.append(f"{event.actor} {_deed(before, now, example_id, home)} at {event.time}")
            last = event
        before = now
    return ExampleConflict(
        example_id=example_id,
        base=base,
        theirs=now,
        actor=last.actor if last else "",
        time=last.time if last else "",
        version=latest.version,
        words="; ".join(told),
    )


def _row_in(test_set: TestSet, example_id: str) -> Row | None:
    there = locate(test_set.rows, pl.Series("@id", [example_id], dtype=pl.String))
    return row_at(test_set.rows, int(there.item(0, "position"))) if there.height else None


def _may_touch(event: Event, example_id: str) -> bool:
    return event.type != CHANGED or any(change["example_id"] == example_id for change in changes_of(event))


def _deed(before: Row | None, after: Row | None, example_id: str, home: Home) -> str:
    if after is None:
        return f"removed {example_id}"
    if before is None:
        return f"added {example_id} again"
    cells = [from_to(change) for change in changes_between(before, after, home.config)]
    first, rest = cells[0].split(" ", 1)
    more = f" and {', '.join(cells[1:])}" if len(cells) > 1 else ""
    return f"changed {first} of {example_id} {rest}{more}"
