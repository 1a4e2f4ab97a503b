"""What differs between two versions, example by example and cell by cell, by whom, when and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import NotFound
from lookingglass.home import Home
from lookingglass.ledger import Event
from lookingglass.testset.changes import changes_between, column_name, shown
from lookingglass.testset.content import Row, from_content
from lookingglass.testset.events import CHANGED, changes_of, events_until
from lookingglass.testset.layout import row_types
from lookingglass.testset.model import TestSet
from lookingglass.testset.replay import read_part
from lookingglass.testset.versions import read_version

What = Literal["added", "removed", "relabelled", "edited", "tagged"]


@dataclass(frozen=True)
class DiffRow:
    """One difference. ``column``, ``old`` and ``new`` are None for an example that was added or removed as a whole.

    ``actor``, ``time`` and ``note`` are those of the change that left the cell as it is now.
    """

    example_id: str
    what: What
    column: str | None
    old: Any
    new: Any
    actor: str
    time: str
    note: str

    @property
    def words(self) -> str:
        """Say the difference in a few words: ``lvr of row-000007 edited from 0.8 to 0.9``."""
        if self.column is None:
            return f"{self.example_id} {self.what}"
        if self.what == "relabelled":
            return f"{self.example_id} relabelled from {shown(self.old)} to {shown(self.new)}"
        return f"{self.column} of {self.example_id} {self.what} from {shown(self.old)} to {shown(self.new)}"

    def to_json(self) -> dict[str, Any]:
        """Return the difference as JSON-able values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Diff:
    """All differences between two versions: removed examples first, then the others as they stand in ``to``."""

    from_version: int
    to_version: int
    rows: tuple[DiffRow, ...]

    def counts(self) -> dict[str, int]:
        """Return how many examples were added, removed, relabelled, edited and tagged (one may be in several)."""
        kinds: tuple[What, ...] = ("added", "removed", "relabelled", "edited", "tagged")
        return {kind: len({row.example_id for row in self.rows if row.what == kind}) for kind in kinds}

    def frame(self) -> pl.DataFrame:
        """Return one row a difference; old and new values as text."""
        texts = ("example_id", "what", "column", "old", "new", "actor", "time", "note")
        cells = [
            {
                **vars(row),
                "old": None if row.old is None else shown(row.old),
                "new": None if row.new is None else shown(row.new),
            }
            for row in self.rows
        ]
        return pl.DataFrame(cells, schema=dict.fromkeys(texts, pl.String))

    def to_json(self) -> dict[str, Any]:
        """Return the differences as JSON-able values."""
        return {
            "from": self.from_version,
            "to": self.to_version,
            "counts": self.counts(),
            "changes": [row.to_json() for row in self.rows],
        }


def diff(home: Home, from_: int, to: int | None = None) -> Diff:
    """Compare two versions of the test set; ``to`` is the latest when None. Going back in time is allowed.

    Raises:
        NotFound: one of the versions does not exist.
    """
    later = read_version(home, to)
    if from_ < 0:
        raise NotFound(f"there is no version {from_}: versions start at 0, the empty test set.")
    earlier = read_version(home, from_)
    names = list(row_types(home.config))
    older, newer = sorted((earlier, later), key=lambda one: one.version)
    events = events_until(home, newer.version)[older.version :]
    touched = _touched(older, newer, events).implode()
    before, after = (
        one.rows.filter(pl.col("@id").is_in(touched)).select("@row_hash", *names) for one in (earlier, later)
    )
    gone = before.join(after.select("@id"), on="@id", how="anti", maintain_order="left")
    come = after.join(before.select("@id"), on="@id", how="anti", maintain_order="left")
    pairs = after.join(
        before.select("@id", pl.col("@row_hash").alias("old hash")),
        on="@id",
        how="inner",
        maintain_order="left",
    )
    moved = pairs.filter(pl.col("@row_hash") != pl.col("old hash"))
    old_rows = {
        row["@id"]: row
        for row in before.filter(pl.col("@id").is_in(moved.get_column("@id").implode()))
        .select(names)
        .iter_rows(named=True)
    }
    order = {name: place for place, name in enumerate(after.get_column("@id"))}
    forward = earlier.version <= later.version
    followed = [gone, moved] if forward else [gone, come, moved]
    who = _Attribution(home, events, pl.concat([part.get_column("@id") for part in followed]))
    if forward:  # the later version itself knows who last changed what came
        seqs = later.rows.filter(pl.col("@changed_seq") > earlier.seq).select("@id", "@changed_seq")
        seqs = seqs.join(come.select("@id"), on="@id", how="semi")
        who.know(dict(seqs.iter_rows()), events)
    found = [who.whole(name, "removed") for name in gone.get_column("@id")]
    rest = [who.whole(name, "added") for name in come.get_column("@id")]
    for row in moved.select(names).iter_rows(named=True):
        rest.extend(
            who.cell(
                change.example_id, _kind(change.column, home.config), change.column, change.old, change.new
            )
            for change in changes_between(old_rows[row["@id"]], row, home.config)
        )
    rest.sort(key=lambda row: order[row.example_id])
    return Diff(earlier.version, later.version, (*found, *rest))


