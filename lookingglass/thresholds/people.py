"""Counts as people see them: of 1,000 cases so many each way, and how the scores lie. Knows nothing of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from lookingglass.metrics.counts import Counts, Floats, Ints, checked_arrays

if TYPE_CHECKING:
    import polars as pl


def per_thousand(
    counts: Counts, total: int = 1_000, *, prevalence: float | None = None
) -> dict[str, int] | None:
    """Return tp, fp, tn and fn as whole numbers of ``total`` cases that add up to it; None when there are no examples.

    With ``prevalence``, the share of positives in real use, ``total`` cases of real use are meant; then None also when
    a class is missing.

    Rounded by largest remainder: each is rounded down, and the cases that are left go to the largest fractions, in the
    order tp, fp, fn, tn among equals. Whole-number arithmetic, so no count is off by rounding error.
    """
    if counts.n == 0 or (prevalence is not None and 0 in {counts.positives, counts.negatives}):
        return None
    share = Fraction(counts.positives, counts.n) if prevalence is None else Fraction(repr(prevalence))
    weights = {
        **dict.fromkeys(("tp", "fn"), share / max(counts.positives, 1)),
        **dict.fromkeys(("fp", "tn"), (1 - share) / max(counts.negatives, 1)),
    }
    shares = {
        name: divmod(getattr(counts, name) * total * weights[name], 1) for name in ("tp", "fp", "fn", "tn")
    }
    left = total - sum(whole for whole, _ in shares.values())
    larger_first = sorted(shares, key=lambda name: -shares[name][1])
    rounded = {name: whole + (name in larger_first[:left]) for name, (whole, _) in shares.items()}
    return {name: rounded[name] for name in ("tp", "fp", "tn", "fn")}


@dataclass(frozen=True, eq=False)
class ScoreHistogram:
    """How many positives and negatives score in each of ``b`` shared bins.

    Attributes:
        edges: ascending, shape (b + 1,); a bin holds its lower edge, the last one its upper edge too.
        positives, negatives: counts, shape (b,).
    """

    edges: Floats
    positives: Ints
    negatives: Ints

    def frame(self) -> pl.DataFrame:
        """Return a polars frame, a row per bin and class: bin_start, bin_end, positive, count, share (of its class)."""
        import polars as pl

        parts = []
        for positive, counts in ((True, self.positives), (False, self.negatives)):
            total = int(counts.sum())
            columns: dict[str, Any] = {
                "bin_start": self.edges[:-1],
                "bin_end": self.edges[1:],
                "positive": np.full(len(counts), positive),
                "count": counts,
                "share": pl.Series(counts / total if total else [None] * len(counts), dtype=pl.Float64),
            }
            parts.append(pl.DataFrame(columns))
        return pl.concat(parts)


def score_histogram(y_true: ArrayLike, y_score: ArrayLike, bins: int = 50) -> ScoreHistogram:
    """Return both classes' scores in ``bins`` equal bins of [0, 1], or from least to greatest if some lie outside."""
    labels, (scores,) = checked_arrays(y_true, y_score)
    inside = not len(scores) or (float(scores.min()) >= 0 and float(scores.max()) <= 1)
    low, high = (0.0, 1.0) if inside else (float(scores.min()), float(scores.max()))
    edges = np.histogram_bin_edges(scores, bins=bins, range=(low, high))
    positives, negatives = (
        np.histogram(scores[labels == label], bins=edges)[0].astype(np.int64) for label in (1, 0)
    )
    return ScoreHistogram(edges.astype(np.float64), positives, negatives)
