"""The cheapest two thresholds with a person in between, held against rules and corrected for having been chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lookingglass.errors import BadInput, BadSetting
from lookingglass.figures import Figure
from lookingglass.metrics import bootstrap
from lookingglass.metrics.counts import Floats, Ints
from lookingglass.metrics.formulas import Cells, Settings, ratio
from lookingglass.thresholds.aims import COST, Aim, Capacity, Requirement
from lookingglass.thresholds.band import (
    Band,
    NearestBand,
    band_figures,
    band_of_counts,
    checked_costs,
    missed_rule,
    six_counts,
)
from lookingglass.thresholds.choose import NO_GROUPS, parts_of
from lookingglass.thresholds.optimism import RANGES, corrected_figure
from lookingglass.thresholds.pairs import Pairs, check_rules, final_cells, rule_text
from lookingglass.thresholds.replicates import Binned
from lookingglass.thresholds.sample import Groups, Sample

SAVING = "saving"
MOST_NEAREST = 512
"""Where no pair keeps the rules, the nearest is looked for among the pairs of so many states."""


def best_band(
    sample: Sample,
    settings: Settings,
    ask_cost: float,
    most_asked: float | None = None,
    *,
    requirements: Sequence[Requirement] = (),
    capacity: Capacity | None = None,
    groups: Mapping[str, Groups] = NO_GROUPS,
    replicates: Callable[[], Binned] | None = None,
) -> Band:
    """Return the pair of thresholds with the lowest expected cost per example, of all pairs of distinct scores.

    Where no band is cheaper than the best single threshold, that threshold is returned, as ``choose`` would.

    Args:
        sample: labels and scores.
        settings: costs, and the share of positives in real use.
        ask_cost: of asking a person about one example, 0 or more.
        most_asked: the share of examples (of real cases, where another prevalence is stated) that may be asked.
        requirements, capacity: what must hold of the final answers, the person being right about those asked.
        groups: the groups of the same examples in each column that a requirement names.
        replicates: returns those of the sample in these groups; drawn anew when None.

    Raises:
        BadInput: no costs, an ask_cost or a share that is none, no samples, a class that is missing where a prevalence
            is stated, or a requirement on the cost that is not "at most, of all samples".
    """
    checked_costs(settings, ask_cost)
    if most_asked is not None and not 0 <= most_asked <= 1:
        raise BadSetting(f"the share that may be asked must lie between 0 and 1, not {most_asked:g}.")
    if sample.table.n == 0:
        raise BadInput("there are no labelled samples to choose a threshold on: add labels first.")
    _check_classes(sample, settings)
    aim = Aim(COST, settings, tuple(requirements), capacity)
    check_rules(aim)
    parts = parts_of(sample, aim, groups)
    pairs = Pairs(
        _row(sample.cells),
        {one: [_row(part) for part in of] for one, of in parts.cells.items()},
        aim,
        ask_cost,
        None if most_asked is None else float(most_asked),
    )
    told: dict[str, Any] = {"rules": tuple(rule_text(rule) for rule in pairs.rules), "notes": parts.notes}
    found = pairs.cheapest()
    if not found.possible[0]:
        binding, nearest = _why_not(sample, pairs, parts.names, groups)
        return Band(None, None, None, {}, feasible=False, binding=binding, nearest=nearest, **told)
    high, low, single = (int(state[0]) for state in (found.high, found.low, found.single))
    ends = sample.threshold(low), sample.threshold(high)
    band = band_of_counts(ends, sample.counts(high), sample.counts(low), settings, ask_cost)
    band = replace(band, **told)
    if low != high and single >= 0:
        band = replace(band, saving=_saving(sample, (high, low), single, settings, ask_cost))
    named = {item.by: groups[item.by] for item in aim.requirements if item.by is not None}
    binned = Binned.of(sample, named) if replicates is None else replicates()
    return replace(band, corrected=_corrected(sample, band, pairs, parts.names, binned, (high, low)))


def _row(cells: Cells) -> Cells:
    """Return the cells of one sample's states as a table of one row."""
    return Cells(
        *(np.atleast_2d(part) for part in (cells.tp, cells.fp, cells.tn, cells.fn)),
        *(np.reshape(total, (1, 1)) for total in (cells.positives, cells.negatives)),
    )


def _corrected(
    sample: Sample,
    band: Band,
    pairs: Pairs,
    names: Mapping[Requirement, Sequence[int]],
    binned: Binned,
    states: tuple[int, int],
) -> dict[str, Figure]:
    """Return each figure less what it gained by being chosen, the pair being chosen anew in each replicate."""
    for state in states:
        binned = binned.including(sample, state)
    settings, ask_cost = pairs.aim.settings, pairs.ask_cost
    drawn = replace(pairs, cells=binned.cells(), parts=binned.parts(names))
    found = drawn.cheapest()
    rows = np.flatnonzero(found.possible)
    high, low = (ends[rows, None] for ends in (found.high, found.low))
    gained = {}
    expected = binned.expected()
    everywhere = Cells(
        *(
            np.broadcast_to(part, drawn.cells.tp.shape)
            for part in (expected.tp, expected.fp, expected.tn, expected.fn)
        ),
        *(np.broadcast_to(total, (len(found.low), 1)) for total in (expected.positives, expected.negatives)),
    )
    there, meant = (_six(_of_rows(cells, rows), high, low) for cells in (drawn.cells, everywhere))
    inside, outside = (band_figures(cells, settings, ask_cost) for cells in (there, meant))
    gained = {name: inside[name] - outside[name] for name in inside}
    if band.saving is not None:
        single = np.where(found.single[rows] < 0, 0, found.single[rows])[:, None]
        alone = [
            band_figures(_six(_of_rows(cells, rows), single, single), settings, ask_cost)[COST]
            for cells in (drawn.cells, everywhere)
        ]
        saved = (alone[0] - inside[COST]) - (alone[1] - outside[COST])
        gained[SAVING] = np.where(found.single[rows] < 0, np.nan, saved)
    result, n = {}, sample.table.n
    for name, raw in {**band.figures, **({SAVING: band.saving} if band.saving is not None else {})}.items():
        if raw.value is None:
            result[name] = raw
            continue
        ends = (-np.inf, np.inf) if name == SAVING else RANGES.get(name, (0.0, 1.0))
        result[name] = corrected_figure(
            raw.value, gained[name], n, ends, seed=binned.seed, replicates=len(found.possible)
        )
    return result


