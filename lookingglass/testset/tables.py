"""Uploaded tables as batches of raw columns, whatever the file format.

Knows nothing of schemas: values come as they lie in the file (text for CSV, typed arrays for Parquet, Python values for
JSON Lines).
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from lookingglass.errors import BadInput, NotFound, one_line
from lookingglass.testset.checked_bytes import GZIP_MAGIC, CheckedBytes, ReadLimits, size_words
from lookingglass.testset.problems_found import ProblemList

PARQUET_MAGIC = b"PAR1"
_OTHER_DELIMITERS = {";": "';'", "\t": r"'\t'", "|": "'|'", ",": "','"}
_JSON_ROWS = 20_000
_JSON_BYTES = 32 << 20

Cells = pl.Series | list[Any]


@dataclass(frozen=True)
class Batch:
    """Some rows in a run. ``rows``: their numbers as people count them (1 is the first data row), int64.

    ``columns``: a polars Series for each column of a CSV or Parquet file, a list of Python values for JSON Lines; a
    column that no row of the batch has is absent.
    """

    rows: np.ndarray[Any, np.dtype[np.int64]]
    columns: dict[str, Cells]


class Table(Protocol):
    """An open uploaded file."""

    kind: str
    columns: list[str] | None
    """Column names in file order; None when only reading tells (JSON Lines)."""

    def batches(self, wanted: Callable[[str], bool]) -> Iterator[Batch]:
        """Yield the rows, with the columns that are wanted; raises ImportRejected when reading cannot go on."""
        ...


def open_table(
    path: Path,
    problems: ProblemList,
    *,
    delimiter: str | None = None,
    limits: ReadLimits | None = None,
    images: bool = False,
) -> Table:
    """Open an uploaded file by what it holds (Parquet and gzip marks) and else by its suffix.

    Args:
        images: whether columns of bytes can be images; they are refused otherwise.

    Raises:
        NotFound: there is no such file.
        ImportRejected: it is empty, or of a kind that is not read here.
    """
    limits = limits or ReadLimits()
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except IsADirectoryError:
        raise BadInput(f"{path} is a folder: name one CSV, Parquet or JSON Lines file.") from None
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    if not start:
        raise problems.reject("it is empty")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    suffix = suffixes[-1] if suffixes else ""
    if suffix == ".gz" or start.startswith(GZIP_MAGIC):
        suffix = suffixes[-2] if len(suffixes) > 1 else ""
    if start.startswith(PARQUET_MAGIC):
        from lookingglass.testset.parquet_table import ParquetTable

        return ParquetTable(path, problems, limits, images=images)
    if suffix in {".parquet", ".pq"}:
        raise problems.reject("it is not a Parquet file, whatever its name says")
    if start.startswith(b"PK\x03\x04"):
        raise problems.reject("it is a spreadsheet or zip file: save it as CSV (UTF-8) and import that")
    if suffix in {".jsonl", ".ndjson", ".json"}:
        return JsonLinesTable(path, problems, limits)
    return CsvTable(path, problems, limits, delimiter or ("\t" if suffix == ".tsv" else ","))


class CsvTable:
    """A CSV file with a header line, read as text in blocks so that a large file takes little memory."""

    kind = "csv"

    def __init__(self, path: Path, problems: ProblemList, limits: ReadLimits, delimiter: str = ",") -> None:
        delimiter = "\t" if delimiter == r"\t" else delimiter  # as a person types it
        if len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii():
            raise BadInput(
                f"--delimiter must be one character other than a quote or line end, not {delimiter!r}."
            )
        self.path, self.problems, self.limits, self.delimiter = path, problems, limits, delimiter
        self.numbers: frozenset[str] = frozenset()
        """Columns to read as numbers at once; a cell that is none ends the reading, and nobody hears which it was."""
        with CheckedBytes(path, problems, limits) as stream:
            self.columns: list[str] | None = self._header(stream.head)

    def _header(self, head: bytes) -> list[str]:
        text = head.decode("utf-8", errors="ignore").lstrip("\r\n")
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter), [])
        if not names:
            raise self.problems.reject("it is empty")
        if len(names) > self.limits.columns:
            raise self.problems.reject(f"it has {len(names):,} columns, more than {self.limits.columns:,}")
        if len(names) == 1:
            for other, typed in _OTHER_DELIMITERS.items():
                if other != self.delimiter and other in names[0]:
                    raise self.problems.reject(
                        f"the header line is one column ({one_line(names[0], 60)}): is {other!r} the separator? "
                        f"Then add --delimiter {typed}"
                    )
        check_names(names, self.problems)
        return names

    def batches(self, wanted: Callable[[str], bool]) -> Iterator[Batch]:
        """Yield the rows as columns of text, empty cells missing; rows with too few or many cells are listed."""
        assert_names = self.columns or []
        chosen = [name for name in assert_names if wanted(name)]
        ragged: list[int] = []

        def note_ragged(row: Any) -> str:
            ragged.append(row.number - 1)
            self.problems.add(
                f"has {row.actual_columns} cells, the header has {row.expected_columns}", row=row.number - 1
            )
            return "skip"

        done = 0
        last: pa.RecordBatch | None = None
        with CheckedBytes(self.path, self.problems, self.limits) as stream:
            try:
                reader = arrow_csv.open_csv(
                    pa.PythonFile(stream, mode="r"),
                    read_options=arrow_csv.ReadOptions(block_size=self.limits.row_bytes, use_threads=False),
                    parse_options=arrow_csv.ParseOptions(
                        delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=note_ragged
                    ),
                    convert_options=arrow_csv.ConvertOptions(
                        check_utf8=False,
                        column_types={
                            name: pa.float64() if name in self.numbers else pa.string()
                            for name in assert_names
                        },
                        include_columns=chosen,
                        null_values=[""],
                        strings_can_be_null=True,
                        quoted_strings_can_be_null=True,
                    ),
                )
                for batch in reader:
                    if not batch.num_rows:
                        continue
                    rows = _row_numbers(done, batch.num_rows, ragged)
                    done, last = int(rows[-1]), batch
                    frame = pl.DataFrame(pl.from_arrow(batch))
                    yield Batch(rows, dict(zip(chosen, frame.get_columns(), strict=True)))
            except pa.ArrowInvalid as error:
                raise self._unreadable(error, done) from None
            odd = last is not None and stream.quotes % 2 == 1
            if odd and (self.numbers or _ends_open(stream.tail, last)):  # as text it is looked at again
                raise self.problems.reject('a quote (") opened in this row is never closed', row=done)

    def _unreadable(self, error: pa.ArrowInvalid, done: int) -> Exception:
        if "straddling" in str(error):
            return self.problems.reject(
                f'a row after this one is longer than {size_words(self.limits.row_bytes)}: is a quote (") left open?',
                row=done,
            )
        if "Empty CSV" in str(error):
            return self.problems.reject("it is empty")
        return self.problems.reject(
            f"it cannot be read as CSV after row {done:,} ({one_line(str(error), 120)})"
        )


def _row_numbers(done: int, count: int, left_out: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the numbers of the next ``count`` rows after row ``done``, without those in ``left_out``."""
    out = [row for row in left_out if row > done] if left_out else []
    numbers = np.arange(done + 1, done + 1 + count + len(out), dtype=np.int64)
    if out:
        numbers = numbers[~np.isin(numbers, np.asarray(out, dtype=np.int64))]
    return numbers[:count]


