"""How far scores can be read as probabilities in each slice: too high or too low on the whole, and score by score.

A calibration error is hardly ever 0, so beside it stands what a perfectly calibrated model of the same scores shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookingglass.figures import Figure, undefined
from lookingglass.metrics.counts import Floats, Labels
from lookingglass.metrics.intervals import Z95
from lookingglass.metrics.losses import no_probability

BINS = 10
"""Bands of scores of equal width, 0 to below 0.1 up to 0.9 to 1."""

REPLICATES = 1_000
DEFAULT_SEED = 0
_DRAWS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class CalibrationFigure(Figure):
    """A calibration error with what a perfectly calibrated model with the same scores would show.

    Attributes:
        perfect: its mean there. ``perfect_high``: it is below this in 95 of 100 such samples.
    """

    perfect: float = 0.0
    perfect_high: float = 0.0

    def to_json(self) -> dict[str, float | int | str | None]:
        """Return the agreed JSON form of a figure, with ``perfect`` and ``perfect_high`` added."""
        return {**super().to_json(), "perfect": self.perfect, "perfect_high": self.perfect_high}


@dataclass(frozen=True, eq=False)
class Bins:
    """Sums over the examples of each slice and band of scores, each of shape (s, ``BINS``)."""

    n: NDArray[np.int64]
    positives: NDArray[np.int64]
    scores: Floats

    @classmethod
    def of(cls, codes: NDArray[np.integer], slices: int, y_true: Labels, y_score: Floats) -> Bins:
        """Count in one look at each example; ``codes`` are places of slices, shape (n,), scores between 0 and 1."""
        band = np.minimum((y_score * BINS).astype(np.int64), BINS - 1)
        cell = codes.astype(np.int64) * BINS + band
        shape, length = (slices, BINS), slices * BINS
        return cls(
            np.bincount(cell, minlength=length).reshape(shape),
            np.bincount(cell[y_true == 1], minlength=length).reshape(shape),
            np.bincount(cell, weights=y_score, minlength=length).astype(np.float64).reshape(shape),
        )


def calibration_errors(bins: Bins, seed: int = DEFAULT_SEED, replicates: int = REPLICATES) -> list[Figure]:
    """Return the expected calibration error of each slice: the mean over its examples of |mean score - share of
    positives| in their band of scores (Naeini, Cooper and Hauskrecht 2015).

    The error has no interval of its own; in the model that is right in every band the positives of a band are
    binomial with its mean score, which is drawn ``replicates`` times.
    """
    n, slices = bins.n.sum(axis=1), len(bins.n)
    rng = np.random.default_rng(seed)
    found: list[Figure] = []
    step = max(1, _DRAWS_AT_ONCE // (replicates * BINS))
    for start in range(0, slices, step):
        part = slice(start, start + step)
        counts, scores = bins.n[part], bins.scores[part]
        mean = np.clip(np.divide(scores, counts, out=np.zeros_like(scores), where=counts > 0), 0.0, 1.0)
        drawn = rng.binomial(counts, mean, size=(replicates, *counts.shape))
        by_chance = np.abs(scores - drawn).sum(axis=2)
        observed = np.abs(scores - bins.positives[part]).sum(axis=1)
        for place, total in enumerate(n[part].tolist()):
            if not total:
                found.append(undefined("no examples"))
                continue
            perfect = by_chance[:, place] / total
            found.append(
                CalibrationFigure(
                    float(observed[place]) / total,
                    total,
                    method=f"{BINS} bands of equal width",
                    reason="no interval: compare it with what a perfectly calibrated model shows",
                    perfect=float(perfect.mean()),
                    perfect_high=float(np.quantile(perfect, 0.95)),
                )
            )
    return found


def means(
    codes: NDArray[np.integer], slices: int, y_true: Labels, y_score: Floats
) -> tuple[list[Figure], list[Figure]]:
    """Return each slice's mean score, and its mean of score - label (calibration in the large), normal intervals.

    Args:
        codes: the slice of each example, shape (n,).

    Returns:
        Two figures a slice. The second is above 0 where scores are too high on the whole; it is undefined where scores
        cannot be probabilities.
    """
    n = np.bincount(codes, minlength=slices)
    reason = no_probability(y_score)
    found = []
    for values, unless in ((y_score, None), (y_score - y_true, reason)):
        centre = np.divide(
            np.bincount(codes, weights=values, minlength=slices), n, out=np.zeros(slices), where=n > 0
        )
        spread = np.bincount(codes, weights=np.square(values - centre[codes]), minlength=slices)
        found.append(
            [_mean(*one, unless) for one in zip(centre.tolist(), spread.tolist(), n.tolist(), strict=True)]
        )
    return found[0], found[1]


def _mean(value: float, spread: float, n: int, unless: str | None) -> Figure:
    if n == 0:
        return undefined("no examples")
    if unless is not None:
        return undefined(unless, n)
    if n == 1:
        return Figure(value, n, reason="not estimable: a single example")
    error = (spread / (n - 1) / n) ** 0.5
    if error <= 1e-12 * max(1.0, abs(value)):
        return Figure(value, n, reason="not estimable: every example has the same value")
    return Figure(value, n, value - Z95 * error, value + Z95 * error, "normal")
