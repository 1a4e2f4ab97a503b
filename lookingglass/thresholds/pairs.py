"""The cheapest of all pairs of thresholds with a person in between, under rules, in one sample or in each replicate.

Yes from state i up, a person for the states after it down to j >= i, no below. The person being right, the final
answers are tp = TP(j), fn = P - TP(j), fp = FP(i), tn = N - FP(i): every metric of them is a function of TP(j) and
FP(i), and for a given j it goes one way as i, and with it FP(i), rises. So the upper ends that keep a rule are
neighbours, which are found by halving, and the cheapest of them by a minimum over a window: every pair is considered.
Knows no scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookingglass.errors import BadInput
from lookingglass.metrics.counts import Floats, Ints
from lookingglass.metrics.formulas import Cells, ratio
from lookingglass.thresholds.aims import COST, Aim, Capacity, Requirement
from lookingglass.thresholds.rules import ROUNDING, capacity_words, over, scale, shortfall, value_of

Kept = Callable[[Ints], NDArray[np.bool_]]
Rule = Requirement | Capacity | float
"""What must hold; a number is the largest share that may be asked."""

_ONLY_LOWER = frozenset({"recall", "false_negative_rate"})
_ONLY_UPPER = frozenset({"false_positive_rate", "specificity"})
_RISING = frozenset({"false_positive_rate", "selection_rate"})
"""Metrics that rise with the false positives; all others fall or do not look at them."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs of the s states of r samples.

    Attributes:
        cells: the four counts in each state, shape (r, s), totals (r, 1).
        parts: for each requirement by group, the cells of the groups that it is judged in.
        aim: settings with costs; requirements and capacity.
        ask_cost, most_asked: of asking about one example; the largest share that may be asked.
    """

    cells: Cells
    parts: Mapping[Requirement, Sequence[Cells]]
    aim: Aim
    ask_cost: float
    most_asked: float | None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What must hold, in the order in which it was asked for."""
        further = (self.aim.capacity, self.most_asked)
        return (*self.aim.requirements, *(rule for rule in further if rule is not None))

    def weighted(self) -> tuple[Floats, Floats]:
        """Return positives and negatives that each state answers yes, as real use weighs them; NaN: a class missing."""
        cells, share = self.cells, self.aim.settings.prevalence
        if share is None:
            return cells.tp, cells.fp
        up, down = ratio(cells.n * share, cells.positives), ratio(cells.n * (1 - share), cells.negatives)
        return cells.tp * up, cells.fp * down

    def asked(self, high: Ints, low: Ints) -> Floats:
        """Return the share that is asked in pairs of states, shape (r, m)."""
        tp, fp = self.weighted()
        answered = tp + fp
        return ratio(_at(answered, low) - _at(answered, high), answered[:, -1:])

    def cost(self, high: Ints, low: Ints) -> Floats:
        """Return the cost per example of pairs of states, the asking included, shape (r, m)."""
        final = final_cells(self.cells, high, low)
        return value_of(COST, final, self.aim.settings, final) + self.ask_cost * self.asked(high, low)

    def short(self, rule: Rule, high: Ints, low: Ints) -> Floats:
        """Return how far pairs of states are from keeping a rule, 0 where they keep it, shape (r, m)."""
        settings = self.aim.settings
        if isinstance(rule, float):
            missing = self.asked(high, low) - rule
            return np.where(np.isnan(missing), np.inf, np.where(missing <= ROUNDING, 0.0, missing))
        whole = final_cells(self.cells, high, low)
        if isinstance(rule, Capacity):
            return over(rule, whole, settings)
        if rule.metric == COST:
            return shortfall(rule, self.cost(high, low), settings)
        parts = [final_cells(part, high, low) for part in self._parts(rule)]
        found = [shortfall(rule, value_of(rule.metric, part, settings, whole), settings) for part in parts]
        return np.max(found, axis=0) if found else np.full(high.shape, np.inf)

    def _parts(self, rule: Requirement) -> Sequence[Cells]:
        return [self.cells] if rule.by is None else self.parts[rule]

    def cheapest(self, rules: Sequence[Rule] | None = None) -> Found:
        """Return the cheapest pair, and the cheapest single state, that keep ``rules`` (all of them when None)."""
        costs = self.aim.settings.costs
        if costs is None:
            raise ValueError("a person in between is chosen by cost")
        rules = self.rules if rules is None else rules
        tp, fp = self.weighted()
        answered = tp + fp
        # The cost of (i, j) but for a constant: of_high[i] + of_low[j].
        of_high = (costs.cost_fp + costs.gain_tn) * fp - self.ask_cost * answered
        of_low = self.ask_cost * answered - (costs.cost_fn + costs.gain_tp) * tp
        states = np.broadcast_to(np.arange(tp.shape[1]), tp.shape)
        lower = self._lower_ends(states)
        first, last = np.zeros_like(lower), lower
        alone = of_high + of_low
        for rule in rules:
            if not isinstance(rule, Requirement) or rule.metric != COST:
                for begin, end in self._windows(rule, lower):
                    first, last = np.maximum(first, begin), np.minimum(last, end)
                if not isinstance(rule, float):
                    alone = np.where(self.short(rule, states, states) == 0, alone, np.inf)
        together = _at(of_low, lower) + (
            window_minimum(of_high, first, last)
            if rules
            else _at(np.minimum.accumulate(of_high, axis=1), lower)
        )
        tolerated = ROUNDING * max(scale(COST, self.aim.settings), self.ask_cost) * answered[:, -1:]
        single, place = _first_least(alone, tolerated), _first_least(together, tolerated)[:, None]
        low, begin, end = (np.take_along_axis(ends, place, axis=1) for ends in (lower, first, last))
        inside = np.where((begin <= states) & (states <= end), of_high, np.inf)
        near = inside <= inside.min(axis=1, keepdims=True) + tolerated
        high = near.shape[1] - 1 - np.argmax(near[:, ::-1], axis=1)
        least = np.minimum(together.min(axis=1), alone.min(axis=1))
        is_alone = alone.min(axis=1) <= together.min(axis=1) + tolerated[:, 0]
        found = Found(
            np.where(is_alone, single, high),
            np.where(is_alone, single, low[:, 0]),
            np.where(np.isfinite(alone.min(axis=1)), single, -1),
            np.isfinite(least),
        )
        return self._within_cost(found, rules)

    def _lower_ends(self, states: Ints) -> Ints:
        """Return the lower ends that can be the cheapest, shape (r, m).

        A person who is asked about further negatives alone finds nobody more: such an end is never the cheapest, nor
        the first of several.
        """
        if len(states) > 1:
            return states
        rises = np.diff(self.cells.tp[0], prepend=-1.0) > 0
        return np.flatnonzero(rises)[None]

    def _within_cost(self, found: Found, rules: Sequence[Rule]) -> Found:
        """Return the rows as possible only where the cheapest pair is cheap enough."""
        possible, single = found.possible, found.single
        for rule in rules:
            if isinstance(rule, Requirement) and rule.metric == COST:
                possible = possible & (self.short(rule, found.high[:, None], found.low[:, None])[:, 0] == 0)
                one = np.maximum(single, 0)[:, None]
                single = np.where(self.short(rule, one, one)[:, 0] == 0, single, -1)
        return Found(found.high, found.low, single, possible)

    def _windows(self, rule: Rule, lower: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Yield the first and the last upper end with which each lower end keeps a rule, for each group apart."""
        if isinstance(rule, float):
            answered = np.add(*self.weighted())
            begin = _at(answered, lower) - (rule + ROUNDING) * answered[:, -1:]
            found = [np.searchsorted(row, least) for row, least in zip(answered, begin, strict=True)]
            yield np.minimum(np.stack(found), lower), lower
            return
        if isinstance(rule, Capacity):
            yield self._halved(lambda high: self.short(rule, high, lower) == 0, lower, upward=False)
            return
        upward = (rule.metric in _RISING) == (rule.sense == ">=")
        parts = self._parts(rule)
        for part in parts:
            if rule.metric in _ONLY_LOWER | _ONLY_UPPER:
                kept = (
                    shortfall(rule, value_of(rule.metric, part, self.aim.settings, part), self.aim.settings)
                    == 0
                )
                if rule.metric in _ONLY_LOWER:
                    yield np.zeros_like(lower), np.where(_at(kept, lower), lower, -1)
                    continue
                count = np.count_nonzero(kept, axis=1)[:, None]
                width = kept.shape[1]
                yield (
                    (np.broadcast_to(width - count, lower.shape), lower)
                    if upward
                    else (np.zeros_like(lower), np.broadcast_to(count - 1, lower.shape))
                )
                continue
            yield self._judged(rule, part, lower, upward)
        if not parts:
            yield np.ones_like(lower), np.zeros_like(lower)

    def _judged(self, rule: Requirement, part: Cells, lower: Ints, upward: bool) -> tuple[Ints, Ints]:
        """Return the window of one requirement in one group.

        What is undefined lies at the ends, nobody or everybody answered yes: it is taken for kept while the other end
        is looked for, and left out afterwards.
        """
        settings = self.aim.settings

        def kept(high: Ints) -> NDArray[np.bool_]:
            final, whole = final_cells(part, high, lower), final_cells(self.cells, high, lower)
            short = shortfall(rule, value_of(rule.metric, final, settings, whole), settings)
            at_end = final.fn + final.tn == 0 if upward else final.tp + final.fp == 0
            at_end &= rule.metric in ({"mcc"} if upward else {"precision", "mcc"})
            found: NDArray[np.bool_] = (short == 0) | (np.isinf(short) & at_end)
            return found

        first, last = self._halved(kept, lower, upward=upward)
        if rule.metric in {"precision", "mcc"} and not upward:
            none_yes = np.count_nonzero(part.fp == 0, axis=1)[:, None]
            first = np.where(_at(part.tp, lower) == 0, np.maximum(first, none_yes), first)
        if rule.metric == "mcc" and upward:
            all_yes = np.count_nonzero(part.fp < part.negatives, axis=1)[:, None] - 1
            last = np.where(_at(part.tp, lower) == part.positives, np.minimum(last, all_yes), last)
        return first, last

    @staticmethod
    def _halved(kept: Kept, lower: Ints, *, upward: bool) -> tuple[Ints, Ints]:
        """Return the window of a rule that is kept from some upper end on (``upward``), or down to some upper end."""
        below, above = np.full(lower.shape, -1), lower + 1
        for _ in range((int(lower.max()) + 1).bit_length() + 1):
            middle = (below + above) // 2
            holds = kept(np.maximum(middle, 0)) == upward
            moving = above - below > 1
            above = np.where(moving & holds, middle, above)
            below = np.where(moving & ~holds, middle, below)
        return (above, lower) if upward else (np.zeros_like(lower), below)


@dataclass(frozen=True, eq=False)
class Found:
    """For each sample the upper and the lower state, the cheapest single state (-1: none), and whether there is any."""

    high: Ints
    low: Ints
    single: Ints
    possible: NDArray[np.bool_]


def rule_text(rule: Rule) -> str:
    """Return a rule as people read it."""
    if isinstance(rule, float):
        return f"asking at most {Capacity(share=rule).text() if rule else '0%'}"
    return capacity_words(rule) if isinstance(rule, Capacity) else rule.text()


def check_rules(aim: Aim) -> None:
    """Refuse the two requirements of which the cheapest pair does not tell whether any pair keeps them."""
    for rule in aim.requirements:
        if rule.metric == COST and (rule.sense == ">=" or rule.by is not None):
            raise BadInput(
                f"{rule.text()!r} cannot be held against a person in between: ask for a cost of all samples at most."
            )


def final_cells(cells: Cells, high: Ints, low: Ints) -> Cells:
    """Return the counts of final answers in pairs of states (r, m), the person being right about those asked."""
    tp, fp = _at(cells.tp, low), _at(cells.fp, high)
    return Cells(tp, fp, cells.negatives - fp, cells.positives - tp, cells.positives, cells.negatives)


def _at(values: Floats, states: Ints) -> Floats:
    picked: Floats = values[0][states] if len(values) == 1 else np.take_along_axis(values, states, axis=1)
    return picked


def _first_least(values: Floats, tolerated: Floats) -> Ints:
    least: Ints = np.argmax(values <= values.min(axis=1, keepdims=True) + tolerated, axis=1)
    return least


def window_minimum(values: Floats, first: Ints, last: Ints | None = None) -> Floats:
    """Return for each place the least of ``values[first : last + 1]`` in its row; infinite where there is none.

    Each window is covered by two runs of the largest power of two that fits into it: O(n log n), two arrays at a time.

    Args:
        values: shape (s,) or (r, s).
        first, last: shape (m,) or (r, m); each place itself is the last one when None.
    """
    if values.ndim == 1:
        end = None if last is None else last[None]
        one_row: Floats = window_minimum(values[None], first[None], end)[0]
        return one_row
    if last is None:
        last = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    level = (
        np.frexp((last - first + 1).astype(np.float64))[1] - 1
    )  # floor(log2(length)), exact for whole numbers
    level = np.where(first <= last, level, -1).ravel()
    result = np.full(first.size, np.inf)
    begin, end, row = first.ravel(), last.ravel(), first.shape[1]
    runs = values
    for power in range(int(level.max(initial=-1)) + 1):
        here = np.flatnonzero(level == power)
        start = (here // row) * runs.shape[1]
        flat = runs.ravel()
        result[here] = np.minimum(flat[start + begin[here]], flat[start + end[here] - (1 << power) + 1])
        if runs.shape[1] > 1 << power:
            runs = np.minimum(runs[:, : -(1 << power)], runs[:, 1 << power :])
    least: Floats = result.reshape(first.shape)
    return least
