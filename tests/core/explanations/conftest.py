"""The worked use cases, opened once for the tests of this folder, each on a copy that explanations may be kept in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookingglass.workspace import Workspace, open_workspace


@pytest.fixture(scope="session")
def texts(built_matching: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Pairs of texts, with the candidates' own workers."""
    yield from _opened(built_matching / "matching", tmp_path_factory)


@pytest.fixture(scope="session")
def rows(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Rows of a table, with the candidates' own workers."""
    yield from _opened(built_demo / "mortgage", tmp_path_factory)


@pytest.fixture(scope="session")
def pictures(built_digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Images, with the candidates' own workers."""
    yield from _opened(built_digits / "digits", tmp_path_factory)


def _opened(folder: Path, factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    copy = Path(shutil.copytree(folder, factory.mktemp("explained") / folder.name))
    with open_workspace(copy) as ws:
        yield ws
