"""A person between two thresholds: the cheapest pair of all, and what any pair does."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.errors import BadInput
from lookingglass.metrics import Costs, Settings, distinguishable
from lookingglass.metrics.intervals import wilson
from lookingglass.thresholds import (
    Aim,
    Band,
    Sample,
    band_at,
    best_band,
    choose,
)
from lookingglass.thresholds.band import BandCounts
from lookingglass.thresholds.pairs import window_minimum
from tests.core.metrics.samples import Floats, Labels, draw, labelled_scores, tied
from tests.core.thresholds.oracle import exact

Y_TRUE = np.array([1, 1, 0, 1, 0, 0, 0, 0])
Y_SCORE = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.2, 0.1])
FOUR = Settings(costs=Costs(cost_fp=4, cost_fn=4))


def test_by_hand() -> None:
    # Without asking, from 0.6 one false alarm, from 0.8 one miss: 4. Asking about 0.7 and 0.6 at 1 each: 2. Asking
    # about 0.7 alone, yes from 0.8, no below: the positive at 0.6 is missed, 5.
    band = best_band(Sample.of(Y_TRUE, Y_SCORE), FOUR, ask_cost=1)
    assert (band.low, band.high) == (0.6, 0.8)
    assert band.counts == BandCounts(tp=2, fp=0, asked_positives=1, asked_negatives=1, tn=4, fn=0)
    assert band.figures["cost_per_example"].value == 2 / 8
    asked = band.figures["asked_share"]
    assert (asked.value, asked.k, asked.n, asked.low, asked.high) == (0.25, 2, 8, *wilson(2, 8))
    assert band.figures["yes_share"].k == 2
    assert band.figures["no_share"].k == 4
    assert band.saving is not None
    assert band.saving.value == (4 - 2) / 8


def test_one_threshold_is_the_band_of_width_zero() -> None:
    sample = Sample.of(Y_TRUE, Y_SCORE)
    # At 2 for asking, asking about two costs what the one false alarm does.
    for ask_cost in (2, 3, 100):
        band = best_band(sample, FOUR, ask_cost)
        single = choose(sample, Aim("cost_per_example", FOUR))
        assert band.low == band.high == single.threshold == 0.8, (
            "a miss from 0.8, a false alarm from 0.6: the highest"
        )
        assert band.figures["cost_per_example"].value == single.value
        assert band.figures["asked_share"].value == 0.0
    nobody = best_band(sample, Settings(costs=Costs(cost_fp=9, cost_fn=0)), 1)
    assert (nobody.low, nobody.high) == (None, None)
    assert nobody.counts == BandCounts(0, 0, 0, 0, 5, 3)


def test_asking_asks_no_more_than_may_be_asked() -> None:
    sample = Sample.of(Y_TRUE, Y_SCORE)
    for share in (0.0, 0.125, 0.2, 0.25, 0.5, 1.0):
        band = best_band(sample, FOUR, 0.5, most_asked=share)
        assert (band.figures["asked_share"].value or 0.0) <= share
    assert best_band(sample, FOUR, 0.5, most_asked=0.0).low == 0.8


def test_gains_count_for_the_person_too() -> None:
    told = Settings(costs=Costs(cost_fp=4, cost_fn=4, gain_tp=3, gain_tn=1))
    band = band_at(Sample.of(Y_TRUE, Y_SCORE), 0.6, 0.8, told, ask_cost=1)
    # Two asked: 2. Three positives found, two by the machine: -9. Five negatives left alone: -5.
    assert band.figures["cost_per_example"].value == (2 - 9 - 5) / 8


def brute(y_true: Labels, y_score: Floats, told: Settings, ask: float, most: float | None) -> Fraction:
    """Return the least cost of all pairs, in fractions."""
    costs = told.costs
    assert costs is not None
    positives, n = int(y_true.sum()), len(y_true)
    up = down = Fraction(1)
    if told.prevalence is not None:
        up = n * exact(told.prevalence) / positives
        down = n * (1 - exact(told.prevalence)) / (n - positives)
    ends = [np.inf, *sorted(set(y_score.tolist()), reverse=True)]
    found = []
    for number, high in enumerate(ends):
        for low in ends[number:]:
            total = asked = Fraction(0)
            for label, score in zip(y_true, y_score, strict=True):
                weight = up if label else down
                right = -exact(costs.gain_tp if label else costs.gain_tn)
                wrong = exact(costs.cost_fn if label else costs.cost_fp)
                if low <= score < high:
                    asked += weight
                    total += weight * (exact(ask) + right)
                else:
                    total += weight * (right if (score >= high) == bool(label) else wrong)
            if most is None or asked <= exact(most) * n:
                found.append(total / n)
    return min(found)


@given(
    labelled_scores(least=1, most=14),
    st.sampled_from([Costs(1.0, 5.0), Costs(0.3, 0.1), Costs(2.0, 1.0, 1.5, 0.2), Costs(0.0, 1.0)]),
    st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0]),
    st.sampled_from([None, 0.0, 0.1, 0.3, 0.5]),
    st.sampled_from([None, 0.05, 0.4]),
)
@settings(deadline=None, max_examples=150)
def test_no_pair_is_cheaper(
    data: tuple[Labels, Floats], costs: Costs, ask: float, most: float | None, prevalence: float | None
) -> None:
    y_true, y_score = data
    told = Settings(costs=costs, prevalence=prevalence)
    sample = Sample.of(y_true, y_score)
    if prevalence is not None and len(set(y_true.tolist())) == 1:
        with pytest.raises(BadInput, match="another share of positives cannot be applied"):
            best_band(sample, told, ask, most)
        return
    band = best_band(sample, told, ask, most)
    least = brute(y_true, y_score, told, ask, most)
    assert band.figures["cost_per_example"].value == pytest.approx(float(least), abs=1e-9)
    assert band.counts.n == len(y_true)
    asked = band.figures["asked_share"].value
    assert asked is not None
    assert most is None or asked <= most + 1e-9
    same = band_at(sample, band.low, band.high, told, ask)
    assert same == replace(band, saving=None, corrected={}, rules=())
    single = best_band(sample, told, ask, 0.0)
    if band.low == band.high:
        assert band.saving is None
        return
    least, cost = single.figures["cost_per_example"].value, band.figures["cost_per_example"].value
    assert band.saving is not None
    assert least is not None
    assert cost is not None
    assert band.saving.value == pytest.approx(least - cost, abs=1e-9)


@pytest.mark.parametrize("make", [draw, tied])
def test_more_room_never_costs_more(make: object) -> None:
    sample = Sample.of(*make(3, 3_000))  # type: ignore[operator]  # both are makers
    told = Settings(costs=Costs(1.0, 5.0))

    def cost(most: float) -> float:
        value = best_band(sample, told, 0.2, most).figures["cost_per_example"].value
        assert value is not None
        return value

    costs = [cost(most) for most in (0.0, 0.05, 0.1, 0.2, 0.4, 1.0)]
    assert all(after <= before + 1e-12 for before, after in pairwise(costs))
    assert costs[-1] < costs[0]


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=40),
    st.lists(st.integers(0, 40), min_size=40, max_size=40),
)
def test_the_least_of_each_window(values: list[int], reach: list[int]) -> None:
    first = np.array([max(0, at - reach[at]) for at in range(len(values))])
    expected = [min(values[first[at] : at + 1]) for at in range(len(values))]
    assert window_minimum(np.array(values, dtype=np.float64), first).tolist() == expected


def test_a_saving_that_may_be_chance_says_so() -> None:
    few, many = (Sample.of(*draw(6, n)) for n in (60, 6_000))
    unsure, sure = (best_band(sample, FOUR, 1.4).saving for sample in (few, many))
    for saving in (unsure, sure):
        assert saving is not None
        assert saving.value is not None
        assert saving.value > 0
    assert distinguishable(unsure) == "could be chance"  # type: ignore[arg-type]  # asserted above
    assert distinguishable(sure) == "more than chance"  # type: ignore[arg-type]  # asserted above


def test_an_interval_covers_asking_too() -> None:
    sample = Sample.of(*draw(1, 2_000))
    band = band_at(sample, 0.4, 0.6, FOUR, 1.0)
    for name in ("yes_share", "asked_share", "no_share", "cost_per_example"):
        figure = band.figures[name]
        assert figure.low is not None
        assert figure.value is not None
        assert figure.high is not None
        assert figure.low < figure.value < figure.high
    assert band.to_json()["figures"]["cost_per_example"]["method"] == "bootstrap"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda sample: best_band(sample, Settings(), 1.0), "the cost needs costs"),
        (
            lambda sample: best_band(sample, FOUR, float("nan")),
            "asking a person must cost 0 or more .*, not nan",
        ),
        (lambda sample: best_band(sample, FOUR, -1.0), "asking a person must cost 0 or more .*, not -1"),
        (
            lambda sample: best_band(sample, FOUR, 1.0, 1.5),
            "the share that may be asked must lie between 0 and 1",
        ),
        (
            lambda sample: band_at(sample, 0.8, 0.2, FOUR, 1.0),
            "the threshold for asking lies above the one for yes",
        ),
        (
            lambda sample: band_at(sample, None, 0.2, FOUR, 1.0),
            "the threshold for asking lies above the one for yes",
        ),
        (lambda _: best_band(Sample.of([], []), FOUR, 1.0), "there are no labelled samples"),
    ],
)
def test_what_makes_no_sense_is_refused(act: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        act(Sample.of(Y_TRUE, Y_SCORE))  # type: ignore[operator]  # each row is a function


def test_one_class_alone_has_a_band_and_a_cost() -> None:
    band: Band = best_band(Sample.of(np.zeros(5), np.arange(5)), FOUR, 1.0)
    assert (band.low, band.high, band.figures["cost_per_example"].value) == (None, None, 0.0)


def test_where_asking_saves_nothing_the_corrected_saving_is_nothing() -> None:
    """Of useless scores the best band of a sample always seems to save; chosen anew in each replicate, it does not."""
    raw, corrected, alarms = [], [], [0, 0]
    rng = np.random.default_rng(0)
    for _ in range(60):
        sample = Sample.of((rng.random(300) < 0.3).astype(np.int8), rng.random(300))
        band = best_band(
            sample, Settings(costs=Costs(1.0, 1.0)), 0.3
        )  # a person costs as much as always saying no
        if band.saving is None:
            continue
        told = band.corrected["saving"]
        assert band.saving.value is not None
        assert told.value is not None
        raw.append(band.saving.value)
        corrected.append(told.value)
        for number, figure in enumerate((band.saving, told)):
            alarms[number] += distinguishable(figure) == "more than chance"
    assert len(raw) > 30
    assert np.mean(raw) > 0.005
    assert abs(np.mean(corrected)) < np.mean(raw) / 2
    assert alarms[1] <= alarms[0]
