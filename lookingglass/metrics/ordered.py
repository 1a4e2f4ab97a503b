"""Labels and scores of the same examples, sorted once for every figure, comparison and choice that needs their order.

What depends on them alone is made once and kept: no threshold and no setting changes it. Knows nothing of either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookingglass.metrics import bootstrap, losses
from lookingglass.metrics.counts import CountTable, Floats, Labels, checked_arrays
from lookingglass.metrics.delong import one_class, placements

Bins = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Ordered:
    """Labelled, scored examples.

    Attributes:
        y_true: labels, 1 positive and 0 otherwise, shape (n,).
        y_score: scores, finite, shape (n,).
    """

    y_true: Labels
    y_score: Floats

    @classmethod
    def of(cls, y_true: ArrayLike, y_score: ArrayLike) -> Self:
        """Return those of any arrays; ValueError when they do not fit or hold what is no label or no score."""
        labels, (scores,) = checked_arrays(y_true, y_score)
        return cls(labels, scores)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The examples by ascending score, shape (n,)."""
        return np.argsort(self.y_score)

    @cached_property
    def table(self) -> CountTable:
        """The counts at each of the d distinct scores."""
        return CountTable.from_order(self.y_true, self.y_score, self.order)

    @cached_property
    def positives(self) -> int:
        """How many examples are positive."""
        return int(np.count_nonzero(self.y_true))

    @property
    def one_class(self) -> str | None:
        """Why a metric that needs both classes is undefined here; None when both are there."""
        return one_class(self.positives, len(self.y_true) - self.positives)

    @cached_property
    def placed(self) -> tuple[float, Floats]:
        """The AUC and each example's placement; both classes must be there."""
        return placements(self.y_true, self.y_score, self.order)

    @cached_property
    def score_bins(self) -> Bins:
        """Each example's score bin: 0 for the highest scores, at most 512 bins."""
        table = self.table
        lowest_of_bin = table.thresholds[table.spread(bootstrap.MOST_BINS)][::-1]
        first_of_bin = np.searchsorted(self.y_score, lowest_of_bin, side="left", sorter=self.order)
        in_order = np.repeat(
            np.arange(len(lowest_of_bin), -1, -1, dtype=np.int16),
            np.diff(first_of_bin, prepend=0, append=len(self.order)),
        )
        bins = np.empty(len(self.order), dtype=np.int16)
        bins[self.order] = in_order
        return bins

    def average_precision(self, prevalence: float | None = None) -> float:
        """Return the average precision over every distinct score, kept; both classes must be there.

        Args:
            prevalence: the share of positives in real use, that of these examples when None.
        """
        kept: dict[float | None, float] = self.__dict__.setdefault("average_precisions", {})
        if prevalence not in kept:
            kept[prevalence] = float(bootstrap.average_precision(*self.table.per_score(), prevalence))
        return kept[prevalence]

    def loss(self, name: str) -> Floats:
        """Return each example's loss, kept."""
        kept: dict[str, Floats] = self.__dict__.setdefault("losses", {})
        if name not in kept:
            kept[name] = losses.LOSSES[name](self.y_true, self.y_score)
        return kept[name]

    def prepare(self, prevalence: float | None = None) -> None:
        """Make what every comparison needs, then drop the sorted rows, which are larger than all of it."""
        if self.one_class is None:
            _ = self.placed, self.score_bins
            for share in (None, prevalence):
                self.average_precision(share)
        for made in ("order", "table"):
            self.__dict__.pop(made, None)