def _touched(older: TestSet, newer: TestSet, events: Sequence[Event]) -> pl.Series:
    """Return the ids of all examples that may differ: those changed since and still there, and those taken out."""
    changed = newer.rows.filter(pl.col("@changed_seq") > older.seq).get_column("@id")
    removed = {
        change["example_id"]
        for event in events
        if event.type == CHANGED
        for change in changes_of(event)
        if change["content"] is None
    }
    return pl.concat([changed, pl.Series("@id", sorted(removed), dtype=pl.String)])


def _kind(column: str, config: WorkspaceConfig) -> What:
    if column == config.task.label:
        return "relabelled"
    return "tagged" if column in ("@tags", "@problems") else "edited"


class _Attribution:
    """Finds the event that last changed each example that differs, and with several events, each of its cells."""

    def __init__(self, home: Home, events: Sequence[Event], touched: pl.Series) -> None:
        self._last: dict[str, Event] = {}
        self._cells: dict[tuple[str, str], Event] = {}
        wanted = set(touched.to_list())
        if len(events) == 1:
            self._last = dict.fromkeys(wanted, events[0])
            return
        rows: dict[str, Row | None] = {}
        for event in events:
            for example, row in _rows_of(home, event, touched, wanted):
                before = rows.get(example)
                self._last[example] = event
                if row is not None and before is not None:
                    for change in changes_between(before, row, home.config):
                        self._cells[example, change.column] = event
                elif row is not None:
                    for name in row:
                        self._cells[example, column_name(name, home.config)] = event
                rows[example] = row

    def know(self, seqs: Mapping[str, int], events: Sequence[Event]) -> None:
        """Take over which event last changed an example, by its sequence number."""
        by_seq = {event.seq: event for event in events}
        self._last.update((example, by_seq[seq]) for example, seq in seqs.items())

    def whole(self, example: str, what: What) -> DiffRow:
        """Return the difference of an example that came or went."""
        event = self._last[example]
        return DiffRow(example, what, None, None, None, event.actor, event.time, str(event.payload["note"]))

    def cell(self, example: str, what: What, column: str, old: Any, new: Any) -> DiffRow:
        """Return the difference of one cell."""
        event = self._cells.get((example, column), self._last[example])
        return DiffRow(example, what, column, old, new, event.actor, event.time, str(event.payload["note"]))


def _rows_of(home: Home, event: Event, touched: pl.Series, wanted: set[str]) -> list[tuple[str, Row | None]]:
    """Return what one event made of the wanted examples: the previous content first where it is known, then the new."""
    if event.type != CHANGED:
        part = read_part(home, str(event.payload["file"]), home.config).select(list(row_types(home.config)))
        chosen = part.filter(pl.col("@id").is_in(touched.implode()))
        return [(row["@id"], row) for row in chosen.iter_rows(named=True)]
    changes = [change for change in changes_of(event) if change["example_id"] in wanted]
    content = home.ledger.content([c["content"] for c in changes if c["content"] is not None])
    return [
        (c["example_id"], from_content(content[c["content"]]) if c["content"] in content else None)
        for c in changes
    ]
