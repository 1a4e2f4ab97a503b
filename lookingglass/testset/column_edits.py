"""Changing a proposed schema column by column, in words that a person chooses from; all that is wrong is said at once.

Knows nothing of data: whether the file still fits is for the import to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from lookingglass.config import Column, ColumnRole, WorkspaceConfig, first_problem
from lookingglass.errors import BadInput

ROLES: dict[str, tuple[ColumnRole, ...]] = {
    "input": ("feature",),
    "input and group": ("feature", "group"),
    "group": ("group",),
    "text input": ("text",),
    "text input and group": ("text", "group"),
    "image": ("image",),
    "left out": ("ignore",),
}
"""What a column can be for, in words."""
TYPES = {
    "number": "number",
    "whole number": "integer",
    "category": "category",
    "true or false": "boolean",
    "free text": "text",
    "image": "image",
}
"""What its cells can hold, in words."""
MISSING = {
    "refused": "refuse",
    "missing values": "keep",
    "a group of their own": "own group",
}
"""What an empty cell is, in words."""


@dataclass(frozen=True)
class ColumnRow:
    """One column of a schema as a form shows it; ``lowest`` and ``highest`` are limits, None for no limit."""

    column: str
    role: str
    type: str
    empty: str
    values: tuple[str, ...]
    lowest: float | None
    highest: float | None


def column_rows(config: WorkspaceConfig) -> list[ColumnRow]:
    """Return the columns that can be changed in declared order: all but the label and the id."""
    return [
        ColumnRow(
            name,
            _word_for(ROLES, tuple(sorted(column.role))),
            _word_for(TYPES, column.type),
            _word_for(MISSING, column.missing),
            column.values or (),
            column.min,
            column.max,
        )
        for name, column in config.columns.items()
        if not {"label", "id"} & set(column.role)
    ]


def with_column_edits(config: WorkspaceConfig, edits: Mapping[str, Mapping[str, Any]]) -> WorkspaceConfig:
    """Return the configuration with some fields of some columns changed.

    Args:
        edits: column -> field of ``ColumnRow`` -> new value, in the words of ``ROLES``, ``TYPES`` and ``MISSING``; of
            columns that are not there, or are the label or the id, they are passed over.

    Raises:
        BadInput: with every column that cannot be declared so, and why.
    """
    columns = dict(config.columns)
    wrong: list[str] = []
    for name, fields in edits.items():
        if name not in columns or not fields or {"label", "id"} & set(columns[name].role):
            continue
        try:
            columns[name] = _edited(columns[name], fields)
        except ValidationError as error:
            wrong.append(f"{name}: {first_problem(error)}")
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    if not wrong:
        try:
            changed = WorkspaceConfig.model_validate({**config.model_dump(), "columns": columns})
        except ValidationError as error:
            wrong.append(first_problem(error))
        else:
            if changed.inputs:
                return changed
            wrong.append("no column is an input: a model would be given nothing")
    raise BadInput(f"{'; '.join(wrong)}.")


def _edited(column: Column, fields: Mapping[str, Any]) -> Column:
    new = column.model_dump()
    if "role" in fields:
        new["role"] = ROLES[fields["role"]]
    if "type" in fields:
        new["type"] = TYPES[fields["type"]]
    if "empty" in fields:
        new["missing"] = MISSING[fields["empty"]]
    if "values" in fields:
        new["values"] = tuple(dict.fromkeys(fields["values"] or ())) or None
    if "lowest" in fields:
        new["min"] = fields["lowest"]
    if "highest" in fields:
        new["max"] = fields["highest"]
    if "type" in fields and new["type"] != "category":
        new["values"] = None
    if "type" in fields and new["type"] not in {"number", "integer"}:
        new["min"] = new["max"] = None
    if new["values"] and new["type"] != "category":
        raise ValueError("only a category has a list of values")
    if (new["min"], new["max"]) != (None, None) and new["type"] not in {"number", "integer"}:
        raise ValueError("only a number has a lowest and a highest value")
    if new["min"] is not None and new["max"] is not None and new["min"] > new["max"]:
        raise ValueError(f"the lowest value {new['min']:g} is above the highest {new['max']:g}")
    return Column.model_validate(new)


def _word_for(words: Mapping[str, Any], value: object) -> str:
    return next(
        word
        for word, meant in words.items()
        if (tuple(sorted(meant)) if isinstance(meant, tuple) else meant) == value
    )
