"""Two candidates on the same examples: each metric's difference a - b, its paired interval, its verdict.

Pairing is by position, so both score arrays must be of one test-set version. Knows nothing of where
they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lookingglass.figures import Figure, undefined
from lookingglass.metrics import bootstrap, losses
from lookingglass.metrics.catalogue import METRICS, Scored, chosen
from lookingglass.metrics.counts import Floats, Ints, checked_arrays
from lookingglass.metrics.delong import placed_difference
from lookingglass.metrics.formulas import RATES, Cells, Costs, Settings, at_threshold, shifts, why_undefined
from lookingglass.metrics.intervals import mcnemar_p_value
from lookingglass.metrics.ordered import Ordered

Verdict = Literal["more than chance", "could be chance", "cannot tell"]

SIGNIFICANCE = 0.05
MOST_JOINT_CELLS = 2_048
"""Score bins of two candidates are crossed and halved until no more than this many cells hold an example."""

_SAME = "the two answer every example alike"
_SAME_HERE = "the two answer all examples alike that count here"

# Joint cells are numbered 4 * label + 2 * (a says yes) + (b says yes).
_CELLS_OF_A = {"tp": (6, 7), "fp": (2, 3), "tn": (0, 1), "fn": (4, 5)}
_CELLS_OF_B = {"tp": (5, 7), "fp": (1, 3), "tn": (0, 2), "fn": (4, 6)}

# For McNemar: the joint cells in which only a, or only b, is right (or says yes, for the share answered yes).
# What is true of recall is true of the rate of misses, and so for the negatives; the test is two-sided.
_ONLY_A = {"accuracy": (6, 1), "recall": (6,), "false_negative_rate": (6,), "false_positive_rate": (2,)}
_ONLY_B = {"accuracy": (5, 2), "recall": (5,), "false_negative_rate": (5,), "false_positive_rate": (1,)}
for _side, _cells in ((_ONLY_A, (6, 2)), (_ONLY_B, (5, 1))):
    _side["specificity"] = _side["false_positive_rate"]
    _side["selection_rate"] = _cells


@dataclass(frozen=True, eq=False)
class Pair:
    """Two candidates on the same examples, with the joint cells and replicates that their differences share."""

    a: Scored
    b: Scored

    @cached_property
    def joint(self) -> Ints:
        """The count of each (label, a says yes, b says yes), shape (8,)."""
        yes_a, yes_b = (_says_yes(side) for side in (self.a, self.b))
        code = 4 * self.a.y_true + 2 * yes_a.astype(np.int8) + yes_b.astype(np.int8)
        return np.bincount(code, minlength=8).astype(np.int64)

    @cached_property
    def replicates(self) -> tuple[Cells, Cells]:
        """The four counts of a and of b in each replicate of the joint cells."""
        drawn = bootstrap.resample(self.joint, self.a.seed)
        return _marginal(drawn, _CELLS_OF_A), _marginal(drawn, _CELLS_OF_B)


def _says_yes(scored: Scored) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return scored.y_score >= (np.inf if scored.threshold is None else scored.threshold)


def _marginal(drawn: Ints, cells: dict[str, tuple[int, int]]) -> Cells:
    return Cells.of_four(
        **{name: (drawn[:, i] + drawn[:, j]).astype(np.float64) for name, (i, j) in cells.items()}
    )


def _why_undefined(name: str, pair: Pair) -> str | None:
    """Return why the difference has no value, naming the candidate when only one of them lacks one."""
    reasons = [
        why_undefined(name, side.counts, side.settings)
        if np.isnan(at_threshold(name, Cells.of(side.counts), side.settings))
        else None
        for side in (pair.a, pair.b)
    ]
    if reasons[0] == reasons[1]:
        return reasons[0]
    return "; ".join(
        f"{side} candidate: {reason}"
        for side, reason in zip(("first", "second"), reasons, strict=True)
        if reason
    )


def _at_threshold_difference(name: str, pair: Pair) -> Figure:
    reason = _why_undefined(name, pair)
    n = len(pair.a.y_true)
    if reason is not None:
        return undefined(reason, n)
    cells_a, cells_b = Cells.of(pair.a.counts), Cells.of(pair.b.counts)
    if name in RATES and name != "precision":
        n = int(RATES[name].n(cells_a))
    settings = pair.a.settings
    value = float(at_threshold(name, cells_a, settings) - at_threshold(name, cells_b, settings))
    if not pair.joint[[1, 2, 5, 6]].any():
        return Figure(value, n, reason=_SAME, p_value=1.0)
    in_a, in_b = pair.replicates
    differences = at_threshold(name, in_a, settings) - at_threshold(name, in_b, settings)
    if name not in _ONLY_A or shifts(name, settings):  # McNemar counts examples; weighted ones it cannot
        return bootstrap.percentile_figure(value, differences, n, seed=pair.a.seed)
    only_a, only_b = (int(pair.joint[list(side[name])].sum()) for side in (_ONLY_A, _ONLY_B))
    p_value = mcnemar_p_value(only_a, only_b)
    figure = bootstrap.percentile_figure(
        value, differences, n, seed=pair.a.seed, method="bootstrap, p-value mcnemar", p_value=p_value
    )
    return replace(figure, reason=_SAME_HERE) if only_a == only_b == 0 else figure


def _roc_auc_difference(_name: str, pair: Pair) -> Figure:
    reason = pair.a.rows.one_class
    if reason is not None:
        return undefined(reason, len(pair.a.y_true))
    return placed_difference(pair.a.y_true, pair.a.rows.placed, pair.b.rows.placed)


def _loss_difference(name: str, pair: Pair) -> Figure:
    reason = losses.no_probability(pair.a.y_score, pair.b.y_score)
    if reason is not None:
        return undefined(reason, len(pair.a.y_true))
    differences = pair.a.rows.loss(name) - pair.b.rows.loss(name)
    return losses.loss_difference(differences, pair.a.y_true, pair.a.settings.prevalence)


def _average_precision_difference(_name: str, pair: Pair) -> Figure:
    n = len(pair.a.y_true)
    reason = pair.a.rows.one_class
    if reason is not None:
        return undefined(reason, n)
    prevalence = pair.a.settings.prevalence
    value = pair.a.rows.average_precision(prevalence) - pair.b.rows.average_precision(prevalence)
    if np.array_equal(pair.a.y_score, pair.b.y_score):
        return Figure(value, n, reason=_SAME, p_value=1.0)
    bins = _JointBins.of(pair, MOST_JOINT_CELLS)
    drawn = bootstrap.resample(bins.cells, pair.a.seed)
    binned = float(bins.difference(bins.cells[None, :], prevalence)[0])
    moved = np.clip(bins.difference(drawn, prevalence) + (value - binned), -1.0, 1.0)
    return bootstrap.percentile_figure(value, moved, n, seed=pair.a.seed)


@dataclass(frozen=True, eq=False)
class _JointBins:
    """The occupied cells of (score bin of a, score bin of b, label), from which both curves can be read."""

    cells: Ints
    bin_a: Ints
    bin_b: Ints
    label: Ints

    @classmethod
    def of(cls, pair: Pair, limit: int) -> _JointBins:
        """Cross the two candidates' score bins, coarser by halves until at most ``limit`` cells are occupied."""
        bins_a, bins_b = pair.a.rows.score_bins, pair.b.rows.score_bins
        width = int(bins_b.max()) + 1
        code = bins_a.astype(np.int64)
        code *= width
        code += bins_b
        code *= 2
        code += pair.a.y_true
        counts = np.bincount(code)
        occupied = np.flatnonzero(counts)
        counts, crossed, label = counts[occupied], occupied // 2, occupied % 2
        bin_a, bin_b = crossed // width, crossed % width
        while len(counts) > limit:
            bin_a, bin_b = bin_a // 2, bin_b // 2
            width = int(bin_b.max()) + 1
            summed = np.zeros(2 * width * (int(bin_a.max()) + 1), dtype=np.int64)
            np.add.at(summed, (bin_a * width + bin_b) * 2 + label, counts)
            occupied = np.flatnonzero(summed)
            counts, crossed, label = summed[occupied], occupied // 2, occupied % 2
            bin_a, bin_b = crossed // width, crossed % width
        return cls(counts, bin_a, bin_b, label)

    def difference(self, drawn: Ints, prevalence: float | None) -> Floats:
        """Return average precision of a minus that of b for each row of counts (r, cells)."""
        in_a, in_b = self.counts(drawn, self.bin_a), self.counts(drawn, self.bin_b)
        return bootstrap.average_precision(in_a[:, 1], in_a[:, 0], prevalence) - bootstrap.average_precision(
            in_b[:, 1], in_b[:, 0], prevalence
        )

    def counts(self, drawn: Ints, score_bin: Ints) -> Ints:
        """Return one candidate's counts (r, label, its bins) of each row of counts (r, cells)."""
        key = self.label * (int(score_bin.max()) + 1) + score_bin
        order = np.argsort(key, kind="stable")
        present, starts = np.unique(key[order], return_index=True)
        sums = np.add.reduceat(drawn[:, order], starts, axis=1)
        by_label = np.zeros((len(drawn), 2, int(score_bin.max()) + 1), dtype=np.int64)
        by_label.reshape(len(drawn), -1)[:, present] = sums
        return by_label


