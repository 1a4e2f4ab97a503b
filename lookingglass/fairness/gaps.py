"""The largest gap between any two slices, beside what identical groups of the same sizes show by chance.

The gap between the highest and the lowest of many groups is never small: it gets its permutation null and no interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lookingglass.fairness.disparities import SAME_QUESTION, difference_of, fisher, holm, k_of_n, ratio_of
from lookingglass.fairness.figures import SliceFigures, denominator
from lookingglass.fairness.groups import GROUP_METRICS, SMALLEST_DENOMINATOR
from lookingglass.fairness.slices import Slice
from lookingglass.figures import Figure, undefined
from lookingglass.metrics.counts import Counts

REPLICATES = 1_000
DEFAULT_SEED = 0
FOUR_FIFTHS = 0.8
ONE_GROUP = "fewer than two groups can be compared"
BESIDE = "no interval: compare it with what identical groups show"
EQUALISED_ODDS = "equalised_odds"

NAMES = {
    "selection_rate": "demographic parity difference",
    "recall": "equal opportunity difference",
    "false_positive_rate": "predictive equality difference",
    "precision": "predictive parity difference",
    "accuracy": "overall accuracy difference",
    "false_negative_rate": "false negative rate difference",
    EQUALISED_ODDS: "equalised odds difference: the larger of the gaps in recall and in false positive rate",
}
"""What the literature calls the largest gap in a metric."""

Draws = NDArray[np.int64]


@dataclass(frozen=True)
class Gap:
    """The largest gap of one metric over all slices where it is estimable.

    Attributes:
        metric: one of ``GROUP_METRICS``, or ``equalised_odds``. ``name``: what the literature calls its gap.
        figure: highest less lowest rate; n is the sum of the denominators, ``p_value`` how often identical groups
            show as much or more.
        highest, lowest: the slices between which it lies.
        compared: how many slices. ``not_compared``: how many have too few cases.
        usual: the median gap of identical groups of these sizes; ``usual_high``: they stay below it in 95 of 100 cases.
        replicates, seed: of the permutations.
    """

    metric: str
    name: str
    figure: Figure
    highest: Slice | None
    lowest: Slice | None
    compared: int
    not_compared: int
    usual: float | None
    usual_high: float | None
    replicates: int = REPLICATES
    seed: int = DEFAULT_SEED

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "metric": self.metric,
            "name": self.name,
            "gap": self.figure.to_json(),
            "highest": None if self.highest is None else self.highest.to_json(),
            "lowest": None if self.lowest is None else self.lowest.to_json(),
            "compared": self.compared,
            "not_compared": self.not_compared,
            "usual": self.usual,
            "usual_high": self.usual_high,
            "replicates": self.replicates,
            "seed": self.seed,
        }


def permuted(
    k: int, sizes: Sequence[int], seed: int = DEFAULT_SEED, replicates: int = REPLICATES
) -> NDArray[np.float64]:
    """Return the rates of groups whose labels were shuffled, shape (replicates, groups).

    Shuffling group labels among the cases of a metric hands its k successes to groups of these sizes at random: a
    multivariate hypergeometric draw, so no row is touched.
    """
    drawn: Draws = np.random.default_rng(seed).multivariate_hypergeometric(
        list(sizes), k, size=replicates, method="marginals"
    )
    return drawn / np.asarray(sizes, dtype=np.float64)


def _spread(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    spread: NDArray[np.float64] = rates.max(axis=1) - rates.min(axis=1)
    return spread


def gaps(
    slices: Sequence[SliceFigures],
    *,
    metrics: Sequence[str] = GROUP_METRICS,
    minimum: int = SMALLEST_DENOMINATOR,
    seed: int = DEFAULT_SEED,
    replicates: int = REPLICATES,
) -> tuple[Gap, ...]:
    """Return the largest gap of each metric, and of equalised odds where both of its metrics are asked for."""
    found = {metric: _gap(metric, slices, minimum, seed, replicates) for metric in metrics}
    result = [gap for gap, _ in found.values()]
    if {"recall", "false_positive_rate"} <= set(metrics):
        result.append(_equalised_odds(found["recall"], found["false_positive_rate"], seed, replicates))
    return tuple(result)


Null = NDArray[np.float64] | None


def _gap(
    metric: str, slices: Sequence[SliceFigures], minimum: int, seed: int, replicates: int
) -> tuple[Gap, Null]:
    there = [each for each in slices if denominator(metric, each.counts) >= max(1, minimum)]
    cases = [k_of_n(metric, each.counts) for each in there]
    sizes = [n for _, n in cases]
    without = len(slices) - len(there)
    if len(there) < 2:
        none = undefined(ONE_GROUP, sum(sizes))
        return Gap(
            metric, NAMES[metric], none, None, None, len(there), without, None, None, replicates, seed
        ), None
    rates = [k / n for k, n in cases]
    high, low = int(np.argmax(rates)), int(np.argmin(rates))
    # A stream of its own for each question, which stays the same whichever others are asked for.
    question = SAME_QUESTION.get(metric, metric)
    hits = sum(k_of_n(question, each.counts)[0] for each in there)
    null = _spread(permuted(hits, sizes, seed + 1 + GROUP_METRICS.index(question), replicates))
    gap = _told(metric, rates[high] - rates[low], sum(sizes), null, replicates, seed)
    between = there[high].slice, there[low].slice
    compared = len(there), without
    return Gap(metric, NAMES[metric], gap, *between, *compared, *_usual(null), replicates, seed), null


def _told(metric: str, value: float, n: int, null: NDArray[np.float64], replicates: int, seed: int) -> Figure:
    as_large = int(np.count_nonzero(null >= value * (1 - 1e-12)))
    p_value = (1 + as_large) / (1 + replicates)
    return Figure(value, n, method="permutation", reason=BESIDE, p_value=p_value)


def _usual(null: NDArray[np.float64]) -> tuple[float, float]:
    return float(np.median(null)), float(np.quantile(null, 0.95))


def _equalised_odds(recall: tuple[Gap, Null], fpr: tuple[Gap, Null], seed: int, replicates: int) -> Gap:
    name = NAMES[EQUALISED_ODDS]
    (one, one_null), (other, other_null) = recall, fpr
    if one_null is None or other_null is None:
        lacking = one if one_null is None else other
        none = undefined(f"{lacking.metric.replace('_', ' ')}: {ONE_GROUP}", one.figure.n + other.figure.n)
        compared = lacking.compared, lacking.not_compared
        return Gap(EQUALISED_ODDS, name, none, None, None, *compared, None, None, replicates, seed)
    larger = one if (one.figure.value or 0.0) >= (other.figure.value or 0.0) else other
    null = np.maximum(one_null, other_null)  # positives and negatives are shuffled apart
    figure = _told(
        EQUALISED_ODDS, larger.figure.value or 0.0, one.figure.n + other.figure.n, null, replicates, seed
    )
    return Gap(
        EQUALISED_ODDS, name, figure, larger.highest, larger.lowest, min(one.compared, other.compared),
        max(one.not_compared, other.not_compared), *_usual(null), replicates, seed,
    )  # fmt: skip


@dataclass(frozen=True)
class FourFifthsLine:
    """One slice under the four-fifths rule: its rate divided by the highest one.

    Attributes:
        below: whether the ratio is below four fifths. ``p_value``: Fisher's exact test of equal rates, corrected by
            Holm over the lines.
    """

    slice: Slice
    ratio: Figure
    difference: Figure
    below: bool
    p_value: float

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "slice": self.slice.to_json(),
            "ratio": self.ratio.to_json(),
            "difference": self.difference.to_json(),
            "below": self.below,
            "p_value": self.p_value,
        }


@dataclass(frozen=True)
class FourFifths:
    """The four-fifths rule of US employment law (29 CFR 1607.4 D), which is no general standard.

    Attributes:
        answer: which answer is taken to be the favourable one: the rule is about those who get it.
        highest: the slice with the highest rate, which all are held against; None where no two can be compared.
        lines: the other slices, lowest ratio first.
        chance_of_failing: how often identical groups of these sizes have one below four fifths.
        reason: why there is nothing to tell.
    """

    answer: Literal["yes", "no"]
    highest: Slice | None
    lines: tuple[FourFifthsLine, ...]
    chance_of_failing: float | None
    reason: str | None = None

    @property
    def below(self) -> bool:
        """Whether a slice is below four fifths."""
        return any(line.below for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "favourable_answer": self.answer,
            "rule": "four fifths of the highest rate; US employment law (29 CFR 1607.4 D), not a general standard",
            "highest": None if self.highest is None else self.highest.to_json(),
            "below": self.below if self.lines else None,
            "chance_of_failing": self.chance_of_failing,
            "lines": [line.to_json() for line in self.lines],
            "reason": self.reason,
        }


def four_fifths(
    slices: Sequence[SliceFigures],
    answer: Literal["yes", "no"],
    *,
    minimum: int = SMALLEST_DENOMINATOR,
    seed: int = DEFAULT_SEED,
    replicates: int = REPLICATES,
) -> FourFifths:
    """Return the four-fifths rule for those who get one answer, each slice with its exact test.

    Args:
        answer: the favourable one; the rule means nothing for the other.
    """

    def cases(counts: Counts) -> tuple[int, int]:
        yes, n = k_of_n("selection_rate", counts)
        return (yes if answer == "yes" else n - yes), n

    there = [(each.slice, *cases(each.counts)) for each in slices if each.n >= max(1, minimum)]
    if len(there) < 2:
        return FourFifths(answer, None, (), None, ONE_GROUP)
    best, k2, n2 = max(there, key=lambda item: (item[1] / item[2], item[2]))
    if k2 == 0:
        return FourFifths(answer, None, (), None, f"nobody was answered {answer}")
    others = [item for item in there if item[0] != best]
    exact = holm({each: fisher(k, n, k2, n2) for each, k, n in others})
    lines = [
        FourFifthsLine(
            each, ratio_of(k, n, k2, n2), difference_of(k, n, k2, n2), 5 * k * n2 < 4 * n * k2, exact[each]
        )
        for each, k, n in others
    ]
    rates = permuted(sum(k for _, k, _ in there), [n for _, _, n in there], seed, replicates)
    failing = rates.min(axis=1) < FOUR_FIFTHS * rates.max(axis=1) * (1 - 1e-12)
    lines.sort(key=lambda line: (line.ratio.value or 0.0, line.slice))
    return FourFifths(answer, best, tuple(lines), float(failing.mean()))
