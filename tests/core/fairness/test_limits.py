"""The three verdicts: within and outside need the whole interval, everything else cannot be told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.errors import BadSetting
from lookingglass.fairness import Limit, assess
from lookingglass.figures import Figure, undefined
from lookingglass.metrics.intervals import newcombe, newcombe_ratio
from tests.core.fairness.made import assessed, tables

DIFFERENCE = Limit("recall", "difference", 0.1)
RATIO = Limit("selection_rate", "ratio", 0.8)


@pytest.mark.parametrize(
    ("limit", "ends", "verdict"),
    [
        (DIFFERENCE, (-0.1, 0.1), "within"),
        (DIFFERENCE, (-0.05, 0.11), "cannot tell"),
        (DIFFERENCE, (0.11, 0.3), "outside"),
        (DIFFERENCE, (-0.3, -0.11), "outside"),
        (DIFFERENCE, (0.1, 0.3), "cannot tell"),
        (DIFFERENCE, (-0.3, 0.3), "cannot tell"),
        (RATIO, (0.8, 1.25), "within"),
        (RATIO, (0.5, 0.79), "outside"),
        (RATIO, (1.26, 2.0), "outside"),
        (RATIO, (0.7, 1.0), "cannot tell"),
    ],
)
def test_verdicts(limit: Limit, ends: tuple[float, float], verdict: str) -> None:
    found, reason = limit.verdict(Figure(sum(ends) / 2, 100, *ends))
    assert found == verdict
    assert (reason is None) == (verdict != "cannot tell")


def test_what_is_undefined_cannot_be_told_for_its_own_reason() -> None:
    assert DIFFERENCE.verdict(undefined("no positives")) == ("cannot tell", "no positives")


@pytest.mark.parametrize(
    ("metric", "measure", "bound", "told"),
    [
        ("roc_auc", "difference", 0.1, "no limit for 'roc_auc'"),
        ("recall", "quotient", 0.1, "a difference or a ratio, not on 'quotient'"),
        ("recall", "difference", 0.0, "between 0 and 1"),
        ("recall", "ratio", 1.0, "between 0 and 1"),
        ("recall", "ratio", float("nan"), "between 0 and 1"),
    ],
)
def test_limits_that_mean_nothing_are_refused(metric: str, measure: str, bound: float, told: str) -> None:
    with pytest.raises(BadSetting, match=told):
        Limit(metric, measure, bound)  # type: ignore[arg-type]  # what a script may give


def test_two_limits_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(BadSetting, match="two limits on the difference of recall: state one"):
        assess(tables({"a": (9, 9, 9, 9)}), 0.5, limits=[DIFFERENCE, Limit("recall", "difference", 0.2)])


@settings(max_examples=200)
@given(st.data(), st.sampled_from([DIFFERENCE, RATIO]))
def test_so_many_further_cases_settle_it(data: st.DataObject, limit: Limit) -> None:
    """With both groups grown to what is told the verdict stands; with half of the growth it does not yet."""
    n1, n2 = data.draw(st.integers(10, 300)), data.draw(st.integers(10, 300))
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(1, n2))

    def verdict(times: float) -> str:
        cases = k1 * times, n1 * times, k2 * times, n2 * times
        ends = newcombe(*cases) if limit.measure == "difference" else newcombe_ratio(*cases)
        return limit.verdict(Figure(0.0, 1, *ends))[0]

    further = limit.further(k1, n1, k2, n2)
    if further is None:
        return
    assert (further == 0) == (verdict(1.0) != "cannot tell")
    times = 1 + further / (n1 + n2)
    if times > 3:
        assert verdict(times) != "cannot tell"
        assert verdict(times * 0.5) == "cannot tell"


def test_a_value_on_the_limit_is_never_settled() -> None:
    assert DIFFERENCE.further(60, 100, 50, 100) is None


def test_an_assessment_tells_the_verdict_with_what_would_settle_it() -> None:
    found = assessed({"a": (30, 10, 90, 20), "ref": (60, 20, 180, 40)}, reference="ref", limits=[DIFFERENCE])
    (recall,) = [each for each in found.disparities if each.metric == "recall"]
    assert recall.verdict == "cannot tell"
    assert recall.reason == "the interval holds values on both sides of the limit"
    assert recall.further is not None
    # 50 and 100 positives among 150 and 300 examples: three examples bring one case.
    cases = DIFFERENCE.further(30, 50, 60, 100)
    assert cases is not None
    assert recall.further == 3 * cases
    assert recall.to_json()["limit"] == {"metric": "recall", "measure": "difference", "bound": 0.1}
