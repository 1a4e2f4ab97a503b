"""Each candidate's scores on a version as everything that is derived from them takes them, kept while they are used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from lookingglass.candidates import Candidate
from lookingglass.errors import Damaged
from lookingglass.evaluation.engine import Engine
from lookingglass.evaluation.evaluate import ScoredSet
from lookingglass.ledger import in_moment
from lookingglass.memo import BoundedCache
from lookingglass.testset import TestSet

KEPT = 20


class ScoredSets:
    """The scores of one workspace's candidates. Safe to use from several threads."""

    def __init__(self, engine: Engine) -> None:
        """Start with nothing kept."""
        self._engine = engine
        self._kept: BoundedCache[ScoredSet] = BoundedCache(KEPT)
        self._whole: BoundedCache[tuple[ScoredSet, ScoredSet]] = BoundedCache(KEPT)

    def of(self, candidate: Candidate, test_set: TestSet) -> ScoredSet:
        """Return one candidate's scores on one version; none at all where its file is not what was registered.

        Within a moment they stay what they were when first asked for, whatever is scored meanwhile.
        """
        question = (self, "scored set", candidate.name, candidate.fingerprint, test_set.identity)
        kept = in_moment(question, lambda: self._now(candidate, test_set))
        return kept if kept.candidate == candidate else ScoredSet(candidate, test_set, kept.scores)

    def _now(self, candidate: Candidate, test_set: TestSet) -> ScoredSet:
        try:
            scores = self._engine.positive_scores(candidate, test_set)
        except Damaged:  # the engine keeps it as this candidate's failure; the others are shown all the same
            return ScoredSet(candidate, test_set, np.full(test_set.examples, np.nan))
        key = (candidate.name, candidate.fingerprint, test_set.version, id(test_set), id(scores))
        # what is kept holds both objects, so their ids are nobody else's meanwhile
        return self._kept.get(key, lambda: ScoredSet(candidate, test_set, scores))

    def with_patterns(self, scored: ScoredSet) -> ScoredSet:
        """Return a candidate's scores with every example counted as a sample, test patterns among them."""

        def make() -> ScoredSet:
            every = replace(
                scored.test_set, rows=scored.test_set.rows.with_columns(pl.lit("sample").alias("@origin"))
            )
            return ScoredSet(scored.candidate, every, scored.scores)

        return self._whole.get(id(scored), lambda: (scored, make()))[1]
