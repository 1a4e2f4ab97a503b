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
from lookingglass.metrics.counts import CountTable, Floats, Ints, checked_arrays
from lookingglass.metrics.delong import one_class, paired_delong
from lookingglass.metrics.formulas import RATES, Cells, Costs, Settings, at_threshold, why_undefined
from lookingglass.metrics.intervals import mcnemar_p_value

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
    return Cells(**{name: (drawn[:, i] + drawn[:, j]).astype(np.float64) for name, (i, j) in cells.items()})


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
    if name not in _ONLY_A:
        return bootstrap.percentile_figure(value, differences, n, seed=pair.a.seed)
    only_a, only_b = (int(pair.joint[list(side[name])].sum()) for side in (_ONLY_A, _ONLY_B))
    p_value = mcnemar_p_value(only_a, only_b)
    figure = bootstrap.percentile_figure(
        value, differences, n, seed=pair.a.seed, method="bootstrap, p-value mcnemar", p_value=p_value
    )
    return replace(figure, reason=_SAME_HERE) if only_a == only_b == 0 else figure


def _roc_auc_difference(_name: str, pair: Pair) -> Figure:
    return paired_delong(pair.a.y_true, pair.a.y_score, pair.b.y_score)


def _loss_difference(name: str, pair: Pair) -> Figure:
    return losses.paired_loss(name, pair.a.y_true, pair.a.y_score, pair.b.y_score)


def _average_precision_difference(_name: str, pair: Pair) -> Figure:
    tables = (pair.a.table, pair.b.table)
    n = tables[0].n
    reason = one_class(tables[0].positives, tables[0].negatives)
    if reason is not None:
        return undefined(reason, n)
    exact = [float(bootstrap.average_precision(*table.per_score())) for table in tables]
    value = exact[0] - exact[1]
    if np.array_equal(pair.a.y_score, pair.b.y_score):
        return Figure(value, n, reason=_SAME, p_value=1.0)
    bins = _JointBins.of(pair, MOST_JOINT_CELLS)
    drawn = bootstrap.resample(bins.cells, pair.a.seed)
    replicates = bins.difference(drawn)
    moved = np.clip(replicates + (value - float(bins.difference(bins.cells[None, :])[0])), -1.0, 1.0)
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
        bin_a, bin_b = (_bin_of_rows(side.y_score, side.table) for side in (pair.a, pair.b))
        while True:
            width = int(bin_b.max()) + 1
            code = (bin_a * width + bin_b) * 2 + pair.a.y_true
            counts = np.bincount(code)
            occupied = np.flatnonzero(counts)
            if len(occupied) <= limit:
                crossed = occupied // 2
                return cls(counts[occupied], crossed // width, crossed % width, occupied % 2)
            bin_a, bin_b = bin_a // 2, bin_b // 2

    def difference(self, drawn: Ints) -> Floats:
        """Return average precision of a minus that of b for each row of counts (r, cells)."""
        return self._average_precision(drawn, self.bin_a) - self._average_precision(drawn, self.bin_b)

    def _average_precision(self, drawn: Ints, score_bin: Ints) -> Floats:
        key = self.label * (int(score_bin.max()) + 1) + score_bin
        order = np.argsort(key, kind="stable")
        present, starts = np.unique(key[order], return_index=True)
        sums = np.add.reduceat(drawn[:, order], starts, axis=1)
        by_label = np.zeros((len(drawn), 2, int(score_bin.max()) + 1), dtype=np.int64)
        by_label.reshape(len(drawn), -1)[:, present] = sums
        return bootstrap.average_precision(by_label[:, 1], by_label[:, 0])


def _bin_of_rows(y_score: Floats, table: CountTable) -> Ints:
    """Return for each row the number of its score bin, 0 for the highest scores; at most 512 bins."""
    lowest_of_bin = table.thresholds[table.spread(bootstrap.MOST_BINS)][::-1]
    below_or_at = np.searchsorted(lowest_of_bin, y_score, side="right")
    return (len(lowest_of_bin) - below_or_at).astype(np.int64)


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
    seed: int = bootstrap.DEFAULT_SEED,
) -> dict[str, Figure]:
    """Return a - b for each metric, on the examples that both have scored, with its paired 95 % interval.

    Args:
        y_true: labels, 1 positive and 0 otherwise, shape (n,).
        score_a, score_b: both candidates' scores of the same examples in the same order, finite, shape (n,).
        threshold_a, threshold_b: each candidate's own threshold; None answers nobody.
        metrics, beta, costs, seed: as in ``evaluate_metrics``.

    Returns:
        A figure per name: AUC by paired DeLong; rates with the exact McNemar p-value and an interval from the
        paired bootstrap; losses by the normal mean of the per-example differences; all others by the paired
        bootstrap. ``n`` is the denominator that both share (positives for recall, negatives for the false
        positive rate), else all examples. Candidates that answer alike: difference 0, p-value 1, no interval.
    """
    labels, (a, b) = checked_arrays(y_true, score_a, score_b)
    settings = Settings(beta, costs)
    pair = Pair(
        Scored(labels, a, threshold_a, settings, seed), Scored(labels, b, threshold_b, settings, seed)
    )
    return {
        metric.name: (
            _roc_auc_difference if metric.name == "roc_auc" else DIFFERENCES[METRICS[metric.name].kind]
        )(metric.name, pair)
        for metric in chosen(metrics)
    }


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
