"""What was erased from the test set so far, read from its events: who, when, why, and the hashes that stay.

Content is left out because an event says that it was erased, never because it happens to be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from lookingglass.errors import BadInput, one_line
from lookingglass.home import Home
from lookingglass.ledger import ERASURE, Event
from lookingglass.testset.events import testset_events


@dataclass(frozen=True)
class Tombstone:
    """What stays of an example whose content was erased.

    Attributes:
        reason: why, as the person put it.
        actor, time: who erased it, and when.
        version: the version that the erasure made; those before it that had the example no longer show it.
        row_hash: the hash that its row had in the version that tells of it, 64 hexadecimal digits ("" where no version
            is meant). The digest of that version still counts it.
    """

    example_id: str
    reason: str
    actor: str
    time: str
    version: int
    row_hash: str = ""

    @property
    def words(self) -> str:
        """Say it in one line: ``row-000007 was erased by bo on 2026-11-02 (asked for)``."""
        return (
            f"{self.example_id} was erased by {one_line(self.actor, 80)} on {self.time[:10]} "
            f"({one_line(self.reason, 200)})"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the tombstone as JSON-able values."""
        return dict(vars(self))


@dataclass(frozen=True)
class ErasedRow:
    """One row of one erased example, as some file or content had it."""

    example_id: str
    row_hash: bytes


@dataclass(frozen=True)
class Erasures:
    """Everything that was erased.

    Attributes:
        key: tells one state from another; "" when nothing was erased. Caches of content are kept under it.
        tombstones: by example id.
        contents: the row that each erased content held, by the content's SHA-256.
        parts: the file that took an imported part's place, and the row that it lacks, by the SHA-256 it replaced.
    """

    key: str = ""
    tombstones: Mapping[str, Tombstone] = field(default_factory=dict)
    contents: Mapping[str, ErasedRow] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ErasedRow]] = field(default_factory=dict)

    def part(self, sha: str) -> tuple[str, list[ErasedRow]]:
        """Return the file that holds today what the imported part ``sha`` held, and the rows that it lacks."""
        lacking = []
        while sha in self.parts:
            sha, row = self.parts[sha]
            lacking.append(row)
        return sha, lacking


_NONE = Erasures()
_made: dict[str, Erasures] = {}
_KEPT = 32


def erasures_in(events: Sequence[Event]) -> Erasures:
    """Return what these events erased; made once for each last erasure."""
    erasing = [event for event in events if event.type == ERASURE]
    if not erasing:
        return _NONE
    key = erasing[-1].hash
    found = _made.get(key)
    if found is None:
        found = _read(key, erasing)
        while len(_made) >= _KEPT:
            _made.pop(next(iter(_made)), None)
        _made[key] = found
    return found


def erasures(home: Home) -> Erasures:
    """Return everything that was erased from the test set up to now."""
    return erasures_in(testset_events(home))


def refuse_erased(home: Home, ids: pl.Series, what: str) -> None:
    """Refuse to bring an erased example back under its id.

    Args:
        what: the file or act, which begins the sentence.

    Raises:
        BadInput: some of ``ids`` were erased; the message names the first.
    """
    stones = erasures(home).tombstones
    if not stones:
        return
    back = ids.filter(ids.is_in(list(stones))).to_list()
    if back:
        more = f" (and {len(back) - 1:,} more erased examples)" if len(back) > 1 else ""
        raise BadInput(
            f"{what} brings back what was erased: {stones[back[0]].words}{more}. Leave it out, or give it another "
            "id if it is another example. Nothing was changed."
        )


def _read(key: str, events: Sequence[Event]) -> Erasures:
    stones: dict[str, Tombstone] = {}
    contents: dict[str, ErasedRow] = {}
    parts: dict[str, tuple[str, ErasedRow]] = {}
    for event in events:
        payload = event.payload
        example = str(payload["example_id"])
        stones[example] = Tombstone(
            example, str(payload["note"]), event.actor, event.time, int(payload["version"])
        )
        for entry in payload["erased"]["contents"]:
            contents[entry["sha256"]] = ErasedRow(example, bytes.fromhex(entry["row_hash"]))
        for entry in payload["erased"]["parts"]:
            row = ErasedRow(example, bytes.fromhex(entry["row_hash"]))
            parts[entry["sha256"]] = (entry["file"], row)
    return Erasures(key, stones, contents, parts)
