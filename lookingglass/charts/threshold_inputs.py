"""What the linked threshold chart is made of: words, candidates, costs and groups. Knows nothing of drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookingglass.charts.palette import BLUE
from lookingglass.thresholds import ThresholdTable
from lookingglass.wording import number, plural, unit_of

if TYPE_CHECKING:
    import polars as pl

SENSES = ("at_least", "at_most")
"""Columns of a limit that may be set on the shown figure."""

MOST_OTHERS = 4
"""Candidates drawn thin beside the one whose threshold is moved: five in all."""

MOST_GROUPS = 6
"""Groups that fit below each other in one panel."""

FEWEST_CASES = 10
"""A rate of fewer cases is not estimable and shown as a dash."""


@dataclass(frozen=True)
class AnswerWords:
    """The workspace's own names: ``application``, ``denied``, ``approved``."""

    unit: str
    positive: str
    negative: str


@dataclass(frozen=True)
class Curve:
    """One candidate's threshold table with the name, the fixed colour and the shape it is drawn in.

    Attributes:
        table: made with the same settings (costs, prevalence) for all candidates of a picture.
        best: the row of its own best threshold; None lets the frame look for it, by cost where there are costs and by
            the chosen metric otherwise, the highest threshold among equals.
    """

    name: str
    table: ThresholdTable
    colour: str = BLUE
    shape: str = "circle"
    best: int | None = None


@dataclass(frozen=True)
class CostWords:
    """What mistakes cost and how that is spoken of.

    Attributes:
        currency: of all amounts, as the workspace writes it.
        cost_fp, cost_fn, gain_tp, gain_tn: per example; they give the iso-cost line its slope. The costs themselves
            come from the tables' ``cost_per_example``.
        volume: units per period that the expected cost is told for; None: per unit.
        period: "month", as in "10,000 applications a month"; may be empty.
        turn: the last one of the sliders' turns that these amounts answer; 0 before any.
    """

    currency: str
    cost_fp: float
    cost_fn: float
    gain_tp: float = 0.0
    gain_tn: float = 0.0
    volume: float | None = None
    period: str = ""
    turn: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no line can be drawn for."""
        if not all(
            math.isfinite(value) for value in (self.cost_fp, self.cost_fn, self.gain_tp, self.gain_tn)
        ):
            raise ValueError("costs and gains must be finite numbers")
        if self.volume is not None and not (math.isfinite(self.volume) and self.volume > 0):
            raise ValueError(f"the volume must be a number above 0, not {self.volume}")

    @property
    def amounts(self) -> tuple[float, float, float, float]:
        """What a false positive and a false negative cost, what a true positive and a true negative bring."""
        return self.cost_fp, self.cost_fn, self.gain_tp, self.gain_tn

    @property
    def slider_ends(self) -> tuple[float, ...]:
        """Where the sliders for ``amounts`` end: each its own way, and one at 0 as the shortest of the others."""
        shortest = slider_end(min((amount for amount in self.amounts if amount > 0), default=None))
        return tuple(slider_end(amount) if amount > 0 else shortest for amount in self.amounts)

    @property
    def scale(self) -> float:
        """Units that an amount is told for."""
        return 1.0 if self.volume is None else self.volume

    def title(self, unit: str) -> str:
        """Return what the cost panel is called: ``Expected cost of 10,000 applications a month, EUR``."""
        if self.volume is None:
            told = f"Expected cost per {unit}"
        else:
            told = f"Expected cost of {self.volume:,.0f} {plural(unit)}" + (
                f" a {self.period}" if self.period else ""
            )
        return f"{told}, {self.currency}" if self.currency else told

    def iso_direction(self, prevalence: float) -> tuple[float, float]:
        """Return (dx, dy) of the line of equal cost on the ROC square, dx and dy >= 0 and at most 1.

        Its slope dy / dx is negatives / positives times (cost_fp + gain_tn) / (cost_fn + gain_tp), at the prevalence in
        real use; (0, 0) where there is no such line.
        """
        dx = max(prevalence * (self.cost_fn + self.gain_tp), 0.0)
        dy = max((1 - prevalence) * (self.cost_fp + self.gain_tn), 0.0)
        longest = max(dx, dy)
        return (dx / longest, dy / longest) if longest > 0 else (0.0, 0.0)


def slider_end(amount: float | None) -> float:
    """Return where a slider for an amount ends: 1, 2 or 5 times a power of ten, with room for four times the amount.

    The amount then stands at a tenth to a quarter of the slider, and a hundredth of the slider is a round amount. 100
    for what is not above 0.
    """
    if amount is None or amount <= 0:
        return 100.0
    room = 4 * min(max(amount, 1e-9), 1e15)
    power = math.floor(math.log10(room))
    ten = 10.0**power
    return next(times * ten for times in (1, 2, 5, 10) if times * ten >= room * (1 - 1e-9))


@dataclass(frozen=True)
class HeldTo:
    """What was set beforehand.

    Attributes:
        at_least, at_most: limits on the metric that the first panel shows, in its unit; None without one.
        agreed: the agreed threshold, infinite where it is "answer nobody"; None where nothing was agreed.
    """

    at_least: float | None = None
    at_most: float | None = None
    agreed: float | None = None

    def bounds(self) -> pl.Series:
        """Return the limits there are, shape (0..2,): the axis reaches as far."""
        import polars as pl

        return pl.Series([self.at_least, self.at_most], dtype=pl.Float64).drop_nulls()

    def columns(self, metric: str) -> dict[str, Any]:
        """Return what the chart reads in its first row; nothing for what was not set."""
        found: dict[str, Any] = {}
        for sense in SENSES:
            bound = getattr(self, sense)
            if bound is not None:
                words = f"{sense.replace('_', ' ')} {number(bound, unit_of(metric))}"
                found |= {sense: float(bound), f"{sense}_told": words}
        if self.agreed is not None:
            found["agreed"] = float(np.clip(self.agreed, 0.0, 1.0))
        return found


@dataclass(frozen=True, eq=False)
class GroupCurve:
    """One group at every threshold of the moved candidate's table.

    Attributes:
        name: as people know the group, such as ``black: yes``.
        n, positives, negatives: its labelled examples.
        tp, fp: its counts at each row of the table, shape (r,).
    """

    name: str
    n: int
    positives: int
    negatives: int
    tp: ArrayLike
    fp: ArrayLike

    def rates(self, rows: int) -> dict[str, NDArray[np.float64]]:
        """Return recall, false positive rate and selection rate, each of shape (rows,).

        NaN where fewer than ``FEWEST_CASES`` are counted on.

        Raises:
            ValueError: the counts have another number of rows.
        """
        tp, fp = (np.asarray(counts, dtype=np.float64) for counts in (self.tp, self.fp))
        if tp.shape != (rows,) or fp.shape != (rows,):
            raise ValueError(
                f"the counts of group {self.name!r} have {tp.shape} and {fp.shape} rows: the threshold table has {rows}"
            )
        return {
            "tpr": _rate(tp, self.positives),
            "fpr": _rate(fp, self.negatives),
            "sel": _rate(tp + fp, self.n),
        }


def _rate(counts: NDArray[np.float64], total: int) -> NDArray[np.float64]:
    return counts / total if total >= FEWEST_CASES else np.full(counts.shape, np.nan)
