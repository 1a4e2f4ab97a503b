"""Thresholds: what every threshold does, as tables for charts and for the browser, and as counts of people."""

from lookingglass.thresholds.aims import (
    ALIASES,
    Aim,
    Capacity,
    Requirement,
    goal_named,
    parse_capacity,
    parse_requirement,
)
from lookingglass.thresholds.choose import Choice, Nearest, Shortfall, choose
from lookingglass.thresholds.curve import (
    MOST_THRESHOLDS,
    ThresholdTable,
    format_thresholds,
    settle,
    threshold_table,
    with_thresholds,
)
from lookingglass.thresholds.optimism import Honesty, honesty
from lookingglass.thresholds.people import ScoreHistogram, per_thousand, score_histogram
from lookingglass.thresholds.sample import Groups, Sample

__all__ = [
    "ALIASES",
    "MOST_THRESHOLDS",
    "Aim",
    "Capacity",
    "Choice",
    "Groups",
    "Honesty",
    "Nearest",
    "Requirement",
    "Sample",
    "ScoreHistogram",
    "Shortfall",
    "ThresholdTable",
    "choose",
    "format_thresholds",
    "goal_named",
    "honesty",
    "parse_capacity",
    "parse_requirement",
    "per_thousand",
    "score_histogram",
    "settle",
    "threshold_table",
    "with_thresholds",
]
