"""The front door: open a workspace and reach everything that pages, command line and notebooks show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lookingglass.candidates import Candidate, WorkerPool, list_candidates
from lookingglass.config import WorkspaceConfig
from lookingglass.decisions import Decision, Measured, decision_in_force, list_decisions, times_used
from lookingglass.errors import NotFound
from lookingglass.evaluation.background import Keeper
from lookingglass.evaluation.changes import Changes
from lookingglass.evaluation.derived import USUAL, Derived, complete
from lookingglass.evaluation.engine import Engine, Progress
from lookingglass.evaluation.evaluate import Evaluation, ScoredSet
from lookingglass.evaluation.judging import Judging, Threshold
from lookingglass.evaluation.leaderboard import MAIN_METRIC, Leaderboard
from lookingglass.evaluation.sessions import EveryOrigin, Origin, ThresholdSession
from lookingglass.explanations.asking import Explaining
from lookingglass.folders import KEPT_FIGURES
from lookingglass.home import Home, open_home
from lookingglass.memo import BoundedCache
from lookingglass.metrics import Settings
from lookingglass.policies import PolicyRecord, policy_in_force
from lookingglass.testset import (
    TestSet,
    VersionInfo,
    history,
    latest_version,
    read_version,
)
from lookingglass.testset.events import Head, events_until

if TYPE_CHECKING:
    from lookingglass.evaluation.browse import Answers, Filters, Page, Sort
    from lookingglass.evaluation.choices import Choices
    from lookingglass.evaluation.effects import Effects
    from lookingglass.evaluation.picking import Pick, Picked
    from lookingglass.evaluation.since import ChangedSince
    from lookingglass.happenings import Happening
    from lookingglass.reviews import StandingReview


class Workspace(ThresholdSession, Explaining):
    """One use case: a task, its living test set, its candidates, its ledger. Close it, or use it in a ``with``."""

    def __init__(self, home: Home, pool: WorkerPool | None = None) -> None:
        self.home = home
        self.engine = Engine(home, pool)
        self._derived = Derived(self.engine, self.engine.store.folder / KEPT_FIGURES)
        self._changes = Changes(self._derived)
        self._choices: BoundedCache[Choices] = BoundedCache(8)
        self._keeper: Keeper | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the background keeper, the workers and the ledger's connections; answers under way are not waited for."""
        self.engine.stop()
        self._changes.close()
        if self._keeper is not None:
            self._keeper.close()
        self.engine.close()
        self.home.ledger.close()

    @property
    def config(self) -> WorkspaceConfig:
        """The task, columns and people, as workspace.toml declares them."""
        return self.home.config

    def takes_over(self, config: WorkspaceConfig) -> bool:
        """Take over what changed in workspace.toml if that is only its title or its people; False when it is more."""
        told = {"title", "people"}
        if config.model_dump(exclude=told) != self.config.model_dump(exclude=told):
            return False
        self.home = self.engine.home = replace(self.home, config=config)
        self.home.ledger.let_act(config.people)
        return True

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates under evaluation, in registration order, retired ones left out."""
        return list_candidates(self.home)

    @property
    def _asked(self) -> WorkerPool:
        return self.engine.pool

    def test_set(self, version: int | None = None) -> TestSet:
        """Return one version of the living test set, the latest when None. Raises NotFound when there is no such."""
        return read_version(self.home, version)

    def image(self, value: str) -> bytes:
        """Return the PNG that a cell of an image column names. Raises NotFound when it names none, or Damaged."""
        from lookingglass.testset.images import read_image

        return read_image(self.home.files, value)

    def history(self) -> list[VersionInfo]:
        """Return every version with who made it, when and how, in plain words, oldest first."""
        return history(self.home)

    def happenings(self, limit: int = 10) -> list[Happening]:
        """Return the latest events of the ledger in plain words, newest first."""
        from lookingglass.happenings import happenings

        return happenings(self.home, limit)

    def evaluate(
        self,
        version: int | None = None,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        retry_failed: bool = False,
    ) -> Evaluation:
        """Bring every candidate to one version, scoring only what has no score, and return all figures.

        Args:
            version: a test-set version, the latest when None.
            on_progress: called from worker threads while candidates are scored.
            retry_failed: ask candidates again that failed on this very version.
        """
        run = self.engine.bring_up_to_date(version, on_progress=on_progress, retry_failed=retry_failed)
        test_set = self.test_set(run.version)
        evaluation = self._derived.evaluated(test_set, run.rows_scored).evaluation
        self._derived.keep(test_set)
        return evaluation

    def leaderboard(
        self,
        *,
        version: int | None = None,
        reference: str | None = None,
        metric: str = MAIN_METRIC,
        fresh: bool = True,
    ) -> Leaderboard:
        """Return all candidates beside a reference (the baseline when None), best first by ``metric``.

        Args:
            fresh: first bring every candidate to the version; pages pass False and let the keeper do that.
        """
        rows = 0
        if fresh:
            run = self.engine.bring_up_to_date(version)
            version, rows = run.version, run.rows_scored
        test_set = self.test_set(latest_version(self.home) if version is None else version)
        board = self._derived.leaderboard(test_set, rows, metric, reference)
        if fresh:
            self._derived.keep(test_set)
        return board

    def candidate(self, name: str) -> Candidate:
        """Return one candidate by name, retired or not. Raises NotFound, naming those under evaluation."""
        for candidate in list_candidates(self.home, include_retired=True):
            if candidate.name == name:
                return candidate
        known = ", ".join(item.name for item in self.candidates) or "none yet"
        raise NotFound(f"there is no candidate {name!r} in {self.config.name}: there are {known}.")

    def scores(self, candidate: str, version: int | None = None) -> NDArray[np.float64]:
        """Return P(positive) for each example of a version in its order, shape (n,), NaN where there is no score."""
        return self._scored(candidate, version).scores

    def threshold(self, candidate: str) -> Threshold:
        """Return what a candidate is judged at: the threshold that people agreed on, else 0.5."""
        return Judging.of(self.home).threshold(self.candidate(candidate))

    @property
    def settings(self) -> Settings:
        """Beta, costs and prevalence of the latest decision, for every candidate's figures that depend on them."""
        return Judging.of(self.home).settings

    @property
    def decisions(self) -> list[Decision]:
        """Every decision on a threshold, oldest first; those that came to be replaced know by which."""
        return list_decisions(self.home)

    @property
    def policy(self) -> PolicyRecord | None:
        """The policy in force, None when none is set."""
        return policy_in_force(self.home)

    @property
    def reviews(self) -> list[StandingReview]:
        """The last verdict on the reasons of each answer, oldest first, and what has moved on since."""
        from lookingglass.reviews import standing_reviews

        return standing_reviews(self.home)

    def decision(self, candidate: str) -> Decision | None:
        """Return the decision in force for a candidate, None when there is none. Raises NotFound."""
        return decision_in_force(self.home, self.candidate(candidate).fingerprint)

    def times_used(self, version: int | None = None) -> int:
        """Return how many decisions were made on the content of one version, confirmations among them."""
        return times_used(self.home, Head.of(events_until(self.home, version)).digest)

    def measured(self, decision: Decision, version: int | None = None) -> Measured:
        """Return what is measured at a decision's threshold, under its costs, on a version: what ``confirm`` records.

        Raises:
            BadInput: some samples have no score yet.
        """
        from lookingglass.evaluation.choosing import with_asking
        from lookingglass.evaluation.since import groups_again

        at, name = decision.threshold, decision.candidate
        measured = self.measured_at(name, at, decision.settings, version, decision.origin)
        counted = self.counting(decision.origin)
        more = groups_again(decision.figures, lambda column: counted.groups(name, column, at, version))
        if decision.ask_from is not None and decision.ask_cost is not None and decision.settings.costs:
            ends = decision.ask_from, at
            band = counted.band_at(name, *ends, decision.settings, decision.ask_cost, version)
            more |= with_asking(band.figures)
        return replace(measured, figures={**measured.figures, **more})

    def measured_at(
        self,
        candidate: str,
        threshold: float | None,
        settings: Settings = USUAL,
        version: int | None = None,
        origin: Origin = "sample",
    ) -> Measured:
        """Return what is measured at a threshold on one version, as a decision records it: figures and counts.

        Nothing in it is corrected for having been chosen; ``choose`` tells that.

        Raises:
            BadInput: some samples have no score yet.
        """
        from lookingglass.evaluation.since import measure

        scored = self.counting(origin)._scored(candidate, version)
        complete(scored)
        return measure(scored, threshold, self._derived.figures(scored, threshold, settings))

    def changed_since(self, decision: Decision, version: int | None = None) -> ChangedSince:
        """Return what became of a decision on a later version, the latest when None: its goal and figures then and now.

        Nothing is scored for it: a candidate that was never asked on one of the versions says so.
        """
        return self._changes.since(decision, latest_version(self.home) if version is None else version)

    def counting(self, origin: Origin) -> ThresholdSession:
        """Return what answers the same questions on samples alone, which speak for real use, or on all examples."""
        return self if origin == "sample" else EveryOrigin(self)

    def _scored(self, candidate: str, version: int | None) -> ScoredSet:
        return self._scored_set(self.candidate(candidate), self.test_set(version))

    def _every(self, version: int | None) -> list[ScoredSet]:
        test_set = self.test_set(version)
        return [self._scored_set(item, test_set) for item in self.candidates]

    def _scored_set(self, candidate: Candidate, test_set: TestSet) -> ScoredSet:
        return self._derived.scored_sets.of(candidate, test_set)

    def browse(
        self,
        filters: Filters | None = None,
        version: int | None = None,
        page: int = 1,
        size: int = 25,
        *,
        sort: Sort = "stored",
        by: str | None = None,
    ) -> Page:
        """Return one page of the examples of a version that meet ``filters``, with what each candidate says of them.

        Raises:
            NotFound: there is no such version, or a candidate that is named.
            BadInput: the group column is not one, or there is no such order (``evaluation.browse.SORTS``).
        """
        from lookingglass.evaluation.browse import Filters, browse

        test_set, judging = self.test_set(version), Judging.of(self.home)
        answers = {each.name: self._answers(each, test_set, judging) for each in self.candidates}
        return browse(test_set, filters or Filters(), answers, sort=sort, by=by, page=page, size=size)

    def pick(
        self,
        candidate: str,
        which: Pick,
        version: int | None = None,
        *,
        filters: Filters | None = None,
        other: str | None = None,
        limit: int = 50,
        seed: int = 0,
    ) -> Picked:
        """Return which predictions of a candidate are worth a look, first ones first (``evaluation.picking.PICKS``).

        Args:
            filters: conditions besides. ``other``: the candidate that it is compared with, for "differ".

        Raises:
            NotFound: there is no such version or candidate.
            BadInput: there is no such kind, a group column that is none, or a limit or seed that is none.
        """
        from lookingglass.evaluation.picking import pick

        test_set, judging = self.test_set(version), Judging.of(self.home)
        mine = self._answers(self.candidate(candidate), test_set, judging)
        theirs = None if other is None else self._answers(self.candidate(other), test_set, judging)
        return pick(test_set, which, mine, filters=filters, other=theirs, limit=limit, seed=seed)

    def _answers(self, candidate: Candidate, test_set: TestSet, judging: Judging) -> Answers:
        from lookingglass.evaluation.browse import Answers

        return Answers(
            self._scored_set(candidate, test_set).scores,
            judging.threshold(candidate).value,
            candidate.manifest.format != "baseline",
        )

    def effects(self, version: int | None = None, since: int | None = None) -> Effects:
        """Return what lies between two versions of the test set for every candidate, the baseline apart.

        Nothing is scored for it: a candidate that was never asked on one of the versions says so.

        Args:
            version: the later version, the latest when None.
            since: what to compare it with, the version before it when None.
        """
        to = latest_version(self.home) if version is None else version
        begin = max(0, to - 1) if since is None else since
        return self._changes.effects(to, begin)

    def effects_soon(self, version: int, since: int, *, wait: float = 0.5) -> Effects | None:
        """Return ``effects`` when they are known within ``wait`` seconds, else None: ask again, they are being made."""
        return self._changes.effects_soon(version, since, wait)

    def choices(self, version: int | None = None) -> Choices:
        """Return the labels, groups, tags, problems and origins that examples of a version can be filtered by."""
        from lookingglass.evaluation.choices import choices

        test_set = self.test_set(version)
        return self._choices.get(test_set.identity, lambda: choices(test_set))

    def background(self) -> Keeper:
        """Return the keeper that follows the ledger and evaluates by itself; started when first asked for."""
        with self._lock:
            if self._keeper is None:
                self._keeper = Keeper(
                    self.engine,
                    lambda version: self.leaderboard(version=version, fresh=False),
                    self._answer_ahead,
                )
            return self._keeper

    def _answer_ahead(self, version: int, stop: Callable[[], bool]) -> None:
        test_set = self.test_set(version)
        self._derived.answer_ahead(test_set, stop)
        if not stop():
            self._derived.keep(test_set)


def open_workspace(
    folder: str | Path, *, pool: WorkerPool | None = None, make_ledger: bool = True
) -> Workspace:
    """Open the workspace in ``folder``.

    Args:
        pool: warm workers shared with others, who close them; the workspace keeps its own when None.
        make_ledger: False refuses a workspace that has no ledger yet, so that looking at one never changes it.

    Raises:
        NotFound: there is no workspace.toml.
        BadInput: workspace.toml cannot be used; the message names the key.
    """
    return Workspace(open_home(Path(folder), make_ledger=make_ledger), pool)
