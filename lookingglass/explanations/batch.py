"""Explains many examples of one candidate: in several processes, told of as it goes, stopped and taken up again.

What is done is kept as it is done, so that a batch that was stopped or died costs only what is left.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

from lookingglass.candidates import Candidate, WorkerPool
from lookingglass.errors import CandidateFailed, LookingGlassError
from lookingglass.explanations.asked import refuse_unexplainable
from lookingglass.explanations.explain import DEFAULTS, explain
from lookingglass.explanations.helper import Helper
from lookingglass.explanations.result import Explanation
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.explanations.store import ExplanationStore
from lookingglass.explanations.taking_apart import settings_for, subject_of
from lookingglass.home import Home

GIVE_UP = 3
"""So many examples in a row that a candidate could not answer for, each asked twice, end a batch."""

TELLING = 4
"""So many explanations that were made one after the other tell how fast a batch is; the first waits for its process."""

FEW = 8
"""Fewer examples than this for each process are done sooner than a process has started."""


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is.

    Attributes:
        done: examples looked at, ``failed`` of them without an explanation, ``kept`` of them explained before.
        seconds: since it began. ``first_made``: those at which the first explanation was made, processes started and
            the model loaded; None before it.
    """

    candidate: str
    done: int
    total: int
    kept: int
    failed: int
    seconds: float
    first_made: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until done at the speed since the first explanation was made; None until ``TELLING`` followed it.

        Neither the start of processes nor what was kept already, which takes no time, says anything of the rest.
        """
        made = self.done - self.kept - self.failed - 1
        if self.first_made is None or made < TELLING or self.done >= self.total:
            return None
        return (self.seconds - self.first_made) / made * (self.total - self.done)


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
    processes: int | None = None,
) -> Batch:
    """Explain examples, several at once, keeping each; those that are kept already cost nothing.

    A process that dies is started again once for the same example; then that example has failed and the next one
    follows.

    Args:
        on_progress: called from the calling thread after each example.
        cancelled: set it to stop after the examples under way.
        processes: how many of our own work at it, each with a worker: as many as there are cores when None, for few
            examples none (0). This process only waits for them, so that it can go on serving pages.

    Raises:
        BadInput: the candidate cannot be explained.
    """
    refuse_unexplainable(candidate)
    stop = cancelled or threading.Event()
    asked = list(dict.fromkeys(example_ids))
    made: dict[str, Explanation] = {}
    failed: dict[str, str] = {}
    in_a_row = 0
    began, first_made = time.monotonic(), None
    waiting = iter(asked)
    count = _processes(home, processes, len(asked))

    def here(example_id: str) -> Explanation:
        return explain(home, pool, candidate, example_id, settings, version)

    with _Helpers(home, count) as helpers, ThreadPoolExecutor(max(1, count)) as executor:

        def one(example_id: str) -> Explanation:
            try:
                return helpers.explain(candidate, example_id, settings, version, here)
            except CandidateFailed:
                if stop.is_set():
                    raise
                return helpers.explain(candidate, example_id, settings, version, here)

        running: dict[Future[Explanation], str] = {}
        while True:
            while len(running) < max(1, count) and not stop.is_set() and in_a_row < GIVE_UP:
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
                    seconds, reached = time.monotonic() - began, len(made) + len(failed)
                    if first_made is None and len(made) > kept:
                        first_made = seconds
                    on_progress(
                        BatchProgress(
                            candidate.name, reached, len(asked), kept, len(failed), seconds, first_made
                        )
                    )
    return Batch(
        candidate.name,
        tuple(made[example_id] for example_id in asked if example_id in made),
        failed,
        len(made) + len(failed) < len(asked),
        sum(each.model_rows_scored for each in made.values()),
    )


def _processes(home: Home, wanted: int | None, examples: int) -> int:
    """Return how many processes to start; none where they could not hand over what they made."""
    if home.read_only is not None:
        return 0
    if wanted is not None:
        return max(0, wanted)
    return min(os.cpu_count() or 1, examples // FEW)


class _Helpers:
    """Our own processes, each lent to one example at a time; without any, examples are explained in this process."""

    def __init__(self, home: Home, count: int) -> None:
        self._home = home
        self._all = [Helper(home.folder) for _ in range(count)]
        self._free: queue.Queue[Helper] = queue.Queue()
        for helper in self._all:
            self._free.put(helper)

    def __enter__(self) -> _Helpers:
        return self

    def __exit__(self, *_: object) -> None:
        for helper in self._all:
            helper.close()

    def explain(
        self,
        candidate: Candidate,
        example_id: str,
        settings: ExplainSettings,
        version: int | None,
        here: Callable[[str], Explanation],
    ) -> Explanation:
        """Return one explanation, from the files where it is kept, else made by whichever process is free."""
        if not self._all:
            return here(example_id)
        if self._kept(candidate, example_id, settings, version):
            return here(example_id)
        helper = self._free.get()
        try:
            rows = helper.explain(candidate.name, example_id, settings, version)
        finally:
            self._free.put(helper)
        found = here(example_id)  # reads what the process kept
        return replace(found, model_rows_scored=found.model_rows_scored + rows)

    def _kept(
        self, candidate: Candidate, example_id: str, settings: ExplainSettings, version: int | None
    ) -> bool:
        subject = subject_of(self._home, candidate, example_id, version, None)
        full = settings_for(self._home, candidate, settings)
        return (
            ExplanationStore(self._home.folder).path(candidate.fingerprint, full, subject.input_id).exists()
        )
