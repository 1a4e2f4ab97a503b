"""The database under the ledger: what it refuses by itself, and what is told of one that cannot be read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lookingglass.errors import BadInput, Damaged
from lookingglass.ledger import Ledger
from lookingglass.ledger.verify import verify
from tests.core.ledger.acts import ANA, CHANGED, sha
from tests.core.ledger.conftest import Opener, Tamper

COPIED = "stream, type, '{}', actor, authentication, time"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'eve' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT seq, COPIED, key, prev_hash, hash FROM events",
        "INSERT OR REPLACE INTO events SELECT 3, COPIED, key, 'x', 'y' FROM events WHERE seq = 2",
        "INSERT INTO events SELECT 4, COPIED, NULL, hash, 'y' FROM events WHERE seq = 2",
        "INSERT INTO events SELECT 3, COPIED, NULL, 'x', 'y' FROM events WHERE seq = 2",
        "UPDATE content SET body = X'00'",
        "DELETE FROM content",
        "INSERT OR REPLACE INTO content SELECT sha256, X'00' FROM content",
        "UPDATE about SET value = '0'",
        "DELETE FROM about",
        "INSERT OR REPLACE INTO about VALUES ('ledger_id', 'mine')",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_written(
    ledger: Ledger, folder: Path, statement: str
) -> None:
    ledger.append("testset", CHANGED, {"n": 1}, ANA, content={sha(b"row"): b"row"})
    ledger.append("testset", CHANGED, {"n": 2}, ANA, key="k2")
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement.replace("COPIED", COPIED))
        connection.rollback()
    assert verify(folder).ok


def test_sqlite_is_set_up_to_lose_nothing(ledger: Ledger) -> None:
    with ledger._database.reading() as connection:
        settings_ = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings_ == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_ledger_of_a_newer_version_is_refused_at_the_door_and_while_open(
    ledger: Ledger, open_ledger: Opener, tamper: Tamper
) -> None:
    tamper("UPDATE about SET value = '3' WHERE name = 'schema_version'")
    with pytest.raises(
        BadInput, match=r"newer Looking Glass \(format 3, this one knows 2\): update this one"
    ):
        open_ledger()
    with pytest.raises(BadInput, match="newer Looking Glass"):
        ledger.append("testset", CHANGED, {}, ANA)
    assert ledger.events() == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("DROP TABLE about", "is not a ledger of Looking Glass"),
        ("DELETE FROM about WHERE name = 'ledger_id'", "does not say which ledger it is"),
        ("UPDATE about SET value = 'new' WHERE name = 'schema_version'", "does not say which ledger it is"),
    ],
)
def test_what_is_no_ledger_any_more_is_told(
    ledger: Ledger, open_ledger: Opener, tamper: Tamper, script: str, told: str
) -> None:
    tamper(script)
    with pytest.raises(Damaged, match=told):
        open_ledger()


def test_another_programs_database_is_left_alone(folder: Path, open_ledger: Opener) -> None:
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(Damaged, match="is not a ledger of Looking Glass"):
        open_ledger()


def test_a_file_that_is_no_database_is_told(folder: Path, open_ledger: Opener) -> None:
    (folder / "ledger.db").write_text("Dear diary, " * 500, encoding="utf-8")
    with pytest.raises(Damaged, match=r"is damaged .* backup"):
        open_ledger()


def test_an_event_that_was_made_unreadable_is_told(ledger: Ledger, tamper: Tamper) -> None:
    ledger.append("testset", CHANGED, {}, ANA)
    tamper("UPDATE events SET payload = '{'")
    with pytest.raises(Damaged, match="Event 1 cannot be read: run `lookingglass audit verify`"):
        ledger.events()


def test_a_closed_ledger_holds_no_file_and_opens_again_when_used(ledger: Ledger, folder: Path) -> None:
    ledger.append("testset", CHANGED, {}, ANA)
    ledger.close()
    assert not (folder / "ledger.db-wal").exists()
    assert ledger.head()[0] == 1
