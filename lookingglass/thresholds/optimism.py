"""What choosing on the set one reports does to the figures: corrected figures, the range of choices, the flat zone.

The best threshold of a sample looks better there than it is. So the choice is made anew in each of 1,000 bootstrap
replicates of the sample's counts, and what it gains there over the original samples is taken off. Knows no screens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.figures import Figure, undefined
from lookingglass.metrics import bootstrap
from lookingglass.metrics.bootstrap import ResampledFigure
from lookingglass.metrics.counts import Floats, Ints
from lookingglass.metrics.formulas import AT_THRESHOLD, Cells, at_threshold, why_undefined
from lookingglass.thresholds.aims import Aim, Requirement
from lookingglass.thresholds.choose import NO_GROUPS, Choice, goal_values, parts_of
from lookingglass.thresholds.rules import judged, rounding
from lookingglass.thresholds.sample import Groups, Sample

Ends = tuple[float | None, float | None]
Mask = NDArray[np.bool_]

METHOD = "bootstrap, choice made anew"
MOST_CELLS = 2_048
"""Bins times labels times groups: with more groups the replicates choose among fewer bins."""

_LEAST_BINS = 32
_TAIL = 0.025


@dataclass(frozen=True)
class Honesty:
    """How far a chosen threshold and its figures can be trusted.

    Attributes:
        corrected: each metric at a threshold at the choice, less its optimism: the mean, over replicates in which the
            choice was made anew, of the figure there minus the figure of the original samples at that same choice.
        chosen: the lowest and highest threshold that the middle 95 % of replicates choose; None is answering nobody.
        flat_zone: the lowest and highest of the neighbouring thresholds that keep the requirements and whose goal
            these samples cannot tell from the best: in at least 2.5 % of the replicates they are no worse than it,
            its optimism granted to them; None is answering nobody.
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


