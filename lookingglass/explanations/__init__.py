"""Explanations of single predictions with LIME: text, tables and images, through one isolated black box.

Heavy libraries are loaded when an explanation is made.
"""

from lookingglass.explanations.asked import ModelAsked, why_not
from lookingglass.explanations.explain import DEFAULTS, explain
from lookingglass.explanations.result import Explanation, FeatureStability, Stability, Weight
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.explanations.smallest import Change, SmallestChange, smallest_change
from lookingglass.explanations.store import ExplanationStore

__all__ = [
    "DEFAULTS",
    "Change",
    "ExplainSettings",
    "Explanation",
    "ExplanationStore",
    "FeatureStability",
    "ModelAsked",
    "SmallestChange",
    "Stability",
    "Weight",
    "explain",
    "smallest_change",
    "why_not",
]
