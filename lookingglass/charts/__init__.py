"""Charts: data frames in, Altair charts out, for pages and reports alike. The only place that imports Altair.

    frame = threshold_frame(Curve(name, table, candidate_colour(order)), AnswerWords(unit, positive, negative))
    threshold_chart(frame); responsive_spec()           # the linked threshold chart, and its form for a page
    leaderboard_chart(leaderboard_frame([Standing(name, figure, colour), ...], metric))

``CHARTS`` lists every chart with what it answers; docs/charts.md has a heading for each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lookingglass.charts.leaderboard import Standing, leaderboard_chart, leaderboard_frame
from lookingglass.charts.palette import candidate_colour
from lookingglass.charts.responsive import responsive_spec
from lookingglass.charts.threshold import threshold_chart
from lookingglass.charts.threshold_data import AnswerWords, Curve, threshold_frame

__all__ = [
    "CHARTS",
    "AnswerWords",
    "ChartEntry",
    "Curve",
    "Standing",
    "candidate_colour",
    "leaderboard_chart",
    "leaderboard_frame",
    "responsive_spec",
    "threshold_chart",
    "threshold_frame",
]


@dataclass(frozen=True)
class ChartEntry:
    """One chart: the function that makes its frame, the one that draws it, and the question that it answers."""

    frame: Callable[..., Any]
    chart: Callable[..., Any]
    question: str


CHARTS: dict[str, ChartEntry] = {
    "threshold": ChartEntry(
        threshold_frame, threshold_chart, "Where do we put the threshold, and what does that cost?"
    ),
    "leaderboard": ChartEntry(
        leaderboard_frame, leaderboard_chart, "Which candidate is best, and is that more than noise?"
    ),
}
"""Every chart by name."""
