"""What choosing on the set one reports does to the figures: corrected figures, the range of choices, the flat zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lookingglass.figures import Figure

Ends = tuple[float | None, float | None]


@dataclass(frozen=True)
class Honesty:
    """How far a chosen threshold and its figures can be trusted.

    Attributes:
        corrected: each metric at a threshold at the choice, less its optimism: the mean, over replicates in which the
            choice was made anew, of the figure there minus the figure of the original samples at that same choice.
        chosen: the lowest and highest threshold that the middle 95 % of replicates choose; None is answering nobody.
        flat_zone: the lowest and highest of the neighbouring thresholds that keep the requirements and whose goal
            cannot be told from the best by these samples.
        replicates, seed: how many, and from which seed.
        share_infeasible: in which share of the replicates nothing keeps the requirements; those are left out.
    """

    corrected: Mapping[str, Figure]
    chosen: Ends
    flat_zone: Ends
    replicates: int
    seed: int
    share_infeasible: float

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "optimism_corrected": {name: figure.to_json() for name, figure in self.corrected.items()},
            "chosen_range": list(self.chosen),
            "flat_zone": list(self.flat_zone),
            "replicates": self.replicates,
            "seed": self.seed,
            "share_infeasible": self.share_infeasible,
        }
