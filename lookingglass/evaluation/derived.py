"""What pages ask of one workspace's scores, made once for everybody who asks: figures, boards, curves, groups.

Results are kept by the content they depend on, in bounded number, so that memory grows with the arrays and not with
the people who look. Knows nothing of how scores were made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lookingglass.candidates import list_candidates
from lookingglass.errors import BadInput
from lookingglass.evaluation.assessing import Assessing
from lookingglass.evaluation.engine import Engine
from lookingglass.evaluation.evaluate import CandidateEvaluation, Evaluation, ScoredSet, part_rows
from lookingglass.evaluation.evaluate import complete as complete
from lookingglass.evaluation.evaluator import Evaluator, Sides, in_parallel
from lookingglass.evaluation.judging import Judging, settled_names
from lookingglass.evaluation.leaderboard import Leaderboard, build_leaderboard
from lookingglass.evaluation.scored_sets import ScoredSets
from lookingglass.figures import Figure
from lookingglass.memo import BoundedCache
from lookingglass.metrics import Settings
from lookingglass.metrics.catalogue import Scored, figures_of
from lookingglass.metrics.counts import Floats
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.testset import TestSet, latest_version

if TYPE_CHECKING:
    from lookingglass.evaluation.best_costs import CostComparison
    from lookingglass.evaluation.choosing import ThresholdChoice
    from lookingglass.fairness import GroupCodes, GroupCounts, GroupFigures
    from lookingglass.thresholds import (
        Aim,
        Band,
        Capacity,
        Requirement,
        Sample,
        ScoreHistogram,
        ThresholdTable,
    )
    from lookingglass.thresholds.replicates import Binned

KEPT_SORTED = 2
KEPT_REPLICATES = 5
"""Of so many candidates the bootstrap replicates of their scores are kept: 12 MB each, however many rows there are."""
USUAL = Settings()
USUAL_GOAL = "f1"
"""What a threshold is chosen for until somebody says what for."""
FURTHER_THRESHOLDS = 8
"""So many rows of a threshold table are left for thresholds that somebody asks for."""


@dataclass(frozen=True)
class Evaluated:
    """Every candidate on one version. ``sides`` go with the last who needs them."""

    evaluation: Evaluation
    scored: Mapping[str, ScoredSet]
    sides: Sides
    judging: Judging


class Derived:
    """Everything that is a function of one workspace's scores and test set. Safe to use from several threads."""

    def __init__(self, engine: Engine, kept: Path | None = None) -> None:
        """Start with the figures in the file ``kept``, where there are any."""
        self.engine = engine
        self._kept = kept
        self._evaluator = Evaluator()
        if kept is not None:
            self._evaluator.recall(kept)
        self.scored_sets = ScoredSets(engine)
        self._boards: BoundedCache[Leaderboard] = BoundedCache(64)
        self._curves: BoundedCache[ThresholdTable] = BoundedCache(64)
        self._histograms: BoundedCache[ScoreHistogram] = BoundedCache(64)
        self._codes: BoundedCache[GroupCodes] = BoundedCache(8)
        self._groups: BoundedCache[tuple[GroupFigures, ...]] = BoundedCache(512)
        self._group_counts: BoundedCache[tuple[GroupCounts, ...]] = BoundedCache(64)
        self._settled: BoundedCache[Mapping[str, Figure]] = BoundedCache(256)
        self._chosen: BoundedCache[ThresholdChoice] = BoundedCache(256)
        self._samples: BoundedCache[Sample] = BoundedCache(KEPT_SORTED)
        self._replicates: BoundedCache[Binned] = BoundedCache(KEPT_REPLICATES)
        self._cheapest: BoundedCache[CostComparison] = BoundedCache(64)
        self._bands: BoundedCache[Band] = BoundedCache(256)
        self.assessing = Assessing(engine, self._sample)

    def evaluated(self, test_set: TestSet, rows_scored: int) -> Evaluated:
        """Return every candidate's figures on one version."""
        home = self.engine.home
        judging = Judging.of(home)
        scored = {item.name: self.scored_sets.of(item, test_set) for item in list_candidates(home)}
        sides = Sides()

        def evaluate(item: ScoredSet) -> CandidateEvaluation:
            failure = self.engine.store.failure(item.candidate.fingerprint, test_set.digest)
            return self._evaluator.evaluate(item, failure, sides, judging)

        in_parallel(evaluate, [item for item in scored.values() if not self._evaluator.knows(item, judging)])
        evaluations = tuple(evaluate(item) for item in scored.values())
        evaluation = Evaluation(home.config.name, test_set, rows_scored, evaluations, judging.settings)
        return Evaluated(evaluation, scored, sides, judging)

    def leaderboard(
        self, test_set: TestSet, rows_scored: int, metric: str, reference: str | None
    ) -> Leaderboard:
        """Return all candidates of one version beside a reference, best first by ``metric``."""
        state = self.evaluated(test_set, rows_scored)
        key = (
            test_set.identity,
            test_set.examples,
            self.engine.home.ledger.last_seq("candidates"),
            state.judging.settings,
            tuple(
                (item.name, item.scored, item.status, item.error, item.threshold)
                for item in state.evaluation.candidates
            ),
        )
        return self._boards.get(
            (*key, reference, metric, rows_scored),
            lambda: build_leaderboard(
                state.evaluation,
                state.scored,
                self._evaluator,
                metric=metric,
                reference=reference,
                sides=state.sides,
                judging=state.judging,
            ),
        )

    def answer_ahead(self, test_set: TestSet, stop: Callable[[], bool]) -> None:
        """Make what a person may ask next: what the threshold page shows of every candidate, each pair's difference."""
        from lookingglass.evaluation.browse import Filters, meeting
        from lookingglass.thresholds import Aim

        meeting(
            test_set, Filters(text="read")
        )  # so that nobody's first search waits until the texts are in memory
        state = self.evaluated(test_set, 0)
        every = list(state.scored.values())
        for scored in every:
            if stop():
                return
            if scored.answers_samples:
                usual = self.curve(scored, ())
                self.histogram(scored)
                for column in test_set.config.groups:
                    self.group_counts(scored, column, usual.thresholds)
                with suppress(BadInput):  # there may be nothing to choose on
                    self.choose(scored, Aim(USUAL_GOAL, state.judging.settings))
        pairs = [(one, other) for at, one in enumerate(every) for other in every[at + 1 :]]
        for at in range(0, len(pairs), 2):
            if stop():
                return
            self._evaluator.compare_all(pairs[at : at + 2], state.sides, state.judging)

    def keep(self, test_set: TestSet) -> None:
        """Keep the figures made on the newest version for the next start; those of an older one are not worth it."""
        newest = test_set.version == latest_version(self.engine.home)
        if self._kept is not None and newest and self.engine.home.read_only is None:
            candidates = list_candidates(self.engine.home)
            self._evaluator.keep(self._kept, [self.scored_sets.of(item, test_set) for item in candidates])

    def figures(
        self, scored: ScoredSet, threshold: float | None, settings: Settings = USUAL
    ) -> Mapping[str, Figure]:
        """Return every metric at any threshold over the labelled samples."""
        usual = self._evaluator.figures(scored, "samples", threshold, Sides(self._sample))
        if settings == USUAL or not scored.answers_samples:
            return usual

        def make() -> Mapping[str, Figure]:
            side = Scored(self._sample(scored), threshold, settings)
            names = [name for name in settled_names(settings) if name in AT_THRESHOLD]
            free = self._evaluator.settled_free(scored, "samples", settings, lambda: side)
            return {**usual, **free, **figures_of(side, names)}

        return self._settled.get((scored.content("samples"), threshold, settings), make)

    def choose(self, scored: ScoredSet, aim: Aim) -> ThresholdChoice:
        """Return the best threshold for an aim over the labelled samples, with every figure there."""
        from lookingglass.evaluation.choosing import choose_threshold

        candidate, test_set, content = scored.candidate, scored.test_set, complete(scored)
        groups = self._groups_named(test_set, aim.requirements)
        key = (content, candidate.name, candidate.fingerprint, test_set.version, test_set.digest, aim)

        def make() -> ThresholdChoice:
            return choose_threshold(
                scored,
                self._sample(scored),
                aim,
                groups,
                lambda threshold: self.figures(scored, threshold, aim.settings),
                lambda: self._drawn(scored, groups),
            )

        return self._chosen.get(key, make)

    def best_costs(self, scored: Sequence[ScoredSet], aim: Aim, reference: str | None) -> CostComparison:
        """Return those of at least one candidate that answer all samples, each at its own best threshold."""
        from lookingglass.evaluation.best_costs import compare_costs

        test_set = scored[0].test_set
        states = tuple(
            (item.candidate.name, item.candidate.fingerprint, item.content("samples")) for item in scored
        )
        return self._cheapest.get(
            (test_set.version, test_set.digest, aim, reference, states),
            lambda: compare_costs(
                scored,
                aim,
                reference,
                lambda item: self.choose(item, aim),
                self._sample,
                self._groups_named(test_set, aim.requirements),
            ),
        )

    def best_band(
        self,
        scored: ScoredSet,
        settings: Settings,
        ask_cost: float,
        most_asked: float | None,
        requirements: tuple[Requirement, ...] = (),
        capacity: Capacity | None = None,
    ) -> Band:
        """Return the cheapest pair of thresholds with a person in between, over the labelled samples."""
        from lookingglass.thresholds import best_band

        groups = self._groups_named(scored.test_set, requirements)
        key = (
            complete(scored),
            scored.test_set.identity,
            settings,
            ask_cost,
            most_asked,
            requirements,
            capacity,
        )
        return self._bands.get(
            key,
            lambda: best_band(
                self._sample(scored),
                settings,
                ask_cost,
                most_asked,
                requirements=requirements,
                capacity=capacity,
                groups=groups,
                replicates=lambda: self._drawn(scored, groups),
            ),
        )

    def band_at(
        self,
        scored: ScoredSet,
        ends: tuple[float | None, float | None],
        settings: Settings,
        ask_cost: float,
        most_asked: float | None = None,
        requirements: tuple[Requirement, ...] = (),
        capacity: Capacity | None = None,
    ) -> Band:
        """Return what two thresholds, the lower first, with a person in between do to the labelled samples."""
        from lookingglass.thresholds import band_at

        groups = self._groups_named(scored.test_set, requirements)
        rules = (most_asked, requirements, capacity)
        return self._bands.get(
            (complete(scored), scored.test_set.identity, settings, ask_cost, ends, rules),
            lambda: band_at(
                self._sample(scored),
                *ends,
                settings,
                ask_cost,
                requirements=requirements,
                capacity=capacity,
                most_asked=most_asked,
                groups=groups,
            ),
        )

    def _groups_named(self, test_set: TestSet, requirements: Sequence[Requirement]) -> dict[str, GroupCodes]:
        """Return the groups of each column that a requirement names. Raises BadInput when it is no group column."""
        columns = {item.by for item in requirements if item.by is not None}
        for column in columns - set(test_set.config.groups):
            known = ", ".join(test_set.config.groups) or "none in this workspace"
            raise BadInput(f"there is no group column {column!r}: the group columns are {known}.")
        return {column: self._group_codes(test_set, column) for column in sorted(columns)}

    def _drawn(self, scored: ScoredSet, groups: Mapping[str, GroupCodes]) -> Binned:
        """Return the replicates of a candidate's scores in these groups, which serve every aim."""
        from lookingglass.thresholds.replicates import Binned

        return self._replicates.get(
            (complete(scored), scored.test_set.identity, tuple(groups)),
            lambda: Binned.of(self._sample(scored), groups),
        )

    def _sample(self, scored: ScoredSet) -> Sample:
        """Return the labelled samples, which every choice sorts; those looked at last are kept sorted."""
        from lookingglass.thresholds import Sample

        return self._samples.get(complete(scored), lambda: Sample.of(*scored.part("samples")))

    def curve(self, scored: ScoredSet, always: Sequence[float], settings: Settings = USUAL) -> ThresholdTable:
        """Return the threshold table over the labelled samples. Scores are sorted once, whatever is asked for."""
        from lookingglass.thresholds import MOST_THRESHOLDS, settle, with_thresholds
        from lookingglass.thresholds.curve import rows_of

        content = complete(scored)
        usual = self._curves.get(
            (content, ()),
            lambda: rows_of(self._sample(scored).table, limit=MOST_THRESHOLDS - FURTHER_THRESHOLDS),
        )
        if len(always) > FURTHER_THRESHOLDS:
            raise ValueError(f"at most {FURTHER_THRESHOLDS} further thresholds, not {len(always)}")
        further = tuple(np.setdiff1d(np.asarray(always, dtype=np.float64), usual.thresholds).tolist())

        def with_further() -> ThresholdTable:
            sample = self._sample(scored)
            return with_thresholds(usual, sample.y_true, sample.y_score, further, counted=sample.table)

        whole = self._curves.get(
            (content, further), with_further
        )  # thresholds that are rows already make no table of their own
        if settings == USUAL:
            return whole
        return self._curves.get((content, further, settings), lambda: settle(whole, settings))

    def histogram(self, scored: ScoredSet) -> ScoreHistogram:
        """Return how positives and negatives among the labelled samples score."""
        from lookingglass.thresholds import score_histogram

        return self._histograms.get(complete(scored), lambda: score_histogram(*scored.part("samples")))

    def groups(self, scored: ScoredSet, column: str, threshold: float | None) -> tuple[GroupFigures, ...]:
        """Return the rates of each group of one column over the labelled samples."""
        from lookingglass.fairness import figures_of_groups

        complete(scored)
        codes = self._group_codes(scored.test_set, column)
        key = (scored.content("samples"), scored.test_set.digest, column, threshold)
        return self._groups.get(key, lambda: figures_of_groups(codes, *scored.part("samples"), threshold))

    def group_counts(self, scored: ScoredSet, column: str, thresholds: Floats) -> tuple[GroupCounts, ...]:
        """Return each group's counts at the rows of a table of ``curve``; only unusual rows are counted."""
        from lookingglass.fairness import counts_of_groups, with_further

        usual = self.curve(scored, ()).thresholds
        codes = self._group_codes(scored.test_set, column)
        key = (scored.content("samples"), scored.test_set.digest, column)
        known = self._group_counts.get(key, lambda: counts_of_groups(codes, *scored.part("samples"), usual))
        further = np.setdiff1d(thresholds, usual)[::-1]
        return with_further(known, usual, further, codes, self._sample(scored)) if len(further) else known

    def _group_codes(self, test_set: TestSet, column: str) -> GroupCodes:
        from lookingglass.fairness import group_codes

        rows = part_rows(test_set, "samples")

        def make() -> GroupCodes:
            values = test_set.rows.get_column(column)
            return group_codes(
                values.slice(rows.start, rows.stop - rows.start)
                if isinstance(rows, slice)
                else values.gather(pl.Series(rows, dtype=pl.UInt32))
            )

        return self._codes.get((test_set.identity, column, int(test_set.is_sample.sum())), make)
