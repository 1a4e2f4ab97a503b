"""How often the interval of a corrected figure holds the truth: ``python -m tests.core.thresholds.coverage``.

Two normal classes, of which the share that is positive and the distance differ; scores whole or with one decimal. The
truth is what the chosen threshold does among all samples that could be drawn. It takes minutes, so it is no test.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from lookingglass.metrics import Costs, Settings
from lookingglass.metrics.formulas import Cells, at_threshold
from lookingglass.thresholds import Aim, Sample, choose, honesty

MONEY = Settings(costs=Costs(1, 5))
CASES = (
    (0.1, 1.5, "f1", None),
    (0.3, 1.2, "f1", None),
    (0.5, 1.2, "cost_per_example", None),
    (0.1, 1.5, "cost_per_example", None),
    (0.2, 2.0, "mcc", None),
    (0.3, 1.2, "balanced_accuracy", 1),
)


def true_value(
    name: str, threshold: float | None, share: float, distance: float, decimals: int | None
) -> float:
    """Return a metric at a threshold among all that could be drawn; rounded scores reach it half a step early."""
    at = math.inf if threshold is None else threshold - (0 if decimals is None else 0.5 * 10**-decimals)
    recall, false_positive_rate = (math.erfc((at - mean) / math.sqrt(2)) / 2 for mean in (distance, 0.0))
    cells = (share * recall, (1 - share) * false_positive_rate, (1 - share) * (1 - false_positive_rate))
    return float(
        at_threshold(
            name, Cells.of_four(*(np.array([cell]) for cell in (*cells, share * (1 - recall)))), MONEY
        )[0]
    )


def covered(
    n: int, runs: int, case: tuple[float, float, str, int | None]
) -> dict[str, tuple[float, float, float]]:
    """Return for each figure the share of runs that cover, and how far the raw and the corrected one are off."""
    share, distance, goal, decimals = case
    found: dict[str, list[tuple[bool, float, float]]] = {
        name: [] for name in dict.fromkeys((goal, "recall", "precision"))
    }
    for seed in range(runs):
        rng = np.random.default_rng(100_000 + seed)
        y_true = (rng.random(n) < share).astype(np.int8)
        scores = rng.normal(size=n) + distance * y_true
        sample = Sample.of(y_true, scores if decimals is None else scores.round(decimals))
        choice = choose(sample, Aim(goal, MONEY))
        told = honesty(sample, choice, replicates=500)
        for name, each in found.items():
            figure, truth = (
                told.corrected[name],
                true_value(name, choice.threshold, share, distance, decimals),
            )
            if choice.counts is None or figure.value is None or figure.low is None or figure.high is None:
                continue
            raw = float(at_threshold(name, Cells.of(choice.counts), MONEY))
            each.append((figure.low <= truth <= figure.high, raw - truth, figure.value - truth))
    return {name: tuple(np.mean(each, axis=0).tolist()) for name, each in found.items() if each}  # type: ignore[misc]  # three columns


def main() -> None:
    """Print a line for each size, case and figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--sizes", type=int, nargs="*", default=[200, 1_000, 10_000])
    told = parser.parse_args()
    print(
        f"{'samples':>8} {'positive':>8} {'goal':18} {'figure':18} {'covers':>7} {'raw off':>9} {'corrected off':>14}"
    )
    for n in told.sizes:
        for case in CASES:
            for name, (share, raw, left) in covered(n, told.runs, case).items():
                print(
                    f"{n:8} {case[0]:8.0%} {case[2]:18} {name:18} {share:7.1%} {raw:+9.4f} {left:+14.4f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
