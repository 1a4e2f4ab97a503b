"""One bad cell at the end of a large file is found without taking much memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.cli.bad_input.desk import HEADER, Desk
from tests.core.cli.bad_input.process import call_alone

LARGE_ROWS = 290_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write 300 MB of good rows and, at the end, one cell that is no whole number."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    wide = "a remark of some length " * 42
    with path.open("w") as file:
        file.write(f"{HEADER},remark\n")
        for first in range(0, LARGE_ROWS, 10_000):
            file.write(
                "".join(
                    f"k{n},no,{n % 300 / 100},{n % 100},north,{n} {wide}\n"
                    for n in range(first, first + 10_000)
                )
            )
        file.write("z,no,1,12x,north,x\n")
    yield path
    path.unlink()


def test_one_bad_cell_at_the_end_of_300_mb(large: Path, desk: Desk) -> None:
    """Found by row and column, in a process that never takes more than 1.5 GiB, and nothing is imported."""
    assert large.stat().st_size > 300_000_000
    toml = desk.workspace / "workspace.toml"
    remark = '[columns.remark]\nrole = "feature"\ntype = "text"\nmissing = "keep"\n\n'
    toml.write_text(toml.read_text().replace("[limits]", remark + "[limits]"))
    head = desk.head
    ended = call_alone("testset", "import", desk.workspace, large)
    assert (ended.code, ended.error) == (
        2,
        "error: large.csv: row 290,001, column b: '12x' is not a whole number. Nothing was imported.\n",
    )
    assert ended.peak_mib < 1536
    assert desk.head == head
    assert json.loads(desk.call("testset", "show", desk.workspace, "--json")[1])["test_set"]["version"] == 1
