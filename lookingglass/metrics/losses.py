"""The losses that judge the score itself as a probability: Brier score and log loss. Knows nothing of thresholds."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lookingglass.figures import Figure, undefined
from lookingglass.metrics.counts import Floats, Labels
from lookingglass.metrics.delong import one_class
from lookingglass.metrics.intervals import Z95, mean_error, normal_p_value

Loss = Callable[[Labels, Floats], Floats]

_EPSILON = float(np.finfo(np.float64).eps)
"""scikit-learn's clip: a certain answer that is wrong costs 36.04, not infinity."""


def squared_error(y_true: Labels, y_score: Floats) -> Floats:
    """Return (score - label)^2 of each example, in [0, 1]; the mean is the Brier score."""
    difference: Floats = y_score - y_true
    return difference * difference


def log_loss(y_true: Labels, y_score: Floats) -> Floats:
    """Return -log of the probability given to what was so, of each example, clipped as scikit-learn does."""
    clipped = np.clip(y_score, _EPSILON, 1 - _EPSILON)
    return -np.log(np.where(y_true == 1, clipped, 1 - clipped))


LOSSES: dict[str, Loss] = {"brier": squared_error, "log_loss": log_loss}

_MOST = {"brier": 1.0}


def no_probability(*y_scores: Floats) -> str | None:
    """Return why a loss is undefined for these scores, None when each of them can be a probability."""
    for score in y_scores:
        if len(score) == 0:
            return "no examples"
        if float(score.min()) < 0 or float(score.max()) > 1:
            return "scores are not between 0 and 1"
    return None


def mean_loss(name: str, y_true: Labels, y_score: Floats, prevalence: float | None = None) -> Figure:
    """Return the mean loss with a normal 95 % interval of a mean, kept within the loss's own range.

    Args:
        prevalence: the share of positives in real use, by which both classes' means are then weighted; undefined when
            a class is missing.
    """
    reason = no_probability(y_score) or _no_class(y_true, prevalence)
    if reason is not None:
        return undefined(reason, len(y_true))
    losses = LOSSES[name](y_true, y_score)
    value, error, method = _mean(losses, y_true, prevalence)
    if not error:
        return Figure(value, len(losses), reason=_no_spread(y_true, prevalence, "has the same loss"))
    half = Z95 * error
    return Figure(
        value, len(losses), max(0.0, value - half), min(_MOST.get(name, np.inf), value + half), method
    )


def loss_difference(differences: Floats, y_true: Labels, prevalence: float | None = None) -> Figure:
    """Return the mean of (loss of a - loss of b) with a normal 95 % interval and two-sided p-value.

    Args:
        differences: loss of a less that of b on each example, shape (n,), n >= 1.
        y_true: labels, shape (n,).
        prevalence: as in ``mean_loss``.
    """
    n, reason = len(differences), _no_class(y_true, prevalence)
    if reason is not None:
        return undefined(reason, n)
    if not differences.any():
        return Figure(0.0, n, reason="the two have the same loss on every example", p_value=1.0)
    value, error, method = _mean(differences, y_true, prevalence)
    if not error:
        return Figure(value, n, reason=_no_spread(y_true, prevalence, "differs by the same amount"))
    return Figure(
        value,
        n,
        value - Z95 * error,
        value + Z95 * error,
        method.replace("normal", "normal, paired"),
        p_value=normal_p_value(value, error),
    )


def _no_class(y_true: Labels, prevalence: float | None) -> str | None:
    """Return which class is missing where both are weighted."""
    positives = int(np.count_nonzero(y_true))
    return None if prevalence is None else one_class(positives, len(y_true) - positives)


def _mean(values: Floats, y_true: Labels, prevalence: float | None) -> tuple[float, float | None, str]:
    """Return a mean, its standard error (0 or None: not estimable), and how the interval is made.

    With a prevalence, prevalence * mean of the positives + (1 - prevalence) * mean of the negatives: two independent
    means with known weights, so their variances add, each times its weight squared.
    """
    if prevalence is None:
        return float(values.mean()), mean_error(values) if len(values) > 1 else None, "normal"
    parts = [(prevalence, values[y_true == 1]), (1 - prevalence, values[y_true == 0])]
    value = sum(weight * float(part.mean()) for weight, part in parts)
    if any(len(part) < 2 for _, part in parts):
        return value, None, "normal, by class"
    return value, math.hypot(*(weight * mean_error(part) for weight, part in parts)), "normal, by class"


def _no_spread(y_true: Labels, prevalence: float | None, otherwise: str) -> str:
    if len(y_true) == 1:
        return "not estimable: a single example"
    if prevalence is not None and min(np.count_nonzero(y_true), np.count_nonzero(y_true == 0)) < 2:
        return "not estimable: one class has a single example"
    return f"not estimable: every example {otherwise}"
