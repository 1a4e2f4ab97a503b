"""What choosing on the set one reports does to the figures: corrected figures, the range of choices, the flat zone.

The best threshold of a sample looks better there than it is. So the choice is made anew in each of 1,000 bootstrap
replicates of the sample's counts, and what it gains there over what the replicates were drawn from is taken off.
Knows no screens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lookingglass.figures import Figure, undefined
from lookingglass.metrics import bootstrap
from lookingglass.metrics.bootstrap import ResampledFigure
from lookingglass.metrics.counts import Floats, Ints
from lookingglass.metrics.formulas import AT_THRESHOLD, Cells, at_threshold, why_undefined
from lookingglass.thresholds.aims import Aim, Requirement
from lookingglass.thresholds.choose import NO_GROUPS, Choice, goal_values, parts_of
from lookingglass.thresholds.replicates import Binned, Mask
from lookingglass.thresholds.rules import judged, rounding
from lookingglass.thresholds.sample import Groups, Sample

Ends = tuple[float | None, float | None]
METHOD = "bootstrap, choice made anew"
_TAIL = 0.025


@dataclass(frozen=True)
class Honesty:
    """How far a chosen threshold and its figures can be trusted.

    Attributes:
        corrected: each metric at a threshold at the choice, less its optimism: the mean, over replicates in which the
            choice was made anew, of the figure there minus what is expected at that same choice.
        chosen: the lowest and highest threshold that the middle 95 % of replicates choose; None is answering nobody.
        flat_zone: the lowest and highest of the neighbouring thresholds that keep the requirements and whose goal
            these samples cannot tell from the best: in at least 2.5 % of the replicates they are no worse than it.
            None is answering nobody.
        replicates, seed: how many, and from which seed.
        share_infeasible: in which share of the replicates nothing keeps the requirements; those are left out.
    """

    corrected: Mapping[str, Figure]
    chosen: Ends
    flat_zone: Ends
    replicates: int
    seed: int
    share_infeasible: float

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; ranges from low to high, None (answering nobody) being the highest."""
        return {
            "optimism_corrected": {name: figure.to_json() for name, figure in self.corrected.items()},
            "chosen_range": list(self.chosen),
            "flat_zone": list(self.flat_zone),
            "replicates": self.replicates,
            "seed": self.seed,
            "share_infeasible": self.share_infeasible,
        }


def honesty(
    sample: Sample,
    choice: Choice,
    groups: Mapping[str, Groups] = NO_GROUPS,
    *,
    seed: int = bootstrap.DEFAULT_SEED,
    replicates: int = bootstrap.REPLICATES,
    binned: Binned | None = None,
) -> Honesty:
    """Return how far a choice and its figures can be trusted.

    Args:
        sample, groups: what the choice was made on.
        choice: a feasible one.
        seed: of the replicates; it travels with the figures.
        binned: the replicates, drawn before with this seed and number for this sample and the groups that requirements
            name; drawn anew when None.

    Raises:
        ValueError: the choice is not feasible.
    """
    if not choice.feasible or choice.counts is None:
        raise ValueError("nothing was chosen, so there is nothing to correct")
    aim = choice.aim
    named = {item.by: groups[item.by] for item in aim.requirements if item.by is not None}
    state = 0 if choice.threshold is None else int(sample.table.rows_at(choice.threshold))
    binned = (binned or Binned.of(sample, named, seed, replicates)).including(sample, state)
    parts = parts_of(sample, aim, groups)
    cells = binned.cells()
    values = goal_values(aim, cells)
    everywhere, possible = chosen_anew(aim, cells, binned.parts(parts.names), values)
    chosen = everywhere[possible]
    expected = _at(binned.expected(), chosen)
    in_replicate = at_rows(cells, possible, chosen)
    corrected = {
        name: _corrected(name, aim, choice, in_replicate, expected, seed, replicates) for name in AT_THRESHOLD
    }
    place = int(np.searchsorted(binned.states, state))
    ends = _middle(binned.states[chosen], state)
    kept = np.ones(len(binned.states), dtype=bool)
    for rule in judged(aim, sample.cells, parts.cells) if aim.is_limited else ():
        kept &= rule.short[binned.states] == 0
    sign = 1.0 if aim.direction == "higher" else -1.0
    first, last = _flat_zone(sign * (values - values[:, [place]]), kept, place)
    return Honesty(
        corrected,
        (sample.threshold(ends[1]), sample.threshold(ends[0])),
        (sample.threshold(int(binned.states[last])), sample.threshold(int(binned.states[first]))),
        replicates,
        seed,
        float(1 - possible.mean()),
    )


