"""A person in between: yes at or above one threshold, no below a lower one, and a person asked for the scores between.

The person is taken to be right: an asked example costs what asking costs, and then what the right answer costs. One
threshold is a band of width zero. Exact over all pairs of thresholds. Knows nothing of candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.errors import BadInput, BadSetting
from lookingglass.figures import Figure, undefined
from lookingglass.metrics import bootstrap
from lookingglass.metrics.catalogue import Scored, rate_figure
from lookingglass.metrics.counts import Counts, Floats, Ints
from lookingglass.metrics.formulas import (
    MOST_MONEY,
    RATES,
    Cells,
    Costs,
    Settings,
    at_threshold,
    ratio,
    shifts,
    why_undefined,
)
from lookingglass.metrics.intervals import wilson
from lookingglass.metrics.ordered import Ordered
from lookingglass.thresholds.aims import COST, Aim, Capacity, Requirement
from lookingglass.thresholds.choose import NO_GROUPS, Shortfall, parts_of
from lookingglass.thresholds.pairs import Rule, check_rules, rule_text
from lookingglass.thresholds.rules import ROUNDING, over, shortfall, value_of
from lookingglass.thresholds.sample import Groups, Sample

SHARES = ("yes_share", "asked_share", "no_share")
RATES_TOLD = ("recall", "precision", "false_positive_rate", "selection_rate", "accuracy")
"""Rates of the final answers: those of the machine where nobody is asked, the right ones where a person is."""


@dataclass(frozen=True)
class BandCounts:
    """Samples by answer and label: yes (tp, fp), asked, no (tn, fn)."""

    tp: int
    fp: int
    asked_positives: int
    asked_negatives: int
    tn: int
    fn: int

    @property
    def n(self) -> int:
        """All samples."""
        return self.tp + self.fp + self.asked_positives + self.asked_negatives + self.tn + self.fn

    @property
    def final(self) -> Counts:
        """The final answers: the person is right about those asked."""
        return Counts(self.tp + self.asked_positives, self.fp, self.tn + self.asked_negatives, self.fn)

    def to_json(self) -> dict[str, int]:
        """Return the six counts by name."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class NearestBand:
    """Where no pair keeps the rules, the pair (of at most ``among`` thresholds) that misses the worst one least."""

    low: float | None
    high: float | None
    counts: BandCounts
    shortfalls: tuple[Shortfall, ...]
    among: int

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "low": self.low,
            "high": self.high,
            "counts": self.counts.to_json(),
            "violations": [asdict(item) for item in self.shortfalls],
            "thresholds_considered": self.among,
        }


@dataclass(frozen=True)
class Band:
    """Two thresholds and what becomes of the samples.

    Attributes:
        low, high: no below ``low``, a person from ``low`` to below ``high``, yes from ``high`` on; None is above every
            score, or there is no choice (``feasible``). Equal: nobody is asked.
        counts: exact counts of the samples, whatever the prevalence in real use; None when infeasible.
        figures: ``yes_share``, ``asked_share`` and ``no_share`` (of the machine's answers), ``cost_per_example``, the
            asking included, and ``RATES_TOLD`` of the final answers, the person being right, with intervals, under
            the settings; none when infeasible.
        saving: of ``best_band``: what the best single threshold costs more per example, paired; None when that is it,
            or none keeps the rules.
        corrected: of ``best_band``: the figures, and the ``saving``, less what choosing gained them (``honesty``).
        feasible: whether some pair keeps every rule; always, where there are none.
        rules: what was asked for, in words.
        binding, nearest: when infeasible, as in ``Choice``.
        missed: of ``band_at``: the rules that do not hold there.
        notes: what to know before trusting it, in sentences.
    """

    low: float | None
    high: float | None
    counts: BandCounts | None
    figures: dict[str, Figure]
    saving: Figure | None = None
    corrected: Mapping[str, Figure] = field(default_factory=dict)
    feasible: bool = True
    rules: tuple[str, ...] = ()
    binding: tuple[str, ...] = ()
    nearest: NearestBand | None = None
    missed: tuple[Shortfall, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "low": self.low,
            "high": self.high,
            "feasible": self.feasible,
            "counts": None if self.counts is None else self.counts.to_json(),
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            "saving": None if self.saving is None else self.saving.to_json(),
            "optimism_corrected": {name: figure.to_json() for name, figure in self.corrected.items()},
            "requirements": list(self.rules),
            "binding": list(self.binding),
            "nearest": None if self.nearest is None else self.nearest.to_json(),
            "violations": [asdict(item) for item in self.missed],
            "notes": list(self.notes),
        }


