"""The worked use case as tests need it: built once for a test process, copied for each test that changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lookingglass.demo import build_demo, samples_folder
from lookingglass.ledger import Actor


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the folder with the mortgage workspace that `lookingglass demo` makes; nobody may change it."""
    return _built("mortgage", tmp_path_factory)


@pytest.fixture
def demo(built_demo: Path, tmp_path: Path) -> Path:
    """Copy the folder with the mortgage workspace for one test."""
    return Path(shutil.copytree(built_demo, tmp_path / "workspaces"))


@pytest.fixture(scope="session")
def built_matching(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the folder with the matching workspace that `lookingglass demo` makes; nobody may change it."""
    return _built("matching", tmp_path_factory)


@pytest.fixture
def matching(built_matching: Path, tmp_path: Path) -> Path:
    """Copy the folder with the matching workspace for one test."""
    return Path(shutil.copytree(built_matching, tmp_path / "workspaces"))


@pytest.fixture(scope="session")
def built_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the folder with the digits workspace that `lookingglass demo` makes; nobody may change it."""
    return _built("digits", tmp_path_factory)


@pytest.fixture
def digits(built_digits: Path, tmp_path: Path) -> Path:
    """Copy the folder with the digits workspace for one test."""
    return Path(shutil.copytree(built_digits, tmp_path / "workspaces"))


def _built(name: str, factory: pytest.TempPathFactory) -> Path:
    folder = factory.mktemp(f"built-{name}") / "workspaces"
    build_demo(samples_folder() / name, folder / name, actor=Actor("ana"), tell=lambda _line: None)
    return folder
