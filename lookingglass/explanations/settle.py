"""Draws more samples until the strongest features stay the same, and repeats with other seeds: is that stable?

Knows LIME only through ``Task.run``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from lookingglass.explanations.local import Floats, Local, Task
from lookingglass.explanations.result import FeatureStability, Stability
from lookingglass.explanations.settings import ExplainSettings, seed_of

SAME = 1e-6
"""Answers that differ by less than this over all variations are the same: there is nothing to explain."""

COUNTS = 0.1
"""A feature with less than this share of the strongest one's weight does not keep an explanation from settling."""


def strongest(weights: Floats, count: int) -> frozenset[int]:
    """Return the positions of the ``count`` largest absolute weights; the earlier one goes first among equals."""
    order = np.lexsort((np.arange(len(weights)), -np.abs(weights)))
    return frozenset(order[:count].tolist())


def compared(features: int, top_k: int) -> int:
    """Return how many of the strongest features are compared: at most all but one, since all are always the same."""
    return min(top_k, max(1, features - 1))


def settled_run(
    task: Task, settings: ExplainSettings, fingerprint: str, content: str
) -> tuple[Local, bool | None]:
    """Return the last of the runs with doubled samples, and whether its strongest features were those before.

    None when there was one run only: the first may already draw the most, or all answers are the same.
    """
    seed = seed_of(fingerprint, content, settings.drawn)
    most = max(min(settings.most_samples, task.most_samples), min(settings.samples, 50))
    local = task.run(seed, min(settings.samples, most), settings.kernel_width)
    settled: bool | None = None
    while local.samples < most and local.spread > SAME and not settled:
        following = task.run(seed, min(2 * local.samples, most), settings.kernel_width)
        settled = _agree(local.weights, following.weights, settings.top_k)
        local = following
    return local, settled


def stability_of(
    task: Task, settings: ExplainSettings, fingerprint: str, content: str, first: Local
) -> Stability | None:
    """Return how the strongest features fare over ``settings.repeats`` seeds, samples as in ``first``; None for one.

    VSI is 100 times the mean over pairs of runs of the share of features that both have among their strongest.
    """
    if settings.repeats < 2 or first.spread <= SAME:
        return None
    runs = [first.weights]
    for repeat in range(1, settings.repeats):
        seed = seed_of(fingerprint, content, settings.drawn, repeat)
        runs.append(task.run(seed, first.samples, settings.kernel_width).weights)
    count = compared(len(task.features), settings.top_k)
    return Stability(len(runs), count, vsi(runs, count), _frequencies(task, runs, count))


def vsi(runs: Sequence[Floats], count: int) -> float:
    """Return 100 times the mean overlap of the ``count`` strongest features over pairs of at least two runs."""
    sets = [strongest(weights, count) for weights in runs]
    common = [len(one & other) for one, other in combinations(sets, 2)]
    return 100.0 * sum(common) / (count * len(common))


def _agree(before: Floats, after: Floats, top_k: int) -> bool:
    """Whether the strongest features, and their signs, are the same, those of next to no weight apart."""
    return _telling(before, top_k) == _telling(after, top_k)


def _telling(weights: Floats, top_k: int) -> frozenset[tuple[int, bool]]:
    least = COUNTS * float(np.abs(weights).max(initial=0.0))
    return frozenset(
        (index, bool(weights[index] > 0))
        for index in strongest(weights, top_k)
        if abs(weights[index]) >= least and weights[index]
    )


def _frequencies(task: Task, runs: Sequence[Floats], count: int) -> tuple[FeatureStability, ...]:
    times: dict[int, int] = {}
    positive: dict[int, int] = {}
    for weights in runs:
        for index in strongest(weights, count):
            times[index] = times.get(index, 0) + 1
            positive[index] = positive.get(index, 0) + bool(weights[index] > 0)
    order = sorted(times, key=lambda index: (-times[index], -abs(float(runs[0][index])), index))
    return tuple(
        FeatureStability(
            task.features[index].feature,
            task.features[index].field,
            task.features[index].position,
            times[index] / len(runs),
            positive[index] / times[index],
        )
        for index in order
    )
