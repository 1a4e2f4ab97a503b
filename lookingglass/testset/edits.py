"""Changing one example at a time: add, edit, relabel, remove, tag; several can be added together. Each is one event, or
a refusal that says why.

Two people at once: a change that was prepared on an older version and touches an example that somebody else has changed
since is refused with what they did; without a version it is applied to the latest state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from lookingglass.errors import BadInput, Conflict, NotFound
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event
from lookingglass.testset.content import Row
from lookingglass.testset.events import CHANGED, Action, changes_of, testset_events
from lookingglass.testset.image_cells import ImageIntake
from lookingglass.testset.layout import ORIGINS
from lookingglass.testset.marks import clean_marks
from lookingglass.testset.model import TestSet
from lookingglass.testset.replay import locate
from lookingglass.testset.tombstones import erasures, refuse_erased
from lookingglass.testset.values import clean_id, missing_columns, typed_label, typed_values
from lookingglass.testset.writing import Change, not_there, seen_rows, write_changes

BY_HAND = "written by hand"


def add_example(
    home: Home,
    values: Mapping[str, Any],
    *,
    label: str | None = None,
    id: str | None = None,
    origin: str = "pattern",
    source: str = BY_HAND,
    tags: Sequence[str] = (),
    problems: Sequence[str] = (),
    note: str = "",
    actor: Actor,
    key: str | None = None,
) -> Event:
    """Add one example.

    Args:
        values: stored column -> value; text is read as a CSV cell is. Columns that may be missing can be left out.
        label: one of the task's labels, None for unlabelled.
        id: its id; ``pattern-000001`` (or ``sample-...``) with the next number never used when None.
        origin: pattern (written to describe a problem) or sample (drawn from real use).
        problems: names of the problems that it describes.
        note: why.
        key: idempotency key; a second call with it returns the first one's event.

    Raises:
        BadInput: a value does not fit, a column is missing, or the id is taken.
        NotAllowed: the actor may not change the test set.
    """
    chosen = clean_id(id) if id is not None else None
    held = ImageIntake(home.files)
    row = _new_row(home, NewExample(values, label, source, tags, problems), origin, held)

    def prepare(latest: TestSet) -> list[Change]:
        name = chosen or _next_ids(home, latest, origin, 1)[0]
        refuse_erased(home, pl.Series("@id", [name]), "this example")
        if locate(latest.rows, pl.Series("@id", [name])).height:
            raise BadInput(f"there is already an example {name!r}: edit it, or choose another id.")
        return [Change(name, None, {"@id": name, **row})]

    return _added(write_changes(home, "add", prepare, note, actor, key, held))


@dataclass(frozen=True)
class NewExample:
    """An example that is about to be added; as the arguments of ``add_example``."""

    values: Mapping[str, Any]
    label: str | None = None
    source: str = BY_HAND
    tags: Sequence[str] = ()
    problems: Sequence[str] = ()


def add_examples(
    home: Home,
    examples: Sequence[NewExample],
    *,
    origin: str = "pattern",
    note: str = "",
    actor: Actor,
    key: str | None = None,
) -> Event:
    """Add several examples in one event, all or none, with the next ids in their order.

    Raises:
        BadInput: there is nothing to add, or a value does not fit: which one, counted from 1.
        NotAllowed: the actor may not change the test set.
    """
    held = ImageIntake(home.files)
    rows = _new_rows(home, examples, origin, held)

    def prepare(latest: TestSet) -> list[Change]:
        names = _next_ids(home, latest, origin, len(rows))
        return [Change(name, None, {"@id": name, **row}) for name, row in zip(names, rows, strict=True)]

    return _added(write_changes(home, "add", prepare, note, actor, key, held))


def check_examples(home: Home, examples: Sequence[NewExample], *, origin: str = "pattern") -> None:
    """Refuse what ``add_examples`` would refuse, and add nothing. Raises BadInput."""
    _new_rows(home, examples, origin, ImageIntake(home.files))


def _new_rows(home: Home, examples: Sequence[NewExample], origin: str, held: ImageIntake) -> list[Row]:
    if not examples:
        raise BadInput("nothing to add: give at least one example.")
    rows = []
    for number, one in enumerate(examples, 1):
        try:
            rows.append(_new_row(home, one, origin, held))
        except BadInput as error:
            raise BadInput(f"number {number} of {len(examples)}: {error}") from error
    return rows


def _new_row(home: Home, new: NewExample, origin: str, held: ImageIntake) -> Row:
    if origin not in ORIGINS:
        raise BadInput(f"the origin of an example is sample or pattern, not {origin!r}.")
    typed = typed_values(new.values, home.config, held)
    absent = missing_columns(typed, home.config)
    if absent:
        raise BadInput(
            f"the example lacks {', '.join(absent)}: give a value for each, with --set COLUMN=VALUE."
        )
    return {
        "@label": typed_label(new.label, home.config),
        "@origin": origin,
        "@source": new.source,
        "@tags": clean_marks(new.tags),
        "@problems": clean_marks(new.problems, "problem name"),
        **{name: typed.get(name) for name in home.config.stored},
    }


def _added(event: Event | None) -> Event:
    if event is None:
        raise Conflict("the example could not be added: try again.")
    return event


def edit_example(
    home: Home,
    id: str,
    set: Mapping[str, Any],
    *,
    note: str = "",
    actor: Actor,
    seen_version: int | None = None,
    key: str | None = None,
) -> Event | None:
    """Set columns of one example to new values; None when they have these values already.

    Args:
        set: stored column -> value; text is read as a CSV cell is, "" and None make it missing.
        seen_version: the version that the person was looking at; None applies the change to the latest.

    Raises:
        NotFound: there is no such example.
        BadInput: a value does not fit its column.
        EditConflict: somebody else changed the example after ``seen_version``; it says what they did and holds the row
            as it was seen and as it is now.
    """
    if not set:
        raise BadInput("nothing to change: say what with --set COLUMN=VALUE.")
    held = ImageIntake(home.files)
    typed = typed_values(set, home.config, held)

    def change(row: Row) -> Row:
        return {**row, **_checked(typed, row, home)}

    return _change(home, "edit", id, change, note, actor, seen_version, key, held)


def relabel(
    home: Home,
    id: str,
    label: str | None,
    *,
    note: str = "",
    actor: Actor,
    seen_version: int | None = None,
    key: str | None = None,
) -> Event | None:
    """Give one example another label (None: unlabelled); None when it has it already. Raises like ``edit_example``."""
    value = typed_label(label, home.config)
    return _change(home, "relabel", id, lambda row: {**row, "@label": value}, note, actor, seen_version, key)


def tag(
    home: Home,
    id: str,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    problems: Sequence[str] = (),
    note: str = "",
    actor: Actor,
    seen_version: int | None = None,
    key: str | None = None,
) -> Event | None:
    """Add tags and problem names to one example and take tags off it; None when that changes nothing.

    Raises:
        BadInput: a tag or name cannot be used. Others as ``edit_example``.
    """
    more, less, named = clean_marks(add), clean_marks(remove), clean_marks(problems, "problem name")

    def change(row: Row) -> Row:
        tags = sorted({*row["@tags"], *more}.difference(less))
        return {**row, "@tags": tags, "@problems": sorted({*row["@problems"], *named})}

    return _change(home, "tag", id, change, note, actor, seen_version, key)


def remove(
    home: Home,
    id: str,
    *,
    note: str = "",
    actor: Actor,
    seen_version: int | None = None,
    key: str | None = None,
) -> Event:
    """Take one example out; older versions keep it. Raises NotFound and Conflict like ``edit_example``."""
    event = _change(home, "remove", id, lambda _row: None, note, actor, seen_version, key)
    if event is None:
        raise NotFound(f"there is no example {id!r} to remove.")
    return event


def _checked(typed: Mapping[str, Any], row: Row, home: Home) -> Mapping[str, Any]:
    emptied = [name for name in missing_columns({**row, **typed}, home.config) if name in typed]
    if emptied:
        raise BadInput(f"column {emptied[0]}: is empty, and this column may not be.")
    return typed


def _change(
    home: Home,
    action: Action,
    example_id: str,
    change: Callable[[Row], Row | None],
    note: str,
    actor: Actor,
    seen_version: int | None,
    key: str | None,
    held: ImageIntake | None = None,
) -> Event | None:
    name = clean_id(example_id)

    def prepare(latest: TestSet) -> list[Change]:
        before = seen_rows(home, latest, seen_version, [name]).get(name)
        if before is None:
            raise not_there(home, name, latest)
        return [Change(name, before, change(before))]

    return write_changes(home, action, prepare, note, actor, key, held)


def _next_ids(home: Home, latest: TestSet, origin: str, count: int) -> list[str]:
    """Return ``<origin>-<number>`` with numbers above all that were ever used, removed examples included."""
    prefix = f"{origin}-"
    used = latest.rows.get_column("@id")
    there = used.filter(used.str.starts_with(prefix)).to_list()
    once = [
        change["example_id"]
        for event in testset_events(home)
        if event.type == CHANGED
        for change in changes_of(event)
    ]
    erased = erasures(home).tombstones
    numbers = [name.removeprefix(prefix) for name in (*there, *once, *erased) if name.startswith(prefix)]
    last = max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0)
    return [f"{prefix}{number:06d}" for number in range(last + 1, last + count + 1)]
