"""Proposing a workspace's columns from a data file, and telling the proposal in plain words for a person to confirm.

Nothing is guessed that could change a value: text that could be read in two ways stays text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import ValidationError

from lookingglass.config import Column, ColumnRole, ColumnType, Kind, Task, WorkspaceConfig, first_problem
from lookingglass.errors import BadInput, one_line
from lookingglass.testset.cells import choices, nfc
from lookingglass.testset.checked_bytes import ReadLimits
from lookingglass.testset.image_schema import images_in_words, propose_images, refuse_bytes
from lookingglass.testset.layout import CARRIED_META
from lookingglass.testset.problems_found import ProblemList
from lookingglass.testset.tables import open_table

LISTED_VALUES = 20
"""A text column with at most so many distinct values is proposed as a category with its values listed."""
LABEL_VALUES = 100
DEFAULT_ID = "example_id"
_PLAIN_INTEGER = r"^(0|-?[1-9][0-9]{0,14})$"
_PLAIN_NUMBER = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?(e[+-][0-9]{2,3})?$"

Look = Literal["empty", "integer", "number", "boolean", "text", "bytes"]


@dataclass
class Seen:
    """What has been seen of one column so far: ``values`` lists them all, unless there are ``many``."""

    look: Look = "empty"
    missing: bool = False
    values: set[str] = field(default_factory=set)
    many: bool = False

    def add(self, look: Look, missing: bool, values: Sequence[str], limit: int) -> None:
        """Take in what one batch holds; up to ``limit`` values are listed."""
        self.missing |= missing
        if look != "empty":
            self.look = look if self.look == "empty" else _wider(self.look, look)
        if not self.many:
            self.values.update(values)
            self.many = len(self.values) > limit


def _wider(one: Look, other: Look) -> Look:
    if one == other:
        return one
    return "number" if {one, other} == {"integer", "number"} else "text"


def propose_schema(
    path: Path,
    *,
    name: str,
    label: str,
    positive: str,
    kind: Kind = "tabular",
    id_column: str | None = None,
    groups: Sequence[str] = (),
    texts: Sequence[str] = (),
    ignored: Sequence[str] = (),
    delimiter: str | None = None,
    words: Mapping[str, str] | None = None,
    limits: ReadLimits | None = None,
    file: str | None = None,
    seen: Mapping[str, Seen] | None = None,
    images: Path | None = None,
) -> WorkspaceConfig:
    """Return the configuration that a data file suggests.

    A column is a number only when every cell that is not empty is a plain decimal number without leading zeros; text
    with at most 20 distinct values is a category with those values; other text stays text. Empty cells are missing
    values: kept in features, a group of their own in groups, unlabelled in the label. In a tabular task a group column
    is also a feature, since models may have been trained on it.

    Args:
        path: CSV, Parquet or JSON Lines.
        name: the workspace's name.
        label, positive: the column with the true answer, and its value that counts as yes.
        id_column: the column with stable ids; ``example_id`` when there is one, else rows will be numbered.
        groups, texts, ignored: columns to be declared as group, as text input, as left out.
        words: title, unit, positive_name, negative_name to use.
        file: what to call the file in messages, its own name when None.
        seen: what ``look_through`` found in it, when it was looked through before.
        images: the folder in which file names of images are looked up, the table's own when None.

    Raises:
        BadInput: a column that was named is not in the file, or the label does not have the positive value.
        ImportRejected: the file cannot be read.
    """
    file = file or path.name
    if seen is None:
        seen = look_through(path, delimiter, limits, always=(label, *groups), left_out=ignored, file=file)
    if id_column is None and DEFAULT_ID in seen:
        id_column = DEFAULT_ID
    _check_named(
        file,
        seen,
        {
            "--label": [label],
            "--id": [id_column] if id_column else [],
            "--group": groups,
            "--text": texts,
            "--ignore": ignored,
        },
    )
    values = _label_values(file, seen[label], label, positive)
    columns: dict[str, Column] = {}
    taken = {label, id_column, *groups, *ignored}
    texts = texts or (_only_text(file, seen, taken) if kind == "text" else ())
    pictures: dict[str, Column] = {}
    if kind == "image":
        free = [each for each in seen if each not in taken]
        pictures = propose_images(path, free, delimiter=delimiter, limits=limits, images=images, file=file)
    refuse_bytes(file, {each: what.look for each, what in seen.items() if each not in ignored}, pictures)
    for column, what in seen.items():
        if column == label:
            columns[column] = Column(role=("label",), type="category", values=values)
        elif column == id_column:
            columns[column] = Column(role=("id",), type="text")
        elif column in ignored or (what.look == "empty" and column not in groups):
            columns[column] = Column(role=("ignore",), type="text")
        elif column in pictures:
            columns[column] = pictures[column]
        else:
            columns[column] = _proposed(column, what, kind, column in groups, column in texts)
    task = {"kind": kind, "label": label, "positive": positive, "id": id_column or DEFAULT_ID}
    plain = dict(words or {})
    others = [value for value in values if value != positive]
    if len(others) == 1:
        plain.setdefault("negative_name", others[0])
    title = plain.pop("title", "")
    try:
        return WorkspaceConfig(
            name=name, title=title or name, task=Task.model_validate({**task, **plain}), columns=columns
        )
    except ValidationError as error:
        if error.errors()[0]["loc"] == ("name",):
            raise BadInput(
                f"{one_line(repr(name), 60)} cannot be the name of a workspace: choose a folder whose name has at most "
                "64 letters, digits, dots, hyphens and underscores, and begins with a letter or digit."
            ) from None
        raise BadInput(f"{file}: {first_problem(error)}.") from None


def describe_schema(config: WorkspaceConfig) -> list[str]:
    """Return the columns and their roles in plain words, one sentence a line."""
    task = config.task
    others = [value for value in config.label_values if value != task.positive]
    lines = [
        f"{task.label} is the label: {task.positive!r} counts as yes, "
        f"{choices(tuple(map(repr, others))) or 'nothing else'} as no."
    ]
    has_ids = [name for name, column in config.columns.items() if "id" in column.role]
    lines.append(
        f"{has_ids[0]} is the id."
        if has_ids
        else "There is no id column: rows are numbered row-000001, row-000002, …"
    )
    for name, column in config.columns.items():
        if column.is_stored:
            lines.append(
                f"{name} is {_roles_in_words(column)}, {_type_in_words(column)}{_MISSING_IN_WORDS[column.missing]}."
            )
        elif "ignore" in column.role:
            lines.append(f"{name} is left out.")
    return lines


_MISSING_IN_WORDS = {
    "refuse": "; it may not be empty",
    "keep": "; an empty cell is a missing value",
    "own group": "; empty cells form a group of their own",
}
_TYPES_IN_WORDS: dict[ColumnType, str] = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "category": "a category",
    "text": "free text",
    "image": "an image",
}


def _roles_in_words(column: Column) -> str:
    words = {"feature": "an input", "text": "a text input", "image": "an image input", "group": "a group"}
    return " and ".join(words[role] for role in column.role if role in words)


def _type_in_words(column: Column) -> str:
    if column.values is not None:
        return f"one of {choices(column.values)}"
    if column.size is not None:
        return images_in_words(column)
    low = f" from {column.min:g}" if column.min is not None else ""
    high = f" up to {column.max:g}" if column.max is not None else ""
    return _TYPES_IN_WORDS[column.type] + low + high


def look_through(
    path: Path,
    delimiter: str | None = None,
    limits: ReadLimits | None = None,
    *,
    always: Sequence[str] | None = None,
    left_out: Sequence[str] = (),
    file: str | None = None,
) -> dict[str, Seen]:
    """Read the whole file once and return what each column holds.

    More values are listed of the columns ``always`` (every one when None); those ``left_out`` are named only, whatever
    they hold.

    Raises:
        ImportRejected: the file cannot be read, or has no rows.
    """
    problems = ProblemList(file or path.name)
    table = open_table(path, problems, delimiter=delimiter, limits=limits, images=True)
    seen: dict[str, Seen] = {name: Seen() for name in table.columns or ()}
    rows = 0
    for batch in table.batches(lambda name: name not in CARRIED_META and name not in left_out):
        rows += len(batch.rows)
        for name in seen.keys() - batch.columns.keys():
            seen[name].missing = True
        for name, cells in batch.columns.items():
            if name in CARRIED_META:
                continue
            known = seen.setdefault(name, Seen(missing=rows > len(batch.rows)))
            limit = LABEL_VALUES if always is None or name in always else LISTED_VALUES
            known.add(
                *(
                    _look_objects(cells, limit)
                    if isinstance(cells, list)
                    else _look_series(cells, table.kind, limit)
                ),
                limit,
            )
    problems.raise_if_any()
    if not rows:
        raise problems.reject("it has a header but no rows")
    return {name: what for name, what in seen.items() if name not in CARRIED_META}


def _look_series(cells: pl.Series, kind: str, limit: int) -> tuple[Look, bool, list[str]]:
    if cells.dtype == pl.String:
        present = cells.filter((cells != "") & cells.is_not_null())
        missing = len(present) < len(cells)
        if not len(present):
            return "empty", missing, []
        look: Look = "text"
        if kind == "csv":
            if present.str.contains(_PLAIN_INTEGER).all():
                look = "integer"
            elif present.str.contains(_PLAIN_NUMBER).all():
                look = "number"
        return look, missing, nfc(present.unique().head(limit + 1)).to_list()
    present = cells.drop_nulls()
    if not len(present):
        return "empty", bool(len(cells)), []
    look = (
        "integer"
        if cells.dtype.is_integer()
        else "number"
        if cells.dtype.is_float()
        else "boolean"
        if cells.dtype == pl.Boolean
        else "bytes"
        if cells.dtype == pl.Binary
        else "text"
    )
    distinct = present.unique().head(limit + 1) if look not in ("text", "bytes") else present.head(0)
    return look, len(present) < len(cells), [str(value).lower() for value in distinct.to_list()]


def _look_objects(cells: list[Any], limit: int) -> tuple[Look, bool, list[str]]:
    present = [cell for cell in cells if cell is not None and cell != ""]
    look: Look = "empty"
    kinds: dict[type, Look] = {bool: "boolean", int: "integer", float: "number"}
    for kind in {type(cell) for cell in present}:
        found = kinds.get(kind, "text")
        look = found if look == "empty" else _wider(look, found)
    values: set[str] = set()
    for cell in present:
        values.add(cell if isinstance(cell, str) else str(cell).lower())
        if len(values) > limit:
            break
    return look, len(present) < len(cells), nfc(pl.Series(sorted(values), dtype=pl.String)).to_list()


def _check_named(file: str, seen: Mapping[str, Seen], named: Mapping[str, Sequence[str]]) -> None:
    for option, names in named.items():
        for name in names:
            if name not in seen:
                there = one_line(", ".join(seen), 200)
                raise BadInput(f"{file} has no column {name!r} ({option}): it has {there}.")


def _label_values(file: str, what: Seen, label: str, positive: str) -> tuple[str, ...]:
    if what.many:
        raise BadInput(
            f"{file}: the label column {label} has more than {LABEL_VALUES} different values: "
            "name another with --label."
        )
    values = tuple(sorted(what.values))
    if positive not in values:
        raise BadInput(
            f"{file}: no row has {positive!r} in the label column {label} (--positive): "
            f"its values are {choices(values) or 'all missing'}."
        )
    return values


def _only_text(file: str, seen: Mapping[str, Seen], taken: set[str | None]) -> tuple[str, ...]:
    free = [name for name, what in seen.items() if name not in taken and what.look == "text"]
    if len(free) != 1:
        raise BadInput(
            f"{file}: say which columns are the text, with --text COL "
            f"(there are {', '.join(free) or 'none that could be'})."
        )
    return (free[0],)


def _proposed(name: str, what: Seen, kind: Kind, group: bool, text: bool) -> Column:
    listed = tuple(sorted(what.values)) if not what.many and len(what.values) <= LISTED_VALUES else None
    if text:
        role: tuple[ColumnRole, ...] = ("text", "group") if group else ("text",)
        return Column(role=role, type="text", missing="keep" if what.missing else "refuse")
    if group:
        role = ("feature", "group") if kind == "tabular" else ("group",)
        if what.look == "number":
            return Column(role=role, type="number", missing="own group")
        return Column(
            role=role, type="category", values=listed if what.look != "empty" else None, missing="own group"
        )
    kinds: dict[Look, ColumnType] = {"integer": "integer", "number": "number", "boolean": "boolean"}
    missing: Literal["keep", "refuse"] = "keep" if what.missing else "refuse"
    if what.look in kinds:
        return Column(role=("feature",), type=kinds[what.look], missing=missing)
    if listed is not None:
        return Column(role=("feature",), type="category", values=listed, missing=missing)
    return Column(role=("feature",), type="text", missing=missing)
