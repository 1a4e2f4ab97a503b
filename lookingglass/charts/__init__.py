"""Charts: data frames in, Altair charts out, for pages and reports alike. The only place that imports Altair.

    frame = threshold_frame(Curve(name, table, candidate_colour(order)), AnswerWords(unit, positive, negative))
    threshold_chart(frame); responsive_spec()           # the linked threshold chart, and its form for a page
    offline_html(frame, title, notes); chart_svg(frame, "roc"); chart_png(frame)    # the same, to take away
    leaderboard_chart(leaderboard_frame([Standing(name, figure, colour), ...], metric))

``CHARTS`` lists every chart with what it answers; docs/charts.md has a heading for each. Names are loaded when first
asked for, because Altair takes longer to load than a page may take to show its figures.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookingglass.charts.entries import CHARTS as CHARTS
    from lookingglass.charts.entries import ChartEntry as ChartEntry
    from lookingglass.charts.leaderboard import Standing as Standing
    from lookingglass.charts.leaderboard import leaderboard_chart as leaderboard_chart
    from lookingglass.charts.leaderboard import leaderboard_frame as leaderboard_frame
    from lookingglass.charts.offline import offline_html as offline_html
    from lookingglass.charts.palette import candidate_colour as candidate_colour
    from lookingglass.charts.palette import candidate_shape as candidate_shape
    from lookingglass.charts.pictures import chart_png as chart_png
    from lookingglass.charts.pictures import chart_svg as chart_svg
    from lookingglass.charts.responsive import responsive_spec as responsive_spec
    from lookingglass.charts.threshold import threshold_chart as threshold_chart
    from lookingglass.charts.threshold_data import starting_at as starting_at
    from lookingglass.charts.threshold_data import threshold_frame as threshold_frame
    from lookingglass.charts.threshold_inputs import MOST_GROUPS as MOST_GROUPS
    from lookingglass.charts.threshold_inputs import MOST_OTHERS as MOST_OTHERS
    from lookingglass.charts.threshold_inputs import AnswerWords as AnswerWords
    from lookingglass.charts.threshold_inputs import CostWords as CostWords
    from lookingglass.charts.threshold_inputs import Curve as Curve
    from lookingglass.charts.threshold_inputs import GroupCurve as GroupCurve
    from lookingglass.charts.threshold_inputs import HeldTo as HeldTo

_PLACES = {
    "entries": ("CHARTS", "ChartEntry"),
    "leaderboard": ("Standing", "leaderboard_chart", "leaderboard_frame"),
    "palette": ("candidate_colour", "candidate_shape"),
    "offline": ("offline_html",),
    "pictures": ("chart_png", "chart_svg"),
    "responsive": ("responsive_spec",),
    "threshold": ("threshold_chart",),
    "threshold_data": ("starting_at", "threshold_frame"),
    "threshold_inputs": (
        "MOST_GROUPS",
        "MOST_OTHERS",
        "AnswerWords",
        "CostWords",
        "Curve",
        "GroupCurve",
        "HeldTo",
    ),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'lookingglass.charts' has no attribute {name!r}")
    return getattr(importlib.import_module(f"lookingglass.charts.{_MODULE_OF[name]}"), name)
