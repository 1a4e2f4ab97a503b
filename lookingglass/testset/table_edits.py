"""Changing several examples at once, as a table of them is saved: one event, all or nothing.

Every cell that does not fit is named at once, so that a person mends them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import BadInput, EditProblem, EditsRejected
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event
from lookingglass.testset.changes import column_name
from lookingglass.testset.content import Row
from lookingglass.testset.events import Action
from lookingglass.testset.image_cells import ImageIntake
from lookingglass.testset.marks import parse_marks
from lookingglass.testset.model import TestSet
from lookingglass.testset.values import clean_id, typed_label, typed_values
from lookingglass.testset.writing import Change, not_there, seen_rows, write_changes

MARKS = ("@tags", "@problems")
LABEL = "@label"
EDITABLE_META = (LABEL, *MARKS)
"""What can be edited beside the stored columns. Where an example comes from (@origin, @source) is its past, not its
content: add it anew instead."""


def edit_many(
    home: Home,
    edits: Mapping[str, Mapping[str, Any]],
    *,
    note: str = "",
    actor: Actor,
    seen_version: int | None = None,
    key: str | None = None,
) -> Event | None:
    """Change cells of several examples in one event, all of them or none; None when all have these values already.

    Args:
        edits: example id -> column -> new value. A column is a stored one, ``@label``, ``@tags`` or ``@problems`` (the
            last two replace the whole list: a list of texts, or one text with semicolons). Text is read as a CSV cell
            is; "" and None make a cell missing.
        seen_version: the version that the person was looking at; None applies the changes to the latest.
        key: idempotency key; a second call with it returns the first one's event.

    Raises:
        EditsRejected: with every cell that does not fit, and every example that there is not.
        EditConflict: somebody else changed some of the examples after ``seen_version``; it holds each of them.
        BadInput: there is nothing to change.
        NotAllowed: the actor may not change the test set.
    """
    if not any(edits.values()):
        raise BadInput("nothing to change: no cell was edited.")
    held = ImageIntake(home.files)
    typed, problems = _typed(edits, home.config, held)
    if problems:
        raise EditsRejected(problems)

    def prepare(latest: TestSet) -> list[Change]:
        rows = seen_rows(home, latest, seen_version, list(typed))
        absent = [name for name in typed if name not in rows]
        if absent:
            raise EditsRejected(
                [
                    EditProblem(name, None, str(not_there(home, name, latest)).removesuffix("."))
                    for name in absent
                ]
            )
        return [Change(name, rows[name], {**rows[name], **cells}) for name, cells in typed.items()]

    return write_changes(home, _action(typed), prepare, note, actor, key, held)


def _action(edits: Mapping[str, Row]) -> Action:
    columns = {name for cells in edits.values() for name in cells}
    if columns == {LABEL}:
        return "relabel"
    return "tag" if columns <= set(MARKS) else "edit"


def _typed(
    edits: Mapping[str, Mapping[str, Any]], config: WorkspaceConfig, held: ImageIntake
) -> tuple[dict[str, Row], list[EditProblem]]:
    typed: dict[str, Row] = {}
    problems: list[EditProblem] = []
    for example_id, cells in edits.items():
        if not cells:
            continue
        try:
            name = clean_id(example_id)
        except BadInput as error:
            problems.append(EditProblem(example_id, None, str(error).removesuffix(".")))
            continue
        row = typed.setdefault(name, {})
        for column, value in cells.items():
            try:
                row[column] = _cell(column, value, config, held)
            except BadInput as error:
                told = str(error).removesuffix(".")
                for place in (f"column {column}: ", f"{column_name(column, config)}: "):
                    told = told.removeprefix(place)
                problems.append(EditProblem(name, column_name(column, config), told))
    return typed, problems


def _cell(column: str, value: Any, config: WorkspaceConfig, held: ImageIntake) -> Any:
    if column == LABEL:
        return typed_label(value, config)
    if column in MARKS:
        cells = pl.Series(column, [value], dtype=pl.String) if isinstance(value, str) else [value]
        marks = parse_marks(column, cells)
        if marks.faults:
            raise BadInput(marks.faults[0].messages[0])
        return marks.values.to_list()[0]
    if column.startswith("@"):
        raise BadInput(f"{column} cannot be edited: {', '.join(EDITABLE_META)} and the columns can")
    return typed_values({column: value}, config, held)[column]
