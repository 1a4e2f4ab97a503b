"""The canonical encoding of a row, its hashes and the digest of a version, as docs/test-set-digest.md defines them.

Knows nothing of files, ledgers or schemas beyond the names and types of the columns it is handed.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from lookingglass.canonical import canonical_json
from lookingglass.errors import BadInput

ROW_HEADER = "lookingglass row 1\n"
INPUT_HEADER = "lookingglass input 1\n"
ROW_META = ("@id", "@label", "@origin", "@source", "@tags", "@problems")
DIGEST_MODULUS = 1 << 256
HASH_BYTES = 32
_CHUNK_ROWS = 1 << 14
_AHEAD = 3
_LOOKED_UP = 64

_Texts: TypeAlias = pa.LargeStringArray

ROW_META_TYPES: dict[str, Any] = {
    "@id": pl.String,
    "@label": pl.String,
    "@origin": pl.String,
    "@source": pl.String,
    "@tags": pl.List(pl.String),
    "@problems": pl.List(pl.String),
}


def with_hashes(frame: pl.DataFrame, inputs: Sequence[str]) -> pl.DataFrame:
    """Return ``frame`` with ``@input_id`` and ``@row_hash`` (Binary, 32 bytes each) computed from its other columns.

    Args:
        frame: the six row meta columns and the stored columns, in any order; older hashes in it are replaced and
            ``*_seq`` columns are not part of a row.
        inputs: names of the columns that a model may be given.

    Raises:
        BadInput: a number is NaN or infinite.
    """
    stored = sorted(name for name in frame.columns if not name.startswith("@"))
    row_fields, input_fields = (*ROW_META, *stored), ("@id", *sorted(inputs))
    row_ids, input_ids = bytearray(), bytearray()
    chunks = [frame.slice(start, _CHUNK_ROWS) for start in range(0, frame.height, _CHUNK_ROWS)]
    with ThreadPoolExecutor(2) as ahead:  # Arrow encodes the next chunks while Python hashes this one
        coming = deque(ahead.submit(_encode, chunk, row_fields, input_fields) for chunk in chunks[:_AHEAD])
        for at in range(len(chunks)):
            rows, their_inputs = coming.popleft().result()
            if at + _AHEAD < len(chunks):
                coming.append(ahead.submit(_encode, chunks[at + _AHEAD], row_fields, input_fields))
            row_ids += _sha256_each(rows)
            input_ids += _sha256_each(their_inputs)
    return frame.with_columns(_hashes("@input_id", input_ids), _hashes("@row_hash", row_ids))


def digest_sum(row_hashes: pl.Series) -> int:
    """Return the sum modulo 2^256 of a Binary series of 32-byte hashes, each read as a big-endian number."""
    limbs = np.frombuffer(_joined(row_hashes), dtype=">u4").reshape(-1, 8)
    totals = limbs.sum(axis=0, dtype=np.uint64)
    return sum(int(total) << (32 * (7 - place)) for place, total in enumerate(totals)) % DIGEST_MODULUS


def _hashes(name: str, joined: bytearray) -> pl.Series:
    """Return 32-byte hashes that stand one behind the other as a Binary series."""
    count = len(joined) // HASH_BYTES
    array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(HASH_BYTES), count, [None, pa.py_buffer(joined)])
    return pl.Series(name, array.cast(pa.large_binary()), dtype=pl.Binary)


def _joined(hashes: pl.Series) -> memoryview:
    """Return the hashes of a Binary series one behind the other."""
    if not len(hashes):
        return memoryview(b"")
    array = hashes.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    first, last = np.frombuffer(offsets, dtype=np.int64)[[array.offset, array.offset + len(array)]]
    return memoryview(data)[first:last]


def digest_text(total: int) -> str:
    """Return a digest sum as it is shown and stored: ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{total % DIGEST_MODULUS:064x}"


def digest_number(text: str) -> int:
    """Return the number that ``digest_text`` wrote."""
    return int(text.removeprefix("sha256:"), 16)


