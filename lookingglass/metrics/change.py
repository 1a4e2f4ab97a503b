"""What a change of the test set does to one candidate's metric: after minus before, judged over the examples of both.

Two versions of a test set share most of their examples, so the two figures are far from independent; and they are not
the same examples either, so neither a paired nor an unpaired comparison fits. Knows nothing of versions or ids.

Method. Examples are the units that were drawn: an example is in one version or in both, perhaps with another label or
score. Each metric T is, to first order, its true value plus a sum over its own examples of influence terms t_i (the
infinitesimal jackknife: Jaeckel 1972; Efron and Stein 1981). So for the two versions

    T(after) - T(before)  =  true difference  +  sum over all examples of d_i,   d_i = t_i(after) - t_i(before),

with t_i = 0 for an example that the version does not hold. The d_i of different examples are independent and sum to
nothing, hence  Var = sum of d_i squared,  and the interval is  difference +- 1.96 sqrt(Var). Where both versions hold
the same examples this is the paired comparison (for the AUC exactly paired DeLong), where they share none it is the
unpaired one (the two variances add). The terms are

* AUC: (V10 - A) / sqrt(m (m - 1)) for a positive, (V01 - A) / sqrt(n (n - 1)) for a negative: DeLong's structural
  components, scaled so that a single version has DeLong's variance S10/m + S01/n;
* losses: (loss - mean) / sqrt(n (n - 1)); with another share of positives in real use that within each class, times
  the class's share;
* everything at a threshold: the derivative of the metric by the count of the cell (tp, fp, tn, fn) that the example
  falls in. Such metrics are ratios of counts, so the terms of a version sum to nothing by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

import numpy as np

from lookingglass.figures import Figure, undefined
from lookingglass.metrics import losses
from lookingglass.metrics.catalogue import METRICS, Scored
from lookingglass.metrics.counts import Floats, Ints, Labels
from lookingglass.metrics.delong import ALL_EQUAL, NOT_ESTIMABLE
from lookingglass.metrics.formulas import Cells, Settings, at_threshold, why_undefined
from lookingglass.metrics.intervals import Z95, normal_p_value
from lookingglass.metrics.ordered import Ordered

FEWEST = 6
"""With fewer examples that differ, no difference can be more than chance: an exact sign test on five has p >= 1/16."""

METHOD = "influence over the examples of both versions"
SAME = "both versions hold the same examples with the same labels and scores"

_STEP = 0.01
_RANGE = {"log_loss": np.inf, "cost_per_example": np.inf}


@dataclass(frozen=True, eq=False)
class Side:
    """One candidate on one version.

    Attributes:
        y_true: labels, 1 positive and 0 otherwise, shape (n,).
        y_score: scores, finite, shape (n,).
        place: which example each row is among the examples of both versions, shape (n,), each number once; a number
            that both sides use is the same example.
        threshold: the answer is yes when ``score >= threshold``; None answers nobody.
    """

    y_true: Labels
    y_score: Floats
    place: Ints
    threshold: float | None = 0.5
    settings: Settings = field(default_factory=Settings)

    @cached_property
    def rows(self) -> Ordered:
        """Labels and scores, sorted once for the figure and for the difference."""
        return Ordered(self.y_true, self.y_score)

    def figure(self, name: str) -> Figure:
        """Return one metric of this side alone, with its own interval, as ``evaluate_metrics`` does."""
        return METRICS[name].compute(name, Scored(self.rows, self.threshold, self.settings))


@dataclass(frozen=True, eq=False)
class _Measured:
    """A metric's value with each example's term (None: no method), or why there is no value or no interval."""

    value: float | None
    terms: Floats | None = None
    reason: str | None = None


def differing(before: Side, after: Side) -> int:
    """Return how many examples differ: only one side holds them, or their label or score is another (NaN: no score)."""
    size = _size(before, after)
    if before.place is after.place:
        return _unlike(before.y_true, before.y_score, after.y_true, after.y_score)
    labels, scores = np.full((2, size), -1, dtype=np.int8), np.full((2, size), np.nan)
    for number, side in enumerate((before, after)):
        labels[number, side.place] = side.y_true
        scores[number, side.place] = side.y_score
    return _unlike(labels[0], scores[0], labels[1], scores[1])


def _unlike(labels: Labels, scores: Floats, other_labels: Labels, other_scores: Floats) -> int:
    alike = (scores == other_scores) | (np.isnan(scores) & np.isnan(other_scores))
    return len(labels) - int(np.count_nonzero(alike & (labels == other_labels)))


def metric_change(name: str, before: Side, after: Side) -> Figure:
    """Return ``after`` minus ``before`` of one metric with its 95 % interval and two-sided p-value.

    ``n`` is how many examples the two versions hold together. The p-value is the normal one, but never below
    2^(1 - k), the least that an exact sign test can give on the k examples that differ.

    Undefined when the metric has no value on a side; the reason says on which. A value without interval, with the
    reason: nothing differs (difference 0, p = 1), fewer than 6 examples differ, a ranking is perfect, a class has a
    single example, or there is no method for this metric.
    """
    size = _size(before, after)
    measured = [_measure(name, side) for side in (before, after)]
    reasons = [side.reason if side.value is None else None for side in measured]
    if measured[0].value is None or measured[1].value is None:
        return undefined(_told(reasons), size)
    value = measured[1].value - measured[0].value
    count = differing(before, after)
    if count == 0:
        return Figure(0.0, size, reason=SAME, p_value=1.0)
    least = 2.0 ** (1 - count)
    error, reason = _error(measured, before, after, size)
    p_value = max(least, normal_p_value(value, error)) if error else (least if count < FEWEST else None)
    if count < FEWEST:
        only = "a single example differs" if count == 1 else f"only {count} examples differ"
        return Figure(value, size, reason=f"{only}, too few for an interval", p_value=p_value)
    if error is None:
        return Figure(value, size, reason=reason)
    most = _RANGE.get(name, 2.0 if name == "mcc" else 1.0)
    low, high = max(-most, value - Z95 * error), min(most, value + Z95 * error)
    return Figure(value, size, low, high, METHOD, p_value=p_value)


def _size(before: Side, after: Side) -> int:
    return 1 + max((int(side.place.max()) for side in (before, after) if len(side.place)), default=-1)


def _told(reasons: list[str | None]) -> str:
    if reasons[0] == reasons[1]:
        return str(reasons[0])
    return "; ".join(
        f"{side}: {reason}" for side, reason in zip(("before", "after"), reasons, strict=True) if reason
    )


def _error(
    measured: list[_Measured], before: Side, after: Side, size: int
) -> tuple[float | None, str | None]:
    """Return the standard error of the difference, or why there is none."""
    apart = np.zeros(size)
    for side, result, sign in ((before, measured[0], -1.0), (after, measured[1], 1.0)):
        if result.terms is None:
            return None, result.reason
        apart[side.place] += sign * result.terms
    error = sqrt(float(apart @ apart))
    reasons = [result.reason for result in measured if result.reason]
    return (None, (reasons or [NOT_ESTIMABLE])[0]) if error < 1e-12 else (error, None)


def _measure(name: str, side: Side) -> _Measured:
    if name == "roc_auc":
        return _auc(side)
    kind = METRICS[name].kind
    if kind == "loss":
        return _loss(name, side)
    if kind == "ranking":
        figure = side.figure(name)
        return _Measured(figure.value, None, figure.reason or f"{NOT_ESTIMABLE}: no method for this metric")
    return _at_threshold(name, side)


def _auc(side: Side) -> _Measured:
    labels = side.y_true
    positives = side.rows.positives
    negatives = len(labels) - positives
    if side.rows.one_class is not None:
        return _Measured(None, reason=side.rows.one_class)
    auc, placed = side.rows.placed
    if side.y_score.min() == side.y_score.max():
        return _Measured(auc, np.zeros(len(labels)), ALL_EQUAL)
    if auc in {0.0, 1.0}:
        return _Measured(auc, None, f"{NOT_ESTIMABLE}: a ranking without a mistake")
    if min(positives, negatives) < 2:
        return _Measured(auc, None, f"{NOT_ESTIMABLE}: one class has a single example")
    scale = np.array([1 / sqrt(negatives * (negatives - 1)), 1 / sqrt(positives * (positives - 1))])
    return _Measured(auc, (placed - auc) * scale[labels])


def _loss(name: str, side: Side) -> _Measured:
    prevalence = side.settings.prevalence
    reason = losses.no_probability(side.y_score) or (None if prevalence is None else side.rows.one_class)
    if reason is not None:
        return _Measured(None, reason=reason)
    each = side.rows.loss(name)
    n, value, terms = len(each), 0.0, np.empty(len(each))
    if n == 1:
        return _Measured(float(each.mean()), None, f"{NOT_ESTIMABLE}: a single example")
    weighted = [(1.0, np.ones(n, dtype=bool))]
    if prevalence is not None:
        weighted = [(prevalence, side.y_true == 1), (1 - prevalence, side.y_true == 0)]
    for weight, part in weighted:
        mean, count = float(each[part].mean()), int(np.count_nonzero(part))
        value += weight * mean
        if count > 1:
            terms[part] = weight * (each[part] - mean) / sqrt(count * (count - 1))
    if any(np.count_nonzero(part) == 1 for _, part in weighted):
        return _Measured(value, None, f"{NOT_ESTIMABLE}: one class has a single example")
    return _Measured(value, terms)


def _at_threshold(name: str, side: Side) -> _Measured:
    scored = Scored(side.rows, side.threshold, side.settings)
    counts = scored.counts
    value = float(at_threshold(name, Cells.of(counts), side.settings))
    if np.isnan(value):
        return _Measured(None, reason=why_undefined(name, counts, side.settings))
    cells = np.array([counts.tp, counts.fp, counts.tn, counts.fn], dtype=np.float64)
    moved = cells + _STEP * np.concatenate([np.eye(4), -np.eye(4)])
    up, down = np.split(at_threshold(name, Cells.of_four(*moved.T), side.settings), 2)
    slope = (up - down) / (2 * _STEP)
    # An empty cell has nobody to bear its term; stepping below zero there may leave the metric's domain.
    slope[cells == 0] = 0.0
    yes = side.y_score >= (np.inf if side.threshold is None else side.threshold)
    positive = side.y_true == 1
    cell = np.where(yes, np.where(positive, 0, 1), np.where(positive, 3, 2))
    return _Measured(value, slope[cell])
