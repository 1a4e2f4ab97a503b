"""Work that nobody waits for: begun once, handed out when done, and not kept for ever when nobody comes back for it."""

from __future__ import annotations

import weakref

from lookingglass.later import UNFETCHED, Later


class Large:
    """Stands for something that fills memory."""


def test_what_nobody_fetches_is_let_go() -> None:
    """Of results that were left behind, the last few stay; older ones leave memory."""
    later: Later[Large] = Later("test")
    made: list[weakref.ref[Large]] = []

    def make() -> Large:
        large = Large()
        made.append(weakref.ref(large))
        return large

    for key in range(UNFETCHED + 4):
        later.get(key, make, -1.0)  # gives up at once
        later.get("in turn", Large, 30)  # made after it, one at a time
    assert sum(ref() is not None for ref in made) <= UNFETCHED
    fetched = later.get(UNFETCHED + 3, lambda: Large(), 30)
    assert fetched is not None
    later.close()


def test_what_still_runs_is_never_let_go() -> None:
    """However many are waiting for their turn, each is made once and handed out."""
    later: Later[int] = Later("test")
    begun: list[int] = []
    keys = range(3 * UNFETCHED)

    def make(key: int) -> int:
        begun.append(key)
        return key

    for key in keys:
        later.get(key, lambda key=key: make(key), -1.0)
    later.get("in turn", lambda: -1, 30)
    assert begun == list(keys)
    later.close()
