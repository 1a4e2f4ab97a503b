"""A small bounded cache for derived results, safe between threads. Keys name everything that a result depends on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """Keeps the ``size`` results used last. Of threads that ask for one new key, one computes and the others wait."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[Hashable, Value] = OrderedDict()
        self._making: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        """Say whether a result is kept under ``key``."""
        with self._lock:
            return key in self._items

    def __len__(self) -> int:
        """Return how many results are kept."""
        return len(self._items)

    def items(self) -> list[tuple[Hashable, Value]]:
        """Return what is kept now, that used longest ago first."""
        with self._lock:
            return list(self._items.items())

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a result that was made elsewhere."""
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            while len(self._items) > self._size:
                self._items.popitem(last=False)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the result kept under ``key``, or make, keep and return it; ``make`` must not ask for ``key``."""
        while True:
            with self._lock:
                if key in self._items:
                    self._items.move_to_end(key)
                    return self._items[key]
                made_by_another = self._making.get(key)
                if made_by_another is None:
                    mine = self._making[key] = threading.Event()
                    break
            made_by_another.wait()  # where it failed there, it is tried here
        try:
            value = make()
            self.put(key, value)
            return value
        finally:
            with self._lock:
                del self._making[key]
            mine.set()
