"""One thread of arithmetic while an explanation is fitted: the same last digits on any machine, and no crowd."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_inside = 0
_limits: Any = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Let matrix libraries use one thread in here; the last one to leave gives them back what they had.

    With more of them sums are added up in another order, and several explanations at once fight for the same cores.
    """
    global _inside, _limits
    from threadpoolctl import threadpool_limits

    with _lock:
        if not _inside:
            _limits = threadpool_limits(limits=1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                _limits.restore_original_limits()
                _limits = None
