"""Writing a version to a file: CSV that is safe in a spreadsheet, or Parquet and JSON Lines to the byte.

Each of them can be imported again and then changes nothing.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import polars as pl

from lookingglass.errors import BadInput
from lookingglass.testset.image_cells import with_images
from lookingglass.testset.marks import join_marks
from lookingglass.testset.model import TestSet

_RISKY = r"^'*[=+\-@\t\r]"
_CHUNK = 10_000


def export(test_set: TestSet, out: Path) -> Path:
    """Write a version to ``out``; its suffix says how: .csv, .parquet, or .jsonl. An existing file is replaced whole.

    Columns: id, label, every stored column, then @origin, @source, @tags, @problems. In CSV a text cell that a
    spreadsheet would run as a formula gets a single quote before it; importing takes it off again. Images go along in
    Parquet (bytes) and JSON Lines (data addresses); CSV only names them.

    Raises:
        BadInput: the suffix is none of these, or the file cannot be written.
    """
    write = WRITERS.get(out.suffix.lower())
    if write is None:
        raise BadInput(f"{out}: the name must end in {', '.join(WRITERS)}, which says what to write.")
    frame = test_set.frame()
    if write is not _csv:  # CSV names images, the others carry them
        frame = with_images(frame, test_set.config, test_set.files, as_text=write is _jsonl)
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".export-", delete=False) as file:
            try:
                write(frame, file)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        Path(file.name).chmod(0o644)
        Path(file.name).replace(out)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}.") from None
    return out


def _csv(frame: pl.DataFrame, file: IO[bytes]) -> None:
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    lists = [name for name, kind in frame.schema.items() if kind == pl.List(pl.String)]
    joined = frame.with_columns(
        *(
            pl.Series(
                name, [join_marks(marks) for marks in frame.get_column(name).to_list()], dtype=pl.String
            )
            for name in lists
        )
    )
    safe = joined.with_columns(
        pl.when(pl.col(name).str.contains(_RISKY))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in (*texts, *lists)
    )
    meta = {"@origin", "@source", "@tags", "@problems"}
    names = {
        name: f"'{name}"
        for name in safe.columns
        if name not in meta and name.lstrip("'")[:1] in tuple("=+-@")
    }
    safe.rename(names).write_csv(file)


def _parquet(frame: pl.DataFrame, file: IO[bytes]) -> None:
    frame.write_parquet(file, compression="zstd")


def _jsonl(frame: pl.DataFrame, file: IO[bytes]) -> None:
    for start in range(0, frame.height, _CHUNK):
        for row in frame.slice(start, _CHUNK).iter_rows(named=True):
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n")


WRITERS: dict[str, Callable[[pl.DataFrame, IO[bytes]], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".jsonl": _jsonl,
}
"""Suffix -> writer."""
