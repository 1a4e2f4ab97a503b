"""Counts at every threshold: one sort of the scores, after which any threshold is read off a table.

Everything at a threshold is a function of (TP, FP, TN, FN). The answer is "yes" when ``score >= threshold``,
everywhere. Knows nothing of metrics, intervals or candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Labels = NDArray[np.int8]


@dataclass(frozen=True)
class Counts:
    """The four counts at one threshold: yes and positive, yes and negative, no and negative, no and positive."""

    tp: int
    fp: int
    tn: int
    fn: int

    @property
    def n(self) -> int:
        """All examples."""
        return self.tp + self.fp + self.tn + self.fn

    @property
    def positives(self) -> int:
        """Examples whose label is positive."""
        return self.tp + self.fn

    @property
    def negatives(self) -> int:
        """Examples whose label is not positive."""
        return self.fp + self.tn

    def to_json(self) -> dict[str, int]:
        """Return ``{"tp", "fp", "tn", "fn"}``."""
        return {"tp": self.tp, "fp": self.fp, "tn": self.tn, "fn": self.fn}


def checked_arrays(y_true: ArrayLike, *y_scores: ArrayLike) -> tuple[Labels, tuple[Floats, ...]]:
    """Return labels as int8 and scores as float64, one dimension each and of one length.

    Raises:
        ValueError: the lengths differ, a label is neither 0 nor 1, or a score is not finite. Unlabelled and
        unscored
            examples are dropped by the caller, who can say how many there were.
    """
    raw = np.asarray(y_true)
    labels: Labels = raw.astype(np.int8, copy=False)
    scores = tuple(np.ascontiguousarray(score, dtype=np.float64) for score in y_scores)
    if labels.ndim != 1 or any(score.shape != labels.shape for score in scores):
        shapes = ", ".join(str(score.shape) for score in scores)
        raise ValueError(
            f"y_true and y_score must be one-dimensional and of one length, not {raw.shape} and {shapes}"
        )
    if not bool(np.all((raw == 0) | (raw == 1))):
        raise ValueError("y_true must hold only 0 and 1: drop examples without a label first")
    if not all(bool(np.isfinite(score).all()) for score in scores):
        raise ValueError("y_score must be finite: drop examples without a score first")
    return labels, scores


@dataclass(frozen=True, eq=False)
class CountTable:
    """Cumulative counts at every distinct score.

    Attributes:
        thresholds: the distinct scores, descending, shape (d,).
        tp, fp: positives and negatives with ``score >= thresholds[i]``, shape (d,).
        positives, negatives: the totals.
    """

    thresholds: Floats
    tp: Ints
    fp: Ints
    positives: int
    negatives: int

    @classmethod
    def from_scores(cls, y_true: ArrayLike, y_score: ArrayLike) -> CountTable:
        """Sort once and cumulate; y_true 0/1 and y_score finite, shape (n,); n may be 0. Ties share one row."""
        labels, (scores,) = checked_arrays(y_true, y_score)
        return cls.from_order(labels, scores, np.argsort(scores))

    @classmethod
    def from_order(cls, labels: Labels, scores: Floats, ascending: NDArray[np.intp]) -> CountTable:
        """Return the table of checked arrays that were sorted already: ``ascending`` is ``argsort`` of the scores."""
        descending = ascending[::-1]
        ordered = scores[descending]
        ends = run_ends(ordered)
        tp = np.cumsum(labels[descending], dtype=np.int64)
        if len(ends) < len(ordered):
            ordered, tp = ordered[ends], tp[ends]
        positives = int(tp[-1]) if len(tp) else 0
        fp = ends + 1
        fp -= tp
        return cls(ordered, tp, fp, positives, len(labels) - positives)

    @property
    def n(self) -> int:
        """All examples."""
        return self.positives + self.negatives

    @property
    def tn(self) -> Ints:
        """Negatives below each threshold, shape (d,)."""
        return self.negatives - self.fp

    @property
    def fn(self) -> Ints:
        """Positives below each threshold, shape (d,)."""
        return self.positives - self.tp

    def rows_at(self, thresholds: ArrayLike) -> Ints:
        """Return how many distinct scores reach each threshold: 0 means that nobody is answered yes."""
        wanted = np.asarray(thresholds, dtype=np.float64)
        below = np.searchsorted(self.thresholds[::-1], wanted, side="left")
        return len(self.thresholds) - below.astype(np.int64)

    def at(self, threshold: float | None) -> Counts:
        """Return the counts of ``score >= threshold``; None (or infinity) answers nobody."""
        row = 0 if threshold is None else int(self.rows_at(threshold))
        tp, fp = (int(self.tp[row - 1]), int(self.fp[row - 1])) if row else (0, 0)
        return Counts(tp, fp, self.negatives - fp, self.positives - tp)

    def per_score(self) -> tuple[Ints, Ints]:
        """Return positives and negatives at exactly each distinct score, two arrays of shape (d,)."""
        return _steps(self.tp), _steps(self.fp)

    def spread(self, limit: int) -> Ints:
        """Return the indices of at most ``limit`` distinct scores, ascending, that follow the ROC curve in
        even steps.

        Quantiles of positives and of negatives count alike, so a rare class is not skipped. The highest and
        the lowest score are always among them (``limit`` of at least 2).
        """
        distinct = len(self.thresholds)
        if distinct <= limit:
            return np.arange(distinct, dtype=np.int64)
        walked = self.tp / max(self.positives, 1) + self.fp / max(self.negatives, 1)
        targets = np.linspace(walked[0], walked[-1], limit)
        chosen = np.searchsorted(walked, targets * (1 - 1e-15), side="left")
        chosen[0], chosen[-1] = 0, distinct - 1
        return np.unique(np.minimum(chosen, distinct - 1)).astype(np.int64)


def _steps(cumulated: Ints) -> Ints:
    """Return the differences of neighbours, the first from 0; ``np.diff(prepend=0)`` copies everything first."""
    steps = cumulated.copy()
    steps[1:] -= cumulated[:-1]
    return steps


def run_ends(ordered: Floats) -> Ints:
    """Return the index of the last element of every run of equal values in a sorted array."""
    if not len(ordered):
        return np.empty(0, dtype=np.int64)
    is_last = np.empty(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_last[:-1])
    is_last[-1] = True
    return np.flatnonzero(is_last).astype(np.int64, copy=False)
