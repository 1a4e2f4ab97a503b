"""The registry of charts: what each answers, and the functions that make its frame and draw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lookingglass.charts.leaderboard import leaderboard_chart, leaderboard_frame
from lookingglass.charts.threshold import threshold_chart
from lookingglass.charts.threshold_data import threshold_frame


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
