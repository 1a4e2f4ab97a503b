"""The ratio of two rates: its interval goes with Newcombe's difference, and covers what it promises."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from lookingglass.metrics.intervals import newcombe, newcombe_ratio, wilson

TABLES = st.tuples(st.integers(1, 400), st.integers(1, 400)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(1, n[1]), st.just(n[1]))
)


@given(TABLES)
def test_it_holds_the_ratio_and_excludes_1_exactly_where_the_difference_excludes_0(
    case: tuple[int, int, int, int],
) -> None:
    k1, n1, k2, n2 = case
    low, high = newcombe_ratio(*case)
    ratio = (k1 / n1) / (k2 / n2)
    assert 0 <= low <= ratio * (1 + 1e-12)
    assert ratio <= high * (1 + 1e-12)
    assert math.isfinite(high)
    below, above = newcombe(*case)
    if min(abs(below), abs(above), abs(low - 1), abs(high - 1)) > 1e-9:
        assert (low > 1) == (below > 0)
        assert (high < 1) == (above < 0)


@given(TABLES)
def test_its_ends_are_where_newcombes_interval_of_the_weighted_difference_ends_at_0(
    case: tuple[int, int, int, int],
) -> None:
    """By another way: the interval of p1 - r p2 from the two Wilson intervals, at r = each end, ends at 0."""
    k1, n1, k2, n2 = case
    low, high = newcombe_ratio(*case)
    (low1, high1), (low2, high2) = wilson(k1, n1), wilson(k2, n2)
    p1, p2 = k1 / n1, k2 / n2
    if k1:
        assert p1 - low * p2 - math.hypot(p1 - low1, low * (high2 - p2)) == pytest.approx(0, abs=1e-9)
    assert p1 - high * p2 + math.hypot(high1 - p1, high * (p2 - low2)) == pytest.approx(
        0, abs=1e-9 * max(1, high)
    )


@pytest.mark.parametrize("case", [(300, 1_000, 200, 900), (60, 400, 90, 400)])
def test_it_is_close_to_the_score_interval_of_statsmodels(case: tuple[int, int, int, int]) -> None:
    score = confint_proportions_2indep(*case, compare="ratio", method="score")
    assert newcombe_ratio(*case) == pytest.approx(score, rel=0.01)


@pytest.mark.parametrize(
    ("p1", "p2", "n1", "n2"), [(0.2, 0.3, 80, 300), (0.5, 0.5, 60, 60), (0.1, 0.4, 150, 100)]
)
def test_it_covers_what_it_promises(p1: float, p2: float, n1: int, n2: int) -> None:
    rng = np.random.default_rng(5)
    pairs = zip(rng.binomial(n1, p1, 2_000).tolist(), rng.binomial(n2, p2, 2_000).tolist(), strict=True)
    inside = sum(low <= p1 / p2 <= high for low, high in (newcombe_ratio(a, n1, b, n2) for a, b in pairs))
    assert 0.93 <= inside / 2_000 <= 0.975


def test_a_ratio_to_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="the ratio to a rate of 0 is undefined"):
        newcombe_ratio(3, 10, 0, 10)
    assert newcombe_ratio(0, 10, 5, 10)[0] == 0.0
