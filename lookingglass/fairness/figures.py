"""The figures of every slice, read off counts: sorted once, any threshold is looked up. Undefined is never 0.

The denominator that counts is the metric's own: below 10 a figure is not estimable, below 100 it carries a badge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lookingglass.errors import BadSetting
from lookingglass.fairness.calibration import Bins, calibration_errors, means
from lookingglass.fairness.groups import GROUP_METRICS, SMALLEST_DENOMINATOR
from lookingglass.fairness.slices import Slice, Slicing
from lookingglass.figures import Figure, undefined
from lookingglass.metrics.catalogue import rate_figure
from lookingglass.metrics.counts import Counts, CountTable
from lookingglass.metrics.delong import auc_delong
from lookingglass.metrics.formulas import RATES, Cells
from lookingglass.metrics.intervals import wilson
from lookingglass.metrics.losses import no_probability
from lookingglass.metrics.ordered import Ordered
from lookingglass.vocabulary import METRIC_WORDS

SMALL_GROUP = 100
"""A figure over fewer cases than this carries a badge beside its interval."""

SLICE_FIGURES = (
    "base_rate",
    *GROUP_METRICS,
    "roc_auc",
    "mean_score",
    "calibration_gap",
    "calibration_error",
    "share_of_wrong",
)
"""What is told of every slice, in this order; what these are is said in docs/fairness.md."""

WORST_BY = (*(name for name in GROUP_METRICS if name != "selection_rate"), "roc_auc", "share_of_wrong")
"""Figures that have a worse end, by which slices can be sorted worst first."""


@dataclass(frozen=True)
class SliceFigures:
    """One slice at one threshold.

    Attributes:
        slice: which examples. ``n``: those with a label; ``unlabelled`` more have none and are in no figure.
        counts: right and wrong answers.
        figures: by name, ``SLICE_FIGURES``.
        small: names of the figures whose own denominator is below 100, though not below the minimum.
    """

    slice: Slice
    counts: Counts
    unlabelled: int
    figures: Mapping[str, Figure]
    small: tuple[str, ...]

    @property
    def n(self) -> int:
        """All labelled examples."""
        return self.counts.n

    @property
    def wrong(self) -> int:
        """How many were answered wrongly, in examples."""
        return self.counts.fp + self.counts.fn

    def to_json(self) -> dict[str, object]:
        """Return the agreed JSON form, ``{"slice", "n", "counts", "metrics"}``, with ``unlabelled, wrong, small``."""
        return {
            "slice": self.slice.to_json(),
            "n": self.n,
            "unlabelled": self.unlabelled,
            "counts": self.counts.to_json(),
            "wrong": self.wrong,
            "metrics": {name: figure.to_json() for name, figure in self.figures.items()},
            "small": list(self.small),
        }


@dataclass(frozen=True, eq=False)
class SliceTables:
    """Every slice's counts at every score, and what no threshold changes. Make it once, read any threshold.

    Attributes:
        slicing: the slices.
        tables: of each slice in its order.
        wholly: the counts of all labelled examples, those of slices that are left out too.
        fixed: figures of each slice that do not depend on a threshold.
        bins: each slice's examples by band of scores, None where scores cannot be probabilities.
    """

    slicing: Slicing
    tables: tuple[CountTable, ...]
    wholly: CountTable
    fixed: tuple[Mapping[str, Figure], ...]
    bins: Bins | None

    @classmethod
    def of(cls, slicing: Slicing, rows: Ordered) -> SliceTables:
        """Count labelled, scored examples, which ``slicing`` cuts; their order is used where it is known."""
        many = len(slicing.slices)
        tables = tuple(_tables(slicing.codes, many, rows))
        inside = slicing.codes >= 0
        codes, y_true, y_score = slicing.codes, rows.y_true, rows.y_score
        if not bool(inside.all()):
            codes, y_true, y_score = codes[inside], y_true[inside], y_score[inside]
        average, gap = means(codes, many, y_true, y_score)
        reason = no_probability(y_score)
        bins = Bins.of(codes, many, y_true, y_score) if reason is None else None
        if bins is not None:
            errors = calibration_errors(bins)
        else:
            errors = [undefined(reason or "", table.n) for table in tables]
        fixed = tuple(
            {
                "base_rate": _rate(table.positives, table.n, "no labelled examples"),
                "roc_auc": auc_delong(table),
                "mean_score": average[place],
                "calibration_gap": gap[place],
                "calibration_error": errors[place],
            }
            for place, table in enumerate(tables)
        )
        return cls(slicing, tables, rows.table, fixed, bins)

    def counts(self, threshold: float | None) -> tuple[Counts, ...]:
        """Return each slice's counts at a threshold, in the order of the slices; None answers nobody."""
        return tuple(table.at(threshold) for table in self.tables)

    def figures(
        self, threshold: float | None, minimum: int = SMALLEST_DENOMINATOR
    ) -> tuple[SliceFigures, ...]:
        """Return the figures of each slice at a threshold, in the order of the slices.

        Args:
            minimum: a figure over fewer cases is not estimable.
        """
        whole = self.wholly.at(threshold)
        wrong = whole.fp + whole.fn
        return tuple(
            _slice_figures(each, unlabelled, table.at(threshold), fixed, wrong, minimum)
            for each, unlabelled, table, fixed in zip(
                self.slicing.slices, self.slicing.unlabelled, self.tables, self.fixed, strict=True
            )
        )

    @cached_property
    def size(self) -> int:
        """All labelled examples."""
        return self.wholly.n


