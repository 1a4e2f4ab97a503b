"""One candidate's slices at one threshold, put together: figures, disparities to a reference, gaps, four fifths.

Plain arrays in, an ``Assessment`` out. Knows nothing of test sets and candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lookingglass.errors import BadSetting
from lookingglass.fairness.disparities import Disparity, disparities
from lookingglass.fairness.figures import SliceFigures, SliceTables, worst_first
from lookingglass.fairness.gaps import FourFifths, Gap, four_fifths, gaps
from lookingglass.fairness.groups import SMALLEST_DENOMINATOR
from lookingglass.fairness.limits import Limit
from lookingglass.fairness.slices import Slice

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Reference = str | Mapping[str, str] | None


@dataclass(frozen=True)
class Assessment:
    """What every slice gets at one threshold.

    Attributes:
        by: the titles of the axes.
        reference: the slice that the others are held against; None where there is no slice at all.
        slices: worst first.
        disparities: every metric of every other slice against the reference.
        family: over how many questions p-values were corrected.
        gaps: the largest gap of each metric beside its permutation null.
        four_fifths: the rule read for those answered yes, and for those answered no; only one of them is favourable.
        minimum: a figure over fewer cases is not estimable.
        notes: what a reader should know, in sentences.
    """

    by: tuple[str, ...]
    reference: Slice | None
    slices: tuple[SliceFigures, ...]
    disparities: tuple[Disparity, ...]
    family: int
    gaps: tuple[Gap, ...]
    four_fifths: tuple[FourFifths, ...]
    minimum: int
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the parts of ``fairness --json`` that slices are in."""
        return {
            "by": list(self.by),
            "reference": None if self.reference is None else self.reference.to_json(),
            "minimum": self.minimum,
            "slices": [each.to_json() for each in self.slices],
            "disparities": [each.to_json() for each in self.disparities],
            "family": self.family,
            "gaps": [each.to_json() for each in self.gaps],
            "four_fifths": [each.to_json() for each in self.four_fifths],
            "notes": list(self.notes),
        }

    def frame(self) -> pl.DataFrame:
        """Return one row a slice and figure: the slice's n, tp, fp, tn, fn, then metric, value, low, high and so on."""
        import polars as pl

        rows = [
            {
                "slice": each.slice.title,
                **{f"by {column}": value for column, value in each.slice.conditions},
                "n": each.n,
                **each.counts.to_json(),
                "metric": name,
                **{key: getattr(figure, key) for key in ("value", "low", "high", "method", "k")},
                "cases": figure.n,
                "small": name in each.small,
                "reason": figure.reason,
            }
            for each in self.slices
            for name, figure in each.figures.items()
        ]
        whole: dict[str, Any] = {
            "slice": pl.String,
            **{f"by {column}": pl.String for column in self.by},
            **dict.fromkeys(("n", "tp", "fp", "tn", "fn"), pl.Int64),
            "metric": pl.String,
            **dict.fromkeys(("value", "low", "high"), pl.Float64),
            "method": pl.String,
            **dict.fromkeys(("k", "cases"), pl.Int64),
            "small": pl.Boolean,
            "reason": pl.String,
        }
        return pl.DataFrame(rows, schema=whole)

    @cached_property
    def metric_frame(self) -> pd.DataFrame:
        """fairlearn's MetricFrame values of the same counts, a row a slice, undefined as NaN; loads fairlearn."""
        from lookingglass.fairness.metric_frame import metric_frame

        return metric_frame([(each.slice, each.counts) for each in self.slices])


def assess(
    tables: SliceTables,
    threshold: float | None,
    *,
    reference: Reference = None,
    limits: Sequence[Limit] = (),
    minimum: int = SMALLEST_DENOMINATOR,
    worst_by: str = "accuracy",
) -> Assessment:
    """Return figures and disparities of every slice at a threshold.

    Args:
        tables: the slices' counts at every score.
        threshold: the answer is yes when ``score >= threshold``; None answers nobody.
        reference: the slice that others are held against, the largest when None.
        limits: what a disparity may be at most; without one a verdict is *cannot tell*.
        minimum: a figure over fewer cases is not estimable.
        worst_by: the figure by which slices are sorted, worst first.

    Raises:
        BadSetting: there is no such reference, or a number that is none.
    """
    if minimum < 1:
        raise BadSetting(f"the smallest denominator must be at least 1, not {minimum}.")
    _check(limits)
    slicing, notes = tables.slicing, list(tables.slicing.notes)
    figures = tables.figures(threshold, minimum)
    place = (0 if figures else None) if reference is None else slicing.find(reference)
    if place is None:
        return Assessment(
            slicing.by, None, (), (), 0, (), (), minimum, (*notes, "There are no examples to slice.")
        )
    held = figures[place]
    if reference is None and len(figures) > 1:
        notes.append(f"The reference is the largest group, {held.slice.title}, as none was named.")
    without = sum(slicing.unlabelled)
    if without:
        them = "1 example without a label is" if without == 1 else f"{without:,} examples without a label are"
        notes.append(f"{them} in no figure.")
    found, family = disparities(figures, held, limits=limits)
    return Assessment(
        slicing.by,
        held.slice,
        worst_first(figures, worst_by),
        found,
        family,
        gaps(figures, minimum=minimum),
        (four_fifths(figures, "yes", minimum=minimum), four_fifths(figures, "no", minimum=minimum)),
        minimum,
        tuple(notes),
    )


def _check(limits: Sequence[Limit]) -> None:
    told = [(limit.metric, limit.measure) for limit in limits]
    for metric, measure in told:
        if told.count((metric, measure)) > 1:
            raise BadSetting(f"two limits on the {measure} of {metric}: state one.")
