"""One candidate on one test-set version becomes figures: on samples and on patterns apart, never mixed versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.candidates import Candidate
from lookingglass.evaluation.scores import Failure, Floats
from lookingglass.figures import Figure, undefined
from lookingglass.memo import BoundedCache
from lookingglass.metrics import METRICS, evaluate_metrics, paired_difference
from lookingglass.testset import TestSet

DEFAULT_THRESHOLD = 0.5

Part = Literal["samples", "patterns"]
Labels = NDArray[np.int8]


@dataclass(frozen=True)
class Threshold:
    """The threshold a candidate is judged at, and whether people agreed on it."""

    value: float = DEFAULT_THRESHOLD
    source: Literal["default", "agreed"] = "default"


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
            "threshold": {"value": self.threshold.value, "source": self.threshold.source},
            "metrics": {name: figure.to_json() for name, figure in self.metrics.items()},
            "patterns": {name: figure.to_json() for name, figure in self.patterns.items()},
        }


@dataclass(frozen=True)
class Evaluation:
    """Every candidate on one and the same test-set version."""

    workspace: str
    test_set: TestSet
    model_rows_scored: int
    candidates: tuple[CandidateEvaluation, ...]

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
            "test_set": {
                "version": self.test_set.version,
                "digest": self.test_set.digest,
                "examples": self.test_set.examples,
                "labelled": self.test_set.labelled,
                "positives": self.test_set.positives,
            },
            "model_rows_scored": self.model_rows_scored,
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


@dataclass(frozen=True)
class ScoredSet:
    """One candidate's scores on one version, shape (n,), NaN where it has not answered."""

    candidate: Candidate
    test_set: TestSet
    scores: Floats

    @property
    def scored(self) -> int:
        """How many examples have a score."""
        return int(np.isfinite(self.scores).sum())

    def part(self, part: Part) -> tuple[Labels, Floats]:
        """Return (y_true, y_score) of the labelled samples or patterns; y_true is 0/1 of shape (n,)."""
        chosen = self.test_set.is_sample if part == "samples" else ~self.test_set.is_sample
        rows = np.flatnonzero(chosen & (self.test_set.y_true >= 0))
        return self.test_set.y_true[rows], self.scores[rows]

    def content(self, part: Part) -> bytes:
        """Return a digest of what figures depend on, so that a change of patterns leaves the samples' figures alone."""
        digest = hashlib.blake2b(digest_size=20)
        for array in self.part(part):
            digest.update(np.ascontiguousarray(array).tobytes())
            digest.update(str(array.shape).encode())
        return digest.digest()


def part_figures(scored: ScoredSet, part: Part, threshold: float | None) -> Mapping[str, Figure]:
    """Return every metric of one part; undefined with its reason when a score is missing in that part."""
    y_true, y_score = scored.part(part)
    missing = int(np.isnan(y_score).sum())
    if missing:
        reason = f"{missing:,} of {len(y_score):,} {part} have no score"
        return {name: undefined(reason, len(y_score) - missing) for name in METRICS}
    return evaluate_metrics(y_true, y_score, threshold)


def part_differences(
    one: ScoredSet, other: ScoredSet, threshold_one: float, threshold_other: float
) -> Mapping[str, Figure]:
    """Return ``one`` minus ``other`` for every metric, paired over the labelled samples of the one version they share.

    Raises:
        ValueError: the two belong to different test-set versions; such figures are never put side by side.
    """
    if one.test_set.digest != other.test_set.digest:
        raise ValueError("figures of different test-set versions are never compared")
    y_true, score_one = one.part("samples")
    _, score_other = other.part("samples")
    missing = int((np.isnan(score_one) | np.isnan(score_other)).sum())
    if missing:
        reason = f"{missing:,} samples lack a score, so the two cannot be compared"
        return {name: undefined(reason, len(y_true) - missing) for name in METRICS}
    return paired_difference(y_true, score_one, score_other, threshold_one, threshold_other)


class Evaluator:
    """Computes figures and paired differences once for everything that asks for them."""

    def __init__(self) -> None:
        self._figures: BoundedCache[Mapping[str, Figure]] = BoundedCache(512)

    def figures(self, scored: ScoredSet, part: Part, threshold: float | None) -> Mapping[str, Figure]:
        """Return every metric of one part of one version; a threshold of None answers nobody."""
        key = (scored.content(part), part, threshold)
        return self._figures.get(key, lambda: part_figures(scored, part, threshold))

    def differences(
        self, one: ScoredSet, other: ScoredSet, at_one: Threshold, at_other: Threshold
    ) -> Mapping[str, Figure]:
        """Return ``one`` minus ``other`` for every metric, each at its own threshold."""
        key = (one.content("samples"), other.content("samples"), at_one.value, at_other.value)
        return self._figures.get(key, lambda: part_differences(one, other, at_one.value, at_other.value))

    def evaluate(self, scored: ScoredSet, failure: Failure | None) -> CandidateEvaluation:
        """Return one candidate's figures and state on the version that ``scored`` belongs to."""
        threshold = Threshold()
        status: Literal["complete", "incomplete", "failed"] = "complete"
        if scored.scored < scored.test_set.examples:
            status = "failed" if failure else "incomplete"
        return CandidateEvaluation(
            candidate=scored.candidate,
            status=status,
            scored=scored.scored,
            examples=scored.test_set.examples,
            answers_samples=bool(np.isfinite(scored.part("samples")[1]).all()),
            error=failure.error if failure and status == "failed" else None,
            threshold=threshold,
            metrics=self.figures(scored, "samples", threshold.value),
            patterns=self.figures(scored, "patterns", threshold.value),
        )
