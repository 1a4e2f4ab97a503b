"""How candidates are judged: each at the threshold that people agreed on for it, all under the same costs.

Without a decision that is a threshold of 0.5, beta 1 and no costs. Knows nothing of how figures are computed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lookingglass.candidates import Candidate
from lookingglass.decisions import Agreed, agreed
from lookingglass.home import Home
from lookingglass.metrics.formulas import Settings

DEFAULT_THRESHOLD = 0.5
SETTLED = ("f_beta", "cost_per_example")
"""Metrics that depend on the settings of the latest decision; all others are counted on the test set as it is."""


@dataclass(frozen=True)
class Threshold:
    """The threshold a candidate is judged at, None for answering nobody, and whether people agreed on it."""

    value: float | None = DEFAULT_THRESHOLD
    source: Literal["default", "agreed"] = "default"

    def to_json(self) -> dict[str, Any]:
        """Return ``{"value", "source"}``."""
        return {"value": self.value, "source": self.source}


@dataclass(frozen=True)
class Judging:
    """What is agreed in one workspace, as figures need it."""

    agreed: Agreed = field(default_factory=Agreed)

    @classmethod
    def of(cls, home: Home) -> Judging:
        """Return how candidates are judged now."""
        return cls(agreed(home))

    @property
    def settings(self) -> Settings:
        """Beta, costs and prevalence of the latest decision, for every candidate's ``SETTLED`` metrics."""
        return self.agreed.settings

    def threshold(self, candidate: Candidate) -> Threshold:
        """Return the threshold in force for this very model, 0.5 when nothing is agreed."""
        thresholds = self.agreed.thresholds
        if candidate.fingerprint not in thresholds:
            return Threshold()
        return Threshold(thresholds[candidate.fingerprint], "agreed")


def settings_text(settings: Settings) -> str:
    """Return the one text that stands for these settings in keys that are written to a file."""
    return json.dumps(asdict(settings), sort_keys=True)
