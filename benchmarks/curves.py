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

from lookingglass.metrics import Costs, CountTable, evaluate_metrics, paired_difference
from lookingglass.metrics.bootstrap import average_precision
from lookingglass.metrics.delong import auc_delong
from lookingglass.metrics.formulas import Cells, Settings, at_threshold
from lookingglass.thresholds import threshold_table

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


def main() -> int:
    """Measure, print, and exit 1 when the budget is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=None, help="write the result here too")
    options = parser.parse_args()
    y_true, a, b = sample(options.rows)
    at_score = CountTable.from_scores(y_true, a).per_score()
    tasks: dict[str, Callable[[], object]] = {
        "numpy.argsort": lambda: np.argsort(a),
        "full table": lambda: full_table(y_true, a),
        "scikit-learn, three calls": lambda: scikit_learn(y_true, a),
        "threshold table, 512 rows": lambda: threshold_table(y_true, a, costs=COSTS),
        "average precision, exact": lambda: average_precision(*at_score),
        "all metrics with intervals": lambda: evaluate_metrics(y_true, a, 0.3, costs=COSTS),
        "f1, 1,000 replicates": lambda: evaluate_metrics(y_true, a, 0.3, metrics=["f1"]),
        "all paired differences": lambda: paired_difference(y_true, a, b, 0.3, 0.3, costs=COSTS),
    }
    milliseconds = best_of(tasks, options.rounds)
    argsorts = milliseconds["full table"] / milliseconds["numpy.argsort"]
    against_peer = milliseconds["scikit-learn, three calls"] / milliseconds["full table"]
    kept = argsorts <= MOST_ARGSORTS and against_peer > 1
    print(f"{options.rows:,} rows, best of {options.rounds}, {os.cpu_count()} cores\n")
    print(f"{'work':<28}{'ms':>10}{'argsorts':>10}")
    for name, value in milliseconds.items():
        print(f"{name:<28}{value:>10.1f}{value / milliseconds['numpy.argsort']:>10.2f}")
    print(f"\nfull table: {argsorts:.2f} argsorts (budget {MOST_ARGSORTS:.0f}),")
    print(f"{against_peer:.1f} times as fast as scikit-learn (budget: faster)")
    print("budget 3 kept" if kept else "budget 3 NOT kept")
    result = {
        "benchmark": "curves",
        "rows": options.rows,
        "milliseconds": {name: round(value, 2) for name, value in milliseconds.items()},
        "full_table_in_argsorts": round(argsorts, 3),
        "times_as_fast_as_scikit_learn": round(against_peer, 2),
        "kept": kept,
    }
    line = json.dumps(result)
    print(line)
    if options.json:
        options.json.write_text(line + "\n", encoding="utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
