"""Budget 8, "import": a CSV file validated, digested and stored, against pandas reading it and writing Parquet.

Run with the others by ``make bench``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from benchmarks.large_workspace import ACTOR, make_rows
from benchmarks.results import Result, at_most, ratios, seconds
from lookingglass.config import WorkspaceConfig
from lookingglass.creating import create_workspace
from lookingglass.testset import commit_import, plan_import

MOST_TIMES = 7.0
"""Decision 0010 says why not four."""


def measure(scratch: Path, config: WorkspaceConfig, rows: int, rounds: int) -> Result:
    """Measure both in turns on the same file, each import into an empty workspace of its own."""
    file = scratch / "import.csv"
    make_rows(rows).write_csv(file)
    size = file.stat().st_size

    def with_pandas() -> None:
        pd.read_csv(file).to_parquet(scratch / "pandas.parquet")

    ours, theirs = [], []
    for number in range(rounds):
        theirs.append(seconds(with_pandas))
        folder = scratch / f"import-{number}"
        with create_workspace(folder, config, actor=ACTOR) as ws:
            ours.append(seconds(lambda: commit_import(ws.home, plan_import(ws.home, file), ACTOR)))
        shutil.rmtree(folder)
    file.unlink()
    line = at_most("import against pandas.read_csv and to_parquet", ratios(ours, theirs), MOST_TIMES)
    data = {
        "rows": rows,
        "bytes": size,
        "seconds": {
            "import": [round(each, 2) for each in ours],
            "pandas": [round(each, 2) for each in theirs],
        },
    }
    return Result(8, "Import", (line,), data)
