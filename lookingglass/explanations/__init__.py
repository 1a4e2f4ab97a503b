"""Explanations of single predictions with LIME: text, tables and images, through one isolated black box.

Heavy libraries are loaded when an explanation is made.
"""

from lookingglass.explanations.asked import ModelAsked, why_not
from lookingglass.explanations.batch import Batch, BatchProgress, explain_many
from lookingglass.explanations.explain import DEFAULTS, explain, kept_explanations
from lookingglass.explanations.result import Explanation, FeatureStability, Stability, Weight
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.explanations.smallest import Change, SmallestChange, smallest_change
from lookingglass.explanations.store import ExplanationStore
from lookingglass.explanations.summary import (
    Against,
    Reason,
    ReasonsAgainst,
    Summary,
    against,
    average_map,
    coverage_pick,
    summarise,
)

__all__ = [
    "DEFAULTS",
    "Against",
    "Batch",
    "BatchProgress",
    "Change",
    "ExplainSettings",
    "Explanation",
    "ExplanationStore",
    "FeatureStability",
    "ModelAsked",
    "Reason",
    "ReasonsAgainst",
    "SmallestChange",
    "Stability",
    "Summary",
    "Weight",
    "against",
    "average_map",
    "coverage_pick",
    "explain",
    "explain_many",
    "kept_explanations",
    "smallest_change",
    "summarise",
    "why_not",
]
