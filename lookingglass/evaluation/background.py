"""Keeps one workspace's scores up to date by itself: watches the ledger and runs the engine whenever it moved.

One keeper a workspace and process; the dashboard reads its state, pages never wait for it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lookingglass.candidates import list_candidates
from lookingglass.errors import LookingGlassError
from lookingglass.evaluation.engine import Engine, Progress, Status
from lookingglass.testset import latest_version

POLL_SECONDS = 0.5
RETRY_SECONDS = 5.0
"""After an error, such as a full disk, the run is begun again this much later."""
AFTER_SECONDS = 1.0
"""What is only made ready ahead begins so much later: whoever waits for the figures gets to draw them first."""
AHEAD_VARIABLE = "LOOKINGGLASS_AHEAD"
"""Set to ``no`` in the environment, nothing is made ready ahead: for machines with little memory or many workspaces."""
OUR_FAULT = "The candidates could not be evaluated; the log says why."
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeeperState:
    """What the keeper is doing.

    Attributes:
        head: ledger sequence number up to which every candidate was brought up to date.
        version: the newest test-set version on which every candidate was evaluated (0 before the first).
        target: the version being worked on, None when idle.
        progress: the candidates' progress with ``target`` (or with ``version`` when idle).
        cancelled: a person stopped the run; it goes on with ``resume()`` or with the next change.
        also: further versions that were asked for and on which every candidate was evaluated, as of ``head``.
        error: what kept the engine from running at all, in one sentence; it goes away once a run succeeds.
    """

    head: int = 0
    version: int = 0
    target: int | None = None
    progress: tuple[Progress, ...] = ()
    cancelled: bool = False
    also: tuple[int, ...] = ()
    error: str | None = None


class Keeper:
    """A thread that follows the ledger of one workspace."""

    def __init__(
        self,
        engine: Engine,
        prepare: Callable[[int], object],
        ahead: Callable[[int, Callable[[], bool]], object] | None = None,
    ) -> None:
        """Start to follow.

        Args:
            prepare: called with each version once its scores are there, before pages are told of it.
            ahead: called with the newest version when all is done, to make what a person may ask next; it ends early
                when what it is given answers True, because a change goes first.
        """
        self.engine = engine
        self._prepare = prepare
        self._ahead = ahead
        self._wanted: list[int] = []
        self._state = KeeperState()
        self._lock = threading.Lock()
        self._cancel = threading.Event()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._seen = -1
        self._retry = False
        self._thread = threading.Thread(target=self._follow, name="keeper", daemon=True)
        self._thread.start()

    def state(self) -> KeeperState:
        """Return the present state; cheap, from any thread."""
        with self._lock:
            return self._state

    def cancel(self) -> None:
        """Stop the run under way after its present batches; what was scored is kept."""
        self._cancel.set()

    def resume(self) -> None:
        """Go on after a cancel, asking candidates that failed once more."""
        with self._lock:
            self._seen = -1
            self._retry = True
        self._wake.set()

    def want(self, version: int) -> None:
        """Have every candidate evaluated on an older version too, once the newest is done; cheap to ask again."""
        with self._lock:
            known = version == self._state.version or version in self._state.also
            if known or version in self._wanted or self._state.target == version:
                return
            self._wanted.append(version)
        self._wake.set()

    def wake(self) -> None:
        """Look at the ledger now and not only at the next poll: somebody just wrote to it."""
        self._wake.set()

    def close(self) -> None:
        """End the thread; waits for the batches under way, unless the engine was stopped."""
        self._closed.set()
        self._cancel.set()
        self._wake.set()
        self._thread.join(timeout=30)

    def _follow(self) -> None:
        while not self._closed.is_set():
            pause = POLL_SECONDS
            try:
                self._look()
            except LookingGlassError as error:
                pause = RETRY_SECONDS
                self._fail(str(error))
            except Exception:
                if self._closed.is_set() or not threading.main_thread().is_alive():
                    return  # the engine was closed under a run, or the whole process ends, which starts no threads
                pause = RETRY_SECONDS
                if self.state().error != OUR_FAULT:
                    logger.exception("the keeper could not bring the candidates up to date")
                self._fail(OUR_FAULT)
            self._wake.wait(pause)
            self._wake.clear()

    def _fail(self, words: str) -> None:
        with self._lock:
            self._seen = -1
        self._set(error=words, target=None)

    def _look(self) -> None:
        head, _ = self.engine.home.ledger.head()
        with self._lock:
            moved = head != self._seen
            if not moved and (not self._wanted or self._state.cancelled):
                return
            older = None if moved else self._wanted.pop(0)
            self._seen, retry, self._retry = head, self._retry, False
        self._cancel.clear()
        if self._closed.is_set():  # after the clearing, so that close() is never overheard
            return
        version = latest_version(self.engine.home) if older is None else older
        self._set(target=version, progress=(), cancelled=False)
        run = self.engine.bring_up_to_date(
            version, on_progress=self._report, cancelled=self._cancel, retry_failed=retry
        )
        stopped = any(progress.status is Status.CANCELLED for progress in run.progress)
        if stopped:
            self._set(target=None, progress=run.progress, cancelled=True, error=None)
            return
        self._prepare(run.version)
        if older is not None:
            self._set(target=None, progress=run.progress, also=(*self.state().also, older), error=None)
            return
        self._set(target=None, progress=run.progress, version=run.version, head=head, also=(), error=None)
        if os.environ.get(AHEAD_VARIABLE) == "no":
            return
        self._wake.wait(AFTER_SECONDS)
        self._warm(head)
        if self._ahead is not None and not self._passed_by(head):
            self._ahead(run.version, lambda: self._passed_by(head))

    def _warm(self, head: int) -> None:
        """Start the workers that are not running yet, so that the next change finds them ready."""
        for candidate in list_candidates(self.engine.home):
            if self._passed_by(head):
                return
            self.engine.pool.warm(self.engine.home, [candidate])

    def _passed_by(self, head: int) -> bool:
        """Whether somebody waits for what is more urgent than making things ready."""
        waiting = self._closed.is_set() or self._retry or bool(self._wanted)
        return waiting or self.engine.home.ledger.head()[0] != head

    def _report(self, progress: Progress) -> None:
        with self._lock:
            latest = {item.candidate: item for item in self._state.progress}
            latest[progress.candidate] = progress
            self._state = replace(self._state, progress=tuple(latest.values()))

    def _set(self, **changes: Any) -> None:
        with self._lock:
            self._state = replace(self._state, **changes)
