"""Telling a person whose change came too late what others did to the same example."""

from __future__ import annotations

from lookingglass.home import Home
from lookingglass.ledger import Event
from lookingglass.testset.changes import changes_between, from_to
from lookingglass.testset.content import Row, row_at
from lookingglass.testset.events import CHANGED, changes_of, testset_events
from lookingglass.testset.model import TestSet
from lookingglass.testset.versions import read_version


def what_happened(home: Home, example_id: str, seen: TestSet) -> str:
    """Return one sentence on what others did to ``example_id`` after version ``seen``, which had it.

    Such as: ana changed lvr of row-000007 from 0.8 to 0.9 at 2026-11-02T10:00:00.000000Z, after you opened it
    (version 4): look at it again. Nothing was changed.
    """
    told = []
    before: Row | None = row_at(seen.rows, seen.position(example_id))
    for version, event in enumerate(testset_events(home)[seen.version :], start=seen.version + 1):
        if not _may_touch(event, example_id):
            continue
        now = read_version(home, version)
        after = row_at(now.rows, now.position(example_id)) if example_id in now.ids else None
        if after != before:
            told.append(f"{event.actor} {_deed(before, after, example_id, home)} at {event.time}")
        before = after
    return f"{'; '.join(told)}, after you opened it (version {seen.version}): look at it again. Nothing was changed."


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
