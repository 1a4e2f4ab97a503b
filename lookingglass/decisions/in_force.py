"""What the decisions in force mean for figures: each candidate's threshold, and the settings that all share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lookingglass.decisions.register import list_decisions
from lookingglass.home import Home
from lookingglass.metrics.formulas import Settings


@dataclass(frozen=True)
class Agreed:
    """What is agreed in one workspace.

    Attributes:
        thresholds: by fingerprint, of those that have a decision; None answers nobody.
        settings: beta, costs and prevalence of the latest decision on any candidate. All candidates are judged by the
            same, because what they cost can only be compared under the same costs.
    """

    thresholds: Mapping[str, float | None] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)


def agreed(home: Home) -> Agreed:
    """Return what is agreed now."""
    decisions = list_decisions(home)
    if not decisions:
        return Agreed()
    thresholds = {one.fingerprint: one.threshold for one in decisions}
    return Agreed(thresholds, decisions[-1].settings)
