"""Thresholds: what every threshold does, as tables for charts and for the browser, and as counts of people."""

from lookingglass.thresholds.curve import ThresholdTable, format_thresholds, table_of, threshold_table
from lookingglass.thresholds.people import ScoreHistogram, per_thousand, score_histogram

__all__ = [
    "ScoreHistogram",
    "ThresholdTable",
    "format_thresholds",
    "per_thousand",
    "score_histogram",
    "table_of",
    "threshold_table",
]
