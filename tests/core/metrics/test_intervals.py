"""Intervals in closed form, against statsmodels, by hand, and in simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from lookingglass.metrics.intervals import Z95, mcnemar_p_value, mean_error, newcombe, normal_p_value, wilson


def test_the_normal_quantile_is_that_of_95_per_cent() -> None:
    assert normal_p_value(Z95, 1.0) == pytest.approx(0.05, abs=1e-15)
    assert normal_p_value(-2 * Z95, 2.0) == pytest.approx(0.05, abs=1e-15)


def test_wilson_by_hand() -> None:
    # k = 0, n = 10: centre and half width are both z^2/(2n) / (1 + z^2/n), so low = 0 and
    # high = (z^2/n) / (1 + z^2/n) = 0.384146 / 1.384146 = 0.277533.
    assert wilson(0, 10) == (0.0, pytest.approx(0.277533, abs=1e-6))
    assert wilson(10, 10) == (pytest.approx(1 - 0.277533, abs=1e-6), 1.0)


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_statsmodels_and_holds_the_rate(case: tuple[int, int]) -> None:
    k, n = case
    low, high = wilson(k, n)
    np.testing.assert_allclose((low, high), proportion_confint(k, n, method="wilson"), rtol=1e-9, atol=1e-12)
    assert 0 <= low <= k / n <= high <= 1
    assert low < high, "no rate is known for certain"


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_a_rate_of_nothing_has_no_interval(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="n > 0"):
        wilson(k, n)


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_newcombe_agrees_with_statsmodels(n1: int, n2: int, data: st.DataObject) -> None:
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    low, high = newcombe(k1, n1, k2, n2)
    expected = confint_proportions_2indep(k1, n1, k2, n2, compare="diff", method="newcomb")
    np.testing.assert_allclose((low, high), expected, rtol=1e-8, atol=1e-10)
    assert -1 <= low <= k1 / n1 - k2 / n2 <= high <= 1
    assert newcombe(k2, n2, k1, n1) == (pytest.approx(-high), pytest.approx(-low))


def test_mcnemar_by_hand() -> None:
    # 1 against 5: P(X <= 1) with X ~ binomial(6, 1/2) is (1 + 6) / 64; both sides: 14 / 64.
    assert mcnemar_p_value(1, 5) == pytest.approx(14 / 64)
    assert mcnemar_p_value(5, 1) == pytest.approx(14 / 64)
    assert mcnemar_p_value(0, 0) == 1.0
    assert mcnemar_p_value(4, 4) == 1.0


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_mcnemar_agrees_with_statsmodels(b: int, c: int) -> None:
    expected = mcnemar([[7, b], [c, 9]], exact=True).pvalue if b + c else 1.0
    assert mcnemar_p_value(b, c) == pytest.approx(min(expected, 1.0), rel=1e-7, abs=1e-280)


def test_mcnemar_of_identical_chances_alarms_in_at_most_one_of_twenty() -> None:
    rng = np.random.default_rng(3)
    alarms = [mcnemar_p_value(k, 60 - k) < 0.05 for k in rng.binomial(60, 0.5, size=4_000).tolist()]
    assert 0.02 < np.mean(alarms) <= 0.05, "exact: conservative, but not mute"


def test_the_error_of_a_mean() -> None:
    # 1, 2, 3, 4: variance with n - 1 is 5/3, so the error of the mean is sqrt(5/3/4).
    assert mean_error(np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(math.sqrt(5 / 12))
    assert mean_error(np.full(3, 0.1)) == 0.0


@pytest.mark.parametrize("n", [200, 1_000, 10_000])
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
def test_wilson_covers_the_truth_in_95_of_100(n: int, rate: float) -> None:
    k = np.random.default_rng(n).binomial(n, rate, size=4_000)
    covered = [low <= rate <= high for low, high in (wilson(int(one), n) for one in k)]
    assert 0.93 <= np.mean(covered) <= 0.97