def chosen_anew(
    aim: Aim, cells: Cells, parts: Mapping[Requirement, Sequence[Cells]], values: Floats | None = None
) -> tuple[Ints, Mask]:
    """Return the place that is chosen in each replicate, and in which of them any keeps the requirements.

    Args:
        cells: the four counts in each replicate and state. ``parts``: those of the groups that requirements look at.
        values: the goal there, where it is known.
    """
    values = goal_values(aim, cells) if values is None else values
    allowed: Mask = ~np.isnan(values)
    for rule in judged(aim, cells, parts):
        allowed &= rule.short == 0
    return _best(aim, values, allowed), np.any(allowed, axis=1)


def _best(aim: Aim, values: Floats, allowed: Mask) -> Ints:
    """Return for each replicate the first allowed state with the best goal, as ``choose`` does."""
    among = np.where(allowed, values if aim.direction == "higher" else -values, -np.inf)
    top = among.max(axis=1, keepdims=True) - rounding(aim.goal, aim.settings)
    first: Ints = np.argmax(among >= top, axis=1)
    return first


def _at(cells: Cells, places: Ints) -> Cells:
    """Return the cells of shape (1, b + 1) at some places, shape (places,)."""
    return Cells.of_four(*(part[0, places] for part in (cells.tp, cells.fp, cells.tn, cells.fn)))


def at_rows(cells: Cells, rows: Mask, places: Ints) -> Cells:
    """Return the cells of some replicates, each at its own state."""
    picked = [
        np.take_along_axis(part[rows], places[:, None], axis=1)[:, 0]
        for part in (cells.tp, cells.fp, cells.tn, cells.fn)
    ]
    return Cells.of_four(*picked)


def _corrected(
    name: str, aim: Aim, choice: Choice, in_replicate: Cells, expected: Cells, seed: int, replicates: int
) -> Figure:
    """Return a figure less what it gained, on average, by being chosen on the samples that it is computed on."""
    counts = choice.counts
    if counts is None:
        raise ValueError("nothing was chosen")
    raw = float(at_threshold(name, Cells.of(counts), aim.settings))
    if np.isnan(raw):
        return undefined(why_undefined(name, counts, aim.settings), counts.n)
    gain = at_threshold(name, in_replicate, aim.settings) - at_threshold(name, expected, aim.settings)
    return corrected_figure(
        raw, gain, counts.n, RANGES.get(name, (0.0, 1.0)), seed=seed, replicates=replicates
    )


def corrected_figure(
    raw: float, gain: Floats, n: int, ends: tuple[float, float], *, seed: int, replicates: int
) -> Figure:
    """Return a figure less the mean of what it gained in each replicate (NaN: undefined there), with its interval.

    Args:
        raw: the figure as chosen. ``n``: what it rests on.
        gain: in each replicate with a choice, the figure there less what is expected at that same choice.
        ends: the least and the most that the figure can be.
    """
    gain = gain[~np.isnan(gain)]
    if len(gain) < (1 - bootstrap.UNDEFINED_SHARE) * replicates:
        return undefined("not estimable: undefined or without a choice in many replicates", n)
    least, most = ends
    mean = float(gain.mean())
    value = min(max(raw - mean, least), most)
    if gain.min() == gain.max():
        return Figure(value, n, reason="not estimable: every replicate gives the same value")
    # About the corrected value (Noma and others 2021), to both sides as far as the farther end of the middle 95 %, and
    # wider where much was taken off, which is an estimate too: docs/thresholds.md says what that does in simulation.
    below, above = np.quantile(gain - mean, [_TAIL, 1 - _TAIL])
    half = max(-float(below), float(above)) * math.sqrt(1 + (mean / float(gain.std())) ** 2 / 2)
    low, high = max(value - half, least), min(value + half, most)
    return ResampledFigure(value, n, low, high, METHOD, seed=seed, replicates=replicates)


RANGES = {"mcc": (-1.0, 1.0), "cost_per_example": (-np.inf, np.inf)}
"""What a metric can be, where that is not 0 to 1."""


def _middle(states: Ints, state: int) -> tuple[int, int]:
    """Return the first and last state of the middle 95 % of replicates; the choice itself where there are none."""
    if not len(states):
        return state, state
    first, last = np.quantile(states, [_TAIL, 1 - _TAIL], method="nearest")
    return int(first), int(last)


def _flat_zone(gained: Floats, kept: Mask, place: int) -> tuple[int, int]:
    """Return the first and last place around that of the choice that these samples cannot tell from it.

    Args:
        gained: by how much the goal is better at each place than at the choice, in each replicate, NaN: undefined.
        kept: where the requirements are kept.
        place: of the choice.
    """
    flat = np.count_nonzero(gained >= 0, axis=0) >= _TAIL * len(gained)
    flat &= kept
    flat[place] = True
    outside = np.flatnonzero(~flat)
    first = int(outside[outside < place].max(initial=-1)) + 1
    last = int(outside[outside > place].min(initial=len(flat))) - 1
    return first, last
