"""An uploaded file into a typed frame, or into the list of every cell that does not fit the workspace's columns.

Knows the schema, and nothing of what the test set already holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lookingglass.config import Column, WorkspaceConfig
from lookingglass.errors import CellProblem, ImportRejected
from lookingglass.testset.cells import Converted, convert, quoted
from lookingglass.testset.checked_bytes import ReadLimits, size_words
from lookingglass.testset.image_cells import ImageIntake, image_columns
from lookingglass.testset.layout import (
    CARRIED_META,
    ID_BYTES,
    ID_COLUMN,
    ORIGINS,
    declares_ids,
    id_name,
    label_column,
    polars_type,
)
from lookingglass.testset.marks import parse_marks
from lookingglass.testset.problems_found import KEPT, ProblemList
from lookingglass.testset.tables import Batch, CsvTable, Table, open_table

_QUOTED_FOR_SPREADSHEET = re.compile(r"^'(?='*[=+\-@\t\r])")


@dataclass(frozen=True)
class UploadedRows:
    """A file that fits the schema.

    ``frame``: "@id" (unless ``has_ids`` is False), "@label", those of @origin, @source, @tags, @problems that the file
    carries, and every stored column, typed. ``rows``: the row number of each, as people count. ``images``: what holds
    the new images that the rows name, until they are kept.
    """

    frame: pl.DataFrame
    has_ids: bool
    carried: tuple[str, ...]
    images: ImageIntake | None = None


def read_table(
    path: Path,
    config: WorkspaceConfig,
    *,
    delimiter: str | None = None,
    limits: ReadLimits | None = None,
    name: str | None = None,
    images: ImageIntake | None = None,
) -> UploadedRows:
    """Read a CSV, Parquet or JSON Lines file by the workspace's declared columns.

    Args:
        path: the file; its kind is told from its content, else from its suffix.
        config: the workspace; columns with role ignore may be there or not, all others must.
        delimiter: between CSV cells, a comma when None.
        limits: how much is read before the file is refused.
        name: what to call the file in messages, its own name when None.
        images: takes the cells of image columns; file names lead nowhere and no image is known when None.

    Raises:
        ImportRejected: with every problem counted and the first twenty by row and column.
    """
    limits = limits or ReadLimits()
    has_images = bool(image_columns(config))

    def reader() -> _Reader:
        problems = ProblemList(name or path.name)
        table = open_table(path, problems, delimiter=delimiter, limits=limits, images=has_images)
        return _Reader(table, config, problems, limits, images or ImageIntake(None))

    first = reader()
    if not has_images:
        first.read_numbers()
    try:
        return first.read()
    except (ImportRejected, _WantedAsText):
        if not first.reads_numbers:
            raise
    del first  # with what it read
    return reader().read()  # as text, so that every cell that does not fit can be told


class _WantedAsText(Exception):
    """Something does not fit: only as text can every such cell be told."""


class _Reader:
    def __init__(
        self,
        table: Table,
        config: WorkspaceConfig,
        problems: ProblemList,
        limits: ReadLimits,
        images: ImageIntake,
    ) -> None:
        self.table, self.config, self.problems, self.limits = table, config, problems, limits
        self.images = images
        self.id = id_name(config)
        self.wanted: dict[str, Column] = {
            self.id: ID_COLUMN,
            config.task.label: label_column(config),
            **config.stored,
        }
        self.ignored = {name for name, column in config.columns.items() if "ignore" in column.role}
        self.seen: set[str] = set()
        self.exported = table.kind == "csv" and bool(set(table.columns or ()) & set(CARRIED_META))

    @property
    def reads_numbers(self) -> bool:
        """Whether number columns are read as such, which is faster, and nobody hears which cell is none."""
        return isinstance(self.table, CsvTable) and bool(self.table.numbers)

    def read_numbers(self) -> None:
        """Have number columns read as such where the table can."""
        if isinstance(self.table, CsvTable):
            self.table.numbers = frozenset(
                name for name, column in self.wanted.items() if polars_type(column) == pl.Float64
            )

    def read(self) -> UploadedRows:
        batches = self.table.batches(self._is_wanted)
        if not self.reads_numbers:
            return self._read(batches)
        with ThreadPoolExecutor(1) as ahead:
            return self._read(_one_ahead(batches, ahead))

    def _read(self, batches: Iterator[Batch]) -> UploadedRows:
        if self.table.columns is not None:
            self._check_columns(self.table.columns, None)
            self._check_missing()
            self.problems.raise_if_any()
        frames: list[pl.DataFrame] = []
        numbers: list[np.ndarray[Any, np.dtype[np.int64]]] = []
        size = 0
        for batch in batches:
            if self.table.columns is None:
                self._check_columns(list(batch.columns), batch)
            frame = self._typed(batch)
            if self.reads_numbers and self.problems.total:
                raise _WantedAsText
            numbers.append(batch.rows)
            size += int(frame.estimated_size())
            if size > self.limits.decoded_bytes:
                raise self.problems.reject(
                    f"it unpacks to more than {size_words(self.limits.decoded_bytes)}: split it into smaller files"
                )
            # once something is wrong nothing will be imported: only the ids are kept, to find those used twice
            frames.append(frame.select("@id") if self.problems.total and "@id" in frame.columns else frame)
        if not numbers:
            self.problems.raise_if_any()
            raise self.problems.reject("it has a header but no rows")
        if self.table.columns is None:
            self._check_missing()
        self._check_ids(frames, np.concatenate(numbers))
        self.problems.raise_if_any()
        carried = tuple(name for name in CARRIED_META if name in self.seen)
        whole = pl.concat(frames, how="diagonal").rechunk()
        return UploadedRows(whole, self.id in self.seen, carried, self.images)

    def _is_wanted(self, name: str) -> bool:
        plain = self._plain(name)
        return plain in self.wanted or plain in CARRIED_META

    def _plain(self, name: str) -> str:
        return _QUOTED_FOR_SPREADSHEET.sub("", name) if self.exported else name

    def _check_columns(self, names: list[str], batch: Batch | None) -> None:
        for raw in names:
            name = self._plain(raw)
            if name in self.seen:
                continue
            self.seen.add(name)
            if name in self.wanted or name in CARRIED_META or name in self.ignored:
                continue
            row = None if batch is None else int(batch.rows[0])
            self.problems.add(
                "is not a column of this workspace: leave it out, or declare it in workspace.toml "
                '(role = "ignore" to skip it)',
                row=row,
                column=raw,
            )

    def _check_missing(self) -> None:
        for name in self.wanted:
            if name in self.seen or (name == self.id and not declares_ids(self.config)):
                continue
            self.problems.add("this column is missing", column=name)

    def _typed(self, batch: Batch) -> pl.DataFrame:
        cells = {self._plain(name): values for name, values in batch.columns.items()}
        none = pl.Series([None] * len(batch.rows), dtype=pl.Null)
        columns = [
            self._keep(self._meta(name), name, batch, self._convert(name, column, cells.get(name, none)))
            for name, column in self.wanted.items()
            if name != self.id or name in self.seen
        ]
        for name in CARRIED_META:
            if name in self.seen:
                raw = cells.get(name, [None] * len(batch.rows))
                columns.append(self._keep(name, name, batch, self._convert_meta(name, raw)))
        return pl.DataFrame(columns)

    def _meta(self, name: str) -> str:
        return "@id" if name == self.id else "@label" if name == self.config.task.label else name

    def _convert(self, name: str, column: Column, raw: pl.Series | list[Any]) -> Converted:
        if self.exported and isinstance(raw, pl.Series) and raw.dtype == polars_type(column) == pl.String:
            raw = _unquoted(raw)
        if column.type == "image" and name in self.config.stored:
            return self.images.convert(name, column, raw)
        longest = ID_BYTES if "id" in column.role else self.limits.cell_bytes
        as_text = column.model_copy(update={"type": "category"}) if "id" in column.role else column
        return convert(name, as_text, raw, cell_bytes=longest, label="label" in column.role)

    def _convert_meta(self, name: str, raw: pl.Series | list[Any]) -> Converted:
        if isinstance(raw, pl.Series) and self.exported and raw.dtype == pl.String:
            raw = _unquoted(raw)
        if name in ("@tags", "@problems"):
            return parse_marks(name, raw)
        values = ORIGINS if name == "@origin" else None
        column = Column(
            role=("ignore",), type="category" if values else "text", values=values, missing="keep"
        )
        return convert(name, column, raw, cell_bytes=ID_BYTES if values else 1000)

    def _keep(self, meta: str, name: str, batch: Batch, done: Converted) -> pl.Series:
        """List the faults of one column and return its values under their name in a version's frame."""
        for fault in done.faults:
            if not len(fault.positions):
                if self.table.kind == "parquet" and batch.rows[0] != 1:
                    continue  # the column's type is the same in every batch: told once
                self.problems.add(fault.messages[0], column=name)
                continue
            rows = batch.rows[fault.positions[:KEPT]].tolist()
            first = [
                CellProblem(row, name, message) for row, message in zip(rows, fault.messages, strict=True)
            ]
            self.problems.add_many(first, len(fault.positions))
        if len(done.values) != len(batch.rows):
            return pl.Series(meta, [None] * len(batch.rows), dtype=done.values.dtype)
        return done.values.alias(meta)

    def _check_ids(self, frames: list[pl.DataFrame], numbers: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        if self.id not in self.seen:
            return
        ids = pl.concat([frame.get_column("@id") for frame in frames])
        if ids.n_unique() == len(ids):
            return
        found = pl.DataFrame({"id": ids, "row": numbers}).filter(pl.col("id").is_not_null())
        found = found.with_columns(
            pl.col("row").min().over("id").alias("first"), pl.col("id").cum_count().over("id").alias("use")
        )
        again = found.filter(pl.col("use") > 1).sort("row")
        first = [
            CellProblem(row, self.id, f"the id {quoted(name)} is already used in row {before:,}")
            for name, row, before in again.head(KEPT).select("id", "row", "first").iter_rows()
        ]
        self.problems.add_many(first, again.height)


def _one_ahead(batches: Iterator[Batch], thread: Executor) -> Iterator[Batch]:
    """Yield the batches, the next one being read meanwhile."""
    coming = thread.submit(next, batches, None)
    while (batch := coming.result()) is not None:
        coming = thread.submit(next, batches, None)
        yield batch


def _unquoted(values: pl.Series) -> pl.Series:
    """Take off the quote that our own CSV export puts before what a spreadsheet would run."""
    marked = values.str.contains(r"^''*[=+\-@\t\r]").fill_null(value=False)
    if not marked.any():
        return values
    return values.zip_with(~marked, values.str.slice(1))
