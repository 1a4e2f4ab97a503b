"""``lookingglass dashboard`` where the server cannot be started; served pages are in tests/browser."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.cli.main import run


def test_a_python_that_this_user_cannot_start_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "python"
    python.write_text("")  # nobody may run it
    monkeypatch.setenv(FOLDER_VARIABLE, "")  # put back afterwards
    monkeypatch.setattr(sys, "executable", str(python))
    (tmp_path / "empty").mkdir()
    assert run(["dashboard", str(tmp_path / "empty")]) == 2
    assert capsys.readouterr().err == (
        f"error: {python} cannot be started: permission denied. Install Looking Glass for the user who runs it.\n"
    )
