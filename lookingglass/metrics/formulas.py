"""The formulas of every metric at a threshold, as functions of counts, for one threshold or a million.

Undefined (0/0) comes out as NaN here, and ``why_undefined`` says why in plain words. Knows nothing of scores
or intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lookingglass.metrics.counts import Counts, CountTable, Floats, Ints


@dataclass(frozen=True)
class Costs:
    """What an answer costs or brings, per example, in the workspace's currency; gains are counted against costs."""

    cost_fp: float
    cost_fn: float
    gain_tp: float = 0.0
    gain_tn: float = 0.0


@dataclass(frozen=True)
class Settings:
    """What some metrics need beyond counts: ``beta`` > 0 of F-beta (recall counts beta times as much), the costs."""

    beta: float = 1.0
    costs: Costs | None = None

    def __post_init__(self) -> None:
        """Refuse a beta that is no weight."""
        if not (np.isfinite(self.beta) and self.beta > 0):
            raise ValueError(f"beta must be a number above 0, not {self.beta}")


@dataclass(frozen=True, eq=False)
class Cells:
    """The four counts as float64 arrays of one shape, thresholds or bootstrap replicates, and both classes' totals.

    The totals have that shape too, or shape () where they are the same everywhere.
    """

    tp: Floats
    fp: Floats
    tn: Floats
    fn: Floats
    positives: Floats
    negatives: Floats

    @classmethod
    def of(cls, counts: Counts | CountTable) -> Cells:
        """Return the cells of one threshold (shape ()) or of every distinct score (shape (d,))."""
        tp, fp, positives, negatives = (
            np.asarray(part, dtype=np.float64)
            for part in (counts.tp, counts.fp, counts.positives, counts.negatives)
        )
        return cls(tp, fp, np.asarray(negatives - fp), np.asarray(positives - tp), positives, negatives)

    @classmethod
    def of_four(cls, tp: Floats, fp: Floats, tn: Floats, fn: Floats) -> Cells:
        """Return the cells of four float64 arrays of one shape, whose totals may differ from place to place."""
        return cls(tp, fp, tn, fn, tp + fn, fp + tn)

    @classmethod
    def of_columns(cls, replicates: Ints) -> Cells:
        """Return the cells of an array (r, 4) whose columns are tp, fp, tn, fn."""
        return cls.of_four(*np.ascontiguousarray(replicates.T, dtype=np.float64))

    @property
    def n(self) -> Floats:
        """All examples."""
        return self.positives + self.negatives


@dataclass(frozen=True)
class Rate:
    """k of n, and what it means when n is 0."""

    k: Callable[[Cells], Floats]
    n: Callable[[Cells], Floats]
    empty: str


RATES: dict[str, Rate] = {
    "accuracy": Rate(lambda c: c.tp + c.tn, lambda c: c.n, "no examples"),
    "precision": Rate(lambda c: c.tp, lambda c: c.tp + c.fp, "nothing answered yes"),
    "recall": Rate(lambda c: c.tp, lambda c: c.positives, "no positives"),
    "false_positive_rate": Rate(lambda c: c.fp, lambda c: c.negatives, "no negatives"),
    "false_negative_rate": Rate(lambda c: c.fn, lambda c: c.positives, "no positives"),
    "specificity": Rate(lambda c: c.tn, lambda c: c.negatives, "no negatives"),
    "selection_rate": Rate(lambda c: c.tp + c.fp, lambda c: c.n, "no examples"),
}


def ratio(numerator: Any, denominator: Any) -> Floats:
    """Return numerator / denominator, NaN where the denominator is 0."""
    bottom = np.asarray(denominator, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.asarray(np.asarray(numerator, np.float64) / bottom)
    if not bottom.all():
        result[np.broadcast_to(bottom == 0, result.shape)] = np.nan
    return result


def _balanced_accuracy(c: Cells, _settings: Settings) -> Floats:
    return (ratio(c.tp, c.positives) + ratio(c.tn, c.negatives)) / 2


def _f(c: Cells, beta: float) -> Floats:
    weight = beta * beta
    value = ratio((1 + weight) * c.tp, (1 + weight) * c.tp + weight * c.fn + c.fp)
    return np.where(c.positives > 0, value, np.nan)


def _mcc(c: Cells, _settings: Settings) -> Floats:
    # Square roots before the product: at a million rows the product of four margins leaves 64-bit integers.
    below = np.sqrt(c.positives) * np.sqrt(c.negatives) * np.sqrt(c.tp + c.fp) * np.sqrt(c.tn + c.fn)
    return np.clip(ratio(c.tp * c.tn - c.fp * c.fn, below), -1.0, 1.0)


def _cost_per_example(c: Cells, settings: Settings) -> Floats:
    costs = settings.costs
    if costs is None:
        return np.full(np.shape(c.tp), np.nan)
    total = costs.cost_fp * c.fp
    for weight, cell in ((costs.cost_fn, c.fn), (-costs.gain_tp, c.tp), (-costs.gain_tn, c.tn)):
        if weight:
            total += weight * cell
    return ratio(total, c.n)


COMPOSITES: dict[str, Callable[[Cells, Settings], Floats]] = {
    "balanced_accuracy": _balanced_accuracy,
    "f1": lambda c, _settings: _f(c, 1.0),
    "f_beta": lambda c, settings: _f(c, settings.beta),
    "mcc": _mcc,
    "cost_per_example": _cost_per_example,
}

AT_THRESHOLD: tuple[str, ...] = (*RATES, *COMPOSITES)
"""Names of all metrics that are functions of the counts at one threshold."""


def at_threshold(name: str, cells: Cells, settings: Settings) -> Floats:
    """Return the metric ``name`` for each cell of ``cells``, NaN where it is undefined."""
    if name in RATES:
        return ratio(RATES[name].k(cells), RATES[name].n(cells))
    return COMPOSITES[name](cells, settings)


def why_undefined(name: str, counts: Counts, settings: Settings) -> str:
    """Return in plain words why ``name`` has no value at these counts; call it only when it has none."""
    if name == "cost_per_example" and settings.costs is None:
        return "no costs agreed"
    if counts.n == 0:
        return "no examples"
    if name in RATES:
        return RATES[name].empty
    if counts.positives == 0:
        return "no positives"
    if counts.negatives == 0:
        return "no negatives"
    return "nothing answered yes" if counts.tp + counts.fp == 0 else "everything answered yes"
