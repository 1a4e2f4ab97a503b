"""The scoring engine: finds the (candidate, input) pairs that have no score and gets just those from the candidates.

It speaks to ``concurrent.futures.Executor`` and to isolated workers, keeps one process at a time on a candidate (a file
lock), and turns a candidate that fails into a recorded result. Knows nothing of labels or metrics.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import polars as pl
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from lookingglass.candidates import (
    Candidate,
    WorkerPool,
    list_candidates,
    register_baseline,
)
from lookingglass.candidates.formats import FORMATS
from lookingglass.candidates.worker.launch import workers_are_ending
from lookingglass.canonical import now_utc
from lookingglass.errors import CandidateFailed, Damaged, NotSaved
from lookingglass.evaluation.aligned import AlignedScores
from lookingglass.evaluation.scores import Failure, Floats, ScoreFileGone, ScoreStore
from lookingglass.forgetting import finish_erasures
from lookingglass.home import Home
from lookingglass.ledger import Actor
from lookingglass.testset import TestSet, read_version

FLUSH_ROWS = 65_536
"""Answers are put on disk at least this often, so that a failure or a cancel loses little."""


LEASE_SECONDS = 0.5
"""How often somebody who waits for another process to finish with a candidate looks whether to stop."""


class Status(StrEnum):
    """Where one candidate stands with one test-set version."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Progress:
    """How far one candidate is with one version. ``done`` of ``total`` rows that lacked a score."""

    candidate: str
    status: Status = Status.WAITING
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    error: str | None = None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until done at the present speed, None while that is not known."""
        if self.status != Status.RUNNING or not self.done or self.done >= self.total:
            return None
        return self.seconds / self.done * (self.total - self.done)


@dataclass(frozen=True)
class Run:
    """What one call of the engine did: rows sent to models, and the state each candidate is in."""

    version: int
    rows_scored: int
    progress: tuple[Progress, ...]


class Engine:
    """Brings the scores of one workspace up to date. Safe to use from several threads and processes at once."""

    def __init__(self, home: Home, pool: WorkerPool | None = None, executor: Executor | None = None) -> None:
        self.home = home
        self.store = ScoreStore(home.folder / "scores")
        self.aligned = AlignedScores(home, self.store)
        self.pool = pool or WorkerPool()
        self._own_pool = pool is None
        self._executor = executor or ThreadPoolExecutor(max_workers=2, thread_name_prefix="scoring")
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End every run early, keeping what was answered; workers of our own end in the middle of a question."""
        self._stopping.set()
        if self._own_pool:
            self.pool.close()

    def _is_ending(self) -> bool:
        """Whether this engine was stopped, or its whole process is on its way out."""
        return self._stopping.is_set() or workers_are_ending()

    def close(self) -> None:
        """End the threads, and the workers unless they are shared with others."""
        self.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def positive_scores(self, candidate: Candidate, test_set: TestSet) -> Floats:
        """Return P(positive) for each example of ``test_set``, shape (n,), NaN where the candidate has not answered."""
        return self.aligned.scores(candidate, test_set)

    def bring_up_to_date(
        self,
        version: int | None = None,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: threading.Event | None = None,
        retry_failed: bool = False,
    ) -> Run:
        """Score every input of one version that a candidate has not scored yet; later versions only cost what changed.

        Args:
            version: a test-set version, the latest when None.
            on_progress: called from worker threads whenever a candidate moves on.
            cancelled: set it to stop after the batches under way; what they answered is kept.
            retry_failed: ask candidates again that failed on this very version.

        Returns:
            The rows sent to models in this call, and each candidate's state.
        """
        finish_erasures(
            self.home.folder, self.home.ledger, self.home.files
        )  # scores under way kept one waiting
        if self.home.read_only is None:
            ensure_baseline(self.home)
        test_set = read_version(self.home, version)
        report = on_progress or (lambda _progress: None)
        stop = cancelled or threading.Event()
        futures = [
            self._executor.submit(self._bring_one, candidate, test_set, report, stop, retry_failed)
            for candidate in list_candidates(self.home)
        ]
        results = [future.result() for future in futures]
        return Run(
            test_set.version, sum(rows for rows, _ in results), tuple(progress for _, progress in results)
        )

    def _bring_one(
        self,
        candidate: Candidate,
        test_set: TestSet,
        report: Callable[[Progress], None],
        stop: threading.Event,
        retry_failed: bool,
    ) -> tuple[int, Progress]:
        progress = Progress(candidate.name, Status.WAITING)
        report(progress)
        if not FORMATS[candidate.manifest.format].needs_worker or self.home.read_only is not None:
            rows, progress = 0, self._look_up(candidate, test_set)
        else:
            lease = FileLock(str(self.store.candidate_folder(candidate.fingerprint) / "lease"))
            if self._take(lease, stop):
                try:
                    rows, progress = self._score_missing(candidate, test_set, report, stop, retry_failed)
                    self._merge_small(candidate)
                finally:
                    lease.release()
            else:
                rows, progress = 0, replace(progress, status=Status.CANCELLED)
        report(progress)
        return rows, progress

    def _merge_small(self, candidate: Candidate) -> None:
        """Keep the number of score files small; while this fails, more files are read and nothing else is wrong."""
        with suppress(NotSaved, OSError, ScoreFileGone, pl.exceptions.PolarsError):
            merged = self.store.merge_small(candidate.fingerprint)
            if merged is not None:
                self.aligned.merged(candidate.fingerprint, *merged)

    def _take(self, lease: FileLock, stop: threading.Event) -> bool:
        """Wait for the lease, which another process may hold for long; False when told to stop meanwhile."""
        while True:
            try:
                lease.acquire(timeout=LEASE_SECONDS)
            except Timeout:
                if stop.is_set() or self._stopping.is_set():
                    return False
            else:
                return True

    def _look_up(self, candidate: Candidate, test_set: TestSet) -> Progress:
        """Say how far the scores reach that are there; a lost predictions file is its candidate's failure."""
        try:
            missing = int(np.isnan(self.positive_scores(candidate, test_set)).sum())
        except Damaged as error:
            if self.home.read_only is not None:
                return Progress(candidate.name, Status.FAILED, error=str(error))
            return self._failed(Progress(candidate.name), candidate, test_set, str(error))
        if self.home.read_only is None:
            self.store.forget_failure(candidate.fingerprint, test_set.digest)
        return Progress(candidate.name, Status.INCOMPLETE if missing else Status.COMPLETE)

    def _failed(self, progress: Progress, candidate: Candidate, test_set: TestSet, reason: str) -> Progress:
        failure = Failure(test_set.digest, test_set.version, reason, now_utc())
        self.store.write_failure(candidate.fingerprint, failure)
        return replace(progress, status=Status.FAILED, error=reason)

    def _score_missing(
        self,
        candidate: Candidate,
        test_set: TestSet,
        report: Callable[[Progress], None],
        stop: threading.Event,
        retry_failed: bool,
    ) -> tuple[int, Progress]:
        missing = np.flatnonzero(np.isnan(self.positive_scores(candidate, test_set)))
        progress = Progress(candidate.name, Status.RUNNING, 0, len(missing))
        if not len(missing):
            return 0, replace(progress, status=Status.COMPLETE)
        if retry_failed:
            self.store.forget_failure(candidate.fingerprint, test_set.digest)
        failure = self.store.failure(candidate.fingerprint, test_set.digest)
        if failure is not None:
            return 0, replace(progress, status=Status.FAILED, error=failure.error)
        report(progress)
        sender = _Sender(self, candidate, test_set)
        started = time.monotonic()
        step = self.home.config.batch_rows(candidate.manifest.inputs)
        try:
            for start in range(0, len(missing), step):
                if stop.is_set() or self._stopping.is_set():
                    return sender.rows_sent, replace(progress, status=Status.CANCELLED)
                sender.send(missing[start : start + step])
                progress = replace(progress, done=sender.rows_answered, seconds=time.monotonic() - started)
                report(progress)
        except CandidateFailed as error:
            if self._is_ending():  # its worker was ended under it: not the candidate's fault
                return sender.rows_sent, replace(progress, status=Status.CANCELLED)
            reason = str(error)
            if sender.rows_answered:
                reason = f"{reason}, after {sender.rows_answered:,} of {len(missing):,} rows"
            return sender.rows_sent, self._failed(progress, candidate, test_set, reason)
        finally:
            sender.flush()
        return sender.rows_sent, replace(progress, status=Status.COMPLETE)


