"""The smallest change that flips the answer: each word left out, value exchanged or region hidden, asked at once.

A search through single changes only; that none flips the answer says nothing of two changes together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lookingglass.candidates import Candidate, WorkerPool
from lookingglass.config import WorkspaceConfig
from lookingglass.explanations.asked import Answers, Key, ModelAsked, refuse_unexplainable
from lookingglass.explanations.images import ImageTask
from lookingglass.explanations.result import Weight
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.explanations.tabular import MANY, table_of
from lookingglass.explanations.taking_apart import Subject, modality_of, subject_of, task_of
from lookingglass.explanations.text import TextTask
from lookingglass.home import Home

if TYPE_CHECKING:
    import polars as pl

STEPS = 40
"""A number with many values is tried at so many values of the background, each as far from the next in rank."""

ALONE = 1.0
NO_THRESHOLD = "at the agreed threshold this candidate answers nobody: no change can flip that."
NOTHING_FLIPS = "no single change of those tried flips the answer."


@dataclass(frozen=True)
class Change:
    """One single change of an example.

    Attributes:
        where: the feature that is changed, with weight 0: a word and its place, a column, or a region.
        after: the column's new value; None for a word that is left out and a region that is hidden.
        score: P(positive) after the change.
        size: how small the change is, above 0 to 1: for numbers the share of the background between the two values;
            1 for another category, a word or a region.
    """

    where: Weight
    after: Any
    score: float
    size: float

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        where = {key: value for key, value in self.where.to_json().items() if key != "weight"}
        return {**where, "after": self.after, "score": self.score, "size": self.size}


@dataclass(frozen=True)
class SmallestChange:
    """Every single change that flips an answer.

    Attributes:
        flips: the smallest first; among equally small ones that which moves the score furthest.
        nearest: the change that comes nearest to flipping it where none does, None where nothing can be changed.
        tried: how many changes were tried.
    """

    candidate: str
    example_id: str
    score: float
    threshold: float | None
    flips: tuple[Change, ...]
    nearest: Change | None
    tried: int
    model_rows_scored: int
    notes: tuple[str, ...]

    @property
    def smallest(self) -> Change | None:
        """The smallest change that flips the answer, None when none does."""
        return self.flips[0] if self.flips else None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return {
            "candidate": self.candidate,
            "example_id": self.example_id,
            "score": self.score,
            "threshold": self.threshold,
            "flips": [each.to_json() for each in self.flips],
            "nearest": None if self.nearest is None else self.nearest.to_json(),
            "tried": self.tried,
            "model_rows_scored": self.model_rows_scored,
            "notes": list(self.notes),
        }

    def frame(self) -> pl.DataFrame:
        """Return one row a flipping change, smallest first: feature, field, before, after, score, size."""
        import polars as pl

        rows = [
            {
                "feature": each.where.feature,
                "field": each.where.field,
                "before": None if each.where.value is None else str(each.where.value),
                "after": None if each.after is None else str(each.after),
                "score": each.score,
                "size": each.size,
            }
            for each in self.flips
        ]
        text, number = pl.String, pl.Float64
        schema = {
            "feature": text,
            "field": text,
            "before": text,
            "after": text,
            "score": number,
            "size": number,
        }
        return pl.DataFrame(rows, schema=schema)


def smallest_change(
    home: Home,
    pool: WorkerPool,
    candidate: Candidate,
    example_id: str,
    threshold: float | None,
    version: int | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> SmallestChange:
    """Return which single changes flip the answer of ``score >= threshold``, in one question to the model.

    Args:
        threshold: None when the candidate answers nobody, which nothing can flip.
        overrides: what-if values that the example has already.

    Raises:
        BadInput, NotFound, CandidateFailed: as for ``explain``.
    """
    refuse_unexplainable(candidate)
    subject = subject_of(home, candidate, example_id, version, overrides)
    asked = ModelAsked(home, candidate, pool)
    modality = modality_of(home, candidate)
    if modality == "tabular":
        notes: tuple[str, ...] = ()
        found = _exchanged(home, subject, asked)
    else:
        task = task_of(home, subject, asked, ExplainSettings())
        notes = task.notes
        found = _left_out(task) if isinstance(task, TextTask) else _hidden(task)
    score, changes = found
    if threshold is None:
        return _result(subject, asked, score, None, (), None, len(changes), (*notes, NO_THRESHOLD))
    answer = score >= threshold
    flips = [change for change in changes if (change.score >= threshold) != answer]
    flips.sort(key=lambda change: (change.size, -abs(change.score - score)))
    nearest = min(changes, key=lambda change: abs(change.score - threshold), default=None)
    told = notes if flips or not changes else (*notes, NOTHING_FLIPS)
    return _result(
        subject, asked, score, threshold, tuple(flips), None if flips else nearest, len(changes), told
    )


def _result(
    subject: Subject,
    asked: ModelAsked,
    score: float,
    threshold: float | None,
    flips: tuple[Change, ...],
    nearest: Change | None,
    tried: int,
    notes: tuple[str, ...],
) -> SmallestChange:
    name, rows = asked.candidate.name, asked.rows_scored
    return SmallestChange(name, subject.example_id, score, threshold, flips, nearest, tried, rows, notes)


def _left_out(task: TextTask) -> tuple[float, list[Change]]:
    """Return the score, and what each word left out makes of it."""
    variations = [task.without([]), *(task.without([index]) for index in range(len(task.features)))]
    return _compared(task.scores(task.ask(variations)), task.features)


def _hidden(task: Any) -> tuple[float, list[Change]]:
    """Return the score, and what each region hidden makes of it."""
    if not isinstance(task, ImageTask):
        raise TypeError("only texts and images are changed by hiding")
    shown = np.vstack([np.ones(len(task.features)), 1 - np.eye(len(task.features))]).astype(np.int64)
    return _compared(task.scores(task.predict(shown)), task.features)


def _compared(scores: Answers, features: Sequence[Weight]) -> tuple[float, list[Change]]:
    changes = [
        Change(where, None, float(after), ALONE) for where, after in zip(features, scores[1:], strict=True)
    ]
    return float(scores[0]), changes


def _exchanged(home: Home, subject: Subject, asked: ModelAsked) -> tuple[float, list[Change]]:
    """Return the score, and what each other value makes of it."""
    from lookingglass.explanations.background import background_of

    rows = background_of(home).rows
    changes: list[Change] = []
    for place, (name, own) in enumerate(subject.values.items()):
        kind = home.config.columns[name].type
        if kind == "text":
            continue
        column = rows.get_column(name).drop_nulls().to_list()
        where = Weight(name, 0.0, name, place, value=own)
        changes += [Change(where, value, 0.0, size) for value, size in _others(own, column, kind)]
    values = [
        dict(subject.values),
        *({**subject.values, each.where.field: each.after} for each in changes),
    ]
    scores = _ask(asked, values, home.config)
    return float(scores[0]), [
        replace(each, score=float(after)) for each, after in zip(changes, scores[1:], strict=True)
    ]


def _others(own: Any, column: Sequence[Any], kind: str) -> list[tuple[Any, float]]:
    """Return the values to try in place of ``own``, with how large a change each is."""
    distinct = sorted(set(column))
    if kind not in {"number", "integer"} or own is None:
        return [(value, ALONE) for value in distinct if value != own]
    ordered = np.sort(np.array(column, dtype=np.float64))
    if len(distinct) > MANY:
        places = np.unique(np.linspace(0, len(ordered) - 1, STEPS + 1).astype(int))
        distinct = sorted({sorted(column)[place] for place in places})
    rank = _rank(ordered, own)
    least = 1 / (len(ordered) + 1)
    return [
        (value, min(ALONE, max(least, abs(_rank(ordered, value) - rank))))
        for value in distinct
        if value != own
    ]


def _rank(ordered: Answers, value: float) -> float:
    """Return the share of the background below a value, half of those equal to it counted."""
    return float(np.searchsorted(ordered, value, "left") + np.searchsorted(ordered, value, "right")) / (
        2 * len(ordered)
    )


def _ask(asked: ModelAsked, values: Sequence[Mapping[str, Any]], config: WorkspaceConfig) -> Answers:
    types = {name: config.columns[name].type for name in values[0]}
    keys: list[Key] = [repr(tuple(each.values())) for each in values]
    by_key = dict(zip(keys, values, strict=True))
    answers = asked.ask(keys, lambda names: table_of([by_key[name] for name in names], types))
    scores: Answers = answers[:, asked.positive]
    return scores
