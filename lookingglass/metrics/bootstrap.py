"""The bootstrap on counts: a multinomial over cells is distributed as rows drawn with replacement.

A thousand replicates of a million rows cost milliseconds. Seeded, and the seed travels with the figure. Knows
nothing of candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookingglass.figures import Figure
from lookingglass.metrics.counts import Floats, Ints
from lookingglass.metrics.formulas import ratio

REPLICATES = 1_000
DEFAULT_SEED = 0
MOST_BINS = 512
"""Curves are resampled over at most this many score bins; the estimate itself is exact."""

UNDEFINED_SHARE = 0.05
"""With a larger share of replicates undefined, what is left of them is no fair picture: no interval."""

_DRAWS_AT_ONCE = 4_000_000
_DRAW_ROWS_BELOW = 4
"""Rows per cell below which drawing rows and counting them is cheaper than drawing a binomial for each cell."""


@dataclass(frozen=True)
class ResampledFigure(Figure):
    """A figure whose interval came from replicates: how many, and from which seed."""

    seed: int = DEFAULT_SEED
    replicates: int = REPLICATES

    def to_json(self) -> dict[str, float | int | str | None]:
        """Return the agreed JSON form of a figure, with ``seed`` and ``replicates`` added."""
        return {**super().to_json(), "seed": self.seed, "replicates": self.replicates}


def resample(cells: NDArray[np.integer], seed: int = DEFAULT_SEED, replicates: int = REPLICATES) -> Ints:
    """Return the counts of ``replicates`` samples of the same size drawn with replacement, shape (replicates,
    c).

    Args:
        cells: the observed count of each cell, shape (c,).
        seed: the same seed and cells give the same replicates on every machine.
    """
    total = int(cells.sum())
    rng = np.random.default_rng(seed)
    if total == 0:
        return np.zeros((replicates, len(cells)), dtype=np.int64)
    if total >= _DRAW_ROWS_BELOW * len(cells):
        return rng.multinomial(total, cells / total, size=replicates)
    cell_of_row = np.repeat(np.arange(len(cells)), cells)
    result = np.empty((replicates, len(cells)), dtype=np.int64)
    step = max(1, _DRAWS_AT_ONCE // total)
    for start in range(0, replicates, step):
        count = min(step, replicates - start)
        drawn = cell_of_row[rng.integers(0, total, size=(count, total))]
        drawn += np.arange(count)[:, None] * len(cells)
        flat = np.bincount(drawn.ravel(), minlength=count * len(cells))
        result[start : start + count] = flat.reshape(count, len(cells))
    return result


def percentile_figure(
    value: float,
    replicates: Floats,
    n: int,
    *,
    seed: int,
    method: str = "bootstrap",
    p_value: float | None = None,
) -> Figure:
    """Return ``value`` with the 2.5 and 97.5 percentiles of its replicates (NaN = undefined there) as
    interval.

    The interval is widened to the estimate where it would miss it. No interval, with the reason, when more
    than one replicate in twenty is undefined or when all are equal.
    """
    defined = replicates[~np.isnan(replicates)]
    if len(defined) < (1 - UNDEFINED_SHARE) * len(replicates):
        reason = "not estimable: too few cases, undefined in many replicates"
        return Figure(value, n, reason=reason, p_value=p_value)
    low, high = (float(end) for end in np.quantile(defined, [0.025, 0.975]))
    if defined.min() == defined.max():
        reason = "not estimable: every replicate gives the same value"
        return Figure(value, n, reason=reason, p_value=p_value)
    return ResampledFigure(
        value,
        n,
        min(low, value),
        max(high, value),
        method,
        p_value=p_value,
        seed=seed,
        replicates=len(replicates),
    )


def average_precision(
    positives: NDArray[np.integer], negatives: NDArray[np.integer], prevalence: float | None = None
) -> Floats:
    """Return the average precision of counts per score, highest score first along the last axis; NaN without
    positives.

    Sum over scores of (share of positives at this score) * (precision at or above it), scikit-learn's
    definition.

    Args:
        prevalence: the share of positives in real use. Precision is then prevalence * tpr / (prevalence * tpr +
            (1 - prevalence) * fpr), as scikit-learn's with examples weighted by class, with each row's own totals; NaN
            without negatives.
    """
    tp, fp = np.cumsum(positives, axis=-1), np.cumsum(negatives, axis=-1)
    if prevalence is None:
        answered = tp + fp
    else:
        of_class = tp[..., -1:].astype(np.float64), fp[..., -1:].astype(np.float64)
        answered = tp + ratio((1 - prevalence) * of_class[0], prevalence * of_class[1]) * fp
    precision = np.divide(tp, answered, out=np.zeros(tp.shape), where=answered > 0)
    value = ratio(np.einsum("...i,...i->...", positives, precision), tp[..., -1])
    return value if prevalence is None else np.where(fp[..., -1] > 0, value, np.nan)
