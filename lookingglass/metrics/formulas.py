"""The formulas of every metric at a threshold, as functions of counts, for one threshold or a million.

Undefined (0/0) comes out as NaN here, and ``why_undefined`` says why in plain words. Knows nothing of scores
or intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from lookingglass.errors import BadSetting
from lookingglass.metrics.counts import Counts, CountTable, Floats, Ints

MOST_MONEY = 1e12
"""Larger amounts would leave no digits for the differences between thresholds."""

MOST_BETA = 1e3


_AMOUNTS = {
    "cost_fp": "the cost of a false positive",
    "cost_fn": "the cost of a false negative",
    "gain_tp": "what a true positive brings",
    "gain_tn": "what a true negative brings",
}


@dataclass(frozen=True)
class Costs:
    """What an answer costs or brings, per example, in the workspace's currency; gains are counted against costs.

    Only two differences decide what is best: what a false alarm costs more than leaving a negative alone
    (``cost_fp + gain_tn``), and what a miss costs more than a find (``cost_fn + gain_tp``). Either may be 0, not both.

    Raises:
        BadSetting: a number is not finite, a mistake would pay better than the right answer, or nothing costs anything.
    """

    cost_fp: float
    cost_fn: float
    gain_tp: float = 0.0
    gain_tn: float = 0.0

    def __post_init__(self) -> None:
        """Refuse costs by which nothing can be chosen, or only nonsense."""
        for name, words in _AMOUNTS.items():
            value = getattr(self, name)
            if not isfinite(value):
                raise BadSetting(
                    f"{words} ({name}) must be a number, not {value}: give an amount, 0 where there is none."
                )
            if abs(value) > MOST_MONEY:
                raise BadSetting(
                    f"{words} ({name}) must be at most {MOST_MONEY:g}, not {value:g}: count in a larger unit."
                )
        for mistake, right, sentence in (
            (
                self.cost_fp,
                self.gain_tn,
                "a false positive (cost_fp {0:g}) would pay better than a true negative (gain_tn {1:g})",
            ),
            (
                self.cost_fn,
                self.gain_tp,
                "a false negative (cost_fn {0:g}) would pay better than a true positive (gain_tp {1:g})",
            ),
        ):
            if mistake + right < 0:
                raise BadSetting(
                    f"{sentence.format(mistake, right)}: a cost counts against, a gain for; check their signs."
                )
        if self.cost_fp + self.gain_tn == 0 and self.cost_fn + self.gain_tp == 0:
            raise BadSetting(
                "no mistake costs more than the right answer, so nothing can be chosen by cost: give cost_fp, cost_fn."
            )


@dataclass(frozen=True)
class Settings:
    """What some metrics need beyond counts.

    Attributes:
        beta: of F-beta, above 0: recall counts beta times as much.
        costs: of ``cost_per_example``.
        prevalence: the share of positives in real use, above 0 and below 1, where it differs from the samples'.
            Positives and negatives are then weighted so that positives make up this share (``shifted``).

    Raises:
        BadSetting: a beta that is no weight, a prevalence that leaves one class out.
    """

    beta: float = 1.0
    costs: Costs | None = None
    prevalence: float | None = None

    def __post_init__(self) -> None:
        """Refuse a beta that is no weight and a prevalence that leaves one class out."""
        if not 0 < self.beta <= MOST_BETA:
            raise BadSetting(f"beta must be a number above 0 and at most {MOST_BETA:g}, not {self.beta:g}.")
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise BadSetting(
                f"the share of positives in real use must lie between 0 and 1, both left out, not {self.prevalence}."
            )


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
    # One division of whole numbers, so that two thresholds that are equally good come out equal to the last bit.
    return ratio(c.tp * c.negatives + c.tn * c.positives, 2 * c.positives * c.negatives)


def _f(c: Cells, beta: float) -> Floats:
    weight = beta * beta
    answered_or_should = c.tp + c.fp
    answered_or_should += weight * c.positives
    value = ratio((1 + weight) * c.tp, answered_or_should)
    return value if np.all(c.positives > 0) else np.where(c.positives > 0, value, np.nan)


def _mcc(c: Cells, _settings: Settings) -> Floats:
    # Two square roots: the product of all four margins leaves what a float holds exactly. tp*tn - fp*fn = tp*N - fp*P.
    below = c.tp + c.fp
    below = np.sqrt(below * (c.n - below)) * np.sqrt(c.positives * c.negatives)
    return np.clip(ratio(c.tp * c.negatives - c.fp * c.positives, below), -1.0, 1.0)


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


WITHIN_CLASS = frozenset(
    {"recall", "false_positive_rate", "false_negative_rate", "specificity", "balanced_accuracy", "roc_auc"}
)
"""Metrics that weigh each class by itself, so that another share of positives leaves them as they are."""


def shifted(cells: Cells, prevalence: float, whole: Cells | None = None) -> Cells:
    """Return the cells as they would be with this share of positives among as many examples; NaN if a class is missing.

    Prior shift: how a class scores stays, how common it is changes. tp' = n * prevalence * tp / P, fp' = n *
    (1 - prevalence) * fp / N, and so on, with each place's own P, N and n (Saerens, Latinne and Decaestecker 2002).
    For the cells of a group, ``whole`` holds all groups together, whose P, N and n are taken: the shift is one for all.
    """
    of = whole or cells
    up, down = ratio(of.n * prevalence, of.positives), ratio(of.n * (1 - prevalence), of.negatives)
    return Cells.of_four(
        np.asarray(cells.tp * up),
        np.asarray(cells.fp * down),
        np.asarray(cells.tn * down),
        np.asarray(cells.fn * up),
    )


def shifts(name: str, settings: Settings) -> bool:
    """Whether another share of positives in real use changes the metric ``name`` under these settings."""
    return settings.prevalence is not None and name not in WITHIN_CLASS


def at_threshold(name: str, cells: Cells, settings: Settings) -> Floats:
    """Return the metric ``name`` for each cell of ``cells``, NaN where it is undefined."""
    if settings.prevalence is not None and name not in WITHIN_CLASS:
        cells = shifted(cells, settings.prevalence)
    if name in RATES:
        return ratio(RATES[name].k(cells), RATES[name].n(cells))
    return COMPOSITES[name](cells, settings)


def why_undefined(name: str, counts: Counts, settings: Settings) -> str:
    """Return in plain words why ``name`` has no value at these counts; call it only when it has none."""
    if name == "cost_per_example" and settings.costs is None:
        return "no costs agreed"
    if counts.n == 0:
        return "no examples"
    if name in RATES and ((counts.positives and counts.negatives) or not shifts(name, settings)):
        return RATES[name].empty
    if counts.positives == 0:
        return "no positives"
    if counts.negatives == 0:
        return "no negatives"
    return "nothing answered yes" if counts.tp + counts.fp == 0 else "everything answered yes"
