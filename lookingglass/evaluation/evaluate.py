"""One candidate on one test-set version becomes figures: on samples and on patterns apart, never mixed versions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.candidates import Candidate
from lookingglass.errors import BadInput
from lookingglass.evaluation.judging import DEFAULT_THRESHOLD as DEFAULT_THRESHOLD
from lookingglass.evaluation.judging import Threshold as Threshold
from lookingglass.evaluation.scores import Floats
from lookingglass.figures import Figure, undefined
from lookingglass.metrics import METRICS
from lookingglass.metrics.catalogue import Scored, figures_of
from lookingglass.metrics.compare import differences_of
from lookingglass.metrics.formulas import Settings
from lookingglass.metrics.ordered import Ordered
from lookingglass.testset import TestSet

Part = Literal["samples", "patterns"]
PARTS: tuple[Part, ...] = ("samples", "patterns")
Labels = NDArray[np.int8]
NO_SETTINGS = Settings()
"""Beta 1, no costs, as many positives in real use as in the test set."""


@dataclass(frozen=True)
class CandidateEvaluation:
    """One candidate's figures on one test-set version.

    Attributes:
        status: ``complete``, ``incomplete`` (some examples have no score) or ``failed`` (``error`` says why).
        scored: examples with a score, of ``examples``.
        answers_samples: every labelled sample has a score, so figures speak for all of them; patterns may lack one.
        metrics: figures on the labelled samples, the ones that speak for real use.
        patterns: figures on the labelled test patterns, which describe problems and not prevalence.
    """

    candidate: Candidate
    status: Literal["complete", "incomplete", "failed"]
    scored: int
    examples: int
    answers_samples: bool
    error: str | None
    threshold: Threshold
    metrics: Mapping[str, Figure]
    patterns: Mapping[str, Figure]

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.candidate.name

    @property
    def is_baseline(self) -> bool:
        """Whether this is the workspace's baseline, which answers the prevalence for everybody."""
        return self.candidate.manifest.format == "baseline"

    @property
    def is_ready(self) -> bool:
        """Whether people can look closer at it: a model of their own that has not failed and answered every sample."""
        return not self.is_baseline and self.answers_samples and self.status != "failed"

    def to_json(self) -> dict[str, Any]:
        """Return the agreed JSON form of one candidate in ``evaluate --json``."""
        return {
            "name": self.name,
            "fingerprint": self.candidate.fingerprint,
            "status": self.status,
            "scored": self.scored,
            "examples": self.examples,
            "error": self.error,
            "threshold": self.threshold.to_json(),
            "metrics": {name: figure.to_json() for name, figure in self.metrics.items()},
            "patterns": {name: figure.to_json() for name, figure in self.patterns.items()},
        }


