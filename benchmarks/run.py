"""Measures the performance budgets side by side in one run and writes docs/benchmarks.md.

``python -m benchmarks.run [--rows N] [--rounds R] [--only 1,3,7] [--docs FILE] [--json FILE]``, or ``make bench``.
Exits 1 when a budget was missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import curves
from benchmarks.large_workspace import CANDIDATES, ROWS, create
from benchmarks.results import Line, Result, seconds

TOP = Path(__file__).parent.parent
BUDGETS = (1, 2, 3, 5, 6, 7, 8)
START_ROWS = 2_400


def measure(options: argparse.Namespace, scratch: Path) -> Iterator[Result]:
    """Yield the result of each budget that was asked for."""
    only, rows, rounds = options.only, options.rows, options.rounds
    if 3 in only:
        yield curves.measure(rows, max(rounds, 3))
    if 5 in only:
        from benchmarks import explanations

        yield explanations.measure(scratch, rounds)
    if only & {1, 2, 7, 8}:
        large = create(scratch / "large", rows, say=True)
        try:
            if 8 in only:
                from benchmarks import imports

                yield imports.measure(scratch, large.config, rows, rounds)
            took = seconds(large.engine.bring_up_to_date)
            print(f"         scored {len(CANDIDATES) * rows:,} rows in {took:.0f} s", flush=True)
            if 2 in only:
                from benchmarks import changes

                yield changes.measure(large, scratch, rounds, took)
        finally:
            large.close()
    if only & {1, 6, 7}:
        from playwright.sync_api import sync_playwright

        from benchmarks import browser, drag, reruns, start

        with sync_playwright() as playwright:
            chromium = browser.launch(playwright)
            if 6 in only:
                with create(scratch / "small", min(rows, START_ROWS)) as small:
                    small.leaderboard()
                yield start.measure(chromium, scratch / "small", scratch, rounds)
            if 1 in only:
                yield drag.measure(chromium, scratch / "large", rows, len(CANDIDATES))
            if 7 in only:
                yield reruns.measure(chromium, scratch / "large", rows, len(CANDIDATES), 2 * rounds)
            chromium.close()


def table(results: list[Result]) -> str:
    """Return the results as a Markdown table."""
    rows = [
        f"| {result.budget} {result.title} | {line.what} | {line.figure} | {_allowed(line)} |"
        for result in results
        for line in result.lines
    ]
    return "\n".join(["| budget | what | measured | allowed | |", "|---|---|---|---|---|", *rows])


def _allowed(line: Line) -> str:
    verdict = {None: "", True: "kept", False: "**missed**"}[line.kept]
    return f"{line.limit} | {verdict}"


def document(results: list[Result], options: argparse.Namespace, took: float) -> str:
    """Return the text of docs/benchmarks.md."""
    missed = [f"{result.budget} ({result.title})" for result in results if not result.kept]
    verdict = f"Missed: {', '.join(missed)}." if missed else "Every budget below was kept."
    command = f"python -m benchmarks.run --rows {options.rows} --rounds {options.rounds}"
    return f"""# Benchmarks

Written by `make bench` (`{command}`), which measures ours and what users would
pick instead in turns on the same data in one run, and compares medians of the rounds. Machine: {os.cpu_count()} cores.
Rows: {options.rows:,}, candidates: {len(CANDIDATES)}. The run took {took / 60:.0f} minutes. Ratios carry over to other
machines; milliseconds do not.

{verdict}

{table(results)}

What each line means:

* 2: after an import of 20 test patterns, from asking for the leaderboard until it is there, against making every
  figure of all candidates again from scores that lie ready ("recomputing metrics alone"), and against scoring every
  row. Samples change every figure, so 20 of them cost what recomputing costs.
* 3: all counts at all thresholds, ROC, precision-recall and cost curves, AUC with its interval
  (`benchmarks/curves.py`).
* 5: one explanation of a text of 5, 20 and 200 words from 5,000 variations, against stock lime with the same words and
  seed, on a model that costs next to nothing and on one that takes a millisecond a row; then 100 explanations of a
  worked use case with a real worker (`benchmarks/explanations.py`).
* 6: from starting the command until a browser shows the leaderboard, against `streamlit.text("One line.")`.
* 7: a browser on a served workspace of {options.rows:,} rows, timed on the wire: from its request to the server's last
  message, without what the browser takes to draw it. The workspace is made by
  `python -m benchmarks.large_workspace DIR`; a further session is another browser on the overview.
* 8: a CSV file of 20 columns into an empty workspace (checked, digested, stored), against `pandas.read_csv` and
  `to_parquet` on the same file.
"""


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", type=lambda text: {int(part) for part in text.split(",")}, default=set(BUDGETS)
    )
    parser.add_argument(
        "--docs", type=Path, default=None, help="write the table here, as docs/benchmarks.md is"
    )
    parser.add_argument("--json", type=Path, default=None, help="write everything measured here")
    options = parser.parse_args()
    began = time.monotonic()
    results = []
    scratch = Path(tempfile.mkdtemp(prefix="looking-glass-bench-"))
    try:
        for result in measure(options, scratch):
            results.append(result)
            for line in result.lines:
                print(f"{result.budget}  {line.what}: {line.figure}  {_allowed(line)}", flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    results.sort(key=lambda result: result.budget)
    took = time.monotonic() - began
    print(f"\n{table(results)}\n\n{took:.0f} s")
    if options.docs:
        options.docs.write_text(document(results, options, took), encoding="utf-8")
    if options.json:
        told = {"rows": options.rows, "rounds": options.rounds, "cores": os.cpu_count()}
        told["results"] = [result.to_json() for result in results]
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0 if all(result.kept for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
