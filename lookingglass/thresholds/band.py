"""A person in between: yes at or above one threshold, no below a lower one, and a person asked for the scores between.

The person is taken to be right: an asked example costs what asking costs, and then what the right answer costs. One
threshold is a band of width zero. Exact over all pairs of thresholds. Knows nothing of candidates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lookingglass.errors import BadInput, BadSetting
from lookingglass.figures import Figure, undefined
from lookingglass.metrics import bootstrap
from lookingglass.metrics.catalogue import Scored
from lookingglass.metrics.counts import Counts, Floats, Ints
from lookingglass.metrics.formulas import MOST_MONEY, Costs, Settings, ratio
from lookingglass.metrics.intervals import wilson
from lookingglass.thresholds.aims import COST
from lookingglass.thresholds.rules import ROUNDING, scale
from lookingglass.thresholds.sample import Sample

SHARES = ("yes_share", "asked_share", "no_share")


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

    def to_json(self) -> dict[str, int]:
        """Return the six counts by name."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Band:
    """Two thresholds and what becomes of the samples.

    Attributes:
        low, high: no below ``low``, a person from ``low`` to below ``high``, yes from ``high`` on; None is above every
            score. Equal: nobody is asked.
        counts: exact counts of the samples, whatever the prevalence in real use.
        figures: ``yes_share``, ``asked_share``, ``no_share`` and ``cost_per_example``, the asking included, with
            intervals, under the settings.
        saving: of ``best_band``: what the best single threshold costs more per example, paired; None when that is it.
    """

    low: float | None
    high: float | None
    counts: BandCounts
    figures: dict[str, Figure]
    saving: Figure | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "low": self.low,
            "high": self.high,
            "counts": self.counts.to_json(),
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            "saving": None if self.saving is None else self.saving.to_json(),
        }


def best_band(sample: Sample, settings: Settings, ask_cost: float, most_asked: float | None = None) -> Band:
    """Return the pair of thresholds with the lowest expected cost per example, of all pairs of distinct scores.

    Where no band is cheaper than the best single threshold, that threshold is returned, as ``choose`` would.

    Args:
        sample: labels and scores.
        settings: costs, and the share of positives in real use.
        ask_cost: of asking a person about one example, 0 or more.
        most_asked: the share of examples (of real cases, where another prevalence is stated) that may be asked.

    Raises:
        BadInput: no costs, an ask_cost or a share that is none, no samples, or a class that is missing where a
            prevalence is stated.
    """
    costs = _costs(settings, ask_cost)
    if most_asked is not None and not 0 <= most_asked <= 1:
        raise BadSetting(f"the share that may be asked must lie between 0 and 1, not {most_asked:g}.")
    if sample.table.n == 0:
        raise BadInput("there are no labelled samples to choose a threshold on: add labels first.")
    up, down = _weights(sample, settings)
    tp, fp = up * sample.cells.tp, down * sample.cells.fp
    answered = tp + fp
    # Cost of (high at state i, low at state j), i <= j, up to a constant: of_high[i] + of_low[j].
    of_high = (costs.cost_fp + costs.gain_tn) * fp - ask_cost * answered
    of_low = ask_cost * answered - (costs.cost_fn + costs.gain_tp) * tp
    first = np.zeros(len(answered), dtype=np.int64)
    if most_asked is not None:
        room = most_asked * answered[-1]
        first = np.searchsorted(answered, answered - room - ROUNDING * answered[-1], side="left")
    together = window_minimum(of_high, first) + of_low
    alone = of_high + of_low
    tolerated = ROUNDING * max(scale(COST, settings), ask_cost) * answered[-1]
    single = int(np.argmax(alone <= alone.min() + tolerated))
    if alone.min() <= together.min() + tolerated:
        high = low = single
    else:
        low = int(np.argmax(together <= together.min() + tolerated))
        window = of_high[first[low] : low + 1]
        high = int(first[low]) + int(np.flatnonzero(window <= window.min() + tolerated)[-1])
    ends = sample.threshold(low), sample.threshold(high)
    band = _band(ends, sample.counts(high), sample.counts(low), settings, ask_cost)
    if low == high:
        return band
    return replace(band, saving=_saving(sample, (high, low), single, settings, ask_cost))


