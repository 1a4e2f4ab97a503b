"""One candidate on one test-set version becomes figures: on samples and on patterns apart, never mixed versions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.candidates import Candidate
from lookingglass.evaluation.kept_figures import read_kept, write_kept
from lookingglass.evaluation.scores import Failure, Floats
from lookingglass.figures import Figure, undefined
from lookingglass.memo import BoundedCache
from lookingglass.metrics import METRICS, evaluate_metrics
from lookingglass.metrics.catalogue import Scored, figures_of
from lookingglass.metrics.compare import Compared, differences_of, mirrored
from lookingglass.metrics.counts import checked_arrays
from lookingglass.testset import TestSet

DEFAULT_THRESHOLD = 0.5

Item = TypeVar("Item")

Part = Literal["samples", "patterns"]
PARTS: tuple[Part, ...] = ("samples", "patterns")
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
            "test_set": self.test_set.summary(),
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

    def compared(self, threshold: float) -> Compared:
        """Return its labelled samples as one side of any number of paired comparisons."""
        y_true, y_score = self.part("samples")
        labels, (scores,) = checked_arrays(y_true, y_score)
        return Compared(labels, scores, threshold)


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


def part_figures(
    scored: ScoredSet,
    part: Part,
    threshold: float | None,
    names: Iterable[str] = METRICS,
    side: Scored | None = None,
) -> Mapping[str, Figure]:
    """Return the metrics ``names`` of one part; undefined with its reason when a score is missing in that part.

    ``side`` is the same part at the same threshold where it was sorted already.
    """
    y_true, y_score = scored.part(part)
    missing = int(np.isnan(y_score).sum())
    if missing:
        reason = f"{missing:,} of {len(y_score):,} {part} have no score"
        return {name: undefined(reason, len(y_score) - missing) for name in names}
    if side is not None:
        return figures_of(side, names)
    return evaluate_metrics(y_true, y_score, threshold, metrics=names)


def part_differences(
    one: ScoredSet,
    other: ScoredSet,
    threshold_one: float,
    threshold_other: float,
    sides: Sides | None = None,
) -> Mapping[str, Figure]:
    """Return ``one`` minus ``other`` for every metric, paired over the labelled samples of the one version they share.

    Raises:
        ValueError: the two belong to different test-set versions; such figures are never put side by side.
    """
    if one.test_set.digest != other.test_set.digest:
        raise ValueError("figures of different test-set versions are never compared")
    y_true, score_one = one.part("samples")
    if not (one.answers_samples and other.answers_samples):
        _, score_other = other.part("samples")
        missing = int((np.isnan(score_one) | np.isnan(score_other)).sum())
        reason = f"{missing:,} samples lack a score, so the two cannot be compared"
        return {name: undefined(reason, len(y_true) - missing) for name in METRICS}
    made = sides or Sides()
    return differences_of(made.of(one, threshold_one), made.of(other, threshold_other))


class Sides:
    """Candidates' sorted samples, kept while figures that share them are made: several times the size of the scores."""

    def __init__(self) -> None:
        self._made: dict[tuple[bytes, float], Compared] = {}

    def of(self, scored: ScoredSet, threshold: float) -> Compared:
        """Return one candidate's side; every sample of it must have a score."""
        key = (scored.content("samples"), threshold)
        if key not in self._made:
            self._made[key] = scored.compared(threshold)
        return self._made[key]


def in_parallel(work: Callable[[Item], object], items: Sequence[Item]) -> None:
    """Do ``work`` for each item that brings large arrays, on two cores: numpy lets go of the interpreter meanwhile."""
    if len(items) < 2:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(2, thread_name_prefix="figures") as threads:
        for done in [threads.submit(work, item) for item in items]:
            done.result()


_FREE = tuple(name for name, metric in METRICS.items() if not metric.needs_threshold)
_AT_THRESHOLD = tuple(name for name, metric in METRICS.items() if metric.needs_threshold)