def _ends_open(tail: bytes, batch: pa.RecordBatch) -> bool:
    """Say whether the file's last cell was opened with a quote that nothing closes."""
    cells = [column[-1].as_py() or "" for column in batch.columns]
    end = tail.rstrip(b"\r\n")
    return any(
        "\n" in cell or (cell and end.endswith(b'"' + cell.encode().rstrip(b"\r\n"))) for cell in cells
    )


class JsonLinesTable:
    """One JSON object a line."""

    kind = "jsonl"
    columns: list[str] | None = None

    def __init__(self, path: Path, problems: ProblemList, limits: ReadLimits) -> None:
        self.path, self.problems, self.limits = path, problems, limits

    def batches(self, wanted: Callable[[str], bool]) -> Iterator[Batch]:
        """Yield the rows as lists of Python values; a key that a line lacks is a missing value."""
        names: list[str] = []
        rows: list[int] = []
        parsed: list[dict[str, Any]] = []
        size = 0
        with CheckedBytes(self.path, self.problems, self.limits) as stream:
            for number, line in enumerate(stream.lines(), start=1):
                if not line.strip():
                    continue
                record = self._record(number, line)
                if record is None:
                    continue
                if record.keys() - set(names):
                    names.extend(name for name in record if name not in names)
                    if len(names) > self.limits.columns:
                        raise self.problems.reject(
                            f"it has more than {self.limits.columns:,} columns", row=number
                        )
                rows.append(number)
                parsed.append(record)
                size += len(line)
                if len(rows) >= _JSON_ROWS or size >= _JSON_BYTES:
                    yield _json_batch(rows, parsed, names, wanted)
                    rows, parsed, size = [], [], 0
        if rows:
            yield _json_batch(rows, parsed, names, wanted)

    def _record(self, number: int, line: bytes) -> dict[str, Any] | None:
        try:
            value = json.loads(line, object_pairs_hook=_no_twins, parse_constant=_no_constant)
            if b"\\u" in line:
                _refuse_half_characters(value)
        except _TwinKey as error:
            self.problems.add(f"the key {error} is there twice", row=number)
        except (ValueError, RecursionError) as error:
            if number == 1 and line.lstrip().startswith(b"["):
                raise self.problems.reject(
                    "it is a JSON array: write one object a line instead (JSON Lines)"
                ) from None
            self.problems.add(f"this line is not JSON ({one_line(str(error), 80)})", row=number)
        else:
            if isinstance(value, dict):
                return value
            if number == 1 and isinstance(value, list):
                raise self.problems.reject("it is a JSON array: write one object a line instead (JSON Lines)")
            self.problems.add("this line is not a JSON object", row=number)
        return None


class _TwinKey(ValueError):
    pass


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _TwinKey(next(key for key, count in counts.items() if count > 1))
    return record


def _refuse_half_characters(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a character") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON")


def _json_batch(
    rows: list[int], records: list[dict[str, Any]], names: Sequence[str], wanted: Callable[[str], bool]
) -> Batch:
    present = [name for name in names if any(name in record for record in records)]
    return Batch(
        np.asarray(rows, dtype=np.int64),
        {name: [record.get(name) for record in records] if wanted(name) else [] for name in present},
    )


def check_names(names: Collection[str], problems: ProblemList) -> None:
    """Refuse column names that are empty, used twice or not plain text.

    Raises:
        ImportRejected: with every such name.
    """
    seen: set[str] = set()
    for place, name in enumerate(names, start=1):
        if not name.strip():
            problems.add(f"the header has no name for column {place}")
        elif not name.isprintable():
            problems.add(
                f"the name of column {place} holds a control character", column=one_line(repr(name), 60)
            )
        elif name in seen:
            problems.add("this name is in the header twice", column=name)
        seen.add(name)
    problems.raise_if_any()
