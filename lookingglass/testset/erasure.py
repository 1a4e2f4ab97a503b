"""Erasing the content of one example, everywhere and for good; a tombstone with the reason stays.

Taking an example out (``remove``) keeps it in older versions; erasing takes it out of those too. docs/erasing.md says
what goes and what stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from lookingglass.errors import BadInput, Conflict, LookingGlassError, NotFound, NotSaved, one_line
from lookingglass.files import write_parquet
from lookingglass.forgetting import carry_out
from lookingglass.home import Home
from lookingglass.ledger import ERASURE, Actor, Event, StaleWrite
from lookingglass.testset.content import from_content, rows_frame
from lookingglass.testset.events import CHANGED, IMPORTED, STREAM, changes_of, same_key, testset_events
from lookingglass.testset.image_cells import images_in
from lookingglass.testset.layout import fitted
from lookingglass.testset.replay import locate
from lookingglass.testset.rows import digest_number, digest_sum, digest_text
from lookingglass.testset.tombstones import Erasures, erasures_in
from lookingglass.testset.values import clean_id
from lookingglass.testset.versions import read_version

LONGEST_REASON = 1000
_TRIES = 20


def erase_example(home: Home, id: str, reason: str, actor: Actor, *, key: str | None = None) -> Event:
    """Erase the content of one example from every version, and take it out of the test set; return the event.

    Args:
        id: an example of any version; it may have been removed before.
        reason: why; it stays in the record for ever, so it should not repeat what is erased.
        key: idempotency key; a second call with it returns the first one's event.

    Raises:
        BadInput: there is no reason, or the example was erased already.
        NotFound: no version ever had such an example.
        NotAllowed: the actor may not erase.
        NotSaved: nothing was erased; or the erasure is recorded and the rest is removed when the workspace is next
            opened. The message says which.
    """
    name = clean_id(id)
    why = reason.strip()
    if not why:
        raise BadInput("an erasure needs its reason: say why, without repeating what is erased.")
    if len(why) > LONGEST_REASON:
        raise BadInput(f"the reason is longer than {LONGEST_REASON:,} characters: say it in fewer.")
    event = _record(home, name, why, actor, key)
    read_version(home)  # drops the versions kept in memory that still hold it
    try:
        carry_out(event, home.folder, home.ledger, home.files)
    except (LookingGlassError, OSError) as error:
        told = (
            one_line(str(error)) if isinstance(error, LookingGlassError) else (error.strerror or "").lower()
        )
        told = told.removesuffix("Nothing was changed.").rstrip(" .")  # the erasure itself is recorded
        raise NotSaved(
            f"{name} is erased and no longer shown, but not everything of it could be removed yet ({told}): that is "
            "finished when the workspace is opened the next time."
        ) from error
    return event


def _record(home: Home, name: str, reason: str, actor: Actor, key: str | None) -> Event:
    for _ in range(_TRIES):
        events = testset_events(home)
        earlier = same_key(events, key)
        if earlier is not None:
            return earlier
        erased = erasures_in(events)
        if name in erased.tombstones:
            raise BadInput(f"{erased.tombstones[name].words} already: there is nothing left to erase.")
        traces = _traces(home, name, events, erased)
        if not traces.contents and not traces.parts:
            raise NotFound(
                f"there never was an example {name!r} in the test set of {home.config.name}: look at its id "
                "with `lookingglass testset show`."
            )
        try:
            return home.ledger.append(
                STREAM,
                ERASURE,
                _payload(home, name, reason, traces),
                actor,
                key=key,
                expected=events[-1].seq,
            )
        except StaleWrite:
            continue
    raise Conflict("the test set is being changed by others without pause: try again in a moment.")


@dataclass(frozen=True)
class _Traces:
    """Where the content of one example is: rows by content hash, rows by imported file, and the images they name."""

    contents: Mapping[str, pl.DataFrame]
    parts: Mapping[str, pl.DataFrame]
    images: frozenset[str]


def _traces(home: Home, name: str, events: list[Event], erased: Erasures) -> _Traces:
    own: set[str] = set()
    others: set[str] = set()
    parts: dict[str, pl.DataFrame] = {}
    files = {erased.part(str(event.payload["file"]))[0] for event in events if event.type == IMPORTED}
    for event in events:
        for change in changes_of(event) if event.type == CHANGED else ():
            hashes = {change["content"], change["previous"]} - {None}
            (own if change["example_id"] == name else others).update(hashes)
    for sha in sorted(files):
        row = pl.scan_parquet(home.files.path(sha)).filter(pl.col("@id") == name).collect()
        if row.height:
            parts[sha] = row
    stored = home.ledger.content(sorted(own))
    contents = {sha: rows_frame([from_content(body)], home.config) for sha, body in stored.items()}
    images = _images_of([*contents.values(), *parts.values()], home)
    if images:
        images -= _images_elsewhere(home, name, images, files, others)
    return _Traces(contents, parts, frozenset(images))


def _images_of(frames: list[pl.DataFrame], home: Home) -> set[str]:
    return {sha for frame in frames for sha in images_in(frame, home.config)}


def _images_elsewhere(home: Home, name: str, images: set[str], files: set[str], others: set[str]) -> set[str]:
    """Return those ``images`` that another example uses in any version."""
    found: set[str] = set()
    for sha in files:
        rest = pl.read_parquet(home.files.path(sha)).filter(pl.col("@id") != name)
        found |= images & images_in(fitted(rest, home.config), home.config)
    for body in home.ledger.content(sorted(others)).values():
        found |= images & images_in(rows_frame([from_content(body)], home.config), home.config)
    return found


def _payload(home: Home, name: str, reason: str, traces: _Traces) -> dict[str, Any]:
    latest = read_version(home)
    there = locate(latest.rows, pl.Series("@id", [name]))
    gone = latest.rows.get_column("@row_hash").gather(there.get_column("position"))
    total = digest_number(latest.digest) - (digest_sum(gone) if there.height else 0)
    return {
        "version": latest.version + 1,
        "action": "erase",
        "example_id": name,
        "note": reason,
        "erased": {
            "contents": [{"sha256": sha, **_hashes(row)} for sha, row in sorted(traces.contents.items())],
            "parts": [
                {"sha256": sha, "file": _store_without(home, sha, name), **_hashes(row)}
                for sha, row in sorted(traces.parts.items())
            ],
            "images": sorted(traces.images),
        },
        "digest": digest_text(total),
        "examples": latest.examples - there.height,
    }


def _hashes(row: pl.DataFrame) -> dict[str, str]:
    return {"row_hash": row.item(0, "@row_hash").hex(), "input_id": row.item(0, "@input_id").hex()}


def _store_without(home: Home, sha: str, name: str) -> str:
    """Keep the rows of an imported part but one as a new file, and return its SHA-256."""
    rest = pl.read_parquet(home.files.path(sha)).filter(pl.col("@id") != name)
    return home.files.add_written(
        lambda path: write_parquet(rest, path, compression="zstd", compression_level=1, statistics=False)
    )
