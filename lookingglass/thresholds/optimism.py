"""What choosing on the set one reports does to the figures: corrected figures, the range of choices, the flat zone.

The best threshold of a sample looks better there than it is. So the choice is made anew in each of 1,000 bootstrap
replicates of the sample's counts, and what it gains there over what the replicates were drawn from is taken off.
Knows no screens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.figures import Figure, undefined
from lookingglass.metrics import bootstrap
from lookingglass.metrics.bootstrap import ResampledFigure
from lookingglass.metrics.counts import Floats, Ints
from lookingglass.metrics.formulas import AT_THRESHOLD, Cells, at_threshold, ratio, why_undefined
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


@dataclass(frozen=True, eq=False)
class Binned:
    """The states among which replicates choose, what replicates are drawn from, and their counts there.

    Attributes:
        states: of the sample, ascending from 0 (nobody), shape (b + 1,).
        source: expected counts in (bin, label, group), shape (1, b, 2, g), highest scores first: the sample's own, the
            share of positives never rising as scores fall (``smoothed``).
        drawn: counts in (replicate, bin, label, group), shape (r, b, 2, g).
        group_of: for each column, the place of each joint group's value, shape (g,).
        group: each example's joint group, shape (n,); None without groups.
        seed: of the replicates.
    """

    states: Ints
    source: Floats
    drawn: NDArray[np.int32]
    group_of: Mapping[str, Ints]
    group: Ints | None
    seed: int

    @classmethod
    def of(
        cls,
        sample: Sample,
        groups: Mapping[str, Groups] = NO_GROUPS,
        seed: int = bootstrap.DEFAULT_SEED,
        replicates: int = bootstrap.REPLICATES,
    ) -> Binned:
        """Bin the sample and draw its replicates, which serve every aim that needs these groups."""
        group, group_of = joint_groups(groups, len(sample.y_true))
        joint = int(max(1, *(len(codes) for codes in group_of.values()))) if group_of else 1
        limit = max(_LEAST_BINS, min(bootstrap.MOST_BINS, MOST_CELLS // (2 * joint)))
        states = np.union1d(sample.table.spread(limit - 1) + 1, [0])
        descending = sample.order[::-1]
        bins = np.repeat(np.arange(len(states) - 1), np.diff(sample.ends[states]))
        code = (bins * 2 + sample.y_true[descending]) * joint
        if group is not None:
            code += group[descending]
        shape = (1, len(states) - 1, 2, joint)
        source = smoothed(np.bincount(code, minlength=int(np.prod(shape))).reshape(shape[1:]))[None]
        n = len(sample.y_true)
        drawn = np.random.default_rng(seed).multinomial(n, source.ravel() / source.sum(), size=replicates)
        cells = drawn.astype(np.int32).reshape(replicates, *shape[1:])
        return cls(states, source, cells, group_of, group, seed)

    def including(self, sample: Sample, state: int) -> Binned:
        """Return the same replicates with one more state: what was drawn into its bin falls to either side of it.

        That is distributed as if the state had been among the others before anything was drawn, the share of positives
        being that of the whole bin on both sides.
        """
        after = int(np.searchsorted(self.states, state))
        if self.states[after] == state:
            return self
        begin, cut = (int(sample.ends[one]) for one in (self.states[after - 1], state))
        joint = self.source.shape[3]
        upper = sample.order[::-1][begin:cut]
        group = np.zeros(len(upper), dtype=np.int64) if self.group is None else self.group[upper]
        sizes = np.bincount(group, minlength=joint)
        share = ratio(sizes, self.source[0, after - 1].sum(axis=0))
        share = np.clip(np.nan_to_num(share), 0.0, 1.0)
        drawn = self.drawn[:, after - 1]
        above = np.random.default_rng([self.seed, state]).binomial(drawn, share).astype(np.int32)
        whole = self.source[:, after - 1]
        return replace(
            self,
            states=np.insert(self.states, after, state),
            source=_split(self.source, after, whole * share),
            drawn=_split(self.drawn, after, above),
        )

    def cells(self, inside: Mask | None = None) -> Cells:
        """Return the four counts of each replicate in each state, shape (r, b + 1), of all or of some joint groups."""
        return self._cumulated(self.drawn, inside)

    def expected(self) -> Cells:
        """Return the four counts that replicates are drawn from in each state, shape (1, b + 1)."""
        return self._cumulated(self.source, None)

    @staticmethod
    def _cumulated(counts: NDArray[np.int32] | Floats, inside: Mask | None) -> Cells:
        by_label = (counts if inside is None else counts[..., inside]).sum(axis=-1)
        shape = (by_label.shape[0], by_label.shape[1] + 1)
        fp, tp = np.zeros(shape), np.zeros(shape)
        for label, reached in ((0, fp), (1, tp)):
            np.cumsum(by_label[..., label], axis=1, out=reached[:, 1:])
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


def _split(counts: Any, after: int, above: Any) -> Any:
    """Return counts (..., bin, label, group) in which the bin before ``after`` is two: ``above``, and what is left."""
    parts = (
        counts[:, : after - 1],
        above[:, None],
        (counts[:, after - 1] - above)[:, None],
        counts[:, after:],
    )
    return np.concatenate(parts, axis=1)


def smoothed(counts: Ints) -> Floats:
    """Return counts (bin, label, group), highest scores first, in which a lower score is never more often positive.

    Within a group the number of each bin stays, and its share of positives becomes the isotonic regression on the
    rank of the score. From one score to the next the share jumps mostly by chance; drawn from as they stand, those
    jumps would be there again in every replicate, would be chosen again, and a third of the optimism would stay.
    """
    result = np.empty(counts.shape)
    sizes = counts.sum(axis=1).astype(np.float64)
    for group in range(counts.shape[2]):
        share = falling(counts[:, 1, group], sizes[:, group])
        result[:, 1, group] = share * sizes[:, group]
        result[:, 0, group] = sizes[:, group] - result[:, 1, group]
    return np.maximum(result, 0.0)


def falling(positives: Ints, sizes: Floats) -> Floats:
    """Return the never rising shares that fit ``positives`` of ``sizes`` best, shape (b,); pool adjacent violators.

    Source: Ayer, Brunk, Ewing, Reid and Silverman (1955).
    """
    blocks: list[tuple[float, float, int]] = []
    for positive, size in zip(positives.tolist(), sizes.tolist(), strict=True):
        block = (float(positive), float(size), 1)
        while blocks and block[0] * blocks[-1][1] >= blocks[-1][0] * block[1]:
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    shares = [positive / size if size else 0.0 for positive, size, _ in blocks]
    return np.repeat(shares, [length for _, _, length in blocks])


def joint_groups(groups: Mapping[str, Groups], n: int) -> tuple[Ints | None, dict[str, Ints]]:
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
    for rule in judged(aim, sample.cells, parts.cells):
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