def _saving(
    sample: Sample, band: tuple[int, int], single: int, settings: Settings, ask_cost: float
) -> Figure:
    """Return the cost per example of a single threshold minus that of a band (upper, lower), paired, by states."""
    costs = _costs(settings, ask_cost)
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


def band_at(
    sample: Sample, low: float | None, high: float | None, settings: Settings, ask_cost: float
) -> Band:
    """Return what becomes of the samples at any two thresholds, None being above every score.

    Raises:
        BadInput: ``low`` is above ``high``, no costs, or an ask_cost that is none.
    """
    _costs(settings, ask_cost)
    if (low is None and high is not None) or (low is not None and high is not None and low > high):
        raise BadInput("the threshold for asking lies above the one for yes: give the lower one for asking.")
    yes, reached = (Scored(sample, end).counts for end in (high, low))  # nothing is sorted
    return _band((low, high), yes, reached, settings, ask_cost)


def window_minimum(values: Floats, first: Ints) -> Floats:
    """Return for each j the least of ``values[first[j] : j + 1]``; ``first[j] <= j``. O(n log n), two arrays at a time.

    Each window is covered by two runs of the largest power of two that fits into it.
    """
    last = np.arange(len(values))
    level = (
        np.frexp((last - first + 1).astype(np.float64))[1] - 1
    )  # floor(log2(length)), exact for whole numbers
    result = np.empty(len(values))
    runs = values
    for power in range(int(level.max(initial=0)) + 1):
        here = np.flatnonzero(level == power)
        result[here] = np.minimum(runs[first[here]], runs[here - (1 << power) + 1])
        if len(runs) > 1 << power:
            runs = np.minimum(runs[: -(1 << power)], runs[1 << power :])
    return result


def _costs(settings: Settings, ask_cost: float) -> Costs:
    if settings.costs is None:
        raise BadInput("the cost needs costs: say what a false positive and a false negative cost.")
    if not 0 <= ask_cost <= MOST_MONEY:
        raise BadSetting(f"asking a person must cost 0 or more and at most {MOST_MONEY:g}, not {ask_cost:g}.")
    return settings.costs


def _weights(sample: Sample, settings: Settings) -> tuple[float, float]:
    """Return what one positive and one negative count for."""
    table, share = sample.table, settings.prevalence
    if share is None:
        return 1.0, 1.0
    if not (table.positives and table.negatives):
        which = "negatives" if table.positives else "positives"
        raise BadInput(
            f"another share of positives cannot be applied: there are no {which} among the samples."
        )
    return table.n * share / table.positives, table.n * (1 - share) / table.negatives


def _band(
    ends: tuple[float | None, float | None], yes: Counts, reached: Counts, settings: Settings, ask_cost: float
) -> Band:
    """Return the band of these ends: ``yes`` are the counts at the upper one, ``reached`` those at the lower one."""
    counts = BandCounts(yes.tp, yes.fp, reached.tp - yes.tp, reached.fp - yes.fp, reached.tn, reached.fn)
    cells = np.array(list(counts.to_json().values()), dtype=np.int64)
    drawn = bootstrap.resample(cells)
    exact, replicates = (_figures(part, settings, ask_cost) for part in (cells[None, :], drawn))
    figures = {}
    for name, values in exact.items():
        value = float(values[0])
        k = {
            "yes_share": counts.tp + counts.fp,
            "asked_share": counts.asked_positives + counts.asked_negatives,
            "no_share": counts.tn + counts.fn,
        }.get(name)
        if np.isnan(value):
            figures[name] = undefined(_why(counts), counts.n)
        elif k is not None and settings.prevalence is None:
            figures[name] = Figure(value, counts.n, *wilson(k, counts.n), "wilson", k)
        else:
            figures[name] = bootstrap.percentile_figure(
                value, replicates[name], counts.n, seed=bootstrap.DEFAULT_SEED
            )
    return Band(*ends, counts, figures)


def _figures(cells: Ints, settings: Settings, ask_cost: float) -> dict[str, Floats]:
    """Return shares and cost for each row of six counts, NaN where undefined."""
    tp, fp, asked_positives, asked_negatives, tn, fn = cells.T.astype(np.float64)
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
    return {name: ratio(part, n) for name, part in zip((*SHARES, "cost_per_example"), parts, strict=True)}


def _why(counts: BandCounts) -> str:
    if counts.n == 0:
        return "no examples"
    return "no positives" if counts.tp + counts.asked_positives + counts.fn == 0 else "no negatives"
