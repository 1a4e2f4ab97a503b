"""The test set's own events: reading them without reading them all again, and what they hold."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

from lookingglass.errors import NotFound
from lookingglass.home import Home
from lookingglass.ledger import Event, Ledger
from lookingglass.testset.rows import EMPTY_DIGEST

STREAM = "testset"
IMPORTED = "testset_imported"
CHANGED = "examples_changed"

Action = Literal["add", "edit", "relabel", "remove", "tag"]

_known: WeakKeyDictionary[Ledger, list[Event]] = WeakKeyDictionary()
_lock = threading.Lock()


def testset_events(home: Home) -> list[Event]:
    """Return every event of the test set, oldest first: event number n - 1 made version n.

    Events already read are kept; the last of them is read again each time, so that a ledger put back from a backup
    under our feet is noticed and read from the start.
    """
    with _lock:
        known = _known.get(home.ledger, [])
        after = known[-1].seq - 1 if known else 0
        fresh = home.ledger.events(STREAM, after=after)
        if known and (not fresh or fresh[0].hash != known[-1].hash):
            known, fresh = [], home.ledger.events(STREAM)
        elif known:
            fresh = fresh[1:]
        events = [*known, *fresh] if fresh else known
        _known[home.ledger] = events
        return events


def latest_version(home: Home) -> int:
    """Return the number of the latest version, 0 for a test set without any example yet."""
    return len(testset_events(home))


def events_until(home: Home, version: int | None) -> list[Event]:
    """Return the events that make ``version`` (the latest when None). Raises NotFound when there is no such version."""
    events = testset_events(home)
    if version is None:
        return events
    if not 0 <= version <= len(events):
        last = f"the latest is {len(events)}" if events else "nothing was imported yet"
        raise NotFound(f"there is no version {version} of the test set of {home.config.name}: {last}.")
    return events[:version]


@dataclass(frozen=True)
class Head:
    """What the last of some events says: sequence, time and digest; of an empty test set when there is none."""

    seq: int
    time: str
    digest: str

    @classmethod
    def of(cls, events: list[Event]) -> Head:
        """Return the head of these events."""
        if not events:
            return cls(0, "", EMPTY_DIGEST)
        return cls(events[-1].seq, events[-1].time, str(events[-1].payload["digest"]))


def same_key(events: list[Event], key: str | None) -> Event | None:
    """Return the event that was written with this idempotency key, if there is one."""
    return next((event for event in reversed(events) if event.key == key), None) if key is not None else None


def changes_of(event: Event) -> list[dict[str, Any]]:
    """Return the single changes of an ``examples_changed`` event."""
    changes: list[dict[str, Any]] = event.payload["changes"]
    return changes
