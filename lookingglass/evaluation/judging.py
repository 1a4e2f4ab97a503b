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
from lookingglass.metrics import METRICS
from lookingglass.metrics.formulas import Settings, shifts
from lookingglass.wording import THIN

DEFAULT_THRESHOLD = 0.5
SETTLED = ("f_beta", "cost_per_example")
"""Metrics that depend on the settings of the latest decision whatever those are."""


def settled_names(settings: Settings) -> tuple[str, ...]:
    """Return which metrics depend on these settings: ``SETTLED``, and where a prevalence is stated all that it changes.

    All others are counted on the test set as it is.
    """
    return tuple(name for name in METRICS if name in SETTLED or shifts(name, settings))


def settings_sentence(settings: Settings) -> str | None:
    """Say for what share of positives the figures stand that depend on it; None where it is that of the samples."""
    if settings.prevalence is None:
        return None
    text = f"{settings.prevalence * 100:.6g}"
    share = text if "." in text or "e" in text else f"{text}.0"
    return f"Worked out for {share}{THIN}% positives in real use, as agreed."


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
        """Beta, costs and prevalence of the latest decision, for every candidate's metrics that depend on them."""
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


def settled_under(text: str) -> tuple[str, ...]:
    """Return which metrics depend on the settings that ``settings_text`` wrote."""
    return settled_names(Settings(prevalence=json.loads(text)["prevalence"]))
