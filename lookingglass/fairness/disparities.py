"""Each slice against a named reference: difference and ratio with Newcombe's intervals, Holm over all that was asked.

Two slices of one slicing share no example, so they are independent samples. Knows nothing of scores.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lookingglass.fairness.figures import SliceFigures, denominator
from lookingglass.fairness.groups import GROUP_METRICS
from lookingglass.fairness.limits import NO_LIMIT, Limit, Verdict
from lookingglass.fairness.slices import Slice
from lookingglass.figures import Figure, undefined
from lookingglass.metrics.counts import Counts, Floats
from lookingglass.metrics.formulas import RATES, Cells
from lookingglass.metrics.intervals import newcombe, newcombe_ratio

SAME_QUESTION = {"false_negative_rate": "recall"}
"""The two are 1 together, so they are one question and count once in the family."""

EXACT_BELOW = 5.0
"""With a smaller expected count in the table of two by two, the test is Fisher's exact one (Cochran's rule)."""

ALARM = 0.05


@dataclass(frozen=True)
class Disparity:
    """One metric of one slice against the reference.

    Attributes:
        difference: the slice's rate less the reference's. ``ratio``: the slice's divided by the reference's.
        p_value: two-sided, that two equal groups differ so much or more; None where there is no test. ``test`` is its
            name.
        p_adjusted: the same, corrected by Holm for every question of the family.
        verdict: against ``limit``; cannot tell with its ``reason`` where none is agreed.
        further: about how many further examples of both groups would settle a verdict that cannot be told.
    """

    metric: str
    reference: Slice
    slice: Slice
    difference: Figure
    ratio: Figure
    p_value: float | None = None
    test: str | None = None
    p_adjusted: float | None = None
    limit: Limit | None = None
    verdict: Verdict = "cannot tell"
    reason: str | None = None
    further: int | None = None

    @property
    def alarms(self) -> bool:
        """Whether the slice differs from the reference by more than chance, all that was asked taken into account."""
        return self.p_adjusted is not None and self.p_adjusted <= ALARM

    def to_json(self) -> dict[str, Any]:
        """Return the agreed JSON form of one disparity."""
        return {
            "metric": self.metric,
            "reference": self.reference.to_json(),
            "slice": self.slice.to_json(),
            "difference": self.difference.to_json(),
            "ratio": self.ratio.to_json(),
            "p_value": self.p_value,
            "test": self.test,
            "p_adjusted": self.p_adjusted,
            "limit": None if self.limit is None else self.limit.to_json(),
            "verdict": self.verdict,
            "reason": self.reason,
            "further_examples": self.further,
        }


def k_of_n(metric: str, counts: Counts) -> tuple[int, int]:
    """Return the numerator and denominator of a rate."""
    cells = Cells.of(counts)
    return int(RATES[metric].k(cells)), int(RATES[metric].n(cells))


def disparities(
    slices: Sequence[SliceFigures],
    reference: SliceFigures,
    *,
    metrics: Sequence[str] = GROUP_METRICS,
    limits: Sequence[Limit] = (),
) -> tuple[tuple[Disparity, ...], int]:
    """Return every metric of every slice but the reference against it, and the size of the family of questions.

    The family is every slice and question that could be tested; a metric that is 1 less another counts with it.

    Args:
        slices, reference: their figures at one threshold; what is undefined there is compared with nothing.
        limits: at most one for a metric and measure; a metric with two is told twice.
    """
    by_metric: dict[str, list[Limit]] = {}
    for limit in limits:
        by_metric.setdefault(limit.metric, []).append(limit)
    found = [
        one
        for each in slices
        if each.slice != reference.slice
        for metric in metrics
        for one in _compared(metric, each, reference, by_metric.get(metric, []))
    ]
    questions = {
        (one.slice, SAME_QUESTION.get(one.metric, one.metric)): one.p_value
        for one in found
        if one.p_value is not None
    }
    adjusted = holm(questions)
    return (
        tuple(
            replace(one, p_adjusted=adjusted.get((one.slice, SAME_QUESTION.get(one.metric, one.metric))))
            for one in found
        ),
        len(questions),
    )


def _compared(
    metric: str, each: SliceFigures, reference: SliceFigures, limits: Sequence[Limit]
) -> list[Disparity]:
    """Return the comparison, once for each limit on the metric."""
    for side, name in ((each, "the group"), (reference, "the reference")):
        figure, cases = side.figures[metric], denominator(metric, side.counts)
        if figure.value is None:
            none = undefined(f"{name}: {figure.reason}", cases)
            alone = Disparity(metric, reference.slice, each.slice, none, none, reason=none.reason)
            return [replace(alone, limit=limit) for limit in limits] or [alone]
    cases_of_both = (*k_of_n(metric, each.counts), *k_of_n(metric, reference.counts))
    difference, ratio = difference_of(*cases_of_both), ratio_of(*cases_of_both)
    p_value, test = two_by_two(*cases_of_both)
    alone = Disparity(
        metric, reference.slice, each.slice, difference, ratio, p_value, test, reason=NO_LIMIT
    )  # fmt: skip
    found = []
    for limit in limits:
        verdict, reason = limit.verdict(difference if limit.measure == "difference" else ratio)
        further = None
        if verdict == "cannot tell":
            further = _in_examples(limit.further(*cases_of_both), cases_of_both, each.n + reference.n)
        found.append(replace(alone, limit=limit, verdict=verdict, reason=reason, further=further))
    return found or [alone]


def _in_examples(cases: int | None, of_both: tuple[int, int, int, int], examples: int) -> int | None:
    """Return how many examples hold so many cases, when cases are as common as they are."""
    return None if cases is None else math.ceil(cases * examples / (of_both[1] + of_both[3]))


def difference_of(k1: int, n1: int, k2: int, n2: int) -> Figure:
    """Return k1/n1 - k2/n2 with Newcombe's interval; n is that of both together."""
    low, high = newcombe(k1, n1, k2, n2)
    return Figure(k1 / n1 - k2 / n2, n1 + n2, low, high, "newcombe")


