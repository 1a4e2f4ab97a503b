"""The answer of the page testset is found at the cost of the version that is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.views.testset.answer import last_change
from lookingglass.config import write_config
from lookingglass.home import open_home
from lookingglass.ledger import Ledger
from lookingglass.testset import commit_import, history, plan_import, relabel
from tests.core.testset.conftest import ANA, GOOD, config


def test_only_that_versions_content_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many versions came later, the values of one change are fetched: what it was and what it is."""
    write_config(tmp_path / "ws", config())
    (tmp_path / "data.csv").write_text(GOOD)
    home = open_home(tmp_path / "ws")
    commit_import(home, plan_import(home, tmp_path / "data.csv"), ANA)
    for label in ("yes", "no", "yes", "no"):
        relabel(home, "a", label, note=f"to {label}", actor=ANA)
    expected = history(home)[1]
    asked: list[str] = []
    real = Ledger.content
    monkeypatch.setattr(Ledger, "content", lambda self, shas: asked.extend(shas) or real(self, shas))
    assert last_change(home, 2) == expected
    assert expected.note == "to yes"
    assert len(asked) == 2
    home.close()
