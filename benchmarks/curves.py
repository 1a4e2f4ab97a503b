"""Budget 3, "curves are sort-bound": the full table of a million rows against one argsort and against scikit-learn.

The full table is all counts at all thresholds, ROC, precision-recall and cost curves, and AUC with its interval. Run
``python -m benchmarks.curves [--rows N] [--rounds R] [--json FILE]``; it prints a table and, last, one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import Result, at_least, at_most
from lookingglass.metrics import Costs, CountTable, evaluate_metrics, paired_difference
from lookingglass.metrics.bootstrap import average_precision
from lookingglass.metrics.delong import auc_delong
from lookingglass.metrics.formulas import Cells, Settings, at_threshold
from lookingglass.thresholds import Aim, Sample, choose, honesty, threshold_table

COSTS = Costs(cost_fp=1.0, cost_fn=5.0)
MOST_ARGSORTS = 3.0


def sample(rows: int) -> tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]:
    """Return labels (12 % positive) and the scores of two candidates that share most of their signal."""
    rng = np.random.default_rng(0)
    y_true = (rng.random(rows) < 0.12).astype(np.int8)
    seen = rng.normal(size=rows) + 1.3 * y_true
    first, second = (1 / (1 + np.exp(2 - seen - noise * rng.normal(size=rows))) for noise in (0.3, 0.6))
    return y_true, first, second


def full_table(y_true: NDArray[np.int8], y_score: NDArray[np.float64]) -> None:
    """Do what budget 3 names."""
    table = CountTable.from_scores(y_true, y_score)
    cells = Cells.of(table)
    for name in ("recall", "false_positive_rate", "precision", "cost_per_example"):
        at_threshold(name, cells, Settings(costs=COSTS))
    auc_delong(table)


def best_threshold(y_true: NDArray[np.int8], y_score: NDArray[np.float64]) -> None:
    """Choose the cheapest threshold, then choose it anew in 1,000 replicates."""
    drawn = Sample.of(y_true, y_score)
    honesty(drawn, choose(drawn, Aim("cost_per_example", Settings(costs=COSTS))))


def scikit_learn(y_true: NDArray[np.int8], y_score: NDArray[np.float64]) -> None:
    """Do what a user of scikit-learn would: no counts, no cost, no interval."""
    from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve

    roc_curve(y_true, y_score)
    precision_recall_curve(y_true, y_score)
    roc_auc_score(y_true, y_score)


def best_of(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the best of ``rounds`` times in milliseconds, the tasks taking turns so that all meet the same machine."""
    best = dict.fromkeys(tasks, float("inf"))
    for _ in range(rounds):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            best[name] = min(best[name], 1e3 * (time.perf_counter() - started))
    return best


def measure(rows: int, rounds: int) -> Result:
    """Return what budget 3 asks, with everything else that was timed beside it."""
    milliseconds = time_all(rows, rounds)
    argsorts = milliseconds["full table"] / milliseconds["numpy.argsort"]
    against_peer = milliseconds["scikit-learn, three calls"] / milliseconds["full table"]
    lines = (
        at_most("the full table against one numpy.argsort", argsorts, MOST_ARGSORTS),
        at_least("as fast as roc_curve, precision_recall_curve and roc_auc_score together", against_peer, 1),
    )
    told = {name: round(value, 2) for name, value in milliseconds.items()}
    return Result(3, "Curves are sort-bound", lines, {"rows": rows, "milliseconds": told})


def time_all(rows: int, rounds: int) -> dict[str, float]:
    """Return the best time in milliseconds of the full table, what it is held against, and what else pages ask for."""
    y_true, a, b = sample(rows)
    at_score = CountTable.from_scores(y_true, a).per_score()
    tasks: dict[str, Callable[[], object]] = {
        "numpy.argsort": lambda: np.argsort(a),
        "full table": lambda: full_table(y_true, a),
        "scikit-learn, three calls": lambda: scikit_learn(y_true, a),
        "threshold table, 512 rows": lambda: threshold_table(y_true, a, costs=COSTS),
        "best threshold, corrected": lambda: best_threshold(y_true, a),
        "average precision, exact": lambda: average_precision(*at_score),
        "all metrics with intervals": lambda: evaluate_metrics(y_true, a, 0.3, costs=COSTS),
        "f1, 1,000 replicates": lambda: evaluate_metrics(y_true, a, 0.3, metrics=["f1"]),
        "all paired differences": lambda: paired_difference(y_true, a, b, 0.3, 0.3, costs=COSTS),
    }
    return best_of(tasks, rounds)


def main() -> int:
    """Measure, print, and exit 1 when the budget is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=None, help="write the result here too")
    options = parser.parse_args()
    result = measure(options.rows, options.rounds)
    milliseconds = result.data["milliseconds"]
    print(f"{options.rows:,} rows, best of {options.rounds}, {os.cpu_count()} cores\n")
    print(f"{'work':<28}{'ms':>10}{'argsorts':>10}")
    for name, value in milliseconds.items():
        print(f"{name:<28}{value:>10.1f}{value / milliseconds['numpy.argsort']:>10.2f}")
    for line in result.lines:
        print(f"\n{line.what}: {line.figure} ({line.limit})")
    print("budget 3 kept" if result.kept else "budget 3 NOT kept")
    written = json.dumps(result.to_json())
    print(written)
    if options.json:
        options.json.write_text(written + "\n", encoding="utf-8")
    return 0 if result.kept else 1


if __name__ == "__main__":
    sys.exit(main())
