"""Fairness: slices, the figures of each with their own denominators, disparities to a reference, and limits."""

from lookingglass.fairness.assess import Assessment, Reference, assess
from lookingglass.fairness.axes import Axis, axis_codes, parse_axis
from lookingglass.fairness.curves import GroupCounts, counts_of_groups, with_further
from lookingglass.fairness.disparities import Disparity, disparities
from lookingglass.fairness.figures import (
    SLICE_FIGURES,
    SMALL_GROUP,
    WORST_BY,
    SliceFigures,
    SliceTables,
    worst_first,
)
from lookingglass.fairness.frames import calibration_frame, roc_frame
from lookingglass.fairness.gaps import FourFifths, Gap, four_fifths, gaps
from lookingglass.fairness.groups import (
    GROUP_METRICS,
    SMALLEST_DENOMINATOR,
    GroupCodes,
    GroupFigures,
    figures_of_groups,
    group_codes,
    group_figures,
)
from lookingglass.fairness.limits import Limit, Verdict
from lookingglass.fairness.search import (
    FAILURES,
    SEARCHED,
    SMALLEST_SLICE,
    FoundSlice,
    Search,
    cases_of,
    search,
)
from lookingglass.fairness.slices import MOST_SLICES, Slice, Slicing, intersect, look_alikes
from lookingglass.fairness.texts import PROPERTIES, words_of

__all__ = [
    "FAILURES",
    "GROUP_METRICS",
    "MOST_SLICES",
    "PROPERTIES",
    "SEARCHED",
    "SLICE_FIGURES",
    "SMALLEST_DENOMINATOR",
    "SMALLEST_SLICE",
    "SMALL_GROUP",
    "WORST_BY",
    "Assessment",
    "Axis",
    "Disparity",
    "FoundSlice",
    "FourFifths",
    "Gap",
    "GroupCodes",
    "GroupCounts",
    "GroupFigures",
    "Limit",
    "Reference",
    "Search",
    "Slice",
    "SliceFigures",
    "SliceTables",
    "Slicing",
    "Verdict",
    "assess",
    "axis_codes",
    "calibration_frame",
    "cases_of",
    "counts_of_groups",
    "disparities",
    "figures_of_groups",
    "four_fifths",
    "gaps",
    "group_codes",
    "group_figures",
    "intersect",
    "look_alikes",
    "parse_axis",
    "roc_frame",
    "search",
    "with_further",
    "words_of",
    "worst_first",
]