def _tables(codes: NDArray[np.int16], many: int, rows: Ordered) -> list[CountTable]:
    """Return the count table of each slice, from the order of all examples: nothing is sorted by score again."""
    by_score = codes[rows.order]
    place = np.argsort(by_score, kind="stable")  # a radix sort: 16-bit places, no comparisons
    ends = np.searchsorted(by_score[place], np.arange(many + 1))
    found = []
    for start, end in pairwise(ends):
        chosen = rows.order[place[start:end]]
        found.append(CountTable.from_order(rows.y_true[chosen], rows.y_score[chosen], np.arange(end - start)))
    return found


def _rate(k: int, n: int, empty: str) -> Figure:
    if n == 0:
        return undefined(empty)
    low, high = wilson(k, n)
    return Figure(k / n, n, low, high, "wilson", k)


def denominator(name: str, counts: Counts, wrong: int = 0) -> int:
    """Return how many cases a figure of a slice rests on: the positives for recall, the rarer class for the AUC."""
    if name in RATES:
        return int(RATES[name].n(Cells.of(counts)))
    if name == "roc_auc":
        return min(counts.positives, counts.negatives)
    return wrong if name == "share_of_wrong" else counts.n


def _slice_figures(
    each: Slice, unlabelled: int, counts: Counts, fixed: Mapping[str, Figure], wrong: int, minimum: int
) -> SliceFigures:
    figures, small = {}, []
    for name in SLICE_FIGURES:
        if name in GROUP_METRICS:
            figure = rate_figure(name, counts)
        elif name == "share_of_wrong":
            figure = _rate(counts.fp + counts.fn, wrong, "nothing was answered wrongly")
        else:
            figure = fixed[name]
        if not counts.n:
            figure = undefined("no labelled examples")
        cases = denominator(name, counts, wrong)
        figures[name] = not_estimable(figure, cases, minimum)
        if figures[name].value is not None and cases < SMALL_GROUP:
            small.append(name)
    return SliceFigures(each, counts, unlabelled, figures, tuple(small))


def not_estimable(figure: Figure, cases: int, minimum: int) -> Figure:
    """Return the figure, or an undefined one where it has a value over too few cases."""
    if figure.value is None or cases >= minimum:
        return figure
    return undefined(f"not estimable: only {cases} case{'' if cases == 1 else 's'}", figure.n)


def worst_first(slices: Sequence[SliceFigures], by: str = "accuracy") -> tuple[SliceFigures, ...]:
    """Return slices with the worst value of a figure first; those without a value last, the larger first.

    Raises:
        BadSetting: the figure has no worse end.
    """
    if by not in WORST_BY:
        raise BadSetting(f"slices cannot be sorted worst first by {by!r}: choose from {', '.join(WORST_BY)}.")
    lower_is_better = by == "share_of_wrong" or METRIC_WORDS[by].direction == "lower"

    def key(each: SliceFigures) -> tuple[bool, float, int]:
        value = each.figures[by].value
        return (
            (True, 0.0, -each.n) if value is None else (False, -value if lower_is_better else value, -each.n)
        )

    return tuple(sorted(slices, key=key))