def _of_rows(cells: Cells, rows: Ints) -> Cells:
    return Cells(
        *(part[rows] for part in (cells.tp, cells.fp, cells.tn, cells.fn, cells.positives, cells.negatives))
    )


def _six(cells: Cells, high: Ints, low: Ints) -> Floats:
    """Return the six counts of each row at its own pair of states, shape (r, 6)."""
    reached = [
        np.take_along_axis(part, state, axis=1)[:, 0]
        for part in (cells.tp, cells.fp)
        for state in (high, low)
    ]
    (tp, tp_low), (fp, fp_low) = reached[:2], reached[2:]
    return np.stack(
        [tp, fp, tp_low - tp, fp_low - fp, cells.negatives[:, 0] - fp_low, cells.positives[:, 0] - tp_low],
        axis=1,
    )


def _why_not(
    sample: Sample, pairs: Pairs, names: Mapping[Requirement, Sequence[int]], groups: Mapping[str, Groups]
) -> tuple[tuple[str, ...], NearestBand | None]:
    """Return which rules bind, and the nearest pair among those of at most 512 states."""
    rules = pairs.rules
    alone = [
        rule
        for number, rule in enumerate(rules)
        if pairs.cheapest([*rules[:number], *rules[number + 1 :]]).possible[0]
    ]
    states = np.union1d(sample.table.spread(MOST_NEAREST - 1) + 1, [0])
    at = np.triu_indices(len(states))
    high, low = (states[end][None] for end in at)
    short = [pairs.short(rule, high, low)[0] for rule in rules]
    worst = np.max(short, axis=0)
    place = int(np.argmin(worst))
    missed = [rule for rule, each in zip(rules, short, strict=True) if each[place] > 0]
    binding = tuple(rule_text(rule) for rule in alone or missed)
    if np.isinf(worst[place]):
        return binding, None
    first, last = int(high[0, place]), int(low[0, place])
    counts = six_counts(sample.counts(first), sample.counts(last))
    cells = {
        rule: [
            (groups[str(rule.by)].values[code], final_cells(part, high[:, [place]], low[:, [place]]))
            for code, part in zip(names[rule], pairs.parts[rule], strict=True)
        ]
        for rule in pairs.parts
    }
    found = (missed_rule(rule, counts, pairs.aim.settings, pairs.ask_cost, cells) for rule in rules)
    shortfalls = tuple(item for item in found if item is not None)
    ends = sample.threshold(last), sample.threshold(first)
    return binding, NearestBand(*ends, counts, shortfalls, len(states))


def _saving(
    sample: Sample, band: tuple[int, int], single: int, settings: Settings, ask_cost: float
) -> Figure:
    """Return the cost per example of a single threshold minus that of a band (upper, lower), paired, by states."""
    costs = checked_costs(settings, ask_cost)
    ends = sorted({0, *band, single, len(sample.table.thresholds)})
    reached = np.array([(sample.counts(end).tp, sample.counts(end).fp) for end in ends])
    cells = np.diff(reached, axis=0).T.ravel()  # positives of each stretch between two ends, then negatives
    more = []
    for wrong, right, positive in (
        (costs.cost_fn, -costs.gain_tp, True),
        (costs.cost_fp, -costs.gain_tn, False),
    ):
        for end in ends[1:]:
            alone = right if (end <= single) == positive else wrong
            asked = band[0] < end <= band[1]
            together = ask_cost + right if asked else right if (end <= band[0]) == positive else wrong
            more.append(alone - together)
    half = len(cells) // 2

    def mean(counts: Ints) -> Floats:
        totals = counts * np.array(more)
        if settings.prevalence is None:
            return ratio(totals.sum(axis=1), counts.sum(axis=1))
        share = settings.prevalence
        of_positives = ratio(totals[:, :half].sum(axis=1), counts[:, :half].sum(axis=1))
        of_negatives = ratio(totals[:, half:].sum(axis=1), counts[:, half:].sum(axis=1))
        return share * of_positives + (1 - share) * of_negatives

    value, n = float(mean(cells[None, :])[0]), sample.table.n
    drawn = mean(bootstrap.resample(cells))
    return bootstrap.percentile_figure(value, drawn, n, seed=bootstrap.DEFAULT_SEED)


def _check_classes(sample: Sample, settings: Settings) -> None:
    table = sample.table
    if settings.prevalence is not None and not (table.positives and table.negatives):
        which = "negatives" if table.positives else "positives"
        raise BadInput(
            f"another share of positives cannot be applied: there are no {which} among the samples."
        )
