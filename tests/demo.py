"""The worked use case as tests need it: built once for a test process, copied for each test that changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lookingglass.demo import build_demo, use_cases
from lookingglass.ledger import Actor


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the folder of workspaces that `lookingglass demo` makes; nobody may change it."""
    folder = tmp_path_factory.mktemp("built") / "workspaces"
    for source in use_cases():
        build_demo(source, folder / source.name, actor=Actor("ana"), tell=lambda _line: None)
    return folder


@pytest.fixture
def demo(built_demo: Path, tmp_path: Path) -> Path:
    """Copy the folder of workspaces for one test."""
    return Path(shutil.copytree(built_demo, tmp_path / "workspaces"))
