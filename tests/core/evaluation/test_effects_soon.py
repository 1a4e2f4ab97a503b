"""Effects that a page does not wait for are those of today: nothing that was begun earlier is told later."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import lookingglass as lg
from lookingglass.evaluation import affected
from lookingglass.evaluation.effects import Effects
from lookingglass.testset import erase_example
from tests.core.evaluation.conftest import ANA, flip


class Held:
    """Holds back the making of effects until it is let go, so that a page gives up waiting for them."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self._build = affected.build_effects

    def __call__(self, *args: Any, **kwargs: Any) -> Effects:
        assert self.go.wait(30)
        return self._build(*args, **kwargs)


def _begun_and_left(ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the effects of version 2 made while nobody waits for them any more."""
    held = Held()
    monkeypatch.setattr(affected, "build_effects", held)
    assert ws.effects_soon(2, 1, wait=0) is None
    held.go.set()
    assert ws.effects_soon(1, 0, wait=30) is not None  # made after it, one at a time


def _strong(effects: Effects | None) -> Any:
    assert effects is not None
    return next(one for one in effects.effects if one.candidate == "strong")


def test_an_erasure_is_not_followed_by_what_was_known_before_it(
    ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was worked out with the erased example, and never fetched, is not shown after the erasure."""
    flip(ws)
    for version in (1, 2):
        ws.evaluate(version)
    _begun_and_left(ws, monkeypatch)
    erase_example(ws.home, "x-00003", "asked for", ANA)
    assert _strong(ws.effects_soon(2, 1, wait=30)).after.n == 199
    assert ws.effects_soon(2, 1, wait=30) is ws.effects(2, 1)


def test_scores_that_came_meanwhile_are_told_of(ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was worked out before a candidate had answered, and never fetched, is not shown once it has."""
    flip(ws)
    _begun_and_left(ws, monkeypatch)
    ws.evaluate()
    assert _strong(ws.effects_soon(2, 1, wait=30)).state == "moved"
