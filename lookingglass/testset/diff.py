"""What differs between two versions, example by example and cell by cell, by whom, when and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import NotFound
from lookingglass.home import Home
from lookingglass.ledger import ERASURE, Event
from lookingglass.testset.changes import changes_between, column_name, shown
from lookingglass.testset.content import Row, from_content
from lookingglass.testset.events import CHANGED, changes_of, events_until
from lookingglass.testset.layout import row_types
from lookingglass.testset.model import TestSet
from lookingglass.testset.replay import imported_rows
from lookingglass.testset.tombstones import Erasures, Tombstone, erasures
from lookingglass.testset.versions import read_version

What = Literal["added", "removed", "relabelled", "edited", "tagged", "erased"]
ERASED: What = "erased"
PLACE, OLD_HASH = "@place", "@old hash"
KINDS: tuple[What, ...] = ("added", "removed", "relabelled", "edited", "tagged", ERASED)


@dataclass(frozen=True)
class DiffRow:
    """One difference. ``column``, ``old`` and ``new`` are None for an example that came or went as a whole.

    Attributes:
        actor, time, note: of the change that left the cell as it is now; of the change that ``undoes`` names where the
            comparison goes back in time.
        undoes: None going forward in time. Going back, what was really done: of an example that is in the later version
            only, ``what`` is "removed" and ``undoes`` "added".
        erased: whether the example's content was erased since, so that only the fact can be told.
    """

    example_id: str
    what: What
    column: str | None
    old: Any
    new: Any
    actor: str
    time: str
    note: str
    undoes: What | None = None
    erased: bool = False

    @property
    def words(self) -> str:
        """Say the difference in a few words: ``lvr of row-000007 edited from 0.8 to 0.9``."""
        if self.column is None:
            since = " (its content was erased since)" if self.erased and self.what != "erased" else ""
            return f"{self.example_id} {self.what}{since}"
        if self.what == "relabelled":
            return f"{self.example_id} relabelled from {shown(self.old)} to {shown(self.new)}"
        return f"{self.column} of {self.example_id} {self.what} from {shown(self.old)} to {shown(self.new)}"

    @property
    def by_whom(self) -> str:
        """Say who did it and when, to follow ``words``: ``by ana 2026-11-02 10:00``.

        Back in time it says who did what is undone: ``which goes back before it was added by ana 2026-11-02 10:00``.
        """
        who = f"{self.actor} {self.time[:16].replace('T', ' ')}"
        return f"by {who}" if self.undoes is None else f"which goes back before it was {self.undoes} by {who}"

    def to_json(self) -> dict[str, Any]:
        """Return the difference as JSON-able values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Diff:
    """The differences between two versions: removed examples first, then the others as they stand in ``to``.

    Attributes:
        rows: all of them, or the first so many that were asked for.
        total: how many there are.
        kinds: how many examples were added, removed, relabelled, edited, tagged and erased, of all of them.
        erased: what stays of the examples of either version whose content was erased since; of those only the fact is
            told that they came, went or changed.
    """

    from_version: int
    to_version: int
    rows: tuple[DiffRow, ...]
    total: int
    kinds: Mapping[What, int]
    erased: tuple[Tombstone, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return how many examples were added, removed, relabelled, edited and tagged (one may be in several).

        Those that were erased are counted too where there are any.
        """
        return {kind: self.kinds.get(kind, 0) for kind in KINDS if kind != ERASED or self.kinds.get(kind)}

    def frame(self) -> pl.DataFrame:
        """Return one row a difference; old and new values as text. ``erased``: its content was erased since."""
        texts = ("example_id", "what", "column", "old", "new", "actor", "time", "note", "undoes")
        cells = [
            {
                **{name: value for name, value in vars(row).items() if name in texts},
                "old": None if row.old is None else shown(row.old),
                "new": None if row.new is None else shown(row.new),
                "erased": row.erased,
            }
            for row in self.rows
        ]
        return pl.DataFrame(cells, schema={**dict.fromkeys(texts, pl.String), "erased": pl.Boolean})

    def to_json(self) -> dict[str, Any]:
        """Return the differences as JSON-able values."""
        return {
            "from": self.from_version,
            "to": self.to_version,
            "counts": self.counts(),
            "erased": [stone.to_json() for stone in self.erased],
            "changes": [row.to_json() for row in self.rows],
        }


def diff(home: Home, from_: int, to: int | None = None, *, most: int | None = None) -> Diff:
    """Compare two versions of the test set; ``to`` is the latest when None. Going back in time is allowed.

    Args:
        most: tell only the first so many differences; all are counted. Between two versions of a million rows that
            is what fits into memory.

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
    after = after.with_row_index(PLACE)
    come = after.join(before.select("@id"), on="@id", how="anti", maintain_order="left")
    moved = _moved(after, before)
    kinds, cells = _counted(moved, before, home.config)
    kinds |= {"removed": gone.height, "added": come.height}

    hidden = {stone.example_id: stone for stone in (*earlier.erased, *later.erased)}
    stones = tuple(hidden[name] for name in sorted(hidden))
    gone, come, moved = (part if most is None else part.head(most) for part in (gone, come, moved))
    followed = [
        *(part.get_column("@id") for part in (gone, come, moved)),
        pl.Series("@id", list(hidden), dtype=pl.String),
    ]
    who = _Attribution(home, events, pl.concat(followed), backward=earlier.version > later.version)
    who.know_added(
        newer.rows.filter(
            (pl.col("@added_seq") > older.seq) & pl.col("@id").is_in(pl.concat(followed).implode())
        ).select("@id", "@added_seq")
    )
    found = [who.whole(name, "removed") for name in gone.get_column("@id")]
    lost = _erased_rows(earlier, later, who)
    for row in lost:
        kinds[row.what] = kinds.get(row.what, 0) + 1
    total = sum(kinds.get(kind, 0) for kind in ("added", "removed")) + cells
    total += sum(row.what not in ("added", "removed") for row in lost)
    places = dict(pl.concat([part.select("@id", PLACE) for part in (come, moved)]).iter_rows())
    rest = [who.whole(name, "added") for name in come.get_column("@id")]
    for old, new in zip(
        _rows_like(moved, before).iter_rows(named=True),
        moved.select(names).iter_rows(named=True),
        strict=True,
    ):
        rest.extend(
            who.cell(
                change.example_id, _kind(change.column, home.config), change.column, change.old, change.new
            )
            for change in changes_between(old, new, home.config)
        )
    rest.sort(key=lambda row: places[row.example_id])
    return Diff(earlier.version, later.version, (*found, *lost, *rest)[:most], total, kinds, stones)


def _moved(after: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``after`` that are in both and not the same, in its order."""
    pairs = after.join(
        before.select("@id", pl.col("@row_hash").alias(OLD_HASH)),
        on="@id",
        how="inner",
        maintain_order="left",
    )
    return pairs.filter(pl.col("@row_hash") != pl.col(OLD_HASH)).drop(OLD_HASH)


def _rows_like(moved: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return what the examples of ``moved`` were before, in its order."""
    return moved.select("@id").join(before.drop("@row_hash"), on="@id", how="left", maintain_order="left")


def _counted(
    moved: pl.DataFrame, before: pl.DataFrame, config: WorkspaceConfig
) -> tuple[dict[What, int], int]:
    """Return how many examples of ``moved`` were relabelled, edited and tagged, and how many cells differ in all."""
    then = _rows_like(moved, before)
    marks: dict[What, pl.Series] = {}
    cells = 0
    for name in then.columns:
        if name == "@id":
            continue
        differs = moved.get_column(name).ne_missing(then.get_column(name))
        cells += int(differs.sum())
        kind = _kind(column_name(name, config), config)
        marks[kind] = marks[kind] | differs if kind in marks else differs
    return {kind: int(found.sum()) for kind, found in marks.items()}, cells


def _erased_rows(earlier: TestSet, later: TestSet, who: _Attribution) -> list[DiffRow]:
    """Return how examples whose content was erased differ, as far as their row hashes tell."""
    before, after = ({stone.example_id: stone.row_hash for stone in one.erased} for one in (earlier, later))
    rows = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name):
            continue
        what: What = "edited"
        if name not in before or name not in after:
            came = name in after
            took_out = who.last(name).type == ERASURE
            what = (ERASED if took_out and not came else "added") if came or took_out else "removed"
        rows.append(replace(who.whole(name, what), erased=True))
    return rows


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
    """Finds the event that last changed each example that differs, and with several events, each of its cells.

    Args:
        backward: whether the comparison goes back in time, so that each difference undoes what the event did.
    """

    def __init__(self, home: Home, events: Sequence[Event], touched: pl.Series, backward: bool) -> None:
        self._events = {event.seq: event for event in events}
        self._backward = backward
        self._last: dict[str, Event] = {}
        self._added: dict[str, Event] = {}
        self._cells: dict[tuple[str, str], Event] = {}
        wanted = set(touched.to_list())
        if len(events) == 1:
            self._last = dict.fromkeys(wanted, events[0])
            return
        erased = erasures(home)
        rows: dict[str, Row | None] = {}
        for event in events:
            for example, row in _rows_of(home, event, touched, wanted, erased):
                before = rows.get(example)
                self._last[example] = event
                if row is not None and before is not None:
                    for change in changes_between(before, row, home.config):
                        self._cells[example, change.column] = event
                elif row is not None:
                    for name in row:
                        self._cells[example, column_name(name, home.config)] = event
                rows[example] = row

    def know_added(self, seqs: pl.DataFrame) -> None:
        """Take over which event brought an example: its id and that event's sequence number."""
        self._added.update((example, self._events[seq]) for example, seq in seqs.iter_rows())

    def last(self, example: str) -> Event:
        """Return the last event that touched an example."""
        return self._last[example]

    def whole(self, example: str, what: What) -> DiffRow:
        """Return the difference of an example that came or went."""
        came = (what == "added") != self._backward
        event = self._added.get(example, self._last[example]) if came else self._last[example]
        return self._row(event, example, what, None, None, None)

    def cell(self, example: str, what: What, column: str, old: Any, new: Any) -> DiffRow:
        """Return the difference of one cell."""
        event = self._cells.get((example, column), self._last[example])
        return self._row(event, example, what, column, old, new)

    def _row(self, event: Event, example: str, what: What, column: str | None, old: Any, new: Any) -> DiffRow:
        undone: dict[What, What] = {
            "added": "erased" if event.type == ERASURE else "removed",
            "removed": "added",
        }
        undoes = undone.get(what, what) if self._backward else None
        note = str(event.payload["note"])
        return DiffRow(example, what, column, old, new, event.actor, event.time, note, undoes)


def _rows_of(
    home: Home, event: Event, touched: pl.Series, wanted: set[str], erased: Erasures
) -> list[tuple[str, Row | None]]:
    """Return what one event made of the wanted examples; None for one that it took out or that was erased since."""
    if event.type == ERASURE:
        example = str(event.payload["example_id"])
        return [(example, None)] if example in wanted else []
    if event.type != CHANGED:
        part, lacking = imported_rows(home, event, erased)
        chosen = part.select(list(row_types(home.config))).filter(pl.col("@id").is_in(touched.implode()))
        gone = [(row.example_id, None) for row in lacking if row.example_id in wanted]
        return [*((row["@id"], row) for row in chosen.iter_rows(named=True)), *gone]
    changes = [change for change in changes_of(event) if change["example_id"] in wanted]
    content = home.ledger.content([c["content"] for c in changes if c["content"] is not None])
    return [
        (c["example_id"], from_content(content[c["content"]]) if c["content"] in content else None)
        for c in changes
    ]
