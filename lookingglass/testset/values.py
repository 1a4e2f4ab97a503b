"""Values that a person typed or a program handed over for one example, checked by the rules of an imported file."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import polars as pl

from lookingglass.config import Column, WorkspaceConfig
from lookingglass.errors import BadInput, one_line
from lookingglass.testset.cells import choices, convert, quoted
from lookingglass.testset.checked_bytes import ReadLimits
from lookingglass.testset.image_cells import ImageIntake, taken_values
from lookingglass.testset.layout import ID_BYTES, label_column


def typed_values(
    values: Mapping[str, Any], config: WorkspaceConfig, images: ImageIntake | None = None
) -> dict[str, Any]:
    """Return values for stored columns in their declared types; text is read as a CSV cell is, "" and None as missing.

    Args:
        images: what holds an image that comes as bytes or as a data address; its name is what is returned.

    Raises:
        BadInput: a column is not declared, or a value does not fit; the message names the column.
    """
    if images is not None:
        values = taken_values(images, values, config)
    return {name: _typed(name, value, _declared(name, config)) for name, value in values.items()}


def missing_columns(values: Mapping[str, Any], config: WorkspaceConfig) -> list[str]:
    """Return the stored columns that ``values`` lacks and that may not be missing."""
    return [
        name
        for name, column in config.stored.items()
        if column.missing == "refuse" and values.get(name) is None
    ]


def typed_label(label: str | None, config: WorkspaceConfig) -> str | None:
    """Return the label in its kept form, None for unlabelled. Raises BadInput when the task has no such label."""
    value = convert(
        config.task.label, label_column(config), [label], cell_bytes=ReadLimits().cell_bytes, label=True
    )
    if value.faults:
        raise BadInput(f"{config.task.label}: {value.faults[0].messages[0]}.")
    found: str | None = value.values.item(0)
    return found


def clean_id(example_id: str) -> str:
    """Return an id in its kept form (NFC). Raises BadInput when it is empty, too long or holds a control character."""
    name = unicodedata.normalize("NFC", example_id)
    if not name.strip():
        raise BadInput("an example's id may not be empty.")
    if len(name.encode()) > ID_BYTES:
        raise BadInput(f"the id {quoted(name)} is longer than {ID_BYTES} bytes.")
    if not name.isprintable():
        raise BadInput(f"the id {quoted(name)} holds a control character: leave it out.")
    return name


def _declared(name: str, config: WorkspaceConfig) -> Column:
    column = config.stored.get(name)
    if column is None:
        if name == config.task.label:
            raise BadInput(f"{name} is the label: change it with relabel, or give it with --label.")
        there = one_line(choices(tuple(config.stored)), 200)
        raise BadInput(f"there is no column {name!r} to set: there are {there}.")
    return column


def _typed(name: str, value: Any, column: Column) -> Any:
    cells: pl.Series | list[Any] = pl.Series(name, [value]) if isinstance(value, str) else [value]
    done = convert(name, column, cells, cell_bytes=ReadLimits().cell_bytes)
    if done.faults:
        raise BadInput(f"column {name}: {done.faults[0].messages[0]}.")
    return done.values.item(0)