DIFFERENCES: dict[str, Callable[[str, Pair], Figure]] = {
    "ranking": _average_precision_difference,
    "rate": _at_threshold_difference,
    "composite": _at_threshold_difference,
    "loss": _loss_difference,
}
"""How a difference is made, by kind of metric; the AUC has a method of its own."""


def paired_difference(
    y_true: ArrayLike,
    score_a: ArrayLike,
    score_b: ArrayLike,
    threshold_a: float | None,
    threshold_b: float | None,
    *,
    metrics: Iterable[str] | None = None,
    beta: float = 1.0,
    costs: Costs | None = None,
    prevalence: float | None = None,
    seed: int = bootstrap.DEFAULT_SEED,
) -> dict[str, Figure]:
    """Return a - b for each metric, on the examples that both have scored, with its paired 95 % interval.

    Args:
        y_true: labels, 1 positive and 0 otherwise, shape (n,).
        score_a, score_b: both candidates' scores of the same examples in the same order, finite, shape (n,).
        threshold_a, threshold_b: each candidate's own threshold; None answers nobody.
        metrics, beta, costs, prevalence, seed: as in ``evaluate_metrics``.

    Returns:
        A figure per name: AUC by paired DeLong; rates with the exact McNemar p-value and an interval from the
        paired bootstrap; losses by the normal mean of the per-example differences; all others by the paired
        bootstrap. ``n`` is the denominator that both share (positives for recall, negatives for the false
        positive rate), else all examples. Candidates that answer alike: difference 0, p-value 1, no interval.
    """
    labels, (a, b) = checked_arrays(y_true, score_a, score_b)
    settings = Settings(beta, costs, prevalence)
    return differences_of(
        Scored(Ordered(labels, a), threshold_a, settings, seed),
        Scored(Ordered(labels, b), threshold_b, settings, seed),
        metrics,
    )


