"""Uploaded Parquet files in batches, each column's unpacked size counted before it is unpacked.

A few kilobytes of Parquet can stand for gigabytes of repeated text, and its footer does not say so: text is read as a
dictionary, whose size stays that of the file, and is written out only when its true size is known to fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lookingglass.errors import one_line
from lookingglass.testset.checked_bytes import ReadLimits, size_words
from lookingglass.testset.problems_found import ProblemList
from lookingglass.testset.tables import Batch, check_names

_BATCH_ROWS = 1 << 16
_IMAGE_ROWS = 1 << 10
_SMALLEST_VALUE = 1
_LIST_PART = 128
"""Bytes that one entry of a list takes while it is read."""


class ParquetTable:
    """A Parquet file; ``columns`` are its top-level columns."""

    kind = "parquet"

    def __init__(
        self, path: Path | BinaryIO, problems: ProblemList, limits: ReadLimits, *, images: bool = False
    ) -> None:
        self.path, self.problems, self.limits, self.images = path, problems, limits, images
        try:
            with pq.ParquetFile(path) as file:
                self.schema: pa.Schema = file.schema_arrow
                self._rows: int = file.metadata.num_rows
                packed = sum(
                    file.metadata.row_group(at).total_byte_size for at in range(file.metadata.num_row_groups)
                )
        except (pa.ArrowException, OSError) as error:
            raise problems.reject(
                f"it is not a readable Parquet file ({one_line(str(error), 120)})"
            ) from None
        self.columns: list[str] | None = list(self.schema.names)
        if len(self.schema) > limits.columns:
            raise problems.reject(f"it has {len(self.schema):,} columns, more than {limits.columns:,}")
        check_names(self.schema.names, problems)
        cells = self._rows * max(len(self.schema), 1)
        if cells * _SMALLEST_VALUE > limits.decoded_bytes or packed > limits.decoded_bytes:
            raise self._too_large(f"{self._rows:,} rows of {len(self.schema):,} columns")

    def batches(self, wanted: Callable[[str], bool]) -> Iterator[Batch]:
        """Yield the rows as typed columns (String, integers, floats, Boolean, List of String)."""
        chosen = [field.name for field in self.schema if wanted(field.name)]
        self._refuse_unreadable(chosen)
        total = done = 0
        try:
            with pq.ParquetFile(self.path) as file:
                texts = self._text_leaves(file, chosen)
            with pq.ParquetFile(self.path, read_dictionary=texts, pre_buffer=False) as file:
                rows = _IMAGE_ROWS if self.images else _BATCH_ROWS
                for batch in file.iter_batches(batch_size=rows, columns=chosen, use_threads=False):
                    columns: dict[str, pl.Series | list[object]] = {}
                    for name, values in zip(batch.schema.names, batch.columns, strict=True):
                        total += self._true_size(values, name)
                        if total > self.limits.decoded_bytes:
                            raise self._too_large(f"row {done + batch.num_rows:,}, column {name}")
                        columns[name] = pl.Series(name, _written_out(values))
                    yield Batch(np.arange(done + 1, done + 1 + batch.num_rows, dtype=np.int64), columns)
                    done += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise self.problems.reject(
                f"it cannot be read after row {done:,} ({one_line(str(error), 120)})"
            ) from None

    def _refuse_unreadable(self, chosen: list[str]) -> None:
        """Refuse columns of kinds that no example can hold, before a byte of them is unpacked."""
        for name in chosen:
            kind = self.schema.field(name).type
            if self.images and _is_bytes(kind):
                continue
            if not _is_text(kind) and not _is_texts(kind) and not _is_plain(kind):
                self.problems.add(
                    f"holds {_in_words(kind)}, which cannot be read: write text, numbers, or true and false",
                    column=name,
                )
        self.problems.raise_if_any()

    def _text_leaves(self, file: pq.ParquetFile, chosen: list[str]) -> list[str]:
        """Return the paths of the text in the ``chosen`` columns, to be read as dictionaries.

        Entries of lists are counted here, since one row can stand for any number of them.
        """
        kinds = {name: self.schema.field(name).type for name in chosen}
        leaves = [name for name, kind in kinds.items() if _is_text(kind) or _is_bytes(kind)]
        groups = [file.metadata.row_group(at) for at in range(file.metadata.num_row_groups)]
        for name in chosen:
            if not _is_texts(self.schema.field(name).type):
                continue
            for at in range(len(file.schema)):
                path = str(file.schema.column(at).path)
                if not path.startswith(f"{name}."):
                    continue
                leaves.append(path)
                entries = sum(group.column(at).num_values for group in groups)
                if entries * _LIST_PART > self.limits.decoded_bytes:
                    raise self._too_large(f"{entries:,} entries of column {name}")
        return leaves

    def _true_size(self, values: pa.Array, name: str) -> int:
        """Return the bytes that ``values`` take once written out, without writing them out."""
        if _is_texts(values.type):
            return int(values.nbytes) + self._true_size(values.flatten(), name)
        if not isinstance(values, pa.DictionaryArray):
            return int(values.nbytes)
        as_bytes = _is_bytes(values.type)
        if not as_bytes and not _is_text(values.type):
            raise self.problems.reject(
                "holds repeated values that are not text: write the column out plainly", column=name
            )
        lengths = pc.binary_length(values.dictionary).fill_null(0)
        if not as_bytes and len(lengths) and pc.max(lengths).as_py() > self.limits.cell_bytes:
            raise self.problems.reject(
                f"holds a cell longer than {size_words(self.limits.cell_bytes)}", column=name
            )
        used = lengths.take(values.indices)
        return int(pc.sum(used).as_py() or 0) + 8 * len(values)

    def _too_large(self, where: str) -> Exception:
        return self.problems.reject(
            f"it unpacks to more than {size_words(self.limits.decoded_bytes)} (seen at {where}): "
            "split it into smaller files"
        )


def _written_out(values: pa.Array) -> pa.Array:
    if isinstance(values, pa.DictionaryArray):
        return values.dictionary_decode()
    if _is_texts(values.type) and pa.types.is_dictionary(values.type.value_type):
        return values.cast(pa.list_(values.type.value_type.value_type))
    return values


def _is_texts(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _is_text(kind.value_type)


def _is_plain(kind: pa.DataType) -> bool:
    """Say whether each value takes a fixed number of bytes, so that the number of rows bounds the size."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind))


def _in_words(kind: pa.DataType) -> str:
    if pa.types.is_nested(kind):
        return "lists" if hasattr(kind, "value_type") else "structures"
    return "bytes" if "binary" in str(kind) else one_line(str(kind), 60)


def _is_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