def ratio_of(k1: int, n1: int, k2: int, n2: int) -> Figure:
    """Return (k1/n1) / (k2/n2) with the interval that goes with Newcombe's; undefined where k2 is 0."""
    if k2 == 0:
        return undefined("the reference has a rate of 0", n1 + n2)
    low, high = newcombe_ratio(k1, n1, k2, n2)
    return Figure(k1 * n2 / (n1 * k2), n1 + n2, low, high, "newcombe, ratio")


def two_by_two(k1: int, n1: int, k2: int, n2: int) -> tuple[float, str]:
    """Return the two-sided p-value of equal rates in two independent samples, and the name of the test.

    Pearson's test with the pooled rate, without continuity correction; Fisher's exact test where an expected count
    is below 5. 1 where nobody or everybody is counted in both.
    """
    k, n = k1 + k2, n1 + n2
    if k in (0, n):
        return 1.0, "pearson"
    if min(k, n - k) * min(n1, n2) < EXACT_BELOW * n:
        return fisher(k1, n1, k2, n2), "fisher"
    pooled = k / n
    z = (k1 / n1 - k2 / n2) / math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return math.erfc(abs(z) / math.sqrt(2.0)), "pearson"


def fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """Return Fisher's exact two-sided p-value of equal rates: all tables with these totals that are no likelier.

    Of the hypergeometric distribution only what lies within 40 standard deviations is added up, the rest is below
    10**-300; scipy's ``fisher_exact`` gives the same and takes a hundred times as long, which 200 groups would feel.
    """
    from scipy.special import gammaln

    k, n = k1 + k2, n1 + n2
    mean = k * n1 / n
    far = 40 * math.sqrt(mean * (n - k) * n2 / (n * max(1, n - 1))) + 1
    low = min(k1, max(0, k - n2, math.floor(mean - far)))
    high = max(k1, min(k, n1, math.ceil(mean + far)))
    found = np.arange(low, high + 1, dtype=np.float64)

    def choose(of: float, some: Floats) -> Floats:
        result: Floats = gammaln(of + 1) - gammaln(some + 1) - gammaln(of - some + 1)
        return result

    likely = choose(n1, found) + choose(n2, k - found)
    likely = np.exp(likely - likely.max())
    as_rare = likely <= likely[k1 - low] * (1 + 1e-7)  # equal to the last bits counts as equal
    return min(1.0, float(likely[as_rare].sum() / likely.sum()))


def holm(p_values: Mapping[Any, float]) -> dict[Any, float]:
    """Return p-values that keep the chance of any false alarm in the family at their level (Holm 1979), by key."""
    ordered = sorted(p_values.items(), key=lambda item: item[1])
    adjusted, highest = {}, 0.0
    for place, (key, p_value) in enumerate(ordered):
        highest = max(highest, min(1.0, p_value * (len(ordered) - place)))
        adjusted[key] = highest
    return adjusted
