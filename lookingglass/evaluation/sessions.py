"""What a threshold session asks of a workspace: choices, costs of all candidates, bands. A part of the front door."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from lookingglass.evaluation.derived import Derived
from lookingglass.evaluation.evaluate import ScoredSet
from lookingglass.metrics import Settings
from lookingglass.testset import TestSet

if TYPE_CHECKING:
    from lookingglass.evaluation.best_costs import CostComparison
    from lookingglass.evaluation.choosing import ThresholdChoice
    from lookingglass.thresholds import Aim, Band


class ThresholdSession(ABC):
    """The methods of ``Workspace`` that choose thresholds."""

    _derived: Derived

    @abstractmethod
    def test_set(self, version: int | None = None) -> TestSet:
        """Return one version of the test set, the latest when None."""

    @abstractmethod
    def _scored(self, candidate: str, version: int | None) -> ScoredSet:
        """Return one candidate's scores on one version."""

    def choose(self, candidate: str, aim: Aim, version: int | None = None) -> ThresholdChoice:
        """Return the best threshold for an aim over the labelled samples of one version, with every figure there.

        Raises:
            BadInput: some samples have no score, the goal has no value on them, or there is no such group column.
        """
        return self._derived.choose(self._scored(candidate, version), aim)

    def best_costs(
        self, aim: Aim, version: int | None = None, *, reference: str | None = None
    ) -> CostComparison:
        """Return every candidate that answers all samples at its own best threshold for an aim, cheapest first.

        Args:
            aim: with costs; each candidate's threshold is chosen for it.
            reference: a candidate that each is compared with, besides the cheapest.

        Raises:
            BadInput: the aim has no costs, or the reference is no candidate with complete scores.
        """
        return self._derived.best_costs(self.test_set(version), aim, reference)

    def best_band(
        self,
        candidate: str,
        settings: Settings,
        ask_cost: float,
        most_asked: float | None = None,
        version: int | None = None,
    ) -> Band:
        """Return the two thresholds with a person in between that cost least. Raises BadInput like ``thresholds.band``.

        Args:
            ask_cost: of asking a person about one example.
            most_asked: the largest share that may be asked.
        """
        return self._derived.best_band(self._scored(candidate, version), settings, ask_cost, most_asked)

    def band_at(
        self,
        candidate: str,
        low: float | None,
        high: float | None,
        settings: Settings,
        ask_cost: float,
        version: int | None = None,
    ) -> Band:
        """Return what two thresholds do: yes from ``high`` on, a person from ``low`` on, no below; None: nobody."""
        return self._derived.band_at(self._scored(candidate, version), low, high, settings, ask_cost)
