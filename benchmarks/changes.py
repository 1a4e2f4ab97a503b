"""Budget 2, "a change costs the change": 20 patterns against recomputing metrics and against scoring everything.

Run with the others by ``make bench``.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import polars as pl

import lookingglass as lg
from benchmarks.large_workspace import ACTOR, CANDIDATES, make_rows
from benchmarks.results import Line, Result, at_least, at_most, exactly, ratios, seconds
from lookingglass.evaluation.derived import Derived
from lookingglass.evaluation.leaderboard import MAIN_METRIC
from lookingglass.testset import commit_import, plan_import, relabel

PATTERNS = 20


def add(ws: lg.Workspace, scratch: Path, number: int, origin: str) -> None:
    """Add 20 rows that were never seen, as patterns or as samples."""
    file = scratch / f"{origin}-{number}.csv"
    rows = make_rows(PATTERNS, seed=1_000 + number)
    ids = [f"{origin}-{number}-{row}" for row in range(PATTERNS)]
    rows.with_columns(pl.Series("example_id", ids)).write_csv(file)
    commit_import(ws.home, plan_import(ws.home, file, origin=origin), ACTOR)


def metrics_alone(ws: lg.Workspace) -> float:
    """Return the seconds that all figures and differences take when every score lies ready and nothing is kept."""
    test_set = ws.test_set()
    return seconds(lambda: Derived(ws.engine).leaderboard(test_set, 0, MAIN_METRIC, None))


def measure(ws: lg.Workspace, scratch: Path, rounds: int, score_everything: float) -> Result:
    """Measure on an open workspace in which everything is scored.

    Args:
        score_everything: the seconds that its first scoring of everything took.
    """
    first = seconds(ws.leaderboard)
    ws.engine.pool.warm(ws.home, ws.candidates)
    add(ws, scratch, 0, "pattern")
    ws.leaderboard()
    alone, patterns, samples, relabels = [], [], [], []
    sent, sent_relabel = [], []
    for number in range(1, rounds + 1):
        alone.append(metrics_alone(ws))
        add(ws, scratch, number, "pattern")
        started = time.perf_counter()
        board = ws.leaderboard()
        patterns.append(time.perf_counter() - started)
        sent.append(board.evaluation.model_rows_scored)
        add(ws, scratch, number, "sample")
        samples.append(seconds(ws.leaderboard))
        test_set = ws.test_set()
        relabel(ws.home, test_set.ids[number], "no" if test_set.y_true[number] else "yes", actor=ACTOR)
        started = time.perf_counter()
        board = ws.leaderboard()
        relabels.append(time.perf_counter() - started)
        sent_relabel.append(board.evaluation.model_rows_scored)
    everything = score_everything + first
    soon = statistics.median(patterns)
    rows = ws.test_set().examples
    lines = (
        exactly(
            f"rows sent to {len(CANDIDATES)} models for {PATTERNS} patterns", max(sent), 20 * len(CANDIDATES)
        ),
        exactly("rows sent to models for a relabel", max(sent_relabel), 0),
        at_most("new leaderboard against recomputing metrics alone", ratios(patterns, alone), 1.5),
        at_least("sooner than scoring everything again", everything / soon, 50),
        Line("20 samples instead, against recomputing metrics alone", f"{ratios(samples, alone):.2f} times"),
        Line(
            "a relabel of a sample, against recomputing metrics alone", f"{ratios(relabels, alone):.2f} times"
        ),
    )
    data = {
        "rows": rows,
        "seconds": {
            "score everything": round(everything, 2),
            "metrics alone": [round(each, 3) for each in alone],
            "after 20 patterns": [round(each, 3) for each in patterns],
            "after 20 samples": [round(each, 3) for each in samples],
            "after a relabel": [round(each, 3) for each in relabels],
        },
    }
    return Result(2, "A change costs the change", lines, data)
