"""Two candidates, each at a threshold chosen on these samples: what one costs more, corrected for both choices.

Both choices are made anew in each bootstrap replicate of the examples, which the two candidates share: a multinomial
over (score bin of one, score bin of the other, label, group) is distributed as examples drawn with replacement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lookingglass.figures import Figure, undefined
from lookingglass.metrics import bootstrap
from lookingglass.metrics.counts import Floats, Ints, Labels
from lookingglass.metrics.formulas import Cells, at_threshold
from lookingglass.thresholds.aims import COST, Aim, Requirement
from lookingglass.thresholds.choose import Choice, parts_of
from lookingglass.thresholds.optimism import at_rows, chosen_anew, corrected_figure
from lookingglass.thresholds.replicates import Binned, joint_groups
from lookingglass.thresholds.sample import Groups, Sample

MOST_JOINT_CELLS = 2_048
"""The two candidates' bins are put together until no more than this many crossed cells hold an example."""

METHOD = "bootstrap, both choices made anew"


@dataclass(frozen=True, eq=False)
class ChosenSide:
    """One candidate with its choice, as any number of comparisons need it.

    Attributes:
        bins: each example's score bin, 0 for the highest scores, shape (n,).
        states: where bins begin and end, ascending from 0, shape (b + 1,).
        place: of the choice among ``states``; it is always one of them.
        cost: at the choice, corrected for having been chosen.
        names: the groups in which each requirement by group is judged.
    """

    bins: NDArray[np.int16]
    states: Ints
    place: int
    cost: Figure
    names: Mapping[Requirement, Sequence[int]]

    @classmethod
    def of(cls, sample: Sample, choice: Choice, cost: Figure, groups: Mapping[str, Groups]) -> ChosenSide:
        """Return the side of a feasible choice; ``cost`` is the corrected one."""
        state = 0 if choice.threshold is None else int(sample.table.rows_at(choice.threshold))
        states = np.union1d(sample.table.spread(bootstrap.MOST_BINS - 1) + 1, [0, state])
        bins = np.empty(len(sample.y_true), dtype=np.int16)
        sizes = np.diff(sample.ends[states])
        bins[sample.order[::-1]] = np.repeat(np.arange(len(sizes), dtype=np.int16), sizes)
        names = parts_of(sample, choice.aim, groups).names
        return cls(bins, states, int(np.searchsorted(states, state)), cost, names)

    def coarser(self, factor: int) -> tuple[Ints, Ints]:
        """Return fewer states, the choice still among them, and in which of the wider bins each bin lies."""
        places = np.arange(len(self.states))
        kept = np.flatnonzero((places % factor == 0) | (places == self.place) | (places == places[-1]))
        return self.states[kept], np.searchsorted(kept, places[:-1], side="right") - 1


def corrected_difference(
    y_true: Labels,
    a: ChosenSide,
    b: ChosenSide,
    aim: Aim,
    groups: Mapping[str, Groups],
    *,
    seed: int = bootstrap.DEFAULT_SEED,
    replicates: int = bootstrap.REPLICATES,
) -> Figure:
    """Return the corrected cost of a less that of b, with its 95 % interval.

    The interval is that of (difference in the replicate, each at its own choice there, less what is expected at these
    choices), moved to the difference of the two corrected costs.

    Args:
        y_true: labels of the examples that both have scored, shape (n,).
        aim: what both were chosen for. ``groups``: those of the same examples in each column that it names.
    """
    n = len(y_true)
    if a.cost.value is None or b.cost.value is None:
        return undefined(str(a.cost.reason or b.cost.reason), n)
    value = a.cost.value - b.cost.value
    if np.array_equal(a.bins, b.bins) and a.place == b.place:
        return Figure(value, n, reason="the two rank and answer every example alike", p_value=1.0)
    gain = np.zeros(replicates)
    for binned, side, sign in zip(
        _joint(y_true, a, b, groups, seed, replicates), (a, b), (1.0, -1.0), strict=True
    ):
        cells = binned.cells()
        chosen, possible = chosen_anew(aim, cells, binned.parts(side.names))
        expected = Cells.of_four(*(part[0, chosen] for part in _four(binned.expected())))
        there = at_rows(cells, np.ones(len(chosen), dtype=bool), chosen)
        costs = [at_threshold(COST, part, aim.settings) for part in (there, expected)]
        gain += sign * np.where(possible, costs[0] - costs[1], np.nan)
    mean = float(np.nanmean(gain)) if not np.isnan(gain).all() else 0.0
    figure = corrected_figure(value + mean, gain, n, (-np.inf, np.inf), seed=seed, replicates=replicates)
    return figure if figure.low is None else replace(figure, method=METHOD)


def _four(cells: Cells) -> tuple[Floats, Floats, Floats, Floats]:
    return cells.tp, cells.fp, cells.tn, cells.fn


def _joint(
    y_true: Labels,
    a: ChosenSide,
    b: ChosenSide,
    groups: Mapping[str, Groups],
    seed: int,
    replicates: int,
) -> tuple[Binned, Binned]:
    """Return both candidates' counts in the same replicates of the examples."""
    group, group_of = joint_groups(groups, len(y_true))
    size = 2 * (1 if group is None else int(group.max()) + 1)
    rest = y_true.astype(np.int64) * (size // 2)
    if group is not None:
        rest += group
    width = len(b.states) - 1
    counts = np.bincount((a.bins.astype(np.int64) * width + b.bins) * size + rest)
    occupied = np.flatnonzero(counts)
    crossed, rest = np.divmod(occupied, size)
    fine, cells, factor = np.divmod(crossed, width), counts[occupied], 1
    while True:
        (states_a, wider_a), (states_b, wider_b) = a.coarser(factor), b.coarser(factor)
        bins_a, bins_b = wider_a[fine[0]], wider_b[fine[1]]
        code = (bins_a * (len(states_b) - 1) + bins_b) * size + rest
        kept, place = np.unique(code, return_inverse=True)
        if len(kept) <= MOST_JOINT_CELLS or factor > bootstrap.MOST_BINS:
            break
        factor *= 2
    together = np.bincount(place, weights=cells).astype(np.int64)
    drawn = bootstrap.resample(together, seed, replicates)
    crossed, rest = np.divmod(kept, size)
    of_a, of_b = np.divmod(crossed, len(states_b) - 1)
    made = []
    for states, bins in ((states_a, of_a), (states_b, of_b)):
        shape = (len(states) - 1, 2, size // 2)
        key = bins * size + rest
        source, told = (_summed(rows, key, shape) for rows in (together[None], drawn))
        made.append(Binned(states, source.astype(np.float64), told.astype(np.int32), group_of, group, seed))
    return made[0], made[1]


def _summed(rows: Ints, key: Ints, shape: tuple[int, int, int]) -> Ints:
    """Return rows of counts (r, c) summed by ``key`` (c,) into shape (r, *shape)."""
    order = np.argsort(key, kind="stable")
    present, starts = np.unique(key[order], return_index=True)
    result = np.zeros((len(rows), int(np.prod(shape))), dtype=np.int64)
    result[:, present] = np.add.reduceat(rows[:, order], starts, axis=1)
    return result.reshape(len(rows), *shape)
