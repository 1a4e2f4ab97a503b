"""Disparities to a reference: by hand, against statsmodels, and identical groups alarm in about 5 of 100 cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from lookingglass.fairness import Disparity, Limit, Slice, SliceFigures, disparities
from lookingglass.fairness.disparities import fisher, holm, two_by_two
from lookingglass.metrics.catalogue import rate_figure
from lookingglass.metrics.counts import Counts
from tests.core.fairness.made import assessed

BY_HAND = {"f": (12, 8, 60, 20), "m": (30, 30, 110, 30)}


def of(metric: str, found: tuple[Disparity, ...]) -> Disparity:
    return next(each for each in found if each.metric == metric)


def test_by_hand_and_against_statsmodels() -> None:
    found = assessed(BY_HAND, reference="m")
    assert found.reference is not None
    assert found.reference.to_json() == {"g": "m"}
    for metric, case in {
        "selection_rate": (20, 100, 60, 200),
        "recall": (12, 32, 30, 60),
        "false_positive_rate": (8, 68, 30, 140),
        "false_negative_rate": (20, 32, 30, 60),
        "precision": (12, 20, 30, 60),
        "accuracy": (72, 100, 140, 200),
    }.items():
        each = of(metric, found.disparities)
        k1, n1, k2, n2 = case
        low, high = confint_proportions_2indep(*case, compare="diff", method="newcomb")
        assert each.slice.to_json() == {"g": "f"}
        assert each.difference.value == pytest.approx(k1 / n1 - k2 / n2)
        assert (each.difference.low, each.difference.high) == pytest.approx((low, high))
        assert (each.difference.method, each.difference.n) == ("newcombe", n1 + n2)
        assert each.ratio.value == pytest.approx((k1 / n1) / (k2 / n2))
        table = [[k1, n1 - k1], [k2, n2 - k2]]
        assert each.p_value == pytest.approx(chi2_contingency(table, correction=False).pvalue)
        assert each.test == "pearson"
        assert (each.verdict, each.reason) == ("cannot tell", "no limit is agreed")


def test_the_family_counts_every_question_once_and_is_told() -> None:
    """Two groups against the reference, five questions each: a false negative rate asks what recall asks."""
    found = assessed({**BY_HAND, "x": (20, 20, 60, 20)}, reference="m")
    assert found.family == 10
    questions = [each for each in found.disparities if each.metric != "false_negative_rate"]
    adjusted = multipletests([each.p_value for each in questions], method="holm")[1]
    assert [each.p_adjusted for each in questions] == pytest.approx(adjusted)
    for group in ("f", "x"):
        mine = [each for each in found.disparities if each.slice.to_json()["g"] == group]
        assert of("recall", tuple(mine)).p_adjusted == of("false_negative_rate", tuple(mine)).p_adjusted
    assert found.to_json()["family"] == 10


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    mine = holm(dict(enumerate(p_values)))
    assert [mine[place] for place in range(len(p_values))] == pytest.approx(
        multipletests(p_values, method="holm")[1]
    )


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_a_small_expected_count_is_tested_exactly(n1: int, n2: int, data: st.DataObject) -> None:
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    p_value, test = two_by_two(k1, n1, k2, n2)
    if k1 + k2 in (0, n1 + n2):
        assert p_value == 1.0
        return
    table = np.array([[k1, n1 - k1], [k2, n2 - k2]])
    outcome = chi2_contingency(table, correction=False)
    if outcome.expected_freq.min() < 5:
        assert test == "fisher"
        assert p_value == pytest.approx(fisher_exact(table).pvalue)
    else:
        assert test == "pearson"
        assert p_value == pytest.approx(outcome.pvalue)


@pytest.mark.parametrize(
    "case",
    [
        (4_000, 10_000, 3_000, 9_000),
        (300_000, 600_000, 299_000, 600_000),
        (0, 5, 5, 5),
        (50, 50, 1, 200),
        (1, 1, 0, 1),
    ],
)
def test_fishers_test_is_scipys(case: tuple[int, int, int, int]) -> None:
    k1, n1, k2, n2 = case
    assert fisher(*case) == pytest.approx(fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue, rel=1e-6)


@settings(max_examples=200)
@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_fishers_test_is_scipys_for_small_numbers(n1: int, n2: int, data: st.DataObject) -> None:
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    assert fisher(k1, n1, k2, n2) == pytest.approx(
        fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue, rel=1e-9
    )


def test_what_is_not_estimable_on_either_side_is_told_and_leaves_the_family() -> None:
    found = assessed(
        {"ref": (20, 20, 20, 20), "few": (3, 20, 20, 3), "none": (0, 20, 20, 0)}, reference="ref"
    )
    by = {(each.slice.to_json()["g"], each.metric): each for each in found.disparities}
    few = by["few", "recall"]
    assert few.difference.value is None
    assert few.reason == few.difference.reason == "the group: not estimable: only 6 cases"
    assert (few.verdict, few.p_value, few.p_adjusted) == ("cannot tell", None, None)
    assert by["none", "recall"].reason == "the group: no positives"
    assert found.family == 8
    other = assessed({"ref": (3, 20, 20, 3), "big": (20, 20, 20, 20)}, reference="ref")
    assert of("recall", other.disparities).reason == "the reference: not estimable: only 6 cases"


def test_a_reference_with_a_rate_of_0_has_a_difference_and_no_ratio() -> None:
    found = assessed({"a": (20, 5, 20, 0), "ref": (20, 0, 25, 0)}, reference="ref")
    each = of("false_positive_rate", found.disparities)
    assert each.difference.value == pytest.approx(0.2)
    assert (each.ratio.value, each.ratio.reason) == (None, "the reference has a rate of 0")


def test_a_metric_with_two_limits_is_told_twice_and_counted_once() -> None:
    limits = (Limit("recall", "difference", 0.1), Limit("recall", "ratio", 0.8))
    found = assessed(BY_HAND, reference="m", limits=limits)
    told = [each for each in found.disparities if each.metric == "recall"]
    assert [each.limit for each in told] == list(limits)
    assert found.family == 5


def figures(name: str, counts: tuple[int, int, int, int]) -> SliceFigures:
    made = Counts(*counts)
    rates = {
        metric: rate_figure(metric, made)
        for metric in ("selection_rate", "recall", "false_positive_rate", "precision", "accuracy")
    }
    return SliceFigures(Slice((("g", name),)), made, 0, rates, ())


def test_identical_groups_alarm_in_about_5_of_100_cases() -> None:
    """Six groups of one model and population, 25 questions: an alarm anywhere counts. Uncorrected, most would alarm."""
    rng = np.random.default_rng(11)
    alarms = naive = 0
    runs = 400
    for _ in range(runs):
        drawn = rng.multinomial(400, [0.2, 0.1, 0.5, 0.2], size=6).tolist()
        made = [figures(str(place), tuple(counts)) for place, counts in enumerate(drawn)]
        found, family = disparities(made, made[0], metrics=tuple(made[0].figures))
        assert family == 25
        alarms += any(each.alarms for each in found)
        naive += any((each.p_value or 1.0) <= 0.05 for each in found)
    assert alarms / runs <= 0.075
    assert alarms / runs >= 0.005
    assert naive / runs > 0.3