@dataclass(frozen=True, eq=False)
class Binned:
    """The states among which replicates choose, and the counts of each replicate there.

    Attributes:
        states: of the sample, ascending from 0 (nobody), shape (b + 1,); the exact choice is among them.
        drawn: counts in (replicate, bin, label, group), shape (r, b, 2, g), highest scores first.
        group_of: for each column, the place of each joint group's value, shape (g,).
    """

    states: Ints
    drawn: Ints
    group_of: Mapping[str, Ints]

    @classmethod
    def of(
        cls, sample: Sample, state: int, groups: Mapping[str, Groups], seed: int, replicates: int
    ) -> Binned:
        """Bin the sample and draw its replicates; ``state`` stays a state of its own."""
        group, group_of = _joint(groups, len(sample.y_true))
        joint = int(max(1, *(len(codes) for codes in group_of.values()))) if group_of else 1
        limit = max(_LEAST_BINS, min(bootstrap.MOST_BINS, MOST_CELLS // (2 * joint)))
        rows = sample.table.spread(limit - (state > 0))
        states = np.union1d(rows + 1, [0, state])
        descending = sample.order[::-1]
        bins = np.repeat(np.arange(len(states) - 1), np.diff(sample.ends[states]))
        code = (bins * 2 + sample.y_true[descending]) * joint
        if group is not None:
            code += group[descending]
        cells = np.bincount(code, minlength=(len(states) - 1) * 2 * joint)
        drawn = bootstrap.resample(cells, seed, replicates)
        return cls(states, drawn.reshape(replicates, len(states) - 1, 2, joint), group_of)

    def cells(self, inside: Mask | None = None) -> Cells:
        """Return the four counts of each replicate in each state, shape (r, b + 1), of all or of some joint groups."""
        by_label = (self.drawn if inside is None else self.drawn[..., inside]).sum(axis=-1)
        shape = (by_label.shape[0], by_label.shape[1] + 1)
        fp, tp = np.zeros(shape), np.zeros(shape)
        for label, counts in ((0, fp), (1, tp)):
            np.cumsum(by_label[..., label], axis=1, out=counts[:, 1:])
        positives, negatives = tp[:, -1:], fp[:, -1:]
        return Cells(tp, fp, negatives - fp, positives - tp, positives, negatives)

    def parts(self, names: Mapping[Requirement, Sequence[int]]) -> dict[Requirement, list[Cells]]:
        """Return the cells of each group in which a requirement is judged."""
        made: dict[tuple[str, int], Cells] = {}
        found: dict[Requirement, list[Cells]] = {}
        for requirement, codes in names.items():
            column = str(requirement.by)
            for code in codes:
                if (column, code) not in made:
                    made[column, code] = self.cells(self.group_of[column] == code)
            found[requirement] = [made[column, code] for code in codes]
        return found


def _joint(groups: Mapping[str, Groups], n: int) -> tuple[Ints | None, dict[str, Ints]]:
    """Return each example's place among the combinations of groups that occur, and each column's value in those."""
    if not groups:
        return None, {}
    code = np.zeros(n, dtype=np.int64)
    for column in groups.values():
        code = code * len(column.values) + column.codes
    occurring, joint = np.unique(code, return_inverse=True)
    group_of: dict[str, Ints] = {}
    for name, column in reversed(list(groups.items())):
        occurring, group_of[name] = np.divmod(occurring, len(column.values))
    return joint.astype(np.int64), group_of


def honesty(
    sample: Sample,
    choice: Choice,
    groups: Mapping[str, Groups] = NO_GROUPS,
    *,
    seed: int = bootstrap.DEFAULT_SEED,
    replicates: int = bootstrap.REPLICATES,
) -> Honesty:
    """Return how far a choice and its figures can be trusted.

    Args:
        sample, groups: what the choice was made on.
        choice: a feasible one.
        seed: of the replicates; it travels with the figures.

    Raises:
        ValueError: the choice is not feasible.
    """
    if not choice.feasible or choice.counts is None:
        raise ValueError("nothing was chosen, so there is nothing to correct")
    aim = choice.aim
    named = {item.by: groups[item.by] for item in aim.requirements if item.by is not None}
    state = 0 if choice.threshold is None else int(sample.table.rows_at(choice.threshold))
    binned = Binned.of(sample, state, named, seed, replicates)
    parts = parts_of(sample, aim, groups)
    cells = binned.cells()
    values = goal_values(aim, cells)
    allowed: Mask = ~np.isnan(values)
    for rule in judged(aim, cells, binned.parts(parts.names)):
        allowed &= rule.short == 0
    possible: Mask = np.any(allowed, axis=1)
    chosen = _best(aim, values, allowed)[possible]
    original = _at(sample.cells, binned.states)
    in_replicate = _at_rows(cells, possible, chosen)
    corrected = {
        name: _corrected(name, aim, choice, in_replicate, _at(original, chosen), seed, replicates)
        for name in AT_THRESHOLD
    }
    place = int(np.searchsorted(binned.states, state))
    ends = _middle(binned.states[chosen], state)
    kept = np.ones(len(binned.states), dtype=bool)
    for rule in judged(aim, sample.cells, parts.cells):
        kept &= rule.short[binned.states] == 0
    sign = 1.0 if aim.direction == "higher" else -1.0
    gains = sign * (values[possible, chosen] - goal_values(aim, original)[chosen])
    allowance = max(0.0, float(gains.mean())) if len(gains) else 0.0
    first, last = _flat_zone(sign * (values - values[:, [place]]), allowance, kept, place)
    return Honesty(
        corrected,
        (sample.threshold(ends[1]), sample.threshold(ends[0])),
        (sample.threshold(int(binned.states[last])), sample.threshold(int(binned.states[first]))),
        replicates,
        seed,
        float(1 - possible.mean()),
    )


def _best(aim: Aim, values: Floats, allowed: Mask) -> Ints:
    """Return for each replicate the first allowed state with the best goal, as ``choose`` does."""
    among = np.where(allowed, values if aim.direction == "higher" else -values, -np.inf)
    top = among.max(axis=1, keepdims=True) - rounding(aim.goal, aim.settings)
    first: Ints = np.argmax(among >= top, axis=1)
    return first


def _at(cells: Cells, places: Ints) -> Cells:
    return replace(cells, tp=cells.tp[places], fp=cells.fp[places], tn=cells.tn[places], fn=cells.fn[places])


def _at_rows(cells: Cells, rows: Mask, places: Ints) -> Cells:
    """Return the cells of some replicates, each at its own state."""
    picked = [
        np.take_along_axis(part[rows], places[:, None], axis=1)[:, 0]
        for part in (cells.tp, cells.fp, cells.tn, cells.fn)
    ]
    return Cells.of_four(*picked)


def _corrected(
    name: str, aim: Aim, choice: Choice, in_replicate: Cells, original: Cells, seed: int, replicates: int
) -> Figure:
    """Return a figure less what it gained, on average, by being chosen on the samples that it is computed on."""
    counts = choice.counts
    if counts is None:
        raise ValueError("nothing was chosen")
    raw = float(at_threshold(name, Cells.of(counts), aim.settings))
    if np.isnan(raw):
        return undefined(why_undefined(name, counts, aim.settings), counts.n)
    gain = at_threshold(name, in_replicate, aim.settings) - at_threshold(name, original, aim.settings)
    gain = gain[~np.isnan(gain)]
    if len(gain) < (1 - bootstrap.UNDEFINED_SHARE) * replicates:
        return undefined("not estimable: undefined or without a choice in many replicates", counts.n)
    least, most = _RANGE.get(name, (0.0, 1.0))
    value = min(max(raw - float(gain.mean()), least), most)
    if gain.min() == gain.max():
        return Figure(value, counts.n, reason="not estimable: every replicate gives the same value")
    low, high = (min(max(raw - float(end), least), most) for end in np.quantile(gain, [1 - _TAIL, _TAIL]))
    return ResampledFigure(
        value, counts.n, min(low, value), max(high, value), METHOD, seed=seed, replicates=replicates
    )


_RANGE = {"mcc": (-1.0, 1.0), "cost_per_example": (-np.inf, np.inf)}


def _middle(states: Ints, state: int) -> tuple[int, int]:
    """Return the first and last state of the middle 95 % of replicates; the choice itself where there are none."""
    if not len(states):
        return state, state
    first, last = np.quantile(states, [_TAIL, 1 - _TAIL], method="nearest")
    return int(first), int(last)


def _flat_zone(gained: Floats, allowance: float, kept: Mask, place: int) -> tuple[int, int]:
    """Return the first and last place around that of the choice that these samples cannot tell from it.

    Args:
        gained: by how much the goal is better at each place than at the choice, in each replicate, NaN: undefined.
        allowance: by how much the choice looks better than it is for having been chosen: its neighbours were not.
        kept: where the requirements are kept.
        place: of the choice.
    """
    flat = np.count_nonzero(gained >= -allowance, axis=0) >= _TAIL * len(gained)
    flat &= kept
    flat[place] = True
    outside = np.flatnonzero(~flat)
    first = int(outside[outside < place].max(initial=-1)) + 1
    last = int(outside[outside > place].min(initial=len(flat))) - 1
    return first, last