def missed_rule(
    rule: Rule,
    counts: BandCounts,
    settings: Settings,
    ask_cost: float,
    parts: Mapping[Requirement, Sequence[tuple[str, Cells]]],
) -> Shortfall | None:
    """Return what a rule comes to at one pair, in the group that is farthest from it; None where it is kept."""
    text, whole = rule_text(rule), Cells.of(counts.final)
    here = band_figures(np.array([list(counts.to_json().values())]), settings, ask_cost)
    if isinstance(rule, float):
        value = _defined(here["asked_share"])
        return None if value is not None and value <= rule + ROUNDING else Shortfall(text, None, value, rule)
    if isinstance(rule, Capacity):
        if float(over(rule, whole, settings)) == 0:
            return None
        if rule.most is None:
            return Shortfall(text, None, float(whole.tp + whole.fp), float(rule.count or 0))
        return Shortfall(text, None, _defined(here["selection_rate"]), rule.most)
    found: list[tuple[str | None, Floats]]
    if rule.by is not None:
        found = [
            (group, np.ravel(value_of(rule.metric, part, settings, whole))) for group, part in parts[rule]
        ]
    elif rule.metric == COST:
        found = [(None, here[COST])]
    else:
        found = [(None, np.ravel(value_of(rule.metric, whole, settings, whole)))]
    short = [float(shortfall(rule, each, settings)[0]) for _, each in found]
    if not found:
        return Shortfall(text, None, None, rule.bound)
    worst = int(np.argmax(short))
    return (
        Shortfall(text, found[worst][0], _defined(found[worst][1]), rule.bound) if short[worst] > 0 else None
    )


def _defined(values: Floats) -> float | None:
    value = float(np.ravel(values)[0])
    return None if np.isnan(value) else value


def band_at(
    sample: Sample,
    low: float | None,
    high: float | None,
    settings: Settings,
    ask_cost: float,
    *,
    requirements: Sequence[Requirement] = (),
    capacity: Capacity | None = None,
    most_asked: float | None = None,
    groups: Mapping[str, Groups] = NO_GROUPS,
) -> Band:
    """Return what becomes of the samples at any two thresholds, None being above every score, and what is missed there.

    Nothing is chosen, so nothing is corrected.

    Raises:
        BadInput: ``low`` is above ``high``, no costs, an ask_cost that is none, or a column that is not in ``groups``.
    """
    checked_costs(settings, ask_cost)
    if (low is None and high is not None) or (low is not None and high is not None and low > high):
        raise BadInput("the threshold for asking lies above the one for yes: give the lower one for asking.")
    aim = Aim(COST, settings, tuple(requirements), capacity)
    check_rules(aim)
    yes, reached = (Scored(sample, end).counts for end in (high, low))  # nothing is sorted
    band = band_of_counts((low, high), yes, reached, settings, ask_cost)
    if band.counts is None:
        raise ValueError("a band that was not chosen has counts")
    rules = [*aim.requirements, *(rule for rule in (capacity, most_asked) if rule is not None)]
    if not rules:
        return band
    named = {one.by for one in aim.requirements if one.by is not None}
    chosen = parts_of(sample, aim, groups) if named else None
    parts = {
        one: [
            (
                groups[str(one.by)].values[code],
                _of_group(sample, groups[str(one.by)].codes == code, low, high),
            )
            for code in codes
        ]
        for one, codes in (chosen.names if chosen else {}).items()
    }
    found = (missed_rule(rule, band.counts, settings, ask_cost, parts) for rule in rules)
    missed = tuple(item for item in found if item is not None)
    notes = chosen.notes if chosen else ()
    return replace(band, rules=tuple(rule_text(rule) for rule in rules), missed=missed, notes=notes)