class Evaluator:
    """Computes figures and paired differences once for everything that asks for them."""

    def __init__(self) -> None:
        self._figures: BoundedCache[Mapping[str, Figure]] = BoundedCache(512)
        self._differences: BoundedCache[Mapping[str, Figure]] = BoundedCache(512)

    def recall(self, path: Path) -> None:
        """Take over the figures that ``keep`` wrote there."""
        for key, figures in read_kept(path):
            of_one = len(key) < 4
            wanted = METRICS if not of_one else _FREE if len(key) == 2 else _AT_THRESHOLD
            if set(figures) != set(wanted):
                continue
            cache = self._figures if of_one else self._differences
            cache.put(key, figures)

    def keep(self, path: Path, scored: Iterable[ScoredSet]) -> None:
        """Write the figures and differences of these candidates that were made so far."""
        contents = {item.content(part) for item in scored for part in PARTS}
        write_kept(path, [*self._figures.items(), *self._differences.items()], contents)

    def figures(
        self, scored: ScoredSet, part: Part, threshold: float | None, sides: Sides | None = None
    ) -> Mapping[str, Figure]:
        """Return every metric of one part of one version; a threshold of None answers nobody.

        Another threshold costs one look at each score: what does not depend on it is kept apart.
        """
        content = scored.content(part)

        def side() -> Scored | None:
            wanted = part == "samples" and threshold is not None and scored.answers_samples
            return sides.of(scored, threshold) if wanted and sides and threshold is not None else None

        free = self._figures.get(
            (content, part), lambda: part_figures(scored, part, threshold, _FREE, side())
        )
        at = self._figures.get(
            (content, part, threshold), lambda: part_figures(scored, part, threshold, _AT_THRESHOLD, side())
        )
        return {name: free[name] if name in free else at[name] for name in METRICS}

    def differences(
        self,
        one: ScoredSet,
        other: ScoredSet,
        at_one: Threshold,
        at_other: Threshold,
        sides: Sides | None = None,
    ) -> Mapping[str, Figure]:
        """Return ``one`` minus ``other`` for every metric, each at its own threshold."""
        if one.candidate.order > other.candidate.order:  # a - b is never another figure than b - a
            return {
                name: mirrored(figure)
                for name, figure in self.differences(other, one, at_other, at_one, sides).items()
            }
        key = (one.content("samples"), other.content("samples"), at_one.value, at_other.value)
        return self._differences.get(
            key, lambda: part_differences(one, other, at_one.value, at_other.value, sides)
        )

    def compare_all(self, pairs: Sequence[tuple[ScoredSet, ScoredSet]], sides: Sides) -> None:
        """Make the differences of these pairs at the candidates' own thresholds, on two cores where they are large."""
        at = Threshold()

        def prepare(scored: ScoredSet) -> None:
            sides.of(scored, at.value).prepare()

        def compare(pair: tuple[ScoredSet, ScoredSet]) -> None:
            self.differences(*pair, at, at, sides)

        ordered = [
            pair if pair[0].candidate.order < pair[1].candidate.order else pair[::-1] for pair in pairs
        ]
        unknown = [
            pair
            for pair in dict.fromkeys(ordered)
            if (pair[0].content("samples"), pair[1].content("samples"), at.value, at.value)
            not in self._differences
        ]
        both = [item for pair in unknown for item in pair if item.answers_samples]
        in_parallel(prepare, list(dict.fromkeys(both)))
        in_parallel(compare, unknown)

    def evaluate(
        self, scored: ScoredSet, failure: Failure | None, sides: Sides | None = None
    ) -> CandidateEvaluation:
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
            answers_samples=scored.answers_samples,
            error=failure.error if failure and status == "failed" else None,
            threshold=threshold,
            metrics=self.figures(scored, "samples", threshold.value, sides),
            patterns=self.figures(scored, "patterns", threshold.value),
        )
