"""Explains many examples of one candidate: on several threads, told of as it goes, stopped and taken up again.

What is done is kept as it is done, so that a batch that was stopped or died costs only what is left.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from lookingglass.candidates import Candidate, WorkerPool
from lookingglass.errors import CandidateFailed, LookingGlassError
from lookingglass.explanations.asked import refuse_unexplainable
from lookingglass.explanations.explain import DEFAULTS, explain
from lookingglass.explanations.result import Explanation
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.home import Home

GIVE_UP = 3
"""So many examples in a row that a candidate could not answer for, each asked twice, end a batch."""


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is.

    Attributes:
        done: examples looked at, ``failed`` of them without an explanation, ``kept`` of them explained before.
        seconds: since it began.
    """

    candidate: str
    done: int
    total: int
    kept: int
    failed: int
    seconds: float

    @property
    def seconds_left(self) -> float | None:
        """Seconds until done at the present speed, those that were kept apart; None while that is not known."""
        made = self.done - self.kept
        return self.seconds / made * (self.total - self.done) if made and self.done < self.total else None


@dataclass(frozen=True)
class Batch:
    """What came of it.

    Attributes:
        explanations: in the order asked for, without those that failed or were not reached.
        failed: by example, why there is no explanation.
        stopped: whether it ended before the last example.
        model_rows_scored: rows sent to the model in this call.
    """

    candidate: str
    explanations: tuple[Explanation, ...]
    failed: Mapping[str, str]
    stopped: bool
    model_rows_scored: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return {
            "candidate": self.candidate,
            "explanations": [each.to_json() for each in self.explanations],
            "failed": dict(self.failed),
            "stopped": self.stopped,
            "model_rows_scored": self.model_rows_scored,
        }


def explain_many(
    home: Home,
    pool: WorkerPool,
    candidate: Candidate,
    example_ids: Sequence[str],
    settings: ExplainSettings = DEFAULTS,
    version: int | None = None,
    *,
    on_progress: Callable[[BatchProgress], None] | None = None,
    cancelled: threading.Event | None = None,
    threads: int | None = None,
) -> Batch:
    """Explain examples one after the other, keeping each; those that are kept already cost nothing.

    A worker that dies is asked once more for the same example; then that example has failed and the next one follows.

    Args:
        on_progress: called from the calling thread after each example.
        cancelled: set it to stop after the examples under way.
        threads: how many examples are under way at once, all cores when None. LIME draws and fits in this process
            while the model answers in its own.

    Raises:
        BadInput: the candidate cannot be explained.
    """
    refuse_unexplainable(candidate)
    stop = cancelled or threading.Event()
    asked = list(dict.fromkeys(example_ids))
    made: dict[str, Explanation] = {}
    failed: dict[str, str] = {}
    in_a_row = 0
    began = time.monotonic()

    def one(example_id: str) -> Explanation:
        try:
            return explain(home, pool, candidate, example_id, settings, version)
        except CandidateFailed:
            if stop.is_set():
                raise
            return explain(home, pool, candidate, example_id, settings, version)

    waiting = iter(asked)
    count = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(count, thread_name_prefix="explaining") as executor:
        running: dict[Future[Explanation], str] = {}
        while True:
            while len(running) < count and not stop.is_set() and in_a_row < GIVE_UP:
                following = next(waiting, None)
                if following is None:
                    break
                running[executor.submit(one, following)] = following
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                example_id = running.pop(future)
                try:
                    made[example_id] = future.result()
                    in_a_row = 0
                except LookingGlassError as error:
                    failed[example_id] = str(error)
                    in_a_row += isinstance(error, CandidateFailed)
                if on_progress is not None:
                    kept = sum(not each.model_rows_scored for each in made.values())
                    seconds = time.monotonic() - began
                    reached = len(made) + len(failed)
                    on_progress(
                        BatchProgress(candidate.name, reached, len(asked), kept, len(failed), seconds)
                    )
    return Batch(
        candidate.name,
        tuple(made[example_id] for example_id in asked if example_id in made),
        failed,
        len(made) + len(failed) < len(asked),
        sum(each.model_rows_scored for each in made.values()),
    )
