"""Intervals and tests in closed form: Wilson, Newcombe, normal on a mean, exact McNemar. Knows nothing of scores."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


def wilson(k: float, n: float) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of the rate k/n, within [0, 1].

    Source: Wilson (1927), the interval that statsmodels calls ``method="wilson"``. Parts of a case are for what
    would be if there were more cases.

    Raises:
        ValueError: not 0 <= k <= n with n > 0; a rate of nothing has no interval.
    """
    if not 0 <= k <= n or n == 0:
        raise ValueError(f"a rate needs 0 <= k <= n and n > 0, not k = {k}, n = {n}")
    share, z2 = k / n, Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return low, high


def newcombe(k1: float, n1: float, k2: float, n2: float) -> tuple[float, float]:
    """Return the 95 % interval of k1/n1 - k2/n2 for two independent samples, within [-1, 1].

    Source: Newcombe (1998), hybrid score interval without continuity correction (his method 10), made of two
    Wilson intervals. Not for two candidates on the same examples: those are paired.
    """
    low1, high1 = wilson(k1, n1)
    low2, high2 = wilson(k2, n2)
    p1, p2 = k1 / n1, k2 / n2
    below = math.hypot(p1 - low1, high2 - p2)
    above = math.hypot(high1 - p1, p2 - low2)
    return max(-1.0, p1 - p2 - below), min(1.0, p1 - p2 + above)


def newcombe_ratio(k1: float, n1: float, k2: float, n2: float) -> tuple[float, float]:
    """Return the 95 % interval of (k1/n1) / (k2/n2) for two independent samples, k2 > 0; not below 0.

    All ratios r for which Newcombe's interval of k1/n1 - r k2/n2 holds 0, so it excludes 1 exactly where ``newcombe``
    excludes 0. Source: Donner and Zou (2012), MOVER-R with Wilson intervals, which Fagerland and Newcombe (2013)
    recommend.

    Raises:
        ValueError: k2 is 0, or a count does not fit.
    """
    if k2 <= 0:
        raise ValueError("the ratio to a rate of 0 is undefined")
    low1, high1 = wilson(k1, n1)
    low2, high2 = wilson(k2, n2)
    p1, p2 = k1 / n1, k2 / n2
    # The ends solve (p1 - r p2)^2 = (p1 - end1)^2 + r^2 (p2 - end2)^2 for r.
    a, c = high2 * (2 * p2 - high2), low1 * (2 * p1 - low1)
    below = p1 * p2 + math.sqrt(max(0.0, p1 * p1 * p2 * p2 - a * c))
    low = c / below if below else 0.0
    a, c = low2 * (2 * p2 - low2), high1 * (2 * p1 - high1)
    return low, (p1 * p2 + math.sqrt(max(0.0, p1 * p1 * p2 * p2 - a * c))) / a


def mean_error(values: NDArray[np.float64]) -> float:
    """Return the standard error of the mean of ``values`` (shape (n,), n >= 2), exactly 0 when all are equal."""
    if values.min() == values.max():
        return 0.0
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def normal_p_value(estimate: float, error: float) -> float:
    """Return the two-sided p-value of ``estimate / error`` under a standard normal; ``error`` > 0."""
    return math.erfc(abs(estimate / error) / math.sqrt(2.0))


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """Return the exact two-sided McNemar p-value of the two discordant counts; 1 when there are none.

    Under no difference each discordant example falls to either side with probability one half (McNemar 1947,
    with binomial probabilities instead of the chi-square approximation).
    """
    from scipy.special import bdtr

    discordant = only_first + only_second
    if discordant == 0:
        return 1.0
    return min(1.0, 2.0 * float(bdtr(min(only_first, only_second), discordant, 0.5)))
