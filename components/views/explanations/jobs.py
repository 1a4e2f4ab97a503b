"""Batches of explanations that run on this server in the background, shared by everybody who looks at the same thing.

    job = start(Asked(folder, "boosted", fingerprint, ids, version)); find(asked) is job; job.cancel()

One question has one job, whoever asks it. Explanations are kept as they are made, so that a job that was stopped, or
whose server ended, costs only what is left when it is started again. Knows nothing of widgets.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from lookingglass.errors import BadInput, LookingGlassError
from lookingglass.explanations import Batch, BatchProgress, ExplainSettings
from lookingglass.workspace import open_workspace

Stage = Literal["waiting", "running", "stopping", "stopped", "done", "failed"]

REMEMBERED = 64
"""So many jobs that ended are remembered; an older one leaves nothing behind but its explanations."""
WAITS_SECONDS = 0.2

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """What a job explains; the same question is the same job.

    Attributes:
        folder: of the workspace. ``fingerprint``: of the candidate, so that another model is another question.
        version: of the test set, where the examples are read.
    """

    folder: str
    candidate: str
    fingerprint: str
    ids: tuple[str, ...]
    version: int


class Job:
    """One batch under way or ended.

    Attributes:
        progress: how far it is, None until the first example is looked at.
        failed: by example, why there is no explanation; known once the job has ended.
        trouble: why it ended before the last example, in a sentence; None where a person stopped it, or nothing was
            the matter.
        rows_scored: rows that were sent to the model, None until the job has ended.
    """

    def __init__(self, asked: Asked, settings: ExplainSettings | None = None) -> None:
        self.asked = asked
        self.progress: BatchProgress | None = None
        self.failed: Mapping[str, str] = MappingProxyType({})
        self.trouble: str | None = None
        self.rows_scored: int | None = None
        self._settings = settings
        self._stage: Stage = "waiting"
        self._cancelled = threading.Event()
        self._ended = threading.Event()

    @property
    def stage(self) -> Stage:
        """Where it stands: a batch that was told to stop ends with the examples under way."""
        return "stopping" if self._cancelled.is_set() and not self.ended else self._stage

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self._ended.is_set()

    @property
    def done(self) -> int:
        """How many examples were looked at."""
        return 0 if self.progress is None else self.progress.done

    def cancel(self) -> None:
        """Stop after the examples under way; what was made is kept."""
        self._cancelled.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, for so long at most; return whether it has."""
        return self._ended.wait(seconds)

    def run(self) -> None:
        """Wait for this job's turn and do it, in the thread that calls."""
        stage: Stage = "failed"
        try:
            batch = self._batch()
            stage = "stopped" if batch is None else self._taken(batch)
        except LookingGlassError as error:
            self.trouble = str(error)
        except Exception as error:
            logger.exception("explaining %s stopped", self.asked.candidate)
            self.trouble = (
                f"explaining stopped at an error that the server's log describes ({type(error).__name__}); "
                "what was explained is kept: start it again to go on."
            )
        finally:
            self._stage = stage
            self._ended.set()

    def _batch(self) -> Batch | None:
        """Explain with a workspace of its own, so that closing the one that serves pages ends nothing here."""
        while not _TURN.acquire(timeout=WAITS_SECONDS):
            if self._cancelled.is_set():
                return None
        try:
            if self._cancelled.is_set():
                return None
            self._stage = "running"
            asked = self.asked
            with open_workspace(asked.folder, make_ledger=False) as ws:
                if ws.candidate(asked.candidate).fingerprint != asked.fingerprint:
                    raise BadInput(
                        f"{asked.candidate} is another model now than when it was asked: start again."
                    )
                return ws.explain_many(
                    asked.candidate,
                    asked.ids,
                    self._settings,
                    asked.version,
                    on_progress=self._told,
                    cancelled=self._cancelled,
                    processes=processes(len(asked.ids)),
                )
        finally:
            _TURN.release()

    def _told(self, progress: BatchProgress) -> None:
        self.progress = progress

    def _taken(self, batch: Batch) -> Stage:
        """Take over what came of it."""
        self.failed, self.rows_scored = MappingProxyType(dict(batch.failed)), batch.model_rows_scored
        if not batch.stopped:
            return "done"
        if self._cancelled.is_set():
            return "stopped"
        reason = list(batch.failed.values())[-1]
        self.trouble = f"it could not answer several times in a row, so the rest was not asked: {reason}"
        return "failed"


def processes(examples: int) -> int:
    """Return how many processes explain: one core is left for serving pages, and this process only waits."""
    return max(1, min((os.cpu_count() or 1) - 1, examples))


def start(asked: Asked, settings: ExplainSettings | None = None) -> Job:
    """Begin to explain, or return the job that is at it already, whoever began it.

    Args:
        settings: how to explain; the usual way when None.
    """
    with _LOCK:
        known = _JOBS.get(asked)
        if known is not None and not known.ended:
            return known
        job = _JOBS[asked] = Job(asked, settings)
        _JOBS.move_to_end(asked)
        for old in [one for one, each in _JOBS.items() if each.ended][: max(0, len(_JOBS) - REMEMBERED)]:
            del _JOBS[old]
    # a daemon: a server that is told to end does not wait for a hundred explanations, which are kept one by one
    threading.Thread(target=job.run, name=f"explaining {asked.candidate}", daemon=True).start()
    return job


def find(asked: Asked) -> Job | None:
    """Return the job of a question, under way or ended; None when there is none."""
    with _LOCK:
        return _JOBS.get(asked)


_LOCK = threading.Lock()
_JOBS: OrderedDict[Asked, Job] = OrderedDict()
_TURN = threading.Semaphore(1)
"""One batch at a time: it takes all cores but one."""
