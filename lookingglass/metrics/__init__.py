"""Metrics: counts at every threshold, named figures with intervals, and paired differences, from plain arrays.

Importing this package needs numpy only; scipy comes when an exact test asks for it.
"""

from lookingglass.metrics.catalogue import METRICS, Metric, evaluate_metrics
from lookingglass.metrics.compare import distinguishable, paired_difference
from lookingglass.metrics.counts import Counts, CountTable
from lookingglass.metrics.formulas import Costs, Settings

__all__ = [
    "METRICS",
    "Costs",
    "CountTable",
    "Counts",
    "Metric",
    "Settings",
    "distinguishable",
    "evaluate_metrics",
    "paired_difference",
]
