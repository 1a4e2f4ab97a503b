"""A limit on a difference or a ratio, and the three verdicts: within, outside, cannot tell.

A verdict needs the whole interval on one side. Knows nothing of who agreed on the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any, Literal

from lookingglass.errors import BadSetting
from lookingglass.fairness.groups import GROUP_METRICS
from lookingglass.figures import Figure
from lookingglass.metrics.intervals import newcombe, newcombe_ratio

Verdict = Literal["within", "outside", "cannot tell"]
Measure = Literal["difference", "ratio"]

NO_LIMIT = "no limit is agreed"
MOST_TIMES = 10_000
"""What would need more than so many times the examples is not worth a number."""


@dataclass(frozen=True)
class Limit:
    """How far a slice may lie from its reference in one metric.

    Attributes:
        metric: one of ``GROUP_METRICS``.
        measure: a *difference* is at most ``bound`` either way; a *ratio* at least ``bound``, at most 1 / ``bound``.
        bound: above 0 and below 1.

    Raises:
        BadSetting: no such metric or measure, or a bound that allows nothing or everything.
    """

    metric: str
    measure: Measure
    bound: float

    def __post_init__(self) -> None:
        """Refuse a limit that means nothing."""
        if self.metric not in GROUP_METRICS:
            raise BadSetting(
                f"there is no limit for {self.metric!r}: choose from {', '.join(GROUP_METRICS)}."
            )
        if self.measure not in ("difference", "ratio"):
            raise BadSetting(f"a limit is on a difference or a ratio, not on {self.measure!r}.")
        if not (isfinite(self.bound) and 0 < self.bound < 1):
            raise BadSetting(
                f"the limit on the {self.measure} of {self.metric} must lie between 0 and 1, both left out, not "
                f"{self.bound:g}."
            )

    @property
    def range(self) -> tuple[float, float]:
        """The values that are within the limit, both ends included."""
        return (-self.bound, self.bound) if self.measure == "difference" else (self.bound, 1 / self.bound)

    def to_json(self) -> dict[str, Any]:
        """Return ``{"metric", "measure", "bound"}``."""
        return {"metric": self.metric, "measure": self.measure, "bound": self.bound}

    def verdict(self, figure: Figure) -> tuple[Verdict, str | None]:
        """Return the verdict on a difference or ratio, and why where it cannot be told."""
        if figure.value is None or figure.low is None or figure.high is None:
            return "cannot tell", figure.reason or "there is no interval"
        lowest, highest = self.range
        if lowest <= figure.low and figure.high <= highest:
            return "within", None
        if figure.high < lowest or highest < figure.low:
            return "outside", None
        return "cannot tell", "the interval holds values on both sides of the limit"

    def further(self, k1: int, n1: int, k2: int, n2: int) -> int | None:
        """Return about how many further cases of both groups would settle the verdict, if both rates stay.

        Both groups are taken to grow alike. None where no number would: the value lies on the limit, or so close to it
        that more than ``MOST_TIMES`` times the cases are needed.

        Args:
            k1, n1: of the slice. ``k2``, ``n2``: of its reference; both n above 0.
        """
        if self._settled(k1, n1, k2, n2, 1.0):
            return 0
        low, high = 1.0, 2.0
        while not self._settled(k1, n1, k2, n2, high):
            low, high = high, high * 2
            if high > MOST_TIMES:
                return None
        while high - low > 0.005 * low:
            middle = (low + high) / 2
            low, high = (low, middle) if self._settled(k1, n1, k2, n2, middle) else (middle, high)
        return ceil((high - 1) * (n1 + n2))

    def _settled(self, k1: int, n1: int, k2: int, n2: int, times: float) -> bool:
        if self.measure == "ratio" and k2 == 0:
            return False
        cases = k1 * times, n1 * times, k2 * times, n2 * times  # whole cases would move the rates
        ends = newcombe(*cases) if self.measure == "difference" else newcombe_ratio(*cases)
        return self.verdict(Figure(0.0, 1, *ends))[0] != "cannot tell"
