"""Fairness: the figures of each group, with their own denominators."""

from lookingglass.fairness.curves import GroupCounts, counts_of_groups, with_further
from lookingglass.fairness.groups import (
    GROUP_METRICS,
    SMALLEST_DENOMINATOR,
    GroupCodes,
    GroupFigures,
    figures_of_groups,
    group_codes,
    group_figures,
)

__all__ = [
    "GROUP_METRICS",
    "SMALLEST_DENOMINATOR",
    "GroupCodes",
    "GroupCounts",
    "GroupFigures",
    "counts_of_groups",
    "figures_of_groups",
    "group_codes",
    "group_figures",
    "with_further",
]
