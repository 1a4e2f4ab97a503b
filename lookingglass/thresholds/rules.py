"""Whether an aim's requirements and capacity hold, and by how much they do not, at many places at once.

Works on counts of any shape, so that one sample and its replicates are judged by the same lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lookingglass.metrics.counts import Floats
from lookingglass.metrics.formulas import RATES, Cells, Settings, at_threshold, shifted, shifts
from lookingglass.thresholds.aims import COST, Aim, Capacity, Requirement

ROUNDING = 1e-12
"""What is not one division of whole numbers (a cost, MCC, weighted counts) is equal when it differs by less."""

_WHOLE = {*RATES, "balanced_accuracy", "f1"}


def rounding(metric: str, settings: Settings) -> float:
    """Return by how much two values of a metric may differ and be the same: 0 for a division of whole numbers."""
    if metric in _WHOLE and not shifts(metric, settings):
        return 0.0
    if metric == "f_beta" and not shifts(metric, settings) and (64 * settings.beta**2).is_integer():
        return 0.0
    return ROUNDING * scale(metric, settings)


def scale(metric: str, settings: Settings) -> float:
    """Return what counts as 1 when shortfalls of several metrics are held against each other."""
    costs = settings.costs
    if metric != COST or costs is None:
        return 1.0
    return max(abs(costs.cost_fp), abs(costs.cost_fn), abs(costs.gain_tp), abs(costs.gain_tn))


@dataclass(frozen=True, eq=False)
class Rule:
    """One requirement or the capacity, and how far it is from being met.

    Attributes:
        text: as a person wrote it.
        short: 0 where it is met, infinite where its metric is undefined, else what is missing, in units of ``scale``.
    """

    text: str
    short: Floats


def judged(aim: Aim, cells: Cells, parts: Mapping[Requirement, Sequence[Cells]]) -> list[Rule]:
    """Return each requirement of an aim, then its capacity, judged at each place.

    Args:
        cells: all examples together, of any shape.
        parts: for each requirement by group, the cells of the groups that it is judged in, at the same places.
    """
    rules = []
    for requirement in aim.requirements:
        short = np.full(np.shape(cells.tp), np.inf)
        for number, part in enumerate(_parts(requirement, cells, parts)):
            values = value_of(requirement.metric, part, aim.settings, cells)
            missing = shortfall(requirement, values, aim.settings)
            short = missing if number == 0 else np.maximum(short, missing, out=short)
        rules.append(Rule(requirement.text(), short))
    if aim.capacity is not None:
        rules.append(Rule(capacity_words(aim.capacity), over(aim.capacity, cells, aim.settings)))
    return rules


def _parts(
    requirement: Requirement, cells: Cells, parts: Mapping[Requirement, Sequence[Cells]]
) -> Sequence[Cells]:
    return [cells] if requirement.by is None else parts[requirement]


def value_of(metric: str, part: Cells, settings: Settings, whole: Cells) -> Floats:
    """Return a metric of some of the examples; another prevalence shifts them as it shifts all of them."""
    if settings.prevalence is None or not shifts(metric, settings):
        return at_threshold(metric, part, settings)
    return at_threshold(metric, shifted(part, settings.prevalence, whole), replace(settings, prevalence=None))


def shortfall(requirement: Requirement, values: Floats, settings: Settings) -> Floats:
    """Return 0 where the values meet a requirement, infinity where there is none, else what is missing."""
    missing = requirement.bound - values if requirement.sense == ">=" else values - requirement.bound
    return _only_real(missing, rounding(requirement.metric, settings)) / scale(requirement.metric, settings)


def capacity_words(capacity: Capacity) -> str:
    """Return the capacity as one of the rules that may bind."""
    return f"answering at most {capacity.text()}"


def over(capacity: Capacity, cells: Cells, settings: Settings) -> Floats:
    """Return how far answers are over a capacity, as a share; 0 where they keep it."""
    if capacity.most is None:
        return _only_real(cells.tp + cells.fp - float(capacity.count or 0), 0.0) / np.maximum(cells.n, 1.0)
    share = at_threshold("selection_rate", cells, settings)
    return _only_real(share - capacity.most, rounding("selection_rate", settings))


def _only_real(missing: Floats, tolerated: float) -> Floats:
    """Undefined never meets a rule; nothing is missing where a rule is met or missed by rounding alone."""
    return np.where(np.isnan(missing), np.inf, np.where(missing <= tolerated, 0.0, missing))
