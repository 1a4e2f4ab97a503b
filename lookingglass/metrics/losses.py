"""The losses that judge the score itself as a probability: Brier score and log loss. Knows nothing of thresholds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lookingglass.figures import Figure, undefined
from lookingglass.metrics.counts import Floats, Labels
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


def mean_loss(name: str, y_true: Labels, y_score: Floats) -> Figure:
    """Return the mean loss with a normal 95 % interval of a mean, kept within the loss's own range."""
    reason = no_probability(y_score)
    if reason is not None:
        return undefined(reason, len(y_true))
    losses = LOSSES[name](y_true, y_score)
    value = float(losses.mean())
    half = Z95 * mean_error(losses) if len(losses) > 1 else 0.0
    if half == 0.0:
        return Figure(value, len(losses), reason=_no_spread(len(losses), "every example has the same loss"))
    return Figure(
        value, len(losses), max(0.0, value - half), min(_MOST.get(name, np.inf), value + half), "normal"
    )


def loss_difference(differences: Floats) -> Figure:
    """Return the mean of (loss of a - loss of b) with a normal 95 % interval and two-sided p-value.

    Args:
        differences: loss of a less that of b on each example, shape (n,), n >= 1.
    """
    value, n = float(differences.mean()), len(differences)
    if not differences.any():
        return Figure(0.0, n, reason="the two have the same loss on every example", p_value=1.0)
    error = mean_error(differences) if n > 1 else 0.0
    if error == 0.0:
        return Figure(value, n, reason=_no_spread(n, "the losses differ by the same amount on every example"))
    return Figure(
        value,
        n,
        value - Z95 * error,
        value + Z95 * error,
        "normal, paired",
        p_value=normal_p_value(value, error),
    )


def _no_spread(n: int, otherwise: str) -> str:
    return "not estimable: " + ("a single example" if n == 1 else otherwise)
