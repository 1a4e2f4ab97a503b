"""A commit that fails, waits too long or cannot be looked at is told as what it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from lookingglass.errors import Damaged, NotSaved
from lookingglass.ledger import Event, Ledger
from lookingglass.ledger.verify import verify
from tests.core.ledger.acts import ANA, CHANGED
from tests.core.ledger.conftest import Opener


def test_a_writer_that_waits_too_long_is_told_and_has_written_nothing(
    folder: Path, open_ledger: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lookingglass.ledger.database.BUSY_SECONDS", 0)
    ledger = open_ledger()
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotSaved, match=r"in use by another process .* try again. Nothing was recorded."):
            ledger.append("testset", CHANGED, {}, ANA)
        assert ledger.events() == []
        other.execute("COMMIT")
    assert ledger.append("testset", CHANGED, {}, ANA).seq == 1


class Failing:
    """Stands for a commit that fails: before it did anything, or after it was done."""

    def __init__(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
        from sqlalchemy.engine.default import DefaultDialect

        real = DefaultDialect.do_commit

        def do_commit(dialect: DefaultDialect, connection: Any) -> None:
            monkeypatch.undo()
            if after:
                real(dialect, connection)
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error

        monkeypatch.setattr(type(ledger._database.engine.dialect), "do_commit", do_commit)


def test_a_commit_that_failed_is_not_reported_as_saved(
    ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append("testset", CHANGED, {"n": 1}, ANA)
    Failing(ledger, monkeypatch, after=False)
    with pytest.raises(NotSaved, match="Nothing was recorded") as failed:
        ledger.append("testset", CHANGED, {"n": 2}, ANA)
    assert isinstance(failed.value.__cause__, DBAPIError)
    assert ledger.head()[0] == 1
    assert verify(folder).ok


def test_a_commit_that_seemed_to_fail_but_is_there_is_reported_as_saved(
    ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Failing(ledger, monkeypatch, after=True)
    event = ledger.append("testset", CHANGED, {"n": 1}, ANA)
    assert ledger.events() == [event]
    assert verify(folder).ok


def test_when_nobody_can_tell_whether_it_was_saved_that_is_said(
    ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Failing(ledger, monkeypatch, after=True)

    def unreadable(*_args: object, **_kwargs: object) -> list[Event]:
        raise Damaged("gone.")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "events", unreadable)
        with pytest.raises(NotSaved, match="not known whether this was recorded: look before you repeat it"):
            ledger.append("testset", CHANGED, {"n": 1}, ANA)
