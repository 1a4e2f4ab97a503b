"""What a measurement says of one budget: the figures, and whether the budget was kept; and how it is written down."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Line:
    """One figure beside its limit.

    Attributes:
        limit: what the budget allows, in words; "" where the figure is only told.
        kept: None where there is no limit.
    """

    what: str
    figure: str
    limit: str = ""
    kept: bool | None = None


@dataclass(frozen=True)
class Result:
    """One budget of performance: its lines, and everything measured as plain data."""

    budget: int
    title: str
    lines: tuple[Line, ...]
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether every line with a limit kept it."""
        return all(line.kept is not False for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON data."""
        lines = [
            {"what": line.what, "figure": line.figure, "limit": line.limit, "kept": line.kept}
            for line in self.lines
        ]
        return {
            "budget": self.budget,
            "title": self.title,
            "kept": self.kept,
            "lines": lines,
            "data": self.data,
        }


def at_most(what: str, value: float, limit: float, unit: str = "times") -> Line:
    """Return a line that is kept when ``value`` is no more than ``limit``."""
    return Line(what, f"{value:.2f} {unit}", f"at most {limit:g} {unit}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str = "times") -> Line:
    """Return a line that is kept when ``value`` is no less than ``limit``."""
    return Line(what, f"{value:.1f} {unit}", f"at least {limit:g} {unit}", value >= limit)


def exactly(what: str, value: int, wanted: int) -> Line:
    """Return a line that is kept when a count is what it must be."""
    return Line(what, f"{value:,}", f"exactly {wanted:,}", value == wanted)


def seconds(task: Callable[[], object]) -> float:
    """Return how long one run of ``task`` takes."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def ratios(ours: list[float], theirs: list[float]) -> float:
    """Return the median of the ratios of rounds that were run in turns, so that both met the same machine."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
