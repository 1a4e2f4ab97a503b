"""A second workspace beside the worked use case."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.app.workspaces.steps import retitle


@pytest.fixture
def second(demo: Path) -> Path:
    """Put a second workspace beside the worked use case."""
    folder = demo / "loans"
    shutil.copytree(demo / "mortgage", folder)
    retitle(folder, "Car loans")
    return folder
