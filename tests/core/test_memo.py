"""The bounded cache: what is kept, what goes, and one computation for all who wait."""

from __future__ import annotations

import threading
import time

import pytest

from lookingglass.memo import BoundedCache


def test_the_results_used_last_are_kept() -> None:
    cache: BoundedCache[int] = BoundedCache(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda: 1)
    assert ("a" in cache, "b" in cache, "c" in cache, len(cache)) == (True, False, True, 2)


def test_threads_that_ask_for_the_same_key_share_one_computation() -> None:
    cache: BoundedCache[int] = BoundedCache(2)
    made: list[int] = []
    found: list[int] = []

    def make() -> int:
        made.append(1)
        time.sleep(0.1)
        return 7

    threads = [threading.Thread(target=lambda: found.append(cache.get("key", make))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (made, found) == ([1], [7] * 5)


def test_a_failure_is_not_kept_and_whoever_waited_tries_again() -> None:
    cache: BoundedCache[int] = BoundedCache(2)
    asked = threading.Event()

    def fail() -> int:
        asked.wait(5)
        raise RuntimeError("once")

    def first() -> None:
        with pytest.raises(RuntimeError):
            cache.get("key", fail)

    thread = threading.Thread(target=first)
    thread.start()
    asked.set()
    assert cache.get("key", lambda: 3) == 3
    thread.join()
    assert cache.get("key", lambda: 4) == 3
