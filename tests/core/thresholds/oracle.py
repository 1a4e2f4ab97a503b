"""Choosing by looking at every threshold, in fractions: slow and exact, for the tests to hold the core against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from lookingglass.metrics import Costs, Settings
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.thresholds import Aim, Capacity, Requirement
from tests.core.metrics.samples import Floats, Labels, labelled_scores

Value = Fraction | None


@dataclass(frozen=True)
class GivenGroups:
    """Groups as ``choose`` takes them."""

    values: tuple[str, ...]
    codes: NDArray[np.int32]


def exact(number: float) -> Fraction:
    """Return a number as it was written: 0.1 is one tenth."""
    return Fraction(repr(number))


def share(part: Fraction, whole: Fraction) -> Value:
    return part / whole if whole else None


def metric(name: str, cells: Sequence[Fraction], settings: Settings) -> Value:
    """Return a metric of (tp, fp, tn, fn), None where it is undefined."""
    tp, fp, tn, fn = cells
    positives, negatives = tp + fn, fp + tn
    n = positives + negatives
    beta2 = exact(settings.beta) ** 2 if name == "f_beta" else Fraction(1)
    rates: dict[str, Callable[[], Value]] = {
        "accuracy": lambda: share(tp + tn, n),
        "precision": lambda: share(tp, tp + fp),
        "recall": lambda: share(tp, positives),
        "false_positive_rate": lambda: share(fp, negatives),
        "false_negative_rate": lambda: share(fn, positives),
        "specificity": lambda: share(tn, negatives),
        "selection_rate": lambda: share(tp + fp, n),
    }
    if name in rates:
        return rates[name]()
    if name == "balanced_accuracy":
        return (tp / positives + tn / negatives) / 2 if positives and negatives else None
    if name in {"f1", "f_beta"}:
        return share((1 + beta2) * tp, (1 + beta2) * tp + beta2 * fn + fp) if positives else None
    costs = settings.costs
    assert costs is not None
    assert name == "cost_per_example"
    total = exact(costs.cost_fp) * fp + exact(costs.cost_fn) * fn
    return share(total - exact(costs.gain_tp) * tp - exact(costs.gain_tn) * tn, n)


WITHIN = {"recall", "false_positive_rate", "false_negative_rate", "specificity", "balanced_accuracy"}


class Everything:
    """Every threshold of a sample, judged one by one."""

    def __init__(self, y_true: Labels, y_score: Floats, groups: Mapping[str, GivenGroups]) -> None:
        self.y_true, self.y_score, self.groups = y_true, y_score, groups
        self.thresholds: list[float | None] = [None, *sorted(set(y_score.tolist()), reverse=True)]

    def cells(self, threshold: float | None, inside: NDArray[np.bool_] | None = None) -> list[Fraction]:
        """Count row by row."""
        found = [0, 0, 0, 0]
        for row, (label, score) in enumerate(zip(self.y_true, self.y_score, strict=True)):
            if inside is not None and not inside[row]:
                continue
            yes = threshold is not None and score >= threshold
            found[(0 if yes else 3) if label else (1 if yes else 2)] += 1
        return [Fraction(count) for count in found]

    def value(
        self, name: str, threshold: float | None, settings: Settings, inside: NDArray[np.bool_] | None = None
    ) -> Value:
        """Return a metric, on weighted counts where another prevalence is stated."""
        cells = self.cells(threshold, inside)
        if settings.prevalence is not None and name not in WITHIN:
            tp, fp, tn, fn = self.cells(threshold)
            if not (tp + fn) or not (fp + tn):
                return None
            n, pi = tp + fp + tn + fn, exact(settings.prevalence)
            up, down = n * pi / (tp + fn), n * (1 - pi) / (fp + tn)
            cells = [cells[0] * up, cells[1] * down, cells[2] * down, cells[3] * up]
        return metric(name, cells, settings)

    def meets(self, requirement: Requirement, threshold: float | None, settings: Settings) -> bool:
        """Whether a requirement holds; in each group that has any case for it."""
        if requirement.by is None:
            return self._holds(requirement, self.value(requirement.metric, threshold, settings))
        groups = self.groups[requirement.by]
        found = []
        for code in range(len(groups.values)):
            inside = groups.codes == code
            every = [self.value(requirement.metric, at, settings, inside) for at in self.thresholds]
            if any(value is not None for value in every):
                found.append(every[self.thresholds.index(threshold)])
        return bool(found) and all(self._holds(requirement, value) for value in found)

    @staticmethod
    def _holds(requirement: Requirement, value: Value) -> bool:
        if value is None:
            return False
        bound = exact(requirement.bound)
        return value >= bound if requirement.sense == ">=" else value <= bound

    def fits(self, aim: Aim, threshold: float | None) -> bool:
        """Whether the capacity holds."""
        capacity = aim.capacity
        if capacity is None:
            return True
        if capacity.most is None:
            tp, fp, _, _ = self.cells(threshold)
            return tp + fp <= Fraction(capacity.count or 0)
        value = self.value("selection_rate", threshold, aim.settings)
        return value is not None and value <= exact(capacity.most)

    def best(self, aim: Aim) -> tuple[bool, float | None, Value]:
        """Return whether there is a choice, the threshold and the goal there."""
        allowed: list[tuple[float | None, Fraction]] = []
        for threshold in self.thresholds:
            value = self.value(aim.goal, threshold, aim.settings)
            kept = all(self.meets(item, threshold, aim.settings) for item in aim.requirements)
            if value is not None and kept and self.fits(aim, threshold):
                allowed.append((threshold, value))
        if not allowed:
            return False, None, None
        values = [value for _, value in allowed]
        top = max(values) if aim.direction == "higher" else min(values)
        threshold = next(at for at, value in allowed if value == top)
        return True, threshold, top


GOALS = tuple(name for name in AT_THRESHOLD if name != "mcc")  # whose root no fraction is


@st.composite
def cases(draw_from: st.DrawFn) -> tuple[Labels, Floats, Aim, Mapping[str, GivenGroups]]:
    """Any labels and scores with any aim, of which some cannot be met."""
    y_true, y_score = draw_from(labelled_scores(least=1, most=25))
    bound = st.integers(0, 20).map(lambda step: step / 20)
    requirement = st.builds(
        Requirement,
        st.sampled_from([name for name in GOALS if name != "cost_per_example"]),
        st.sampled_from([">=", "<="]),
        bound,
        st.sampled_from([None, None, "area"]),
    )
    capacity = st.one_of(
        st.none(),
        st.integers(1, 20).map(lambda step: Capacity(share=step / 20)),
        st.builds(Capacity, count=st.integers(1, 25)),
    )
    money = st.sampled_from([0.0, 0.1, 0.3, 1.0, 5.0])
    costs = st.builds(Costs, st.sampled_from([0.1, 0.7, 1.0, 3.0]), money, money, money)
    told = st.builds(
        Settings, st.sampled_from([0.5, 1.0, 2.0]), costs, st.sampled_from([None, None, 0.02, 0.3])
    )
    aim = draw_from(
        st.builds(Aim, st.sampled_from(GOALS), told, st.lists(requirement, max_size=3).map(tuple), capacity)
    )
    codes = draw_from(st.lists(st.integers(0, 2), min_size=len(y_true), max_size=len(y_true)))
    return y_true, y_score, aim, {"area": GivenGroups(("a", "b", "c"), np.array(codes, dtype=np.int32))}