EMPTY_DIGEST = digest_text(0)


def _encode(chunk: pl.DataFrame, row: Sequence[str], inputs: Sequence[str]) -> tuple[_Texts, _Texts]:
    """Return the canonical text of each row, and of each row's inputs.

    By Arrow's one pass over all columns: polars takes three times as long to put fifty texts together.
    """
    fields = {name: _field(name, chunk.get_column(name)) for name in row}
    meta, stored = row[: len(ROW_META)], row[len(ROW_META) :]
    if tuple(inputs[1:]) != tuple(stored):
        return _text(ROW_HEADER, _parts(fields, row)), _text(INPUT_HEADER, _parts(fields, inputs))
    # every stored column is an input: they are put together once for both
    body = _joined_texts(_parts(fields, stored))
    return (
        _text(ROW_HEADER, [*_parts(fields, meta), body]),
        _text(INPUT_HEADER, [*_parts(fields, inputs[:1]), body]),
    )


def _field(name: str, values: pl.Series) -> tuple[_Texts, _Texts]:
    """Return what stands before each value (the end of the line before, then ``name=<byte length>:``), and the values.

    ``name=-`` and nothing where it is missing. Where no value is long, the lengths are looked up: to write each out
    takes longer.
    """
    texts = _value_texts(values)
    lengths = pc.binary_length(texts)
    longest = pc.max(lengths).as_py() or 0
    if longest <= _LOOKED_UP:
        known = pa.array([f"\n{name}={count}:" for count in range(longest + 1)], pa.large_string())
        start = known.take(lengths)
    else:
        start = _joined_texts([_one(f"\n{name}="), lengths.cast(pa.large_string()), _one(":")])
    return start.fill_null(f"\n{name}=-"), texts.fill_null("")


def _parts(fields: Mapping[str, tuple[_Texts, _Texts]], names: Sequence[str]) -> list[_Texts]:
    return [part for name in names for part in fields[name]]


def _text(header: str, parts: Sequence[_Texts]) -> _Texts:
    return _joined_texts([_one(header.strip()), *parts, _one("\n")])


def _joined_texts(parts: Sequence[_Texts | pa.LargeStringScalar]) -> _Texts:
    """Return the parts of each row one behind the other; missing where one is."""
    return pc.binary_join_element_wise(*parts, _one(""))


def _one(text: str) -> pa.LargeStringScalar:
    return pa.scalar(text, pa.large_string())


def _value_texts(values: pl.Series) -> _Texts:
    if values.dtype == pl.Float64:
        return _float_bits(values)
    if isinstance(values.dtype, pl.List):
        values = _list_texts(values)
    elif values.dtype == pl.Int64:
        return values.to_arrow().cast(pa.large_string())
    return values.cast(pl.String).to_arrow(compat_level=pl.CompatLevel.oldest())


def _float_bits(values: pl.Series) -> _Texts:
    """Return each number as the decimal of its IEEE-754 bits read as int64, minus zero counted as zero."""
    numbers = values.fill_null(0.0).to_numpy() + 0.0
    if not np.isfinite(numbers).all():
        raise BadInput(
            f"column {values.name} holds a number that is not finite: leave the value out instead."
        )
    missing = values.is_null().to_numpy() if values.null_count() else None
    return pa.array(numbers.view(np.int64), mask=missing).cast(pa.large_string())


def _list_texts(values: pl.Series) -> pl.Series:
    if values.list.len().sum() == 0:
        return pl.Series(values.name, ["[]"], dtype=pl.String).new_from_index(0, len(values))
    return pl.Series(
        values.name,
        ["[]" if not cell else canonical_json(list(cell)).decode() for cell in values.to_list()],
        dtype=pl.String,
    )


def _sha256_each(texts: _Texts) -> bytes:
    """Return the hash of each text, one behind the other."""
    sha256 = hashlib.sha256
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1].tolist()
    view = memoryview(data)
    return b"".join([sha256(view[start:end]).digest() for start, end in pairwise(ends)])
