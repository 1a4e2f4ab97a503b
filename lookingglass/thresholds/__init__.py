"""Thresholds: what every threshold does, as tables for charts and for the browser, and as counts of people."""

from lookingglass.thresholds.curve import (
    MOST_THRESHOLDS,
    ThresholdTable,
    format_thresholds,
    threshold_table,
    with_thresholds,
)
from lookingglass.thresholds.people import ScoreHistogram, per_thousand, score_histogram

__all__ = [
    "MOST_THRESHOLDS",
    "ScoreHistogram",
    "ThresholdTable",
    "format_thresholds",
    "per_thousand",
    "score_histogram",
    "threshold_table",
    "with_thresholds",
]
