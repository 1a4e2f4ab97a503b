"""Two candidates at thresholds of their own choosing: the difference in cost, corrected for both choices."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lookingglass.metrics import Costs, Settings, distinguishable, paired_difference
from lookingglass.thresholds import Aim, Sample, choose, honesty, parse_requirement
from lookingglass.thresholds.paired import MOST_JOINT_CELLS, ChosenSide, _joint, corrected_difference
from tests.core.metrics.samples import Floats, Labels
from tests.core.thresholds.oracle import GivenGroups

MONEY = Settings(costs=Costs(1, 5))
CHEAP = Aim("cost_per_example", MONEY)


def two(seed: int, n: int, better: float = 0.0) -> tuple[Labels, Floats, Floats]:
    """Return labels and two candidates that see half of the same signal; the first a bit more of it by ``better``."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(n) < 0.2).astype(np.int8)
    seen = rng.normal(size=n) + y_true
    return y_true, seen + rng.normal(size=n) + better * y_true, seen + rng.normal(size=n)


def side(
    y_true: Labels, scores: Floats, aim: Aim = CHEAP, groups: dict[str, GivenGroups] | None = None
) -> ChosenSide:
    sample, known = Sample.of(y_true, scores), groups or {}
    choice = choose(sample, aim, known)
    corrected = honesty(sample, choice, known, replicates=300).corrected
    return ChosenSide.of(sample, choice, corrected["cost_per_example"], known)


def true_cost(threshold: float | None, better: float) -> float:
    """Return the expected cost at a threshold: both signals have variance 2, positives lie 1 + ``better`` higher."""
    at = math.inf if threshold is None else threshold
    recall, false_positive_rate = (math.erfc((at - mean) / 2) / 2 for mean in (1 + better, 0.0))
    return 0.8 * false_positive_rate + 5 * 0.2 * (1 - recall)


def test_it_is_the_difference_of_the_corrected_costs_and_turns_round() -> None:
    y_true, one, other = two(1, 900, 0.5)
    a, b = side(y_true, one), side(y_true, other)
    figure, back = (
        corrected_difference(y_true, a, b, CHEAP, {}),
        corrected_difference(y_true, b, a, CHEAP, {}),
    )
    assert a.cost.value is not None
    assert b.cost.value is not None
    assert figure.value == pytest.approx(a.cost.value - b.cost.value, abs=1e-12)
    assert back.value == pytest.approx(-figure.value)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low < figure.value < figure.high
    assert (figure.method, figure.n) == ("bootstrap, both choices made anew", 900)


def test_the_same_scores_twice_differ_by_nothing() -> None:
    y_true, one, _ = two(1, 300)
    figure = corrected_difference(y_true, side(y_true, one), side(y_true, one), CHEAP, {})
    assert (figure.value, figure.p_value, figure.low) == (0.0, 1.0, None)
    assert distinguishable(figure) == "could be chance"


@pytest.mark.parametrize("n", [400, 30_000])
def test_both_are_drawn_together_and_each_choice_is_among_its_bins(n: int) -> None:
    y_true, one, other = two(2, n)
    codes = np.random.default_rng(0).integers(0, 2, n).astype(np.int32)
    groups = {"area": GivenGroups(("a", "b"), codes)}
    aim = Aim("cost_per_example", MONEY, (parse_requirement("recall >= 0.3 by area"),))
    sides = [side(y_true, scores, aim, groups) for scores in (one, other)]
    made = _joint(y_true, *sides, groups, 0, 50)
    for binned, each, scores in zip(made, sides, (one, other), strict=True):
        table = Sample.of(y_true, scores)
        assert each.states[each.place] in binned.states
        np.testing.assert_array_equal(binned.expected().tp[0], table.cells.tp[binned.states])
        np.testing.assert_array_equal(binned.expected().fp[0], table.cells.fp[binned.states])
        assert binned.source.shape[-1] == 2
        assert len(binned.states) > 8
    np.testing.assert_array_equal(made[0].drawn.sum(axis=1), made[1].drawn.sum(axis=1))
    if n > MOST_JOINT_CELLS:
        assert all(len(binned.states) < 512 for binned in made)
    assert corrected_difference(y_true, *sides, aim, groups).low is not None


def test_where_a_choice_cannot_be_corrected_neither_can_the_difference() -> None:
    y_true, one, other = two(3, 200)
    best = choose(
        Sample.of(y_true, one), Aim("precision", requirements=(parse_requirement("recall>=0.3"),))
    ).value
    rules = (parse_requirement("recall>=0.3"), parse_requirement(f"precision>={best!r}"))
    a, b = side(y_true, one, Aim("cost_per_example", MONEY, rules)), side(y_true, other)
    figure = corrected_difference(y_true, a, b, CHEAP, {})
    assert figure.value is None
    assert "without a choice in many replicates" in str(figure.reason)


@pytest.mark.parametrize(("n", "better"), [(300, 0.0), (1_000, 0.4)])
def test_an_interval_covers_and_a_null_alarms_seldom(n: int, better: float) -> None:
    """The truth is what the two chosen thresholds really cost; with candidates alike an alarm is a false one."""
    covered, alarms, before, after, runs = 0, 0, [], [], 60
    for seed in range(runs):
        y_true, one, other = two(seed, n, better)
        samples = [Sample.of(y_true, scores) for scores in (one, other)]
        chosen = [choose(sample, CHEAP) for sample in samples]
        truth = true_cost(chosen[0].threshold, better) - true_cost(chosen[1].threshold, 0.0)
        figure = corrected_difference(
            y_true, side(y_true, one), side(y_true, other), CHEAP, {}, replicates=300
        )
        raw = paired_difference(
            y_true,
            one,
            other,
            chosen[0].threshold,
            chosen[1].threshold,
            metrics=["cost_per_example"],
            costs=MONEY.costs,
        )["cost_per_example"]
        assert figure.value is not None
        assert raw.value is not None
        assert figure.low is not None
        assert figure.high is not None
        covered += figure.low <= truth <= figure.high
        alarms += distinguishable(figure) == "more than chance"
        before.append(raw.value - truth)
        after.append(figure.value - truth)
    assert covered / runs >= 0.88
    if not better:
        assert alarms / runs <= 0.1
    assert abs(np.mean(after)) <= abs(np.mean(before)) + 0.01
