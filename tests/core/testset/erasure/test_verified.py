"""After an erasure every digest and chain still adds up, and it excuses nothing that it does not name."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from lookingglass.errors import Damaged
from lookingglass.home import Home
from lookingglass.ledger.verify import verify
from lookingglass.testset import erase_example, forget_versions, read_version
from lookingglass.testset.events import testset_events as events_of
from tests.core.testset.conftest import BO
from tests.core.testset.erasure.remains import WHY, without_guards


def test_what_no_erasure_names_is_missed_as_before(filled: Home) -> None:
    erase_example(filled, "a", WHY, BO)
    without_guards(filled, "DELETE FROM content")
    found = verify(filled.folder).findings
    assert {finding.code for finding in found} == {"content-missing"}
    assert {finding.seq for finding in found} == {2, 5}, "the changes of b and c, not that of a"
    forget_versions()
    with pytest.raises(Damaged, match="what version 2 says of b is missing"):
        read_version(filled)


def test_a_replacement_that_is_missing_or_changed_is_a_fault(filled: Home) -> None:
    event = erase_example(filled, "a", WHY, BO)
    path = filled.files.path(event.payload["erased"]["parts"][0]["file"])
    path.chmod(0o644)
    data = path.read_bytes()
    path.write_bytes(data + b"x")
    assert [(one.seq, one.code) for one in verify(filled.folder).findings] == [(event.seq, "file-changed")]
    path.unlink()
    assert [(one.seq, one.code) for one in verify(filled.folder).findings] == [(event.seq, "file-missing")]
    forget_versions()
    with pytest.raises(Damaged):
        read_version(filled)


def test_a_forged_erasure_event_excuses_nothing(filled: Home) -> None:
    event = erase_example(filled, "a", WHY, BO)
    sha = next(e.payload["changes"][0]["content"] for e in events_of(filled) if e.seq == 2)
    named = json.dumps({"sha256": sha, "row_hash": "00", "input_id": "00"}, separators=(",", ":"))
    without_guards(
        filled,
        """UPDATE events SET payload = replace(payload, '"contents":[', ?) WHERE seq = ?""",
        f'"contents":[{named},',
        event.seq,
    )
    without_guards(filled, "DELETE FROM content WHERE sha256 = ?", sha)
    codes = [finding.code for finding in verify(filled.folder).findings]
    assert codes.count("altered") == 1
    assert "content-missing" in codes


def test_the_database_drops_only_what_an_erasure_names(filled: Home) -> None:
    shas = [c["content"] for e in events_of(filled) if "changes" in e.payload for c in e.payload["changes"]]
    event = erase_example(filled, "a", WHY, BO)
    gone = event.payload["erased"]["contents"][0]["sha256"]
    with closing(sqlite3.connect(filled.folder / "ledger.db")) as connection:
        kept = [sha for (sha,) in connection.execute("SELECT sha256 FROM content")]
        assert set(shas) & set(kept)
        refused: list[tuple[str, tuple[object, ...]]] = [
            ("DELETE FROM content WHERE sha256 = ?", (kept[0],)),
            ("DELETE FROM content", ()),
            ("INSERT INTO content VALUES (?, X'00')", (gone,)),
            ("DELETE FROM forgotten", ()),
            ("UPDATE forgotten SET time = ''", ()),
            ("INSERT INTO forgotten VALUES (1, 'never')", ()),
            ("INSERT OR REPLACE INTO forgotten SELECT seq, 'later' FROM forgotten", ()),
        ]
        for statement, values in refused:
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement, values)
            connection.rollback()
