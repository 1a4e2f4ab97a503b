"""Which columns a version's frame has, and their types. Knows nothing of where rows come from."""

from __future__ import annotations

from typing import Any

import polars as pl

from lookingglass.config import Column, ColumnType, WorkspaceConfig
from lookingglass.testset.rows import ROW_META, ROW_META_TYPES

ORIGINS = ("sample", "pattern")
CARRIED_META = ("@origin", "@source", "@tags", "@problems")
"""Meta columns that an uploaded file may carry."""

HASH_TYPES: dict[str, Any] = {"@input_id": pl.Binary, "@row_hash": pl.Binary}
SEQ_TYPES: dict[str, Any] = {"@added_seq": pl.Int64, "@changed_seq": pl.Int64, "@input_seq": pl.Int64}

ID_COLUMN = Column(role=("id",), type="text")
ID_BYTES = 200

_TYPES: dict[ColumnType, Any] = {
    "number": pl.Float64,
    "integer": pl.Int64,
    "boolean": pl.Boolean,
    "category": pl.String,
    "text": pl.String,
    "image": pl.String,
}


def polars_type(column: Column) -> Any:
    """Return the polars type that a declared column is kept in."""
    return _TYPES[column.type]


def stored_types(config: WorkspaceConfig) -> dict[str, Any]:
    """Return name -> polars type of the stored columns, in declared order."""
    return {name: polars_type(column) for name, column in config.stored.items()}


def row_types(config: WorkspaceConfig) -> dict[str, Any]:
    """Return name -> polars type of what belongs to a row: the six row meta columns, then the stored ones."""
    return {**ROW_META_TYPES, **stored_types(config)}


def frame_types(config: WorkspaceConfig) -> dict[str, Any]:
    """Return name -> polars type of every column of a version's frame, in order."""
    return {**ROW_META_TYPES, **HASH_TYPES, **SEQ_TYPES, **stored_types(config)}


def empty_frame(config: WorkspaceConfig) -> pl.DataFrame:
    """Return the frame of version 0."""
    return pl.DataFrame(schema=frame_types(config))


def fitted(frame: pl.DataFrame, config: WorkspaceConfig) -> pl.DataFrame:
    """Return a stored part with exactly today's columns: those declared since are missing, those dropped left out.

    Hashes stay those of the row as it was when it was written.
    """
    wanted = {**row_types(config), **HASH_TYPES}
    return frame.select(
        (pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, dtype=kind).alias(name))
        for name, kind in wanted.items()
    )


def id_name(config: WorkspaceConfig) -> str:
    """Return the name that the id column has in uploaded and exported files."""
    return next((name for name, column in config.columns.items() if "id" in column.role), config.task.id)


def declares_ids(config: WorkspaceConfig) -> bool:
    """Say whether the workspace's files must bring their own ids."""
    return any("id" in column.role for column in config.columns.values())


def label_column(config: WorkspaceConfig) -> Column:
    """Return the rules for label cells: one of the declared values, or missing (unlabelled)."""
    return Column(role=("label",), type="category", values=config.label_values, missing="keep")


__all__ = [
    "CARRIED_META",
    "HASH_TYPES",
    "ID_BYTES",
    "ID_COLUMN",
    "ORIGINS",
    "ROW_META",
    "SEQ_TYPES",
    "declares_ids",
    "empty_frame",
    "fitted",
    "frame_types",
    "id_name",
    "label_column",
    "polars_type",
    "row_types",
    "stored_types",
]
