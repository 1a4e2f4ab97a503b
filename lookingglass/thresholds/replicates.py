"""Bootstrap replicates of labelled scores in at most 512 bins: what every choice that is made anew is made on.

They are drawn once for all aims; what choices do with them is in ``optimism``. Knows no aims.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.metrics import bootstrap
from lookingglass.metrics.counts import Floats, Ints
from lookingglass.metrics.formulas import Cells, ratio
from lookingglass.thresholds.aims import Requirement
from lookingglass.thresholds.choose import NO_GROUPS
from lookingglass.thresholds.sample import Groups, Sample

Mask = NDArray[np.bool_]

MOST_CELLS = 2_048
"""Bins times labels times groups: with more groups the replicates choose among fewer bins."""

_LEAST_BINS = 32


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
        more = replace(
            self,
            states=np.insert(self.states, after, state),
            source=_split(self.source, after, whole * share),
            drawn=_split(self.drawn, after, above),
        )
        # What all choices share is summed up once: the further state has what the one before it has, and its part.
        more.__dict__["_reached"] = [
            np.insert(reached, after, reached[:, after - 1] + above[:, label].sum(axis=-1), axis=1)
            for label, reached in enumerate(self._reached)
        ]
        return more

    @cached_property
    def _reached(self) -> list[Floats]:
        return _cumulated(self.drawn)

    def cells(self, inside: Mask | None = None) -> Cells:
        """Return the four counts of each replicate in each state, shape (r, b + 1), of all or of some joint groups."""
        return _cells(self._reached if inside is None else _cumulated(self.drawn[..., inside]))

    def expected(self) -> Cells:
        """Return the four counts that replicates are drawn from in each state, shape (1, b + 1)."""
        return _cells(_cumulated(self.source))

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


def _cumulated(counts: NDArray[np.int32] | Floats) -> list[Floats]:
    """Return how many negatives, and how many positives, of all groups reach each state, shape (r, b + 1) each."""
    by_label = counts[..., 0] if counts.shape[-1] == 1 else counts.sum(axis=-1)
    found = []
    for label in (0, 1):
        reached = np.zeros((by_label.shape[0], by_label.shape[1] + 1))
        np.cumsum(by_label[..., label], axis=1, out=reached[:, 1:])
        found.append(reached)
    return found


def _cells(reached: Sequence[Floats]) -> Cells:
    fp, tp = reached
    positives, negatives = tp[:, -1:], fp[:, -1:]
    return Cells(tp, fp, negatives - fp, positives - tp, positives, negatives)


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
