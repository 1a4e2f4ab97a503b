"""A figure with its interval, method and denominator: the only form in which a statistic leaves the core."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One estimated quantity.

    Attributes:
        value: the estimate, or None when it is undefined; then ``reason`` says why. Undefined is never 0.
        low, high: the ends of the 95 % interval (``confidence``), None when no interval can be given.
        method: how the interval was made: ``wilson``, ``delong``, ``bootstrap``, ``normal``, ``mcnemar`` ...
        n: the metric's own denominator (positives for recall, negatives for the false positive rate ...).
        k: the numerator of a rate, None for anything that is not k of n.
        reason: why there is no value, or why there is a value without interval.
        p_value: two-sided, for differences only.
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    method: str | None = None
    k: int | None = None
    reason: str | None = None
    confidence: float = 0.95
    p_value: float | None = None

    def to_json(self) -> dict[str, float | int | str | None]:
        """Return the agreed JSON form: ``{"value", "low", "high", "method", "n"[, "k"][, "reason"][, "p_value"]}``."""
        if self.value is None:
            return {"value": None, "reason": self.reason, "n": self.n}
        result: dict[str, float | int | str | None] = {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "method": self.method,
            "n": self.n,
        }
        for key in ("k", "reason", "p_value"):
            if getattr(self, key) is not None:
                result[key] = getattr(self, key)
        return result


def undefined(reason: str, n: int = 0) -> Figure:
    """Return a figure without a value, and why."""
    return Figure(value=None, n=n, reason=reason)
