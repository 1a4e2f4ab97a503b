"""What every modality hands to the loop that settles, repeats and reports: features, and runs of LIME over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lookingglass.explanations.asked import Answers, ModelAsked
from lookingglass.explanations.result import Modality, Weight

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Local:
    """One run of LIME.

    Attributes:
        weights: one a feature, in the features' order.
        score: P(positive) of the example itself.
        spread: largest minus smallest P(positive) over all variations.
    """

    weights: Floats
    intercept: float
    local_prediction: float
    r2: float
    score: float
    spread: float
    samples: int


class Task(Protocol):
    """One example taken apart for LIME, in the way of its modality."""

    @property
    def modality(self) -> Modality:
        """Which way that is."""

    @property
    def features(self) -> tuple[Weight, ...]:
        """What is hidden or changed, each with weight 0, in a fixed order."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What to say about how the example was taken apart."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The values that are explained, by column, JSON-able."""

    @property
    def grid(self) -> tuple[int, int] | None:
        """Regions down and across, for images."""

    @property
    def most_samples(self) -> int:
        """More variations than this would take too long, given how large one is."""

    def original(self) -> Answers:
        """Return the answer for the example itself, shape (classes,)."""

    def run(self, seed: int, samples: int, kernel_width: float | None) -> Local:
        """Explain with a fresh LIME explainer. Raises CandidateFailed."""


class Watched:
    """The predict function that LIME is given: passes the answers on and keeps those of the last question."""

    def __init__(self, asked: ModelAsked) -> None:
        self.positive = asked.positive
        self.answers: Answers = np.empty((0, 0))

    def local(self, explained: Any, features: int) -> Local:
        """Return what a LIME explanation says, with the answers that it is made of."""
        weights = np.zeros(features)
        for index, weight in explained.local_exp[self.positive]:
            weights[int(index)] = float(weight)
        column = self.answers[:, self.positive]
        return Local(
            weights=weights,
            intercept=float(explained.intercept[self.positive]),
            local_prediction=float(np.ravel(explained.local_pred)[0]),
            r2=float(explained.score),
            score=float(column[0]),
            spread=float(column.max() - column.min()),
            samples=len(column),
        )
