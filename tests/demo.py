"""The worked use cases as tests need them: built once for a run of the tests, copied for each test that changes them.

Nothing outlives the run, so that no test ever sees what an older state of the code has built.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from lookingglass.demo import build_demo, samples_folder
from lookingglass.ledger import Actor


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the mortgage workspace that `lookingglass demo` makes; nobody may change it."""
    return _built("mortgage", tmp_path_factory)


@pytest.fixture
def demo(built_demo: Path, tmp_path: Path) -> Path:
    """Copy the folder with the mortgage workspace for one test."""
    return Path(shutil.copytree(built_demo, tmp_path / "workspaces"))


@pytest.fixture(scope="session")
def built_matching(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the matching workspace that `lookingglass demo` makes; nobody may change it."""
    return _built("matching", tmp_path_factory)


@pytest.fixture
def matching(built_matching: Path, tmp_path: Path) -> Path:
    """Copy the folder with the matching workspace for one test."""
    return Path(shutil.copytree(built_matching, tmp_path / "workspaces"))


@pytest.fixture(scope="session")
def built_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the digits workspace that `lookingglass demo` makes; nobody may change it."""
    return _built("digits", tmp_path_factory)


@pytest.fixture
def digits(built_digits: Path, tmp_path: Path) -> Path:
    """Copy the folder with the digits workspace for one test."""
    return Path(shutil.copytree(built_digits, tmp_path / "workspaces"))


def _built(name: str, factory: pytest.TempPathFactory) -> Path:
    """Return this process's own copy: what one process opens and writes there never reaches another."""
    folder = factory.mktemp(f"built-{name}") / "workspaces"
    return Path(shutil.copytree(_shared_build(name, factory), folder))


def _shared_build(name: str, factory: pytest.TempPathFactory) -> Path:
    """Return the build that all processes of this run copy; the first that needs it builds, the others wait."""
    run = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent  # each process has a folder of its own in that of the run
    folder = run / f"shared-{name}"
    with (run / f"shared-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).exists():  # build_demo leaves it whole or not at all
            build_demo(samples_folder() / name, folder / name, actor=Actor("ana"), tell=lambda _line: None)
    return folder
