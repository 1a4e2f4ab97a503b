"""Looks for what an erasure leaves of an example, and reads every version there is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from lookingglass.home import Home
from lookingglass.testset import TestSet, forget_versions, latest_version, read_version
from tests.core.testset.traces import places_of

File = Callable[..., Path]

WHY = "the person asked for it"

MARKERS = ("MARK-ONE", "MARK-TWO", "MARK-THREE")


def left(home: Home) -> list[str]:
    """Return every place in which something of a's contents is left."""
    return [place for marker in MARKERS for place in places_of(marker, home.folder)]


def states(home: Home) -> list[TestSet]:
    forget_versions()
    return [read_version(home, version) for version in range(latest_version(home) + 1)]


def without_guards(home: Home, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(home.folder / "ledger.db")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, values)
        connection.commit()
