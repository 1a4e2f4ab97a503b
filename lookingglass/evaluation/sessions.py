"""What a threshold session asks of a workspace: curves, figures, choices, costs, bands. A part of the front door.

All of it is counted on the labelled samples; ``EveryOrigin`` answers the same questions with test patterns counted too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from lookingglass.evaluation.assessing import (
    By,
    Fairness,
    chosen_axes,
    every_axis,
    fairness_of,
    named_threshold,
)
from lookingglass.evaluation.derived import USUAL, Derived
from lookingglass.evaluation.evaluate import ScoredSet, Threshold
from lookingglass.evaluation.policy_checks import PolicyCheck, check_policy
from lookingglass.fairness import (
    SMALLEST_DENOMINATOR,
    SMALLEST_SLICE,
    Axis,
    Limit,
    Reference,
    Search,
    SliceTables,
)
from lookingglass.figures import Figure
from lookingglass.metrics import Settings
from lookingglass.policies import Policy
from lookingglass.testset import TestSet

if TYPE_CHECKING:
    from lookingglass.evaluation.best_costs import CostComparison
    from lookingglass.evaluation.choosing import ThresholdChoice
    from lookingglass.fairness import GroupCounts, GroupFigures
    from lookingglass.thresholds import Aim, Band, Capacity, Requirement, ScoreHistogram, ThresholdTable

Origin = Literal["sample", "all"]


class ThresholdSession(ABC):
    """The methods of ``Workspace`` that choose thresholds."""

    _derived: Derived
    origin: Origin = "sample"

    @abstractmethod
    def test_set(self, version: int | None = None) -> TestSet:
        """Return one version of the test set, the latest when None."""

    @abstractmethod
    def threshold(self, candidate: str) -> Threshold:
        """Return what a candidate is judged at."""

    @abstractmethod
    def _scored(self, candidate: str, version: int | None) -> ScoredSet:
        """Return one candidate's scores on one version."""

    @abstractmethod
    def _every(self, version: int | None) -> list[ScoredSet]:
        """Return the scores of every candidate under evaluation on one version."""

    def curve(
        self,
        candidate: str,
        version: int | None = None,
        *,
        always: Sequence[float] = (),
        settings: Settings = USUAL,
    ) -> ThresholdTable:
        """Return exact counts and rates at up to 512 thresholds, over the labelled samples of one version.

        Counts stay those of the samples; metrics follow ``settings`` (beta, costs, prevalence in real use).

        Raises:
            BadInput: some samples have no score, so counts would not speak of the whole version.
        """
        return self._derived.curve(self._scored(candidate, version), always, settings)

    def figures(
        self,
        candidate: str,
        threshold: float | None,
        version: int | None = None,
        settings: Settings = USUAL,
    ) -> Mapping[str, Figure]:
        """Return every metric with its interval at any threshold (None answers nobody), over the labelled samples."""
        return self._derived.figures(self._scored(candidate, version), threshold, settings)

    def score_histogram(self, candidate: str, version: int | None = None) -> ScoreHistogram:
        """Return how positives and negatives among the labelled samples score. Raises BadInput like ``curve``."""
        return self._derived.histogram(self._scored(candidate, version))

    def groups(
        self,
        candidate: str,
        column: str,
        threshold: float | Literal["its own"] | None = "its own",
        version: int | None = None,
    ) -> tuple[GroupFigures, ...]:
        """Return the rates of each group of one column over the labelled samples. Raises BadInput like ``curve``."""
        at = self.threshold(candidate).value if threshold == "its own" else threshold
        return self._derived.groups(self._scored(candidate, version), column, at)

    def group_counts(
        self, candidate: str, column: str, table: ThresholdTable, version: int | None = None
    ) -> tuple[GroupCounts, ...]:
        """Return each group's counts at every row of a table of ``curve``. Raises BadInput like ``curve``."""
        return self._derived.group_counts(self._scored(candidate, version), column, table.thresholds)

    def fairness(
        self,
        candidate: str,
        by: By,
        reference: Reference = None,
        threshold: float | None = None,
        version: int | None = None,
        *,
        bands: Mapping[str, Sequence[float]] | None = None,
        known: frozenset[str] | None = None,
        limits: Sequence[Limit] = (),
        minimum: int = SMALLEST_DENOMINATOR,
        worst_by: str = "accuracy",
    ) -> Fairness:
        """Return every slice's figures at a threshold and its disparities to a reference, over the labelled samples.

        Args:
            by: one to three columns whose intersections are the slices: ``"black"``, ``("black", "sex")``,
                ``"want:length"``, ``"problem:typos"``, ``"tag:hard"`` (docs/fairness.md), or ``fairness.Axis``.
            reference: the slice that others are held against, by its value or by its values by column; the largest
                when None.
            threshold: the candidate's own when None; infinity answers nobody.
            bands: where the bands of a number begin, by what is sliced by; quartiles when not given.
            known: the words, in lower case, that ``:unknown words`` takes as known (``fairness.words_of``).
            limits: how far a slice may lie from the reference; without one a verdict is *cannot tell*.
            minimum: a figure over fewer cases is not estimable.
            worst_by: the figure by which slices are sorted, worst first.

        Raises:
            NotFound: there is no such candidate or version.
            BadInput: some samples have no score, or there is no such column, reference or figure.
        """
        scored = self._scored(candidate, version)
        own = self.threshold(candidate)
        at, source = (own.value, own.source) if threshold is None else (threshold, "given")
        return fairness_of(
            self._derived.assessing,
            scored,
            self._axes(by, scored.test_set, bands, known),
            at,
            source,
            self.origin,
            reference=reference,
            limits=limits,
            minimum=minimum,
            worst_by=worst_by,
        )

    def slice_tables(
        self,
        candidate: str,
        by: By,
        version: int | None = None,
        *,
        bands: Mapping[str, Sequence[float]] | None = None,
        known: frozenset[str] | None = None,
    ) -> SliceTables:
        """Return each slice's counts at every score, from which any threshold and every chart of slices is read.

        Raises:
            NotFound, BadInput: as for ``fairness``.
        """
        scored = self._scored(candidate, version)
        return self._derived.assessing.tables(scored, self._axes(by, scored.test_set, bands, known))

    def policy_checks(
        self, candidate: str, policy: Policy, threshold: float | None = None, version: int | None = None
    ) -> tuple[PolicyCheck, ...]:
        """Return whether a candidate keeps to each limit of a policy, over the labelled samples.

        Args:
            policy: the one in force is ``ws.policy.policy``.
            threshold: the candidate's own when None; infinity answers nobody.

        Raises:
            NotFound, BadInput: as for ``fairness``.
        """
        return check_policy(
            policy,
            lambda each: self.fairness(
                candidate,
                each.by,
                each.reference,
                threshold,
                version,
                limits=(each.limit,),
                minimum=policy.minimum,
            ),
        )

    def _axes(
        self,
        by: By,
        test_set: TestSet,
        bands: Mapping[str, Sequence[float]] | None = None,
        known: frozenset[str] | None = None,
    ) -> tuple[Axis, ...]:
        """Return the axes that short names mean."""
        return self._derived.assessing.with_patterns_of(chosen_axes(by, test_set.config, bands, known))

    def check_slices(self, by: By, version: int | None = None) -> None:
        """Refuse what a version cannot be sliced by. Raises BadInput."""
        test_set = self.test_set(version)
        self._derived.assessing.slicing(test_set, self._axes(by, test_set))

    def worst_slices(
        self,
        candidate: str,
        metric: str = "accuracy",
        threshold: float | None = None,
        version: int | None = None,
        *,
        by: By | None = None,
        smallest: int = SMALLEST_SLICE,
        conditions: int = 3,
        stop: Callable[[], bool] = lambda: False,
    ) -> Search:
        """Return the slices nobody asked about in which a candidate fails more often, corrected for the search.

        Every conjunction of up to three conditions with at least ``smallest`` cases is looked at. It takes seconds on
        100,000 samples and 20 columns: ask for it in the background.

        Args:
            metric: what is failed at, one of ``fairness.SEARCHED``.
            threshold: the candidate's own when None; infinity answers nobody.
            by: what conditions are made of, as for ``fairness``; every column when None.
            stop: asked now and then; when it says so, what was looked at until then is returned.

        Raises:
            NotFound: there is no such candidate or version.
            BadInput: some samples have no score, or there is no such column or metric.
        """
        scored = self._scored(candidate, version)
        axes = every_axis(scored.test_set.config) if by is None else self._axes(by, scored.test_set)
        at = self.threshold(candidate).value if threshold is None else named_threshold(threshold)
        return self._derived.assessing.search(scored, axes, at, metric, smallest, conditions, stop)

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
        return self._derived.best_costs(self._every(version), aim, reference)

    def best_band(
        self,
        candidate: str,
        settings: Settings,
        ask_cost: float,
        most_asked: float | None = None,
        version: int | None = None,
        *,
        requirements: Sequence[Requirement] = (),
        capacity: Capacity | None = None,
    ) -> Band:
        """Return the two thresholds with a person in between that cost least. Raises BadInput like ``thresholds``.

        Args:
            ask_cost: of asking a person about one example.
            most_asked: the largest share that may be asked.
            requirements, capacity: what must hold of the final answers, the person being right (docs/thresholds.md).
        """
        return self._derived.best_band(
            self._scored(candidate, version), settings, ask_cost, most_asked, tuple(requirements), capacity
        )

    def band_at(
        self,
        candidate: str,
        low: float | None,
        high: float | None,
        settings: Settings,
        ask_cost: float,
        version: int | None = None,
        *,
        most_asked: float | None = None,
        requirements: Sequence[Requirement] = (),
        capacity: Capacity | None = None,
    ) -> Band:
        """Return what two thresholds do: yes from ``high`` on, a person from ``low`` on, no below; None: nobody.

        Rules that are given and do not hold there are in ``missed``.
        """
        scored, ends = self._scored(candidate, version), (low, high)
        return self._derived.band_at(
            scored, ends, settings, ask_cost, most_asked, tuple(requirements), capacity
        )


class EveryOrigin(ThresholdSession):
    """The same questions, answered on all labelled examples of a workspace, test patterns among them."""

    origin: Origin = "all"

    def __init__(self, asked: ThresholdSession) -> None:
        self._asked = asked
        self._derived = asked._derived

    def test_set(self, version: int | None = None) -> TestSet:
        """Return one version of the test set, the latest when None."""
        return self._asked.test_set(version)

    def threshold(self, candidate: str) -> Threshold:
        """Return what a candidate is judged at."""
        return self._asked.threshold(candidate)

    def _scored(self, candidate: str, version: int | None) -> ScoredSet:
        return self._derived.scored_sets.with_patterns(self._asked._scored(candidate, version))

    def _every(self, version: int | None) -> list[ScoredSet]:
        return [self._derived.scored_sets.with_patterns(one) for one in self._asked._every(version)]
