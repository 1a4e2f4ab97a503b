"""Choosing a threshold: the best of all distinct scores, and of answering nobody, that keeps every requirement.

Exact: nothing is rounded, no grid, ``score >= threshold`` everywhere; of equally good thresholds the highest. Knows
nothing of candidates and test sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lookingglass.errors import BadInput
from lookingglass.metrics.counts import Counts, Floats
from lookingglass.metrics.formulas import RATES, Cells, at_threshold, why_undefined
from lookingglass.thresholds.aims import Aim, Requirement
from lookingglass.thresholds.rules import Rule, capacity_words, judged, rounding, value_of
from lookingglass.thresholds.sample import Groups, Sample

FEW = 10
"""Of fewer cases than this a figure says little; the notes say so."""

MOST_GROUPS = 50
"""A requirement is judged in no more groups than this."""

NO_GROUPS: Mapping[str, Groups] = {}


@dataclass(frozen=True)
class Shortfall:
    """One rule that does not hold at the nearest point: where, what it comes to there, and what it should.

    Attributes:
        rule: the requirement or capacity, as in ``Choice.binding``.
        group: the group that is farthest from it, None for all samples together.
        value: the metric there, None where it is undefined.
        bound: what was asked for.
    """

    rule: str
    group: str | None
    value: float | None
    bound: float


@dataclass(frozen=True)
class Nearest:
    """The point at which the rule that is missed most is missed least; the highest threshold of several."""

    threshold: float | None
    counts: Counts
    value: float | None
    shortfalls: tuple[Shortfall, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "threshold": self.threshold,
            "counts": self.counts.to_json(),
            "value": self.value,
            "violations": [asdict(item) for item in self.shortfalls],
        }


@dataclass(frozen=True)
class Choice:
    """The threshold that an aim leads to, or why none does.

    Attributes:
        aim: what was asked for.
        feasible: whether some threshold, or answering nobody, keeps every requirement.
        threshold: the answer is yes when ``score >= threshold``; None answers nobody, or there is no choice.
        counts: exact counts of the samples there, whatever the prevalence in real use; None when infeasible.
        value: the goal there, under the aim's settings.
        binding: when infeasible, the rules without any one of which there would be a choice, else those missed nearest.
        nearest: when infeasible, the point that comes closest.
        notes: what to know before trusting it, in sentences: few cases, groups left out, a class missing.
    """

    aim: Aim
    feasible: bool
    threshold: float | None
    counts: Counts | None
    value: float | None
    binding: tuple[str, ...] = ()
    nearest: Nearest | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Parts:
    """The groups in which each requirement by group is judged, and what is to be said of them."""

    names: Mapping[Requirement, tuple[int, ...]]
    cells: Mapping[Requirement, tuple[Cells, ...]]
    notes: tuple[str, ...]


def choose(sample: Sample, aim: Aim, groups: Mapping[str, Groups] = NO_GROUPS) -> Choice:
    """Return the best threshold for an aim.

    Args:
        sample: labels and scores; sorted once, so pass the same one to everything that works on it.
        aim: goal, settings, requirements and capacity.
        groups: the groups of the same examples in each column that a requirement names.

    Raises:
        BadInput: there are no samples, the goal has no value at any threshold (a class is missing), a column that a
            requirement names is not among ``groups``, or it has too many groups.
    """
    if not aim.is_limited and aim.goal != "selection_rate" and sample.one_class is None:
        return _best_rise(sample, aim)
    parts = parts_of(sample, aim, groups)
    values = goal_values(aim, sample.cells)
    defined = ~np.isnan(values)
    if not defined.any():
        raise BadInput(_no_value(sample, aim))
    rules = judged(aim, sample.cells, parts.cells)
    allowed = defined & _all_kept(rules, defined)
    notes = (*_notes(sample), *parts.notes)
    if allowed.any():
        state = best_state(aim, values, allowed)
        return Choice(
            aim, True, sample.threshold(state), sample.counts(state), float(values[state]), notes=notes
        )
    binding, nearest = _why_not(sample, aim, groups, parts, rules, values, defined)
    return Choice(aim, False, None, None, None, binding, nearest, notes)


def _best_rise(sample: Sample, aim: Aim) -> Choice:
    """Return the choice that nothing limits: no goal gains by more false positives alone, so rises are looked at only.

    Where both classes are there, every such goal is defined at some of them, and the highest of equally good thresholds
    is one, for what comes before it is worse.
    """
    values = goal_values(aim, sample.rising_cells)
    place = best_state(aim, values, ~np.isnan(values))
    state = int(sample.rising[place])
    at, counts = sample.threshold(state), sample.counts(state)
    return Choice(aim, True, at, counts, float(values[place]), notes=_notes(sample))


def goal_values(aim: Aim, cells: Cells) -> Floats:
    """Return the goal at each place, NaN where it is undefined."""
    return at_threshold(aim.goal, cells, aim.settings)


def best_state(aim: Aim, values: Floats, allowed: np.ndarray[Any, np.dtype[np.bool_]]) -> int:
    """Return the first allowed place, so the highest threshold, at which the goal is best."""
    better = values if aim.direction == "higher" else -values
    among = np.where(allowed, better, -np.inf)
    return int(np.argmax(among >= among.max() - rounding(aim.goal, aim.settings)))


def _all_kept(rules: Sequence[Rule], like: np.ndarray[Any, np.dtype[np.bool_]]) -> Any:
    kept = np.ones_like(like)
    for rule in rules:
        kept &= rule.short == 0
    return kept


def parts_of(sample: Sample, aim: Aim, groups: Mapping[str, Groups]) -> Parts:
    """Return each group in which a requirement can be judged; a group without any case for its metric is left out."""
    names: dict[Requirement, tuple[int, ...]] = {}
    cells: dict[Requirement, tuple[Cells, ...]] = {}
    notes: list[str] = []
    made: dict[str, list[Cells]] = {}
    for requirement in aim.requirements:
        if requirement.by is None:
            continue
        column = _column(requirement, groups)
        if requirement.by not in made:
            made[requirement.by] = sample.by_group(column)
        kept = []
        for code, (value, part) in enumerate(zip(column.values, made[requirement.by], strict=True)):
            last = Counts(int(part.tp[-1]), int(part.fp[-1]), 0, 0)
            if bool(np.isnan(value_of(requirement.metric, part, aim.settings, sample.cells)).all()):
                reason = why_undefined(requirement.metric, last, aim.settings)
                notes.append(f"{requirement.by} = {value} is left out of {requirement.text()!r}: {reason}.")
                continue
            kept.append(code)
            few = int(RATES[requirement.metric].n(part)[()] if requirement.metric in _FIXED else last.n)
            if few < FEW:
                cases = _FIXED.get(requirement.metric, "samples")
                notes.append(
                    f"{requirement.by} = {value} has only {few} {cases}: {requirement.text()!r} says little."
                )
        names[requirement] = tuple(kept)
        cells[requirement] = tuple(made[requirement.by][code] for code in kept)
    return Parts(names, cells, tuple(dict.fromkeys(notes)))


_FIXED = {
    "recall": "positives",
    "false_negative_rate": "positives",
    "false_positive_rate": "negatives",
    "specificity": "negatives",
}
"""What the metrics within a class count, whatever the threshold."""


def _column(requirement: Requirement, groups: Mapping[str, Groups]) -> Groups:
    column = groups.get(str(requirement.by))
    if column is None:
        known = ", ".join(sorted(groups)) or "none"
        raise BadInput(
            f"there is no group column {requirement.by!r} for {requirement.text()!r}: there are {known}."
        )
    if len(column.values) > MOST_GROUPS:
        raise BadInput(
            f"{requirement.by} has {len(column.values):,} groups, more than {MOST_GROUPS}: "
            "put its values together into fewer groups first."
        )
    return column


def _why_not(
    sample: Sample,
    aim: Aim,
    groups: Mapping[str, Groups],
    parts: Parts,
    rules: Sequence[Rule],
    values: Floats,
    defined: np.ndarray[Any, np.dtype[np.bool_]],
) -> tuple[tuple[str, ...], Nearest | None]:
    """Return which rules bind, and the nearest point."""
    worst = np.zeros(len(values))
    for rule in rules:
        np.maximum(worst, rule.short, out=worst)
    worst = np.where(defined, worst, np.inf)
    state = int(np.argmin(worst))
    missed = [number for number, rule in enumerate(rules) if rule.short[state] > 0]
    alone = [
        number
        for number in range(len(rules))
        if (defined & _all_kept([*rules[:number], *rules[number + 1 :]], defined)).any()
    ]
    binding = tuple(rules[number].text for number in alone or missed)
    if np.isinf(worst[state]):
        return binding, None
    shortfalls = tuple(_shortfall(sample, aim, groups, parts, number, state) for number in missed)
    return binding, Nearest(sample.threshold(state), sample.counts(state), float(values[state]), shortfalls)


def _shortfall(
    sample: Sample, aim: Aim, groups: Mapping[str, Groups], parts: Parts, number: int, state: int
) -> Shortfall:
    """Return what one rule comes to at a state, in the group that misses it most."""
    if number == len(aim.requirements):
        return _over_capacity(sample, aim, state)
    requirement = aim.requirements[number]
    found: list[tuple[float, str | None]] = []
    of_groups = parts.names.get(requirement, ())
    for place, part in enumerate(parts.cells.get(requirement, (sample.cells,))):
        group = groups[str(requirement.by)].values[of_groups[place]] if requirement.by else None
        found.append((float(value_of(requirement.metric, part, aim.settings, sample.cells)[state]), group))
    value, group = (min if requirement.sense == ">=" else max)(found, key=lambda pair: pair[0])
    return Shortfall(requirement.text(), group, value, requirement.bound)


def _over_capacity(sample: Sample, aim: Aim, state: int) -> Shortfall:
    capacity, counts = aim.capacity, sample.counts(state)
    if capacity is None:
        raise ValueError("there is no capacity to be over")
    if capacity.most is None:
        return Shortfall(
            capacity_words(capacity), None, float(counts.tp + counts.fp), float(capacity.count or 0)
        )
    share = at_threshold("selection_rate", sample.cells, aim.settings)[state]
    return Shortfall(capacity_words(capacity), None, float(share), capacity.most)


def _no_value(sample: Sample, aim: Aim) -> str:
    counts = sample.counts(len(sample.table.thresholds))
    if counts.n == 0:
        return "there are no labelled samples to choose a threshold on: add labels first."
    reason = why_undefined(aim.goal, counts, aim.settings)
    which = "positives" if counts.positives == 0 else "negatives"
    return (
        f"{aim.goal} has no value at any threshold: {reason} among the {counts.n:,} labelled samples. "
        f"Add labelled {which}, or choose another goal."
    )


def _notes(sample: Sample) -> tuple[str, ...]:
    table, notes = sample.table, []
    for count, which in ((table.positives, "positives"), (table.negatives, "negatives")):
        if count == 0:
            notes.append(
                f"There are no {which} among the {table.n:,} labelled samples: half of the picture is missing."
            )
        elif count < FEW:
            only = f"is only 1 {which.removesuffix('s')}" if count == 1 else f"are only {count} {which}"
            notes.append(f"There {only} among the labelled samples: figures on so few say little.")
    if len(table.thresholds) == 1:
        notes.append("All scores are equal: the only answers are yes to everybody and yes to nobody.")
    return tuple(notes)
