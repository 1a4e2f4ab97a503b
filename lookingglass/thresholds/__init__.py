"""Thresholds: what every threshold does, as tables for charts and for the browser, and as counts of people."""

from lookingglass.thresholds.aims import (
    ALIASES,
    COST,
    Aim,
    Capacity,
    Requirement,
    goal_named,
    parse_capacity,
    parse_requirement,
    parse_share,
)
from lookingglass.thresholds.band import Band, NearestBand, band_at
from lookingglass.thresholds.best_band import best_band
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
from lookingglass.thresholds.totals import total

__all__ = [
    "ALIASES",
    "COST",
    "MOST_THRESHOLDS",
    "Aim",
    "Band",
    "Capacity",
    "Choice",
    "Groups",
    "Honesty",
    "Nearest",
    "NearestBand",
    "Requirement",
    "Sample",
    "ScoreHistogram",
    "Shortfall",
    "ThresholdTable",
    "band_at",
    "best_band",
    "choose",
    "format_thresholds",
    "goal_named",
    "honesty",
    "parse_capacity",
    "parse_requirement",
    "parse_share",
    "per_thousand",
    "score_histogram",
    "settle",
    "threshold_table",
    "total",
    "with_thresholds",
]
