"""Work that a page must not wait for: done in a thread of its own, piece by piece, and asked for again until done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Generic, TypeVar

Value = TypeVar("Value")

UNFETCHED = 4
"""How many results stay that were made and that nobody has come back for."""


class Later(Generic[Value]):
    """Starts each piece of work once; whoever asks while it runs waits for it a little and then goes on without."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._running: dict[Hashable, Future[Value]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value], wait: float) -> Value | None:
        """Return what ``make`` returns, or None when it takes longer than ``wait`` seconds and goes on by itself.

        Nothing is kept once it was handed out, nor for long when nobody comes back for it: ``make`` should look into a
        cache first, and ``key`` should name everything that the result depends on. What it raises is raised here.
        """
        with self._lock:
            future = self._running.get(key)
            if future is None:
                self._let_go()
                future = self._running[key] = self._executor.submit(make)
        try:
            value = future.result(timeout=wait)
        except NotYet:
            if not future.done():
                return None
            raise
        finally:
            if future.done():
                with self._lock:
                    if self._running.get(key) is future:  # and not what another began since
                        del self._running[key]
        return value

    def _let_go(self) -> None:
        """Drop the oldest of the results that were left behind."""
        left = [key for key, future in self._running.items() if future.done()]
        for key in left[: max(0, len(left) - UNFETCHED + 1)]:
            del self._running[key]

    def close(self) -> None:
        """Start nothing more; what runs is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)
