"""What happened to one example over all versions: who changed which of its values, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from lookingglass.home import Home
from lookingglass.ledger import ERASURE, Event
from lookingglass.testset.changes import changes_between, from_to
from lookingglass.testset.content import Row, from_content
from lookingglass.testset.events import CHANGED, IMPORTED, changes_of, testset_events
from lookingglass.testset.layout import row_types
from lookingglass.testset.tombstones import erasures


@dataclass(frozen=True)
class ExampleChange:
    """One change of one example. ``words`` follow the actor's name: "changed lvr from 0.8 to 0.9"."""

    version: int
    time: str
    actor: str
    words: str
    note: str

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON-able values."""
        return dict(vars(self))


def example_history(home: Home, example_id: str) -> list[ExampleChange]:
    """Return every change of one example, oldest first; empty when there never was such an example.

    Values whose content was erased are not told.
    """
    found: list[ExampleChange] = []
    before: Row | None = None
    for version, event in enumerate(testset_events(home), start=1):
        if event.type == IMPORTED:
            row = _imported(home, event, example_id)
            if row is None or row == before:
                continue
            words = f"imported it from {event.payload['upload_name']}"
            if before is not None:
                words += f": {_cells(before, row, home)}"
            before = row
        elif event.type == CHANGED:
            change = next((one for one in changes_of(event) if one["example_id"] == example_id), None)
            if change is None:
                continue
            contents = home.ledger.content([sha for sha in (change["content"], change["previous"]) if sha])
            rows = {sha: from_content(data) for sha, data in contents.items()}
            earlier, before = rows.get(change["previous"]), rows.get(change["content"])
            if change["content"] is None:
                words = "removed it"
            elif change["previous"] is None:
                words = "added it"
            elif earlier is None or before is None:
                words = f"changed {', '.join(change['columns'])}"
            else:
                words = f"changed {_cells(earlier, before, home)}"
        elif event.type == ERASURE and event.payload.get("example_id") == example_id:
            words, before = "erased its content", None
        else:
            continue
        found.append(
            ExampleChange(version, event.time, event.actor, words, str(event.payload.get("note", "")))
        )
    return found


def _cells(before: Row, after: Row, home: Home) -> str:
    cells = changes_between(before, after, home.config)
    return ", ".join(from_to(cell).removeprefix("@") for cell in cells) or "nothing that is kept today"


def _imported(home: Home, event: Event, example_id: str) -> Row | None:
    """Return what an import brought for the example, in today's columns; None when nothing."""
    # the file that took its place, if a row was erased
    now, _ = erasures(home).part(str(event.payload["file"]))
    part = pl.scan_parquet(home.files.path(now))
    names = part.collect_schema().names()
    wanted = [name for name in row_types(home.config) if name in names]
    rows = part.filter(pl.col("@id") == example_id).select(wanted).collect()
    return {**dict.fromkeys(row_types(home.config)), **rows.row(0, named=True)} if rows.height else None
