"""How ``lookingglass dashboard`` starts the server, and where that cannot be started; pages are in tests/browser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lookingglass.cli.dashboard import FOLDER_VARIABLE, KEEPS_MEMORY
from lookingglass.cli.main import run


def test_a_python_that_this_user_cannot_start_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "python"
    python.write_text("")  # nobody may run it
    monkeypatch.setattr(sys, "executable", str(python))
    (tmp_path / "empty").mkdir()
    assert run(["dashboard", str(tmp_path / "empty")]) == 2
    assert capsys.readouterr().err == (
        f"error: {python} cannot be started: permission denied. Install Looking Glass for the user who runs it.\n"
    )


def test_the_server_is_told_its_folder_and_to_keep_memory_that_nobody_else_spoke_of(tmp_path: Path) -> None:
    """The program that is started in Python's place tells what it was started with."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nenv\n")
    python.chmod(0o755)
    (tmp_path / "empty").mkdir()
    program = "import sys; sys.executable = sys.argv.pop(1); from lookingglass.cli.main import main; main()"
    command = [sys.executable, "-c", program, str(python), "dashboard", str(tmp_path / "empty")]
    without = {name: value for name, value in os.environ.items() if name not in KEEPS_MEMORY}
    theirs = {**without, "MALLOC_ARENA_MAX": "3"}
    done = subprocess.run(command, env=theirs, capture_output=True, text=True, check=True, timeout=60)
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert told[FOLDER_VARIABLE] == str(tmp_path / "empty")
    assert {name: told[name] for name in KEEPS_MEMORY} == {**KEEPS_MEMORY, "MALLOC_ARENA_MAX": "3"}
