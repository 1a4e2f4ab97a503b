"""What lies between two versions of the test set, for every candidate and for a decision, made once for all who ask.

Nothing is scored for it: a candidate that was never asked on one of the versions says so.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from lookingglass.candidates import Candidate, get_candidate, list_candidates
from lookingglass.decisions import Decision
from lookingglass.evaluation.derived import USUAL, Derived
from lookingglass.evaluation.judging import Judging, Threshold
from lookingglass.evaluation.leaderboard import MAIN_METRIC
from lookingglass.later import Later
from lookingglass.memo import BoundedCache
from lookingglass.metrics import Settings
from lookingglass.testset import TestSet, read_version
from lookingglass.testset.events import Head, events_until
from lookingglass.testset.tombstones import erasures

if TYPE_CHECKING:
    from lookingglass.evaluation.affected import Answers
    from lookingglass.evaluation.effects import Effects
    from lookingglass.evaluation.since import ChangedSince


class Changes:
    """Effects of changes of one workspace's test set. Safe to use from several threads."""

    def __init__(self, derived: Derived) -> None:
        self._derived, self._engine = derived, derived.engine
        self._effects: BoundedCache[Effects] = BoundedCache(64)
        self._later: Later[Effects] = Later("effects")
        self._since: BoundedCache[ChangedSince] = BoundedCache(16)

    def close(self) -> None:
        """Begin nothing more."""
        self._later.close()

    def effects(self, version: int, since: int) -> Effects:
        """Return what lies between two versions for every candidate, the baseline apart."""
        return self._effects.get(self._key(version, since), lambda: self._make(version, since))

    def effects_soon(self, version: int, since: int, wait: float) -> Effects | None:
        """Return ``effects`` when they are known within ``wait`` seconds, else None."""
        return self._later.get(self._key(version, since), lambda: self.effects(version, since), wait)

    def since(self, decision: Decision, version: int) -> ChangedSince:
        """Return what became of a decision up to a version."""
        from lookingglass.evaluation.since import changed_since

        def make() -> ChangedSince:
            then, now = self._test_set(decision.version), self._test_set(version)
            candidate = get_candidate(self._engine.home, decision.candidate)
            threshold = Threshold(decision.threshold, "agreed")
            answers = self._answers(candidate, then, now, threshold, decision.settings)
            if decision.origin == "all":
                before, after = (
                    self._derived.scored_sets.with_patterns(one) for one in (answers.before, answers.after)
                )
                answers = replace(answers, before=before, after=after)
            return changed_since(decision, answers, self._derived.figures)

        return self._since.get((decision.seq, self._key(version, decision.version)), make)

    def _key(self, *versions: int) -> Hashable:
        """Return what effects depend on, without reading a version: its digest, what was erased, who answered what."""
        home, store = self._engine.home, self._engine.store
        judging = Judging.of(home)
        digests = [Head.of(events_until(home, version)).digest for version in versions]
        states = tuple(
            (
                item.fingerprint,
                judging.threshold(item),
                store.files(item.fingerprint),
                *(store.failure(item.fingerprint, digest) for digest in digests),
            )
            for item in list_candidates(home)
        )
        return versions, tuple(digests), erasures(home).key, states

    def _make(self, version: int, since: int) -> Effects:
        from lookingglass.evaluation.affected import build_effects

        before, after = self._test_set(since), self._test_set(version)
        judging = Judging.of(self._engine.home)
        models = [item for item in list_candidates(self._engine.home) if item.manifest.format != "baseline"]
        answers = [self._answers(item, before, after, judging.threshold(item)) for item in models]
        return build_effects(before, after, answers, metric=MAIN_METRIC)

    def _answers(
        self, item: Candidate, before: TestSet, after: TestSet, at: Threshold, settings: Settings = USUAL
    ) -> Answers:
        from lookingglass.evaluation.affected import Answers

        failures = [self._engine.store.failure(item.fingerprint, one.digest) for one in (before, after)]
        errors = [failure.error if failure else None for failure in failures]
        scored = [self._derived.scored_sets.of(item, one) for one in (before, after)]
        return Answers(scored[0], scored[1], errors[0], errors[1], at, settings)

    def _test_set(self, version: int) -> TestSet:
        return read_version(self._engine.home, version)
