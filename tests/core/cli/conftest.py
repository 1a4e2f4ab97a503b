"""A small workspace for the verbs of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookingglass.config import write_config
from lookingglass.home import open_home
from tests.core.candidates.conftest import add_rows, small_config


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Make a workspace with the examples e0 to e7."""
    write_config(tmp_path / "ws", small_config())
    home = open_home(tmp_path / "ws")
    add_rows(home, tmp_path, [f"e{number}" for number in range(8)])
    home.close()
    return tmp_path / "ws"
