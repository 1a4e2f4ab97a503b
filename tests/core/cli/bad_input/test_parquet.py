"""Parquet files that do not fit, and small ones that stand for gigabytes: refused in one line."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.core.cli.bad_input.desk import Desk
from tests.core.cli.bad_input.process import call_alone

BOMB_ROWS = 20_000

MANY = 17_000_000

BOMB_TEXT = "x" * 1_000_000


def repeated(value: str | bytes, times: int = BOMB_ROWS) -> pa.DictionaryArray:
    """Return a column that says one value again and again: kilobytes in the file, gigabytes in memory."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(times, np.int32)), pa.array([value]))


def one_each(values: pa.Array) -> pa.ListArray:
    """Return a column of lists with one of ``values`` each."""
    return pa.ListArray.from_arrays(pa.array(range(len(values) + 1), pa.int32()), values)


def bomb(column: str, values: pa.Array) -> bytes:
    """Return a Parquet file in which only ``column`` is out of the ordinary."""
    n = len(values)
    plain: dict[str, Any] = {
        "example_id": [f"k{i}" for i in range(n)],
        "outcome": ["no"] * n,
        "area": ["north"] * n,
    }
    target = io.BytesIO()
    table = pa.table({**plain, "a": [1.0] * n, "b": [1] * n, column: values})
    pq.write_table(table, target, compression="zstd", store_schema=False)
    return target.getvalue()


TOO_LARGE = "it unpacks to more than 2 GiB (seen at row 20,000, column {}): split it into smaller files"

UNREADABLE = "column area: holds {}, which cannot be read: write text, numbers, or true and false"

BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "text": (lambda: bomb("area", repeated(BOMB_TEXT)), TOO_LARGE.format("area")),
    "tags": (lambda: bomb("@tags", one_each(repeated(BOMB_TEXT))), TOO_LARGE.format("@tags")),
    "bytes": (lambda: bomb("area", repeated(BOMB_TEXT.encode())), UNREADABLE.format("bytes")),
    "structures": (
        lambda: bomb("area", pa.StructArray.from_arrays([repeated(BOMB_TEXT)], ["x"])),
        UNREADABLE.format("structures"),
    ),
    "lists of numbers": (
        lambda: bomb("area", one_each(pa.array([1] * BOMB_ROWS))),
        UNREADABLE.format("lists"),
    ),
    "many tags in a row": (
        lambda: bomb("@tags", pa.ListArray.from_arrays(pa.array([0, MANY], pa.int32()), repeated("t", MANY))),
        "it unpacks to more than 2 GiB (seen at 17,000,000 entries of column @tags): split it into smaller files",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BOMBS)
def test_a_parquet_bomb_does_not_go_off(case: str, desk: Desk) -> None:
    """Some kilobytes that stand for 20 GB are refused by a process that may have 4 GiB of addresses at most."""
    make, message = BOMBS[case]
    path = desk.file(make(), "bomb.parquet")
    assert path.stat().st_size < 500_000
    head = desk.head
    ended = call_alone("testset", "import", desk.workspace, path)
    assert (ended.code, ended.error) == (2, f"error: bomb.parquet: {message}. Nothing was imported.\n")
    assert desk.head == head


def test_a_predictions_bomb_does_not_go_off(desk: Desk) -> None:
    target = io.BytesIO()
    table = pa.table({"example_id": repeated(BOMB_TEXT), "score": [0.5] * BOMB_ROWS})
    pq.write_table(table, target, compression="zstd", store_schema=False)
    path = desk.file(target.getvalue(), "p.parquet")
    files = desk.files()
    ended = call_alone("candidates", "add", desk.workspace, "told", path)
    told = "error: p.parquet: it unpacks to more than 1 GiB (seen at row 20,000, column example_id)"
    assert ended.code == 2
    assert ended.error.startswith(told)
    assert ended.peak_mib < 1024
    assert desk.files() == files, "nothing is left behind"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"b": ["abc"]}, "row 1, column b: 'abc' is not a whole number"),
        ({"b": [101]}, "row 1, column b: 101 is above the largest allowed, 100"),
        ({"b": pa.array([0], pa.date32())}, "column b: holds dates, a whole number is wanted"),
        (
            {"b": pa.array([1]).cast(pa.decimal128(21, 2))},
            "column b: holds exact decimals, a whole number is wanted",
        ),
        ({"more": [1]}, "column more: is not a column of this workspace"),
        ({"example_id": pa.array([None], pa.string())}, "row 1, column example_id: is empty"),
    ],
)
def test_a_parquet_file_that_does_not_fit(change: dict[str, Any], message: str, desk: Desk) -> None:
    good = {"example_id": ["e0"], "outcome": ["no"], "a": [1.0], "b": [1], "area": ["north"]}
    pq.write_table(pa.table({**good, **change}), desk.folder / "data.parquet")
    (line,) = desk.refused("testset", "import", desk.workspace, desk.folder / "data.parquet")
    assert line.startswith(f"data.parquet: {message}")
