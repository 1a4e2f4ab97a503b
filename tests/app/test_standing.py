"""How each candidate stands on a version, as the page Candidates says it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from components.views.candidates.standing import standings
from lookingglass.evaluation.background import KeeperState
from lookingglass.ledger import Actor
from lookingglass.testset import erase_example
from lookingglass.workspace import open_workspace


def test_an_erased_example_is_no_longer_counted(demo: Path) -> None:
    """The version keeps number and digest when content is erased from it; what is said of it is made again."""
    with open_workspace(demo / "mortgage") as ws:
        state = KeeperState(head=2**40)  # as it stays until the keeper has seen the erasure
        ctx: Any = SimpleNamespace(ws=ws, version=1, keeper=SimpleNamespace(state=lambda: state))
        examples = ws.test_set(1).examples
        before = {item.name: (item.examples, item.missing) for item in standings(ctx)}
        assert before["boosted"] == (examples, 0)
        erase_example(ws.home, ws.test_set(1).ids[0], "asked for", Actor("ana"))
        after = {item.name: (item.examples, item.missing) for item in standings(ctx)}
        assert after == dict.fromkeys(before, (examples - 1, 0))