def _of_group(sample: Sample, inside: NDArray[np.bool_], low: float | None, high: float | None) -> Cells:
    """Return the final answers of some of the examples."""
    part = Ordered(sample.y_true[inside], sample.y_score[inside])
    yes, reached = (Scored(part, end).counts for end in (high, low))
    return Cells.of(six_counts(yes, reached).final)


def checked_costs(settings: Settings, ask_cost: float) -> Costs:
    """Return the costs of the settings; BadInput when there are none or ``ask_cost`` is no cost."""
    if settings.costs is None:
        raise BadInput("the cost needs costs: say what a false positive and a false negative cost.")
    if not 0 <= ask_cost <= MOST_MONEY:
        raise BadSetting(f"asking a person must cost 0 or more and at most {MOST_MONEY:g}, not {ask_cost:g}.")
    return settings.costs


def six_counts(yes: Counts, reached: Counts) -> BandCounts:
    """Return the six counts: ``yes`` are those at the upper threshold, ``reached`` those at the lower one."""
    return BandCounts(yes.tp, yes.fp, reached.tp - yes.tp, reached.fp - yes.fp, reached.tn, reached.fn)


def band_of_counts(
    ends: tuple[float | None, float | None], yes: Counts, reached: Counts, settings: Settings, ask_cost: float
) -> Band:
    """Return the band of two thresholds, the lower one first, from the counts at the upper and at the lower one."""
    counts = six_counts(yes, reached)
    cells = np.array(list(counts.to_json().values()), dtype=np.int64)
    drawn = bootstrap.resample(cells)
    exact, replicates = (band_figures(part, settings, ask_cost) for part in (cells[None, :], drawn))
    figures = {}
    shares = {
        "yes_share": counts.tp + counts.fp,
        "asked_share": counts.asked_positives + counts.asked_negatives,
        "no_share": counts.tn + counts.fn,
    }
    for name, values in exact.items():
        value, n = float(values[0]), counts.n
        if name in RATES:
            if not shifts(name, settings):
                figures[name] = rate_figure(name, counts.final)
                continue
            n = int(RATES[name].n(Cells.of(counts.final)))
        if np.isnan(value):
            reason = why_undefined(name, counts.final, settings) if name in RATES else _why(counts)
            figures[name] = undefined(reason, n)
        elif name in shares and settings.prevalence is None:
            figures[name] = Figure(value, n, *wilson(shares[name], n), "wilson", shares[name])
        else:
            figures[name] = bootstrap.percentile_figure(
                value, replicates[name], n, seed=bootstrap.DEFAULT_SEED
            )
    return Band(*ends, counts, figures)


def band_figures(cells: Ints | Floats, settings: Settings, ask_cost: float) -> dict[str, Floats]:
    """Return shares, cost and rates for each row of six counts, NaN where undefined."""
    tp, fp, asked_positives, asked_negatives, tn, fn = cells.T.astype(np.float64)
    final = Cells.of_four(tp + asked_positives, fp, tn + asked_negatives, fn)
    rates = {name: at_threshold(name, final, settings) for name in RATES_TOLD}
    positives, negatives = tp + asked_positives + fn, fp + asked_negatives + tn
    n = positives + negatives
    if settings.prevalence is not None:
        up, down = ratio(n * settings.prevalence, positives), ratio(n * (1 - settings.prevalence), negatives)
        tp, asked_positives, fn = tp * up, asked_positives * up, fn * up
        fp, asked_negatives, tn = fp * down, asked_negatives * down, tn * down
    costs = settings.costs
    if costs is None:
        raise ValueError("checked before")
    asked = asked_positives + asked_negatives
    total = (
        costs.cost_fp * fp
        + costs.cost_fn * fn
        + ask_cost * asked
        - costs.gain_tp * (tp + asked_positives)
        - costs.gain_tn * (tn + asked_negatives)
    )
    parts = (tp + fp, asked, tn + fn, total)
    return {name: ratio(part, n) for name, part in zip((*SHARES, COST), parts, strict=True)} | rates


def _why(counts: BandCounts) -> str:
    if counts.n == 0:
        return "no examples"
    return "no positives" if counts.tp + counts.asked_positives + counts.fn == 0 else "no negatives"
