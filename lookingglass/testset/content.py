"""A single example as JSON in the ledger's content table, and back into a frame."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.config import WorkspaceConfig
from lookingglass.testset.layout import fitted, row_types
from lookingglass.testset.rows import ROW_META, with_hashes

Row = dict[str, Any]
"""One example: the six row meta columns and the stored columns by name."""


def row_at(frame: pl.DataFrame, position: int) -> Row:
    """Return the example at ``position`` of a version's frame, without hashes and sequence numbers."""
    row = frame.row(position, named=True)
    return {name: value for name, value in row.items() if name in ROW_META or not name.startswith("@")}


def to_content(row: Row) -> tuple[str, bytes]:
    """Return the SHA-256 and the canonical JSON of a row."""
    meta = {name: row[name] for name in ROW_META}
    data = canonical_json(
        {**meta, "columns": {name: value for name, value in row.items() if name not in ROW_META}}
    )
    return sha256_hex(data), data


def from_content(data: bytes) -> Row:
    """Return the row that ``to_content`` wrote."""
    parsed = json.loads(data)
    columns: Mapping[str, Any] = parsed.pop("columns")
    return {**parsed, **columns}


def rows_frame(rows: Sequence[Row], config: WorkspaceConfig) -> pl.DataFrame:
    """Return rows as a frame with hashes, in today's columns (hashes are those of the rows as they were written)."""
    if not rows:
        return fitted(with_hashes(pl.DataFrame(schema=row_types(config)), config.inputs), config)
    frames = []
    for names in dict.fromkeys(tuple(row) for row in rows):
        alike = [row for row in rows if tuple(row) == names]
        types = row_types(config)
        schema = {name: types.get(name) for name in names}
        frame = pl.DataFrame(alike, schema=schema, orient="row", infer_schema_length=None)
        frames.append(fitted(with_hashes(frame, [name for name in config.inputs if name in schema]), config))
    return pl.concat(frames)
