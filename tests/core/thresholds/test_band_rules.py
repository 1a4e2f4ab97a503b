"""A person between two thresholds under rules: the rates of the final answers, and the cheapest pair that keeps all."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.errors import BadInput
from lookingglass.metrics import Costs, Settings
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.metrics.intervals import wilson
from lookingglass.thresholds import (
    Aim,
    Capacity,
    Requirement,
    Sample,
    band_at,
    best_band,
    parse_requirement,
)
from lookingglass.thresholds.best_band import _row as row_of
from lookingglass.thresholds.choose import parts_of
from lookingglass.thresholds.pairs import Pairs
from lookingglass.thresholds.replicates import Binned
from tests.core.metrics.samples import Floats, Labels, labelled_scores
from tests.core.thresholds.oracle import GOALS, Everything, GivenGroups, exact, metric

Y_TRUE = np.array([1, 1, 0, 1, 0, 0, 0, 0])
Y_SCORE = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.2, 0.1])
FOUR = Settings(costs=Costs(cost_fp=4, cost_fn=4))


def test_the_person_is_right_about_those_asked_by_hand() -> None:
    # Yes to 0.9 and 0.8, a person for 0.7 (a negative) and 0.6 (a positive), no below.
    band = band_at(Sample.of(Y_TRUE, Y_SCORE), 0.6, 0.8, FOUR, ask_cost=1)
    expected = {
        "recall": (3, 3),  # the asked positive is found
        "precision": (3, 3),  # and is a yes
        "false_positive_rate": (0, 5),  # the asked negative is a no
        "selection_rate": (3, 8),
        "accuracy": (8, 8),
    }
    for name, (k, n) in expected.items():
        figure = band.figures[name]
        assert (figure.k, figure.n, figure.method) == (k, n, "wilson"), name
        assert (figure.low, figure.high) == wilson(k, n), name


def test_a_rule_moves_the_band_by_hand() -> None:
    # Misses cost little: nobody is answered yes, nobody asked. Two of three must be found: yes from 0.8.
    cheap = Settings(costs=Costs(cost_fp=4, cost_fn=1))
    sample = Sample.of(Y_TRUE, Y_SCORE)
    free = best_band(sample, cheap, ask_cost=5)
    assert (free.low, free.high) == (0.8, 0.8)
    all_found = best_band(sample, cheap, ask_cost=1.5, requirements=[parse_requirement("recall >= 1")])
    # Found by a person from 0.6 at 3 (0.7, 0.6), by the machine at 4 (a false alarm).
    assert (all_found.low, all_found.high) == (0.6, 0.8)
    assert all_found.rules == ("recall >= 1.0",)
    assert all_found.saving is not None
    assert all_found.saving.value == pytest.approx((4 - 3) / 8), "against the best single one that finds all"
    few = best_band(sample, cheap, 1.5, 0.1, requirements=[parse_requirement("recall >= 1")])
    assert (few.low, few.high) == (0.6, 0.6), "one may be asked of ten, so nobody of eight"
    none = best_band(
        sample,
        cheap,
        1.5,
        0.1,
        requirements=[parse_requirement("recall >= 1"), parse_requirement("precision >= 0.9")],
    )
    assert (none.feasible, none.low, none.counts, none.figures, none.saving) == (False, None, None, {}, None)
    assert none.binding == ("recall >= 1.0", "precision >= 0.9", "asking at most 10%")
    assert none.nearest is not None
    # Two of eight asked are 15 points over; with fewer the false alarm at 0.7 leaves precision 15 points short.
    assert (none.nearest.low, none.nearest.high) == (0.6, 0.8)
    assert [(one.rule, one.value, one.bound) for one in none.nearest.shortfalls] == [
        ("asking at most 10%", 0.25, 0.1)
    ]
    assert none.to_json()["nearest"]["thresholds_considered"] == 9


class PairsOneByOne(Everything):
    """Every pair of thresholds, judged one by one in fractions."""

    def final(
        self,
        high: float | None,
        low: float | None,
        inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None,
    ) -> list[Fraction]:
        upper, lower = self.cells(high, inside), self.cells(low, inside)
        tp, fp = lower[0], upper[1]
        positives, negatives = upper[0] + upper[3], upper[1] + upper[2]
        return [tp, fp, negatives - fp, positives - tp]

    def weights(self, told: Settings) -> tuple[Fraction, Fraction]:
        positives, n = int(self.y_true.sum()), len(self.y_true)
        if told.prevalence is None:
            return Fraction(1), Fraction(1)
        pi = exact(told.prevalence)
        return n * pi / positives, n * (1 - pi) / (n - positives)

    def asked(self, high: float | None, low: float | None, told: Settings) -> Fraction:
        (up, down), upper, lower = self.weights(told), self.cells(high), self.cells(low)
        return (up * (lower[0] - upper[0]) + down * (lower[1] - upper[1])) / len(self.y_true)

    def pair_value(
        self,
        name: str,
        ends: tuple[float | None, float | None],
        told: Settings,
        ask: float,
        inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None,
    ) -> Fraction | None:
        cells, (up, down) = self.final(*ends, inside), self.weights(told)
        weighted = [cells[0] * up, cells[1] * down, cells[2] * down, cells[3] * up]
        value = metric(name, weighted, told)
        if name == "cost_per_example" and value is not None:
            value += exact(ask) * self.asked(*ends, told)
        return value

    def kept(
        self, rule: Requirement, ends: tuple[float | None, float | None], told: Settings, ask: float
    ) -> bool:
        if rule.by is None:
            return self._holds(rule, self.pair_value(rule.metric, ends, told, ask))
        groups, found = self.groups[rule.by], []
        for code in range(len(groups.values)):
            inside = groups.codes == code
            if any(self.value(rule.metric, at, told, inside) is not None for at in self.thresholds):
                found.append(self.pair_value(rule.metric, ends, told, ask, inside))
        return bool(found) and all(self._holds(rule, value) for value in found)

    def least(self, aim: Aim, ask: float, most: float | None) -> Fraction | None:
        """Return the least cost of all pairs that keep everything, None when none does."""
        found = []
        for number, high in enumerate(self.thresholds):
            for low in self.thresholds[number:]:
                ends = (high, low)
                cells = self.final(high, low, None)
                share = self.pair_value("selection_rate", ends, aim.settings, ask)
                capacity = aim.capacity
                fits = capacity is None or (
                    cells[0] + cells[1] <= (capacity.count or 0)
                    if capacity.most is None
                    else share is not None and share <= exact(capacity.most)
                )
                room = most is None or self.asked(high, low, aim.settings) <= exact(most)
                if fits and room and all(self.kept(one, ends, aim.settings, ask) for one in aim.requirements):
                    cost = self.pair_value("cost_per_example", ends, aim.settings, ask)
                    assert cost is not None
                    found.append(cost)
        return min(found, default=None)


@st.composite
def ruled(draw_from: st.DrawFn) -> tuple[Labels, Floats, Aim, dict[str, GivenGroups]]:
    """Any labels and scores with any rules, of which some cannot be kept."""
    y_true, y_score = draw_from(labelled_scores(least=1, most=14))
    within = st.builds(
        Requirement,
        st.sampled_from([name for name in GOALS if name != "cost_per_example"]),
        st.sampled_from([">=", "<="]),
        st.integers(0, 20).map(lambda step: step / 20),
        st.sampled_from([None, None, "area"]),
    )
    cost = st.builds(
        Requirement, st.just("cost_per_example"), st.just("<="), st.sampled_from([0.0, 0.3, 1.0])
    )
    capacity = st.one_of(
        st.none(),
        st.none(),
        st.integers(1, 20).map(lambda step: Capacity(share=step / 20)),
        st.builds(Capacity, count=st.integers(1, 14)),
    )
    money = st.sampled_from([0.0, 0.3, 1.0, 5.0])
    costs = st.builds(Costs, st.sampled_from([0.1, 1.0, 3.0]), money, money, money)
    told = st.builds(Settings, st.just(1.0), costs, st.sampled_from([None, None, 0.3]))
    rules = st.lists(st.one_of(within, within, within, cost), min_size=1, max_size=3).map(tuple)
    aim = draw_from(st.builds(Aim, st.just("cost_per_example"), told, rules, capacity))
    codes = draw_from(st.lists(st.integers(0, 2), min_size=len(y_true), max_size=len(y_true)))
    return y_true, y_score, aim, {"area": GivenGroups(("a", "b", "c"), np.array(codes, dtype=np.int32))}


@given(ruled(), st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.sampled_from([None, None, 0.1, 0.3]))
@settings(deadline=None, max_examples=300)
def test_no_pair_that_keeps_the_rules_is_cheaper(
    case: tuple[Labels, Floats, Aim, dict[str, GivenGroups]], ask: float, most: float | None
) -> None:
    y_true, y_score, aim, groups = case
    told, sample = aim.settings, Sample.of(y_true, y_score)
    rules = {"requirements": aim.requirements, "capacity": aim.capacity, "groups": groups}
    named = {one.by: groups[one.by] for one in aim.requirements if one.by is not None}
    if told.prevalence is not None and len(set(y_true.tolist())) == 1:
        return
    band = best_band(sample, told, ask, most, replicates=lambda: Binned.of(sample, named, 0, 30), **rules)  # type: ignore[arg-type]  # values of several types
    least = PairsOneByOne(y_true, y_score, groups).least(aim, ask, most)
    json.dumps(band.to_json(), allow_nan=False)
    if least is None:
        assert not band.feasible
        assert band.binding
        assert band.nearest is None or band.nearest.shortfalls
        return
    assert band.feasible
    assert band.figures["cost_per_example"].value == pytest.approx(float(least), abs=1e-9)
    same = band_at(sample, band.low, band.high, told, ask, most_asked=most, **rules)  # type: ignore[arg-type]  # values of several types
    assert same.missed == ()
    assert same.figures == band.figures
    assert set(band.corrected) >= set(band.figures)


@given(
    labelled_scores(least=1, most=25),
    st.sampled_from(AT_THRESHOLD),
    st.sampled_from([">=", "<="]),
    st.integers(0, 10),
    st.sampled_from([None, 0.3]),
    st.booleans(),
)
@settings(deadline=None, max_examples=300)
def test_the_upper_ends_that_keep_a_rule_are_neighbours(
    data: tuple[Labels, Floats], name: str, sense: str, bound: int, prevalence: float | None, grouped: bool
) -> None:
    """What is found by halving is what every single pair says, for every metric, MCC and its undefined ends too."""
    if name == "cost_per_example":
        return
    sample = Sample.of(*data)
    codes = (np.arange(len(data[0])) % 2).astype(np.int32)
    rule = Requirement(name, sense, bound / 10, "area" if grouped else None)  # type: ignore[arg-type]  # one of the two senses
    aim = Aim("cost_per_example", Settings(costs=Costs(1, 1), prevalence=prevalence), (rule,))
    parts = parts_of(sample, aim, {"area": GivenGroups(("a", "b"), codes)}).cells
    pairs = Pairs(
        row_of(sample.cells),
        {one: [row_of(part) for part in of] for one, of in parts.items()},
        aim,
        0.1,
        None,
    )
    states = np.arange(len(sample.cells.tp))[None]
    windows = list(pairs._windows(rule, states))
    for low in states[0]:
        high = np.arange(low + 1)[None]
        kept = pairs.short(rule, high, np.full_like(high, low))[0] == 0
        inside = [(first[0, low] <= high[0]) & (high[0] <= last[0, low]) for first, last in windows]
        assert kept.tolist() == np.all(inside, axis=0).tolist()


@pytest.mark.parametrize("text", ["cost_per_example >= 1", "cost_per_example <= 1 by area"])
def test_a_cost_that_the_cheapest_pair_does_not_judge_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="cannot be held against a person in between"):
        best_band(Sample.of(Y_TRUE, Y_SCORE), FOUR, 1.0, requirements=[parse_requirement(text)])
