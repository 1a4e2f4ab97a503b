"""The black box: asks a candidate's isolated worker for variations of an example, each distinct one once.

Knows nothing of LIME. What it was answered stays known as long as the object lives, so more samples or another seed
cost only the variations that were not there yet.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lookingglass.candidates import Candidate, WorkerPool
from lookingglass.candidates.formats import FORMATS
from lookingglass.errors import BadInput, CandidateFailed, Damaged
from lookingglass.home import Home

if TYPE_CHECKING:
    import pyarrow as pa

Answers: TypeAlias = NDArray[np.float64]
Key: TypeAlias = str | bytes
Build: TypeAlias = Callable[[Sequence[Key]], "pa.Table"]

MOST_BYTES = 16 << 20
"""A question to the worker holds at most this much text, or one row."""


def why_not(candidate: Candidate) -> str | None:
    """Return why a candidate cannot be explained and what would be needed, in one sentence; None when it can."""
    format_name = candidate.manifest.format
    if FORMATS[format_name].needs_worker:
        return None
    if format_name == "baseline":
        return (
            f"{candidate.name} gives every example the same score, the share of positives: there are no reasons to "
            "explain. Choose a candidate with a model."
        )
    return (
        f"{candidate.name} is a file of predictions without a model, so it cannot be asked about variations of an "
        "example: register the model itself (ONNX or skops) to have it explained."
    )


def refuse_unexplainable(candidate: Candidate) -> None:
    """Raise BadInput with the sentence of ``why_not``, if there is one."""
    reason = why_not(candidate)
    if reason is not None:
        raise BadInput(reason)


class ModelAsked:
    """One candidate, asked about variations of one example. Safe to use from several threads.

    Attributes:
        rows_scored: how many rows were sent to the model.
        calls: in how many questions.
    """

    def __init__(self, home: Home, candidate: Candidate, pool: WorkerPool) -> None:
        refuse_unexplainable(candidate)
        self.candidate = candidate
        self.rows_scored = 0
        self.calls = 0
        self._home, self._pool = home, pool
        self._most_rows = home.config.batch_rows(candidate.manifest.inputs)
        self._answers: list[Answers] = []
        self._by_key: dict[Key, int] = {}
        self._by_content: dict[Key, int] = {}
        self._lock = threading.Lock()

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of the answers' columns."""
        return self.candidate.manifest.classes

    @property
    def positive(self) -> int:
        """The column of the answers that is P(positive)."""
        return self.classes.index(self._home.config.task.positive)

    @property
    def distinct(self) -> int:
        """How many distinct inputs the model has answered."""
        return len(self._by_content)

    def ask(self, keys: Sequence[Key], build: Build, row_bytes: int = 0, *, exact: bool = False) -> Answers:
        """Return the probability of every class for each variation.

        Args:
            keys: n names of variations; equal names are the same variation.
            build: makes the rows of the named variations, with the candidate's inputs as columns.
            row_bytes: how large one row is about, to keep questions small.
            exact: whether variations of different names never come to the same row, so that nobody need look.

        Returns:
            Shape (n, classes), in the manifest's class order.

        Raises:
            CandidateFailed: the worker could not answer, or the model's file is damaged; what it answered before is
                still known.
        """
        with self._lock:
            new = list(dict.fromkeys(key for key in keys if key not in self._by_key))
            step = max(1, min(self._most_rows, MOST_BYTES // max(1, row_bytes)))
            for start in range(0, len(new), step):
                part = new[start : start + step]
                self._learn(part, build(part), exact)
            return np.array([self._answers[self._by_key[key]] for key in keys])

    def _learn(self, keys: Sequence[Key], rows: pa.Table, exact: bool) -> None:
        contents: Sequence[Key] = keys if exact else _digests(rows)
        first: dict[Key, int] = {}
        for at, content in enumerate(contents):
            if content not in self._by_content:
                first.setdefault(content, at)
        if first:
            chosen = list(first.values())
            table = rows if len(chosen) == rows.num_rows else rows.take(chosen)
            try:
                self.calls += 1
                self.rows_scored += table.num_rows
                answers = self._pool.get(self._home, self.candidate).predict_proba(table)
            except CandidateFailed as error:
                raise CandidateFailed(
                    f"{self.candidate.name} could not be explained: {error}. Ask again, or look at the candidate."
                ) from None
            except Damaged as error:  # its own file: whatever else it is asked, it cannot answer either
                raise CandidateFailed(f"{self.candidate.name} could not be explained: {error}") from None
            for content, answer in zip(first, answers, strict=True):
                self._by_content[content] = len(self._answers)
                self._answers.append(answer)
        for key, content in zip(keys, contents, strict=True):
            self._by_key[key] = self._by_content[content]


def _digests(rows: pa.Table) -> list[bytes]:
    """Return what stands for the content of each row: equal for equal rows, whatever their variations are called."""
    columns = [column.to_pylist() for column in rows.columns]
    return [_digest(values) for values in zip(*columns, strict=True)]


def _digest(values: tuple[object, ...]) -> bytes:
    hashed = hashlib.blake2b(digest_size=16)
    for value in values:
        data = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
        hashed.update(b"%d:" % len(data) + data)
    return hashed.digest()
