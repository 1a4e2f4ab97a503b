"""Keeps workers warm: one process per candidate of a workspace; of too many, the least recently asked is ended."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress

from lookingglass.candidates.approval import approved_files
from lookingglass.candidates.formats import FORMATS
from lookingglass.candidates.registry import Candidate
from lookingglass.candidates.worker.process import Worker
from lookingglass.errors import CandidateFailed
from lookingglass.home import Home

_Key = tuple[str, str]


class WorkerPool:
    """Workers of candidates, started when first needed. Safe to use from several threads.

    Args:
        max_alive: how many processes may be alive and idle; more live while more are being asked at once.
    """

    def __init__(self, max_alive: int = 8) -> None:
        self.max_alive = max_alive
        self._workers: OrderedDict[_Key, Worker] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False

    def get(self, home: Home, candidate: Candidate) -> Worker:
        """Return the candidate's worker; its process starts at the first question.

        Raises:
            CandidateFailed: the format has no model to run, its file is not approved, or the pool was closed.
        """
        key = (str(home.folder), candidate.fingerprint)
        with self._lock:
            if self._closed:
                raise CandidateFailed("the workers were closed")
            worker = self._workers.get(key)
            if worker is None:
                worker = self._workers[key] = _worker_of(home, candidate)
            self._workers.move_to_end(key)
            others = [each for each in self._workers.values() if each is not worker and each.pid is not None]
        for each in others[: max(0, len(others) + 1 - self.max_alive)]:
            each.rest()
        return worker

    def warm(self, home: Home, candidates: Iterable[Candidate]) -> None:
        """Start the processes of these candidates now; one that fails says so when it is asked for scores."""
        for candidate in candidates:
            if FORMATS[candidate.manifest.format].needs_worker:
                with suppress(CandidateFailed):
                    self.get(home, candidate).warm()

    def close(self) -> None:
        """End every process, also those in the middle of a question, for good."""
        with self._lock:
            self._closed = True
            workers = list(self._workers.values())
            self._workers.clear()
        for worker in workers:
            worker.close()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _worker_of(home: Home, candidate: Candidate) -> Worker:
    entry = FORMATS[candidate.manifest.format]
    if not entry.needs_worker:
        raise CandidateFailed(f"a {candidate.manifest.format} candidate has no model to run")
    files = dict(candidate.files)
    if entry.needs_approval and not set(files.values()) <= approved_files(home).keys():
        raise CandidateFailed("its file was not approved")
    column = (
        home.config.columns.get(candidate.manifest.inputs[0]) if len(candidate.manifest.inputs) == 1 else None
    )
    return Worker(
        candidate.name,
        candidate.manifest.format,
        {
            "inputs": candidate.manifest.inputs,
            "classes": candidate.manifest.classes,
            "text": column is not None and column.type == "text",
            "pixels": column.pixels if column is not None else None,
        },
        lambda: {name: home.files.read(sha) for name, sha in files.items()},
        home.config.limits,
    )
