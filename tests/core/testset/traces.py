"""Looks for a text in every byte that a workspace's folder holds, packed tables and the database's pages included."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def places_of(marker: str, folder: Path) -> list[str]:
    """Return which files under ``folder`` hold the text: as bytes, or in a cell of a table that is packed."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and (marker.encode() in path.read_bytes() or _in_cells(marker, path))
    )


def _in_cells(marker: str, path: Path) -> bool:
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            return False
    frame = pl.read_parquet(path)
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return any(frame.get_column(name).str.contains(marker, literal=True).any() for name in texts)
