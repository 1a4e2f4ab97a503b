"""One moment: while a thread draws a page, what it reads of ledgers is asked once, so that its figures fit together.

A page asks the same few things of the ledger dozens of times; each is a query. Knows nothing of pages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Answer = TypeVar("Answer")

_here = threading.local()


@contextmanager
def one_moment() -> Iterator[None]:
    """Let ledgers answer this thread alike within the block, whatever other threads and processes write meanwhile.

    What this thread itself writes is seen at once: then the moment begins anew.
    """
    before = getattr(_here, "known", None)
    _here.known = {}
    try:
        yield
    finally:
        _here.known = before


def next_moment() -> None:
    """Forget what was read in this thread's moment, if it is in one: what is read next is asked anew."""
    known: dict[Hashable, Any] | None = getattr(_here, "known", None)
    if known is not None:
        known.clear()


def in_moment(question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """Return the answer that this thread's moment knows, asked now where it knows none or there is no moment."""
    known: dict[Hashable, Any] | None = getattr(_here, "known", None)
    if known is None:
        return ask()
    if question not in known:
        known[question] = ask()
    answer: Answer = known[question]
    return answer
