"""Writing changes of examples as one event: payload, content and digest, on top of whatever others wrote meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import polars as pl

from lookingglass.errors import Conflict, EditConflict, NotFound
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event, StaleWrite
from lookingglass.testset.changes import changes_between, column_name
from lookingglass.testset.content import Row, row_at, rows_frame, to_content
from lookingglass.testset.events import CHANGED, STREAM, Action, same_key, testset_events
from lookingglass.testset.image_cells import ImageIntake, new_images
from lookingglass.testset.meanwhile import what_happened
from lookingglass.testset.model import TestSet
from lookingglass.testset.replay import locate
from lookingglass.testset.rows import digest_number, digest_sum, digest_text
from lookingglass.testset.tombstones import erasures
from lookingglass.testset.versions import read_version

_TRIES = 50


@dataclass(frozen=True)
class Change:
    """What to write of one example: its row before (None when it is new) and after (None when it goes)."""

    example_id: str
    before: Row | None
    after: Row | None


def write_changes(
    home: Home,
    action: Action,
    prepare: Callable[[TestSet], Sequence[Change]],
    note: str,
    actor: Actor,
    key: str | None,
    held: ImageIntake | None = None,
) -> Event | None:
    """Write what ``prepare`` makes of the latest version as one event; None when it changes nothing.

    When somebody else is faster, ``prepare`` is asked again with what is latest then. Examples that stay as they are
    are left out.

    Args:
        held: the images that the changes bring. They are kept only now, and together with the event: an erasure that
            takes the same image away comes before both or after both.

    Raises:
        BadInput: an image that is only named was erased meanwhile.
        Conflict: others write without pause. Whatever ``prepare`` raises passes through.
    """
    for _ in range(_TRIES):
        earlier = same_key(testset_events(home), key)
        if earlier is not None:
            return earlier
        latest = read_version(home)
        changes = [change for change in prepare(latest) if change.before != change.after]
        if not changes:
            return None
        payload, content = _payload(home, latest, action, changes, note)
        images = payload.get("files", [])
        try:
            with home.files.exclusively() if images else nullcontext():
                if held is not None:
                    held.keep(home.files, images)
                return home.ledger.append(
                    STREAM, CHANGED, payload, actor, key=key, expected=latest.seq, content=content
                )
        except StaleWrite:
            continue
    raise Conflict("the test set is being changed by others without pause: try again in a moment.")


def seen_rows(home: Home, latest: TestSet, seen_version: int | None, ids: Sequence[str]) -> dict[str, Row]:
    """Return the latest rows of ``ids``, those that are not there left out, for somebody who looked at a version.

    Args:
        seen_version: the version that the person looked at, None when they want to change the latest whatever it is.

    Raises:
        EditConflict: somebody changed or removed some of them since then, with what each was and is.
    """
    positions = _positions(latest, ids)
    if seen_version is not None:
        seen = read_version(home, seen_version)
        changed_seq = latest.rows.get_column("@changed_seq")
        known = _positions(seen, ids)
        late = [
            name
            for name in ids
            if name in known and (name not in positions or changed_seq[positions[name]] > seen.seq)
        ]
        if late:
            raise EditConflict([what_happened(home, name, seen, latest) for name in late], seen.version)
    return {name: row_at(latest.rows, positions[name]) for name in ids if name in positions}


def not_there(home: Home, example_id: str, latest: TestSet) -> NotFound:
    """Return the error for an example that the latest version does not have."""
    stone = erasures(home).tombstones.get(example_id)
    if stone is not None:
        return NotFound(f"{stone.words}: it is no longer there.")
    return NotFound(
        f"there is no example {example_id!r} in the latest version, {latest.version}, of the test set."
    )


def _positions(test_set: TestSet, ids: Sequence[str]) -> dict[str, int]:
    there = locate(test_set.rows, pl.Series("@id", list(ids), dtype=pl.String))
    return dict(there.iter_rows())


def _payload(
    home: Home, latest: TestSet, action: Action, changes: Sequence[Change], note: str
) -> tuple[dict[str, Any], dict[str, bytes]]:
    blobs: dict[str, bytes] = {}
    told = [_told(change, home, blobs) for change in changes]
    gone = [change.example_id for change in changes if change.before is not None]
    come = [change.after for change in changes if change.after is not None]
    places = list(_positions(latest, gone).values())
    rows = rows_frame(come, home.config)
    images = new_images(rows, latest.rows, home.config)
    total = digest_number(latest.digest)
    total -= digest_sum(latest.rows.get_column("@row_hash").gather(places)) if places else 0
    total += digest_sum(rows.get_column("@row_hash")) if come else 0
    payload = {
        "version": latest.version + 1,
        "action": action,
        "changes": told,
        "note": note,
        "digest": digest_text(total),
        "examples": latest.examples + len(come) - len(gone),
        **({"files": images} if images else {}),
    }
    return payload, blobs


def _told(change: Change, home: Home, blobs: dict[str, bytes]) -> dict[str, Any]:
    """Return one change as the event tells it, by hashes and column names; the values go to ``blobs``."""
    hashes: dict[str, str | None] = {"content": None, "previous": None}
    for name, row in (("content", change.after), ("previous", change.before)):
        if row is not None:
            sha, data = to_content(row)
            hashes[name] = sha
            blobs[sha] = data
    columns = []
    if change.before is not None and change.after is not None:
        differing = changes_between(change.before, change.after, home.config)
        columns = [column_name(cell.column, home.config) for cell in differing]
    return {"example_id": change.example_id, **hashes, "columns": columns}
