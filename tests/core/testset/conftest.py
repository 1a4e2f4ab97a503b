"""A small workspace on disk, and files to import into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lookingglass.config import Column, Task, WorkspaceConfig, write_config
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor

ANA = Actor("ana")
BO = Actor("bo")

COLUMNS: dict[str, Column] = {
    "key": Column(role=("id",), type="text"),
    "deny": Column(role=("label",), type="category", values=("no", "yes")),
    "lvr": Column(role=("feature",), type="number", min=0, max=3),
    "units": Column(role=("feature",), type="integer", missing="keep"),
    "area": Column(
        role=("feature", "group"), type="category", values=("north", "south", "NA"), missing="own group"
    ),
    "code": Column(role=("feature",), type="text", missing="keep"),
    "new": Column(role=("feature",), type="boolean", missing="keep"),
    "remark": Column(role=("ignore",), type="text"),
}

HEADER = "key,deny,lvr,units,area,code,new"
GOOD = f"{HEADER}\na,no,0.8,1,north,001,true\nb,yes,1.5,,NA,None,false\nc,,2,3,,x y,\n"


def config(**changes: Any) -> WorkspaceConfig:
    """Return the small workspace's configuration."""
    fields: dict[str, Any] = {
        "name": "small",
        "task": Task(label="deny", positive="yes", id="key"),
        "columns": COLUMNS,
    }
    return WorkspaceConfig(**{**fields, **changes})


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[Callable[..., Home]]:
    """Return a maker of workspaces that are closed after the test."""
    made: list[Home] = []

    def make(name: str = "ws", **changes: Any) -> Home:
        write_config(tmp_path / name, config(**changes))
        made.append(open_home(tmp_path / name))
        return made[-1]

    yield make
    for home in made:
        home.ledger.close()


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    """Return an empty small workspace."""
    return make_home()


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of files to import."""

    def write(content: str | bytes, name: str = "data.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
