"""The area under the ROC curve with DeLong's interval, and the paired comparison of two of them.

Source: DeLong, DeLong and Clarke-Pearson (1988). Midranks are read off the sorted count table. Knows nothing
of thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookingglass.figures import Figure, undefined
from lookingglass.metrics.counts import CountTable, Floats, Ints, Labels, checked_arrays, run_ends
from lookingglass.metrics.intervals import Z95, normal_p_value

NEAR_END = 8.0
"""Fewer standard errors than this from 0 or 1, the interval is made on the logit scale.

There the plain interval covers too little: 91 % in simulation at an AUC of 0.80 with 20 positives among 200 examples,
94 % on the logit scale.
"""

BLOCK = 1 << 15
"""Distinct scores that are summed at a time."""

NOT_ESTIMABLE = "not estimable"
ALL_EQUAL = "all scores equal"


def one_class(positives: int, negatives: int) -> str | None:
    """Return why a ranking metric is undefined on this many examples of each class, None when it is defined."""
    if positives + negatives == 0:
        return "no examples"
    if positives == 0:
        return "no positives"
    return "no negatives" if negatives == 0 else None


def auc_value(table: CountTable) -> float:
    """Return P(a positive scores above a negative) + half P(they tie); both classes must be there. Exact counts."""
    pairs = table.positives * table.negatives
    lost = sum(
        int(np.dot(positives, reached))
        for (positives, _), (_, reached) in zip(_blocks(table.tp), _blocks(table.fp), strict=True)
    )
    return (2 * pairs - lost) / (2 * pairs)


def auc_variance(table: CountTable) -> float:
    """Return S10/m + S01/n of m >= 2 positives and n >= 2 negatives: V10 = (Tz - Tx)/n, V01 = 1 - (Tz - Ty)/m."""
    auc = auc_value(table)
    s10 = s01 = 0.0
    for (at_positive, tp), (at_negative, fp) in zip(_blocks(table.tp), _blocks(table.fp), strict=True):
        s10 += float(np.dot(at_positive, np.square(fp / (2 * table.negatives) - (1 - auc))))
        s01 += float(np.dot(at_negative, np.square(tp / (2 * table.positives) - auc)))
    return s10 / (table.positives - 1) / table.positives + s01 / (table.negatives - 1) / table.negatives


def _blocks(cumulated: Ints) -> Iterator[tuple[Floats, Floats]]:
    """Yield, block by block, the count at each score and twice the count above it, where a tie is half above.

    Whole numbers, as floats: their products add up exactly to 2**53.

    Blocks, because at a million scores fetching fresh memory for whole arrays takes longer than the sums.
    """
    for start in range(0, len(cumulated), BLOCK):
        reached = cumulated[start : start + BLOCK].astype(np.float64)
        before = np.empty_like(reached)
        before[0] = cumulated[start - 1] if start else 0
        before[1:] = reached[:-1]
        yield reached - before, reached + before


def auc_delong(table: CountTable) -> Figure:
    """Return the AUC with its 95 % interval; n is the number of labelled examples.

    Undefined when a class is missing. A value without interval, with the reason, when it is exactly 0 or 1,
    when all scores are equal (0.5), or when a class has a single example.
    """
    reason = one_class(table.positives, table.negatives)
    if reason is not None:
        return undefined(reason, table.n)
    auc = auc_value(table)
    if len(table.thresholds) == 1:
        return Figure(auc, table.n, reason=ALL_EQUAL)
    if auc in {0.0, 1.0}:
        return Figure(auc, table.n, reason=NOT_ESTIMABLE)
    if min(table.positives, table.negatives) < 2:
        return Figure(auc, table.n, reason=f"{NOT_ESTIMABLE}: one class has a single example")
    error = math.sqrt(auc_variance(table))
    if min(auc, 1 - auc) >= NEAR_END * error:
        return Figure(auc, table.n, auc - Z95 * error, auc + Z95 * error, "delong")
    centre, half = math.log(auc / (1 - auc)), Z95 * error / (auc * (1 - auc))
    return Figure(
        auc, table.n, _logistic(centre - half), _logistic(centre + half), "delong on the logit scale"
    )


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def placements(
    labels: Labels, scores: Floats, ascending: NDArray[np.intp] | None = None
) -> tuple[float, Floats]:
    """Return the AUC and, for each example, the share of the other class that it is ranked rightly against.

    For a positive that share is V10, for a negative V01, shape (n,); ties count half, and the mean over either
    class is the AUC. Both classes must be there. ``ascending`` is ``argsort`` of the scores where it is known.
    """
    if ascending is None:
        ascending = np.argsort(scores)
    ends = run_ends(scores[ascending])
    below_or_at = np.cumsum(labels[ascending], dtype=np.int64)[ends]
    at_positive = np.diff(below_or_at, prepend=0)
    run_length = np.diff(ends, prepend=-1)
    at_negative = run_length - at_positive
    negatives_below = np.cumsum(at_negative) - at_negative / 2
    positives_above = below_or_at[-1:] - below_or_at + at_positive / 2
    positives, negatives = int(labels.sum()), len(labels) - int(labels.sum())
    run = np.empty(len(scores), dtype=np.int64)
    run[ascending] = np.repeat(np.arange(len(ends)), run_length)
    doubled = int(np.sum(at_positive * (2 * np.cumsum(at_negative) - at_negative)))
    right = np.where(labels == 1, negatives_below[run] / negatives, positives_above[run] / positives)
    return doubled / (2 * positives * negatives), right


def paired_delong(y_true: ArrayLike, score_a: ArrayLike, score_b: ArrayLike) -> Figure:
    """Return AUC(a) - AUC(b) on the same examples with its 95 % interval and two-sided p-value.

    Two candidates that place every example alike have difference 0 and p = 1, and no interval of width zero.
    """
    labels, (a, b) = checked_arrays(y_true, score_a, score_b)
    positives = int(labels.sum())
    negatives = len(labels) - positives
    reason = one_class(positives, negatives)
    if reason is not None:
        return undefined(reason, len(labels))
    return placed_difference(labels, placements(labels, a), placements(labels, b))


def placed_difference(labels: Labels, a: tuple[float, Floats], b: tuple[float, Floats]) -> Figure:
    """Return what ``paired_delong`` does, from both candidates' ``placements``; both classes must be there."""
    positives = int(np.count_nonzero(labels))
    negatives = len(labels) - positives
    (auc_a, placed_a), (auc_b, placed_b) = a, b
    value, difference = auc_a - auc_b, placed_a - placed_b
    if not difference.any():
        return Figure(value, len(labels), reason="the two rank every example alike", p_value=1.0)
    if min(positives, negatives) < 2:
        return Figure(value, len(labels), reason=f"{NOT_ESTIMABLE}: one class has a single example")
    is_positive = labels == 1
    variance = (
        float(difference[is_positive].var(ddof=1)) / positives
        + float(difference[~is_positive].var(ddof=1)) / negatives
    )
    error = math.sqrt(variance)
    if error < 1e-12:
        return Figure(value, len(labels), reason=NOT_ESTIMABLE)
    return Figure(
        value,
        len(labels),
        max(-1.0, value - Z95 * error),
        min(1.0, value + Z95 * error),
        "delong, paired",
        p_value=normal_p_value(value, error),
    )
