"""Ledgers for the tests: opened and closed, and a way to tamper with one behind its back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookingglass.ledger import Ledger

Opener = Callable[..., Ledger]
Tamper = Callable[..., None]

WORKSPACE_TOML = """
name = "loans"
[task]
label = "y"
positive = "yes"
[columns.y]
role = "label"
type = "category"
values = ["yes", "no"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace's folder with nothing in it but workspace.toml."""
    (tmp_path / "workspace.toml").write_text(WORKSPACE_TOML, encoding="utf-8")
    return tmp_path


@pytest.fixture
def open_ledger(folder: Path) -> Iterator[Opener]:
    """Return a function that opens the folder's ledger; all of them are closed at the end."""
    opened: list[Ledger] = []

    def open_(**people: tuple[str, ...]) -> Ledger:
        ledger = Ledger("sqlite:///ledger.db", folder, people)  # type: ignore[arg-type]  # roles are plain words here
        opened.append(ledger)
        return ledger

    yield open_
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Opener) -> Ledger:
    """Return an empty ledger in local mode."""
    return open_ledger()


@pytest.fixture
def tamper(folder: Path) -> Tamper:
    """Return a function that runs SQL on the ledger's file with its guards removed, as a forger would.

    Values given by name are filled into the script.
    """

    def run(script: str, **values: object) -> None:
        if values:
            script = script.format(**values)
        with closing(sqlite3.connect(folder / "ledger.db")) as connection:
            guards = [
                name
                for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ]
            for name in guards:
                connection.execute(f"DROP TRIGGER {name}")
            connection.executescript(script)
            connection.commit()

    return run
