"""A workspace with short limits, and a desk with a copy of it for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lookingglass.cli.main import run
from tests.core.cli.bad_input.desk import DATA, LIMITS, Desk


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a workspace with ``init`` once, with a range for b and short limits, for the tests to copy."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "first.csv").write_text(DATA)
    choice = ["--label", "outcome", "--positive", "yes", "--group", "area"]
    assert run(["init", str(folder / "ws"), "--data", str(folder / "first.csv"), *choice]) == 0
    toml = folder / "ws" / "workspace.toml"
    text = toml.read_text().replace('type = "integer"', 'type = "integer"\nmin = 0.0\nmax = 100.0')
    toml.write_text(text.replace("[people]", LIMITS + "\n[people]"))
    return folder / "ws"


@pytest.fixture
def desk(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Copy the workspace."""
    shutil.copytree(made, tmp_path / "ws")
    return Desk(tmp_path, capsys)
