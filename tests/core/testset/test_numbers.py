"""Numbers of a CSV file: read as such at once, and as text where something does not fit. Both ways say the same."""

from __future__ import annotations

import struct
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lookingglass.config import Column
from lookingglass.errors import ImportRejected
from lookingglass.testset.cells import convert
from lookingglass.testset.reading import read_table
from tests.core.testset.conftest import COLUMNS, config

NUMBER = Column(role=("feature",), type="number", missing="keep")
CONFIG = config(columns={"key": COLUMNS["key"], "deny": COLUMNS["deny"], "x": NUMBER, "y": NUMBER})
texts = st.text("0123456789+-.eE \tinfaN_,'", min_size=1, max_size=12) | st.floats().map(repr)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("numbers") / "numbers.csv"


@given(texts)
@example(" 1.5\t")
@example("  ")
@example("+1")
@example("1e400")
@example("-0.0")
@example("NaN")
@example("inf")
@example("0.1000000000000000055511151231257827")
def test_a_number_is_the_same_whichever_way_it_is_read(path: Path, cell: str) -> None:
    path.write_text(f'key,deny,x,y\na,no,"{cell}",\n')
    as_text = convert("x", NUMBER, pl.Series([cell]), cell_bytes=100)
    if as_text.faults:
        with pytest.raises(ImportRejected, match="row 1, column x"):
            read_table(path, CONFIG)
    else:
        row = read_table(path, CONFIG).frame.row(0, named=True)
        assert row["y"] is None
        assert struct.pack("<d", row["x"]) == struct.pack("<d", as_text.values[0])


def test_every_cell_that_is_no_number_is_told_however_late_it_stands(path: Path) -> None:
    lines = [f"r{row},no,{row}.5," for row in range(1, 60_001)]
    lines[49_999] = "r50000,no,half,1"
    lines[59_999] = "r60000,no,2,none"
    path.write_text("\n".join(["key,deny,x,y", *lines]))
    with pytest.raises(ImportRejected) as caught:
        read_table(path, CONFIG)
    assert [(problem.row, problem.column) for problem in caught.value.problems] == [
        (50_000, "x"),
        (60_000, "y"),
    ]
    assert caught.value.total == 2