def differences_of(a: Scored, b: Scored, metrics: Iterable[str] | None = None) -> dict[str, Figure]:
    """Return what ``paired_difference`` does, for two sides that may serve in other pairs too; same labels in both."""
    pair = Pair(a, b)
    return {
        metric.name: (
            _roc_auc_difference if metric.name == "roc_auc" else DIFFERENCES[METRICS[metric.name].kind]
        )(metric.name, pair)
        for metric in chosen(metrics)
    }


def mirrored(difference: Figure) -> Figure:
    """Return b - a for a figure of a - b."""
    value, low, high = (
        None if end is None else 0.0 - end for end in (difference.value, difference.high, difference.low)
    )
    reason = None if difference.reason is None else _swapped(difference.reason)
    return replace(difference, value=value, low=low, high=high, reason=reason)


def _swapped(reason: str) -> str:
    """Let a reason that names the first or the second candidate name the other one."""
    parts = [
        part.replace("first candidate:", "second candidate:", 1)
        if part.startswith("first candidate:")
        else part.replace("second candidate:", "first candidate:", 1)
        for part in reason.split("; ")
    ]
    return "; ".join(sorted(parts) if len(parts) > 1 else parts)


def distinguishable(difference: Figure) -> Verdict:
    """Say in words whether a difference is more than noise.

    "more than chance" only when everything there is says so: the p-value, where there is one, is below 0.05
    and the interval, where there is one, leaves out 0. With neither, or without a value: "cannot tell".
    """
    has_interval = difference.low is not None and difference.high is not None
    if difference.value is None or (difference.p_value is None and not has_interval):
        return "cannot tell"
    if difference.p_value is not None and difference.p_value >= SIGNIFICANCE:
        return "could be chance"
    if difference.low is not None and difference.high is not None and difference.low <= 0 <= difference.high:
        return "could be chance"
    return "more than chance"
