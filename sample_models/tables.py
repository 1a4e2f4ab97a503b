"""Reads and writes the tables of the use cases as text, the same bytes everywhere. Knows nothing of what they mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

ID_COLUMN = "example_id"

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """Read a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def csv_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return ``rows`` as UTF-8 CSV with plain line feeds."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def prediction_bytes(rows: Sequence[Row], scores: Iterable[float]) -> bytes:
    """Return a predictions file: the score of each of ``rows``, one by one, three decimals."""
    lines = [
        {ID_COLUMN: row[ID_COLUMN], "score": f"{score:.3f}"} for row, score in zip(rows, scores, strict=True)
    ]
    return csv_bytes((ID_COLUMN, "score"), lines)
