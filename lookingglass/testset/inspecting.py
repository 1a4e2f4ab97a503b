"""Looking at an uploaded file before anything is known of it: its kind, its separator, its columns, its first rows.

Knows no workspace; what is found here is what a person chooses from when they make one.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from lookingglass.errors import ImportRejected
from lookingglass.testset.checked_bytes import GZIP_MAGIC, ReadLimits
from lookingglass.testset.layout import CARRIED_META
from lookingglass.testset.problems_found import ProblemList
from lookingglass.testset.schema import Seen, look_through
from lookingglass.testset.tables import open_table

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
"""Separators that are proposed and can be chosen, with their names."""
FIRST_ROWS = 8
_SNIFFED = 1 << 16
_LONGEST_SHOWN = 200


@dataclass(frozen=True)
class FileLook:
    """What an uploaded file holds, as it lies there.

    Attributes:
        file: what it is called. ``kind``: csv, parquet or jsonl.
        delimiter: between the cells of a CSV file, None for other kinds.
        columns: each column with what its cells look like; names that begin with @ are left out.
        first: the first rows as text, one dict a row, cut to 200 characters a cell.
    """

    file: str
    kind: str
    delimiter: str | None
    columns: Mapping[str, Seen] = field(repr=False)
    first: list[dict[str, str]] = field(repr=False)

    def answers(self, column: str) -> list[str]:
        """Return the values of a column that could be a label, sorted; none when there are more than 100."""
        seen = self.columns[column]
        return [] if seen.many else sorted(seen.values)

    @property
    def labels(self) -> list[str]:
        """Return the columns that could be the label: with at least one value and at most 100."""
        return [name for name in self.columns if self.answers(name)]


def look_at(
    path: Path, *, file: str | None = None, delimiter: str | None = None, limits: ReadLimits | None = None
) -> FileLook:
    """Read the whole file once and say what is in it.

    Args:
        file: what to call it in messages, its own name when None.
        delimiter: between CSV cells, a comma when None.

    Raises:
        ImportRejected: it cannot be read, or holds no rows.
    """
    called = file or path.name
    kind, first = first_rows(path, file=called, delimiter=delimiter, limits=limits)
    columns = look_through(path, delimiter, limits, file=called)
    return FileLook(called, kind, (delimiter or ",") if kind == "csv" else None, columns, first)


def first_rows(
    path: Path, *, file: str | None = None, delimiter: str | None = None, limits: ReadLimits | None = None
) -> tuple[str, list[dict[str, str]]]:
    """Return the kind of the file and its first rows as text, as far as they can be read.

    Raises:
        ImportRejected: the file cannot be opened as what it seems to be.
    """
    problems = ProblemList(file or path.name)
    table = open_table(path, problems, delimiter=delimiter, limits=limits, images=True)
    rows: list[dict[str, str]] = []
    try:
        for batch in itertools.islice(table.batches(lambda name: name not in CARRIED_META), 1):
            height = min(FIRST_ROWS, len(batch.rows))
            cells = {name: _as_text(values, height) for name, values in batch.columns.items() if len(values)}
            rows = [{name: values[at] for name, values in cells.items()} for at in range(height)]
    except ImportRejected:
        rows = []
    return table.kind, rows


def proposed_delimiter(path: Path) -> str | None:
    """Return the separator that the header line of a text file suggests; None when the file is no CSV."""
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED)
        if head.startswith(GZIP_MAGIC):
            with gzip.open(path, "rb") as packed:
                head = packed.read(_SNIFFED)
    except (OSError, EOFError, zlib.error):
        return ","
    suffixes = {suffix.lower() for suffix in path.suffixes}
    if head.startswith(b"PAR1") or suffixes & {".parquet", ".pq", ".jsonl", ".ndjson", ".json"}:
        return None
    line = next(iter(head.decode("utf-8", errors="replace").lstrip("\ufeff\r\n").splitlines()), "")
    cells = {sign: len(next(csv.reader([line], delimiter=sign), [])) for sign in DELIMITERS}
    best = max(cells, key=lambda sign: cells[sign])
    return best if cells[best] > 1 else ","


def _as_text(values: pl.Series | list[Any], height: int) -> list[str]:
    head = values[:height].to_list() if isinstance(values, pl.Series) else values[:height]
    return [_cut(value) for value in head]


def _cut(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes | dict):
        return "(bytes)" if isinstance(value, bytes) else "(a structure)"
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