class _Sender:
    """Sends rows of one test set to one candidate's worker and puts the answers into the store now and then."""

    def __init__(self, engine: Engine, candidate: Candidate, test_set: TestSet) -> None:
        self.engine, self.candidate, self.test_set = engine, candidate, test_set
        self.rows_sent = 0
        self.rows_answered = 0
        self._pending: list[tuple[NDArray[np.intp], Floats]] = []

    def send(self, rows: NDArray[np.intp]) -> None:
        """Ask the model for these rows; raises CandidateFailed."""
        worker = self.engine.pool.get(self.engine.home, self.candidate)
        try:  # an image that is damaged or gone is told as this candidate's failure
            inputs = self.test_set.inputs(self.candidate.manifest.inputs, rows)
            self.rows_sent += len(rows)
            answers = worker.predict_proba(inputs)
        except Damaged as error:
            worker.rest()
            raise CandidateFailed(str(error)) from None
        self._pending.append((rows, answers))
        self.rows_answered += len(rows)
        if sum(len(part) for part, _ in self._pending) >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what was answered since the last flush."""
        if not self._pending:
            return
        rows = np.concatenate([part for part, _ in self._pending])
        answers = np.concatenate([part for _, part in self._pending], axis=0)
        input_ids: pl.Series = self.test_set.rows["@input_id"][rows]
        self.engine.store.write(self.candidate.fingerprint, input_ids, answers)
        self._pending.clear()


def ensure_baseline(home: Home) -> None:
    """Register the baseline candidate as soon as there are labelled samples, in the name of whoever brought them.

    It answers the share of positives among the labelled samples of the version it is registered on, for everybody.
    """
    if any(
        candidate.manifest.format == "baseline" for candidate in list_candidates(home, include_retired=True)
    ):
        return
    test_set = read_version(home)
    labels = test_set.y_true[test_set.is_sample]
    labels = labels[labels >= 0]
    if not len(labels):
        return
    event = home.ledger.event(test_set.seq)
    register_baseline(home, float(labels.mean()), test_set.version, Actor(event.actor, event.authentication))
