"""A ledger of format 1 is read as it is and brought to the present format by its first write, in its place."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lookingglass.ledger import ERASURE, Actor, Ledger, StaleWrite
from lookingglass.ledger.tables import SCHEMA_VERSION, _postgresql_guards
from lookingglass.ledger.verify import verify
from tests.core.ledger.conftest import Opener

ANA = Actor("ana")
BODY = b"row"
SHA = hashlib.sha256(BODY).hexdigest()

FORMAT_1 = """
CREATE TABLE events (seq INTEGER NOT NULL, stream VARCHAR(40) NOT NULL, type VARCHAR(60) NOT NULL,
    payload TEXT NOT NULL, actor VARCHAR(200) NOT NULL, authentication VARCHAR(200) NOT NULL, time VARCHAR(40) NOT NULL,
    "key" VARCHAR(200), prev_hash VARCHAR(64) NOT NULL, hash VARCHAR(64) NOT NULL,
    PRIMARY KEY (seq), UNIQUE ("key"), UNIQUE (prev_hash), UNIQUE (hash));
CREATE INDEX events_stream_seq ON events (stream, seq);
CREATE TABLE content (sha256 VARCHAR(64) NOT NULL, body BLOB NOT NULL, PRIMARY KEY (sha256));
CREATE TABLE about (name VARCHAR(40) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_no_replace BEFORE INSERT ON events WHEN
    NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER content_no_update BEFORE UPDATE ON content
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER content_no_delete BEFORE DELETE ON content
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER content_no_replace BEFORE INSERT ON content
    WHEN EXISTS (SELECT 1 FROM content WHERE sha256 = NEW.sha256)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER about_no_update BEFORE UPDATE ON about
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER about_no_delete BEFORE DELETE ON about
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER about_no_replace BEFORE INSERT ON about WHEN EXISTS (SELECT 1 FROM about WHERE name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
INSERT INTO about VALUES ('ledger_id', '5f0c'), ('schema_version', '1');
"""


@pytest.fixture
def old(folder: Path) -> Path:
    """Return a folder with a ledger of format 1 that holds one event and its content."""
    fields = [
        "testset",
        "examples_changed",
        json.dumps({"content": SHA}, separators=(",", ":")),
        "ana",
        "nobody",
        "then",
    ]
    genesis = hashlib.sha256(b'["looking glass ledger","5f0c"]').hexdigest()
    hashed = json.dumps([1, *fields, None, genesis], separators=(",", ":"))
    digest = hashlib.sha256(hashed.encode()).hexdigest()
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.executescript(FORMAT_1)
        connection.execute("INSERT INTO content VALUES (?, ?)", (SHA, BODY))
        connection.execute("INSERT INTO events VALUES (1,?,?,?,?,?,?,NULL,?,?)", (*fields, genesis, digest))
        connection.commit()
    return folder


def format_of(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        return str(connection.execute("SELECT value FROM about WHERE name = 'schema_version'").fetchone()[0])


def names(folder: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        return set(connection.execute("SELECT type, name FROM sqlite_master"))


def test_reading_leaves_it_as_it_is(old: Path, open_ledger: Opener) -> None:
    ledger = open_ledger()
    assert [event.payload for event in ledger.events()] == [{"content": SHA}]
    assert ledger.content([SHA]) == {SHA: BODY}
    assert ledger.erasures() == []
    assert verify(old).findings == ()
    assert format_of(old) == "1"


def test_the_first_write_brings_it_to_the_present_format(
    old: Path, open_ledger: Opener, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ledger, other = open_ledger(), open_ledger()
    before = ledger.events()
    ledger.append("testset", "examples_changed", {}, ANA)
    assert format_of(old) == str(SCHEMA_VERSION)
    assert ledger.events()[:1] == before
    other.append("testset", "examples_changed", {}, ANA)  # opened while it had format 1
    fresh = tmp_path_factory.mktemp("fresh")
    Ledger("sqlite:///ledger.db", fresh, {}).close()
    assert names(old) == names(fresh)
    with closing(sqlite3.connect(old / "ledger.db")) as connection:
        for statement in ("DELETE FROM content", "UPDATE about SET value = '1'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    payload = {"erased": {"contents": [{"sha256": SHA}], "parts": [], "images": []}}
    event = ledger.append("testset", ERASURE, payload, ANA)
    ledger.forget_content([SHA])
    ledger.mark_forgotten(event.seq)
    assert ledger.content([SHA]) == {}
    assert [(one.seq, done) for one, done in ledger.erasures()] == [(event.seq, True)]
    assert verify(old).findings == ()


def test_a_write_that_is_refused_leaves_the_format_too(old: Path, open_ledger: Opener) -> None:
    with pytest.raises(StaleWrite):
        open_ledger().append("testset", "examples_changed", {}, ANA, expected=7)
    assert format_of(old) == "1"
    assert verify(old).findings == ()


def test_the_guards_for_postgresql_name_every_table() -> None:
    """They are written for a database that these tests do not have; at least none is forgotten."""
    told = " ".join(_postgresql_guards())
    for table in ("events", "content", "about", "forgotten"):
        assert f"ON {table} " in told
    assert told.count("CREATE FUNCTION") == 3