@dataclass(frozen=True)
class Evaluation:
    """Every candidate on one and the same test-set version.

    Attributes:
        settings: beta, costs and prevalence under which every candidate's figures stand (``judging.settled_names``).
    """

    workspace: str
    test_set: TestSet
    model_rows_scored: int
    candidates: tuple[CandidateEvaluation, ...]
    settings: Settings = field(default_factory=Settings)

    @property
    def version(self) -> int:
        """The test-set version that every figure here was computed on."""
        return self.test_set.version

    def candidate(self, name: str) -> CandidateEvaluation | None:
        """Return one candidate's evaluation, None when there is no such candidate."""
        return next((item for item in self.candidates if item.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """Return the agreed JSON form of ``evaluate --json``."""
        return {
            "workspace": self.workspace,
            "test_set": self.test_set.summary(),
            "model_rows_scored": self.model_rows_scored,
            "settings": asdict(self.settings),
            "candidates": [item.to_json() for item in self.candidates],
        }

    def frame(self) -> pl.DataFrame:
        """Return one row a candidate, part and metric: value, low, high, method, n, k, reason."""
        rows = [
            {
                "candidate": item.name,
                "part": part,
                "metric": name,
                "value": figure.value,
                "low": figure.low,
                "high": figure.high,
                "method": figure.method,
                "n": figure.n,
                "k": figure.k,
                "reason": figure.reason,
            }
            for item in self.candidates
            for part, figures in (("samples", item.metrics), ("patterns", item.patterns))
            for name, figure in figures.items()
        ]
        return pl.DataFrame(rows, schema=FRAME_SCHEMA)


FRAME_SCHEMA: dict[str, Any] = {
    "candidate": pl.String,
    "part": pl.String,
    "metric": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "method": pl.String,
    "n": pl.Int64,
    "k": pl.Int64,
    "reason": pl.String,
}


@dataclass(frozen=True, eq=False)
class ScoredSet:
    """One candidate's scores on one version, shape (n,), NaN where it has not answered."""

    candidate: Candidate
    test_set: TestSet
    scores: Floats

    @cached_property
    def scored(self) -> int:
        """How many examples have a score."""
        return int(np.isfinite(self.scores).sum())

    def part(self, part: Part) -> tuple[Labels, Floats]:
        """Return (y_true, y_score) of the labelled samples or patterns; y_true is 0/1 of shape (n,)."""
        rows = part_rows(self.test_set, part)
        return self.test_set.y_true[rows], self.scores[rows]

    @cached_property
    def _contents(self) -> dict[Part, bytes]:
        return {}

    def content(self, part: Part) -> bytes:
        """Return a digest of what figures depend on, so that a change of patterns leaves the samples' figures alone."""
        if part not in self._contents:
            digest = hashlib.blake2b(digest_size=20)
            for array in self.part(part):
                digest.update(np.ascontiguousarray(array).data)
                digest.update(str(array.shape).encode())
            self._contents[part] = digest.digest()
        return self._contents[part]

    @cached_property
    def answers_samples(self) -> bool:
        """Whether every labelled sample has a score."""
        return bool(np.isfinite(self.part("samples")[1]).all())

    def ordered(self) -> Ordered:
        """Return its labelled samples, which are sorted when somebody first needs their order."""
        return Ordered.of(*self.part("samples"))

    def compared(self, threshold: float | None) -> Scored:
        """Return its labelled samples as one side of any number of paired comparisons."""
        return Scored(self.ordered(), threshold)


_part_rows: WeakKeyDictionary[TestSet, dict[Part, slice | NDArray[np.intp]]] = WeakKeyDictionary()


def part_rows(test_set: TestSet, part: Part) -> slice | NDArray[np.intp]:
    """Return where the labelled samples or patterns stand: a slice where they stand together, else their positions."""
    known = _part_rows.setdefault(test_set, {})
    if part not in known:
        chosen = test_set.is_sample if part == "samples" else ~test_set.is_sample
        rows = np.flatnonzero(chosen & (test_set.y_true >= 0))
        together = len(rows) > 0 and int(rows[-1]) - int(rows[0]) + 1 == len(rows)
        known[part] = slice(int(rows[0]), int(rows[-1]) + 1) if together else rows
    return known[part]


def complete(scored: ScoredSet) -> bytes:
    """Return the content of a candidate's labelled samples. Raises BadInput when some of them have no score."""
    if not scored.answers_samples:
        _, y_score = scored.part("samples")
        raise BadInput(
            f"{scored.candidate.name}: {int(np.isnan(y_score).sum()):,} of {len(y_score):,} samples have no score "
            f"on version {scored.test_set.version}."
        )
    return scored.content("samples")


def part_figures(
    scored: ScoredSet,
    part: Part,
    threshold: float | None,
    names: Iterable[str] = METRICS,
    side: Scored | None = None,
    settings: Settings = NO_SETTINGS,
) -> Mapping[str, Figure]:
    """Return the metrics ``names`` of one part; undefined with its reason when a score is missing in that part.

    Args:
        side: the same part at the same threshold where it was sorted already, which holds a score of each example.
        settings: of the metrics that depend on them.
    """
    if side is None:
        y_true, y_score = scored.part(part)
        missing = int(np.isnan(y_score).sum())
        if missing:
            reason = f"{missing:,} of {len(y_score):,} {part} have no score"
            return {name: undefined(reason, len(y_score) - missing) for name in names}
        side = Scored(Ordered.of(y_true, y_score), threshold, settings)
    return figures_of(side if side.settings == settings else replace(side, settings=settings), names)


def part_differences(
    one: ScoredSet,
    other: ScoredSet,
    threshold_one: float | None,
    threshold_other: float | None,
    side_of: Callable[[ScoredSet, float | None], Scored] = ScoredSet.compared,
    names: Iterable[str] = METRICS,
    settings: Settings = NO_SETTINGS,
) -> Mapping[str, Figure]:
    """Return ``one`` minus ``other`` for the metrics ``names``, paired over the labelled samples of their one version.

    Args:
        side_of: returns one candidate's side at a threshold, made before or not.
        settings: of the metrics that depend on them.

    Raises:
        ValueError: the two belong to different test-set versions; such figures are never put side by side.
    """
    if one.test_set.digest != other.test_set.digest:
        raise ValueError("figures of different test-set versions are never compared")
    if not (one.answers_samples and other.answers_samples):
        y_true, score_one = one.part("samples")
        _, score_other = other.part("samples")
        missing = int((np.isnan(score_one) | np.isnan(score_other)).sum())
        reason = f"{missing:,} samples lack a score, so the two cannot be compared"
        return {name: undefined(reason, len(y_true) - missing) for name in names}
    sides = side_of(one, threshold_one), side_of(other, threshold_other)
    if settings != NO_SETTINGS:
        sides = replace(sides[0], settings=settings), replace(sides[1], settings=settings)
    return differences_of(*sides, names)
