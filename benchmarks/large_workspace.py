"""Makes a large workspace of synthetic rows with five cheap candidates, to measure and to try the dashboard on.

``python -m benchmarks.large_workspace DIR [--rows N]`` writes a CSV file of 20 columns, imports it, registers five
logistic models and scores every row with each. The same number of rows gives the same workspace.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

import lookingglass as lg
from lookingglass.candidates import register
from lookingglass.creating import create_workspace_from_file
from lookingglass.ledger import Actor

ACTOR = Actor("bench")
ROWS = 1_000_000
NUMBERS = tuple(f"measure_{number:02d}" for number in range(1, 11))
WHOLE = ("visits", "age", "months")
REGIONS = ("north", "south", "east", "west", "centre", "coast", "hills", "islands")
AGES = ("under 30", "30 to 49", "50 and over")
CHANNELS = ("letter", "desk", "telephone", "form")
WORDS = ("river", "stone", "lamp", "garden", "paper", "window", "bread", "cloud", "bridge", "apple")
CANDIDATES = {"five": 5, "six": 6, "eight": 8, "ten": 10, "thirteen": 13}
"""Candidate -> how many of the number columns it looks at: each one knows a little more than the one before."""

TRAINING_ROWS = 20_000


def make_rows(rows: int, seed: int = 7) -> pl.DataFrame:
    """Return synthetic rows of 20 columns: id, label (about one in eight is yes), ten numbers, three whole numbers, a
    truth value, three categories and a short text."""
    rng = np.random.default_rng(seed)
    numbers = {name: rng.normal(size=rows).round(4) for name in NUMBERS}
    region = rng.integers(len(REGIONS), size=rows)
    age = rng.integers(18, 90, size=rows)
    pull = sum(
        values * weight for values, weight in zip(numbers.values(), np.linspace(1, 0.1, 10), strict=True)
    )
    chance = 1 / (1 + np.exp(3.2 - pull - 0.15 * (region % 3)))
    words = np.asarray(WORDS)
    text = (pl.Series(words[rng.integers(len(words), size=rows)]) for _ in range(3))
    columns = {
        "example_id": pl.int_range(1, rows + 1, eager=True).cast(pl.String).str.zfill(8),
        "outcome": np.where(rng.random(rows) < chance, "yes", "no"),
        **numbers,
        "visits": rng.poisson(3, size=rows),
        "age": age,
        "months": rng.integers(1, 240, size=rows),
        "member": np.where(rng.random(rows) < 0.4, "true", "false"),
        "region": np.asarray(REGIONS)[region],
        "age_band": np.asarray(AGES)[np.digitize(age, [30, 50])],
        "channel": np.asarray(CHANNELS)[rng.integers(len(CHANNELS), size=rows)],
        "remark": pl.select(pl.concat_str(*text, separator=" ")).to_series(),
    }
    return pl.DataFrame({"id": columns.pop("example_id"), **columns}).rename({"id": "example_id"})


def write_models(folder: Path) -> dict[str, Path]:
    """Train the five logistic models on rows of their own and write each as ONNX; candidate name -> file."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.linear_model import LogisticRegression

    train = make_rows(TRAINING_ROWS, seed=8)
    files = {}
    for name in CANDIDATES:
        columns = inputs_of(name)
        model = LogisticRegression(max_iter=500).fit(
            train.select(columns).to_numpy().astype(np.float64), train["outcome"].to_numpy()
        )
        types = [("X", FloatTensorType([None, len(columns)]))]
        files[name] = folder / f"{name}.onnx"
        files[name].write_bytes(
            to_onnx(model, initial_types=types, options={"zipmap": False}).SerializeToString()
        )
    return files


def inputs_of(candidate: str) -> list[str]:
    """Return the columns that a candidate looks at."""
    return [*NUMBERS, *WHOLE][: CANDIDATES[candidate]]


def create(folder: Path, rows: int = ROWS, *, say: bool = False) -> lg.Workspace:
    """Make the workspace in ``folder`` and return it, open, with the rows imported and the candidates registered."""
    began = time.monotonic()

    def tell(words: str) -> None:
        if say:
            print(f"{time.monotonic() - began:6.1f} s  {words}", flush=True)

    scratch = folder.parent / f".{folder.name}-files"
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        data = scratch / "rows.csv"
        make_rows(rows).write_csv(data)
        tell(f"wrote {rows:,} rows of 20 columns ({data.stat().st_size / 1e6:,.0f} MB of CSV)")
        ws = create_workspace_from_file(
            folder,
            data,
            label="outcome",
            positive="yes",
            groups=["region", "age_band"],
            texts=["remark"],
            words={"title": f"{rows:,} synthetic rows", "unit": "row"},
            actor=ACTOR,
        )
        tell("imported them")
        for name, file in write_models(scratch).items():
            register(ws.home, name, file, inputs=inputs_of(name), classes=["no", "yes"], actor=ACTOR)
        tell(f"registered {len(CANDIDATES)} candidates")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return ws


def main() -> int:
    """Make it and score everything once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args()
    began = time.monotonic()
    with create(options.folder, options.rows, say=True) as ws:
        run = ws.engine.bring_up_to_date()
    print(f"{time.monotonic() - began:6.1f} s  scored {run.rows_scored:,} rows: the workspace is ready")
    print(f"Serve it with: lookingglass dashboard {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
