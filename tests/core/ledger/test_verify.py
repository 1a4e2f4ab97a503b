"""Every way to tamper with a ledger is found, told in words with its place, and nothing else is reported."""

from __future__ import annotations

import ast
import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookingglass.files import FileStore
from lookingglass.ledger import Actor, Ledger
from lookingglass.ledger import verify as verify_module
from lookingglass.ledger.verify import CannotVerify, parse_head, verify
from tests.core.ledger.conftest import Tamper

EVENTS = 6


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


ROW = b'{"a":1}'


@pytest.fixture
def told(ledger: Ledger, folder: Path) -> Ledger:
    """Return a ledger of six events, of which the second refers to two files and the third to a row's content."""
    files = FileStore(folder / "files")
    part, model, manifest = (files.add_bytes(data) for data in (b"part", b"model", b"manifest"))
    ana = Actor("ana")
    ledger.append("workspace", "workspace_created", {"name": "loans"}, ana)
    ledger.append(
        "testset", "testset_imported", {"file": part, "upload": sha(b"never kept")}, ana, key="import"
    )
    changes = [{"example_id": "x", "content": sha(ROW), "previous": None}]
    ledger.append("testset", "examples_changed", {"changes": changes}, ana, content={sha(ROW): ROW})
    registered = {"files": {"model.skops": model}, "manifest": {"file": "model.skops"}}
    ledger.append("candidates", "candidate_registered", registered, ana)
    ledger.append("candidates", "scores_added", {"files": [manifest], "p": 0.1}, Actor("bo", "OIDC"))
    ledger.append("problems", "problem_opened", {"name": 'a "quoted"\n\x01 \u2028 problem', "n": 10**30}, ana)
    ledger.close()
    return ledger


def found(folder: Path, head: tuple[int, str] | None = None) -> list[tuple[int | None, str]]:
    """Return place and code of everything that does not hold."""
    return [(finding.seq, finding.code) for finding in verify(folder, head).findings]


def test_an_untouched_ledger_holds(told: Ledger, folder: Path) -> None:
    result = verify(folder, told.head())
    assert (result.ok, result.findings) == (True, ())
    assert (result.events, result.files, result.contents) == (EVENTS, 3, 1)
    assert result.head == "{}:{}".format(*told.head())


def test_an_empty_ledger_holds(ledger: Ledger, folder: Path) -> None:
    assert verify(folder, ledger.head()).ok


@pytest.mark.parametrize("seq", range(1, EVENTS + 1))
@pytest.mark.parametrize(
    "change",
    [
        'payload = \'{"name":"else"}\'',
        "payload = payload || ' '",
        "payload = '{'",
        "payload = CAST(X'FF' AS TEXT)",
        "payload = X'7B7D'",
        "payload = NULLIF('[NaN]', '')",
        "payload = replace(payload, '{', '{\"a\":1,\"a\":1,')",
        "stream = stream || 's'",
        "type = 'examples_changed' || seq",
        "actor = 'eve'",
        "authentication = 'checked'",
        "time = '2020-01-01T00:00:00.000000Z'",
        "key = 'another'",
        "prev_hash = replace(prev_hash, substr(prev_hash, 1, 1), 'x')",
        "hash = replace(hash, substr(hash, 1, 1), 'x')",
    ],
)
def test_any_altered_field_of_any_event_is_found(
    told: Ledger, folder: Path, tamper: Tamper, seq: int, change: str
) -> None:
    tamper("UPDATE events SET {change} WHERE seq = {seq}", change=change, seq=seq)
    result = verify(folder)
    assert (seq, "altered") in [(finding.seq, finding.code) for finding in result.findings]
    assert result.findings[0].message.startswith(f"event {seq} was altered, or moved from another place: ")


def test_a_removed_key_is_found(told: Ledger, folder: Path, tamper: Tamper) -> None:
    tamper("UPDATE events SET key = NULL WHERE seq = 2")
    assert found(folder) == [(2, "altered")]


@pytest.mark.parametrize("seq", range(1, EVENTS))
def test_a_missing_event_is_found(told: Ledger, folder: Path, tamper: Tamper, seq: int) -> None:
    tamper("DELETE FROM events WHERE seq = {seq}", seq=seq)
    result = verify(folder)
    assert [(finding.seq, finding.code) for finding in result.findings] == [(seq, "missing")]
    assert result.findings[0].message == f"event {seq} is missing."


def test_several_missing_events_are_one_finding(told: Ledger, folder: Path, tamper: Tamper) -> None:
    tamper("DELETE FROM events WHERE seq IN (3, 4, 5)")
    assert [finding.message for finding in verify(folder).findings] == ["events 3 to 5 are missing."]


def test_a_missing_event_whose_followers_were_numbered_anew_is_found(
    told: Ledger, folder: Path, tamper: Tamper
) -> None:
    tamper("DELETE FROM events WHERE seq = 3; UPDATE events SET seq = seq - 1 WHERE seq > 3")
    assert found(folder)[0] == (3, "altered")


def test_two_events_that_changed_places_are_found(told: Ledger, folder: Path, tamper: Tamper) -> None:
    tamper(
        "UPDATE events SET seq = 99 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 3;"
        "UPDATE events SET seq = 3 WHERE seq = 99"
    )
    assert found(folder)[:2] == [(2, "altered"), (3, "altered")]


def rehash(folder: Path, first: int, last: int) -> None:
    """Give events first..last hashes that fit, as a forger with some knowledge would."""
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        query = "SELECT {} FROM events WHERE seq = ?".replace("{}", ", ".join(verify_module.COLUMNS[:-1]))
        for seq in range(first, last + 1):
            row = list(connection.execute(query, (seq,)).fetchone())
            before = connection.execute("SELECT hash FROM events WHERE seq = ?", (seq - 1,)).fetchone()
            row[-1] = before[0] if before else row[-1]
            text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            connection.execute(
                "UPDATE events SET prev_hash = ?, hash = ? WHERE seq = ?", (row[-1], sha(text.encode()), seq)
            )
        connection.commit()


def test_an_inserted_event_with_a_hash_that_fits_is_found(told: Ledger, folder: Path, tamper: Tamper) -> None:
    tamper(
        "CREATE TABLE copy AS SELECT * FROM events; DROP TABLE events; ALTER TABLE copy RENAME TO events;"
        "UPDATE events SET seq = seq + 1 WHERE seq > 3;"
        "INSERT INTO events SELECT 4, stream, type, payload, 'eve', '', time, NULL, '', '' FROM events WHERE seq = 3"
    )
    rehash(folder, 4, 4)
    assert found(folder)[0] == (5, "altered")


def test_an_altered_event_with_a_hash_that_fits_breaks_the_chain_after_it(
    told: Ledger, folder: Path, tamper: Tamper
) -> None:
    tamper("UPDATE events SET actor = 'eve' WHERE seq = 3")
    rehash(folder, 3, 3)
    result = verify(folder)
    assert [(finding.seq, finding.code) for finding in result.findings] == [(4, "out-of-order")]
    assert "event 4 does not follow event 3" in result.findings[0].message


@pytest.mark.parametrize(
    "payload", ['{"a":1, "b":2}', '{"b":2,"a":1}', '{"a":1,"a":1}', '{"a":"\\u00e9"}', "[NaN]", "{"]
)
def test_a_payload_in_another_spelling_is_found_even_when_the_hash_fits(
    told: Ledger, folder: Path, tamper: Tamper, payload: str
) -> None:
    """Two programs could read such a text differently, so it is no record."""
    tamper("UPDATE events SET payload = '{payload}' WHERE seq = {seq}", payload=payload, seq=EVENTS)
    rehash(folder, EVENTS, EVENTS)
    (finding,) = verify(folder).findings
    assert (finding.seq, finding.code) == (EVENTS, "altered")
    assert "not in canonical form" in finding.message or "not JSON" in finding.message


def test_a_ledger_rewritten_from_one_event_on_needs_a_head_to_be_found(
    told: Ledger, folder: Path, tamper: Tamper
) -> None:
    """What a chain cannot show, and what the head in a report can: docs/ledger.md says so."""
    early, late = told.event(2), told.head()
    told.close()
    tamper("UPDATE events SET actor = 'eve' WHERE seq = 3")
    rehash(folder, 3, EVENTS)
    assert found(folder) == []
    assert found(folder, (early.seq, early.hash)) == []
    assert found(folder, late) == [(EVENTS, "other-chain")]


@pytest.mark.parametrize("kept", range(EVENTS))
def test_a_cut_off_tail_is_found_with_a_head_and_only_with_one(
    told: Ledger, folder: Path, tamper: Tamper, kept: int
) -> None:
    head = told.head()
    told.close()
    tamper("DELETE FROM events WHERE seq > {kept}; DELETE FROM content WHERE {kept} < 3", kept=kept)
    assert found(folder) == []
    assert found(folder, head) == [(kept + 1, "cut-off")]


def test_an_older_head_still_holds_when_the_ledger_has_grown(told: Ledger, folder: Path) -> None:
    for seq in range(1, EVENTS + 1):
        assert found(folder, (seq, told.event(seq).hash)) == []
        assert found(folder, (seq, "0" * 64)) == [(seq, "other-chain")]


def test_the_events_of_another_ledger_are_found(told: Ledger, folder: Path, tamper: Tamper) -> None:
    tamper("UPDATE about SET value = 'ffff' WHERE name = 'ledger_id'")
    assert found(folder) == [(1, "out-of-order")]
    assert "does not follow the beginning of this ledger" in verify(folder).findings[0].message


@pytest.mark.parametrize(("data", "seq"), [(b"part", 2), (b"model", 4), (b"manifest", 5)])
def test_changed_and_missing_files_are_found(told: Ledger, folder: Path, data: bytes, seq: int) -> None:
    path = FileStore(folder / "files").path(sha(data))
    path.chmod(0o644)
    path.write_bytes(data[:-1])
    assert found(folder) == [(seq, "file-changed")]
    path.unlink()
    assert found(folder) == [(seq, "file-missing")]
    path.mkdir()
    assert found(folder) == [(seq, "file-missing")]


def test_an_unused_file_is_harmless(told: Ledger, folder: Path) -> None:
    FileStore(folder / "files").add_bytes(b"written before a crash, and no event came")
    assert found(folder) == []


def test_changed_and_missing_content_is_found(told: Ledger, folder: Path, tamper: Tamper) -> None:
    tamper("UPDATE content SET body = X'00'")
    assert found(folder) == [(3, "content-changed")]
    tamper("DELETE FROM content")
    assert found(folder) == [(3, "content-missing")]


def test_a_damaged_database_is_a_finding(told: Ledger, folder: Path) -> None:
    path = folder / "ledger.db"
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 4] = b"\xff" * 8192
    path.write_bytes(data)
    result = verify(folder)
    assert result.findings[0].code == "database"
    path.write_bytes(b"no database at all " * 300)
    assert found(folder) == [(None, "database")]


def test_a_table_made_anew_without_its_rules_is_no_way_around(
    told: Ledger, folder: Path, tamper: Tamper
) -> None:
    tamper(
        "CREATE TABLE copy AS SELECT * FROM events; DROP TABLE events; ALTER TABLE copy RENAME TO events;"
        "INSERT INTO events SELECT * FROM events WHERE seq = 2; UPDATE events SET seq = 'three' WHERE seq = 3;"
    )
    codes = found(folder)
    assert (None, "altered") in codes
    assert (2, "out-of-order") in codes


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_flipped_byte_of_what_was_recorded_is_found(
    told: Ledger, folder: Path, data: st.DataObject
) -> None:
    """Flip one byte in one text of one event, or in a content: verify must speak up."""
    path = folder / "ledger.db"
    whole = path.read_bytes()
    try:
        with closing(sqlite3.connect(path)) as connection:
            seq = data.draw(st.integers(1, EVENTS))
            name = data.draw(
                st.sampled_from([name for name in verify_module.COLUMNS if name not in {"seq", "key"}])
            )
            query = "SELECT CAST({} AS BLOB) FROM events WHERE seq = ?".replace("{}", name)
            (text,) = connection.execute(query, (seq,)).fetchone()
            changed = bytearray(text)
            changed[data.draw(st.integers(0, len(text) - 1))] ^= data.draw(st.integers(1, 255))
            connection.execute("DROP TRIGGER IF EXISTS events_no_update")
            statement = "UPDATE events SET {} = CAST(? AS TEXT) WHERE seq = ?".replace("{}", name)
            connection.execute(statement, (bytes(changed), seq))
            connection.commit()
        assert not verify(folder).ok
    finally:
        path.write_bytes(whole)


def test_verify_shares_no_code_with_the_writer() -> None:
    """It imports the standard library alone, and works as a script of its own."""
    source = Path(verify_module.__file__).read_text(encoding="utf-8")
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(str(node.module).split(".")[0])
    assert names <= set(sys.stdlib_module_names)


def test_verify_changes_nothing(told: Ledger, folder: Path) -> None:
    def state() -> dict[Path, bytes]:
        """Every file but the two that SQLite keeps beside an open database."""
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in files if not path.name.endswith(("-wal", "-shm"))}

    before = state()
    verify(folder)
    assert state() == before


def test_a_ledger_may_be_verified_while_it_is_written(told: Ledger, folder: Path) -> None:
    told.append("testset", "examples_changed", {}, Actor("ana"))
    assert verify(folder).events == EVENTS + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "5:",
        "5:" + "0" * 63,
        "5:" + "g" * 64,
        "-1:" + "0" * 64,
        ":" + "0" * 64,
        "9" * 30 + ":" + "0" * 64,
    ],
)
def test_a_malformed_head_is_told(text: str) -> None:
    with pytest.raises(CannotVerify, match="is not a head: copy SEQ:HASH"):
        parse_head(text)


def test_a_head_may_be_copied_with_space_around_it_or_in_capitals() -> None:
    assert parse_head(f" 12:{'AB' * 32}\n") == (12, "ab" * 32)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (None, "is not a workspace"),
        ("not toml", "is not a workspace"),
        ('ledger = "postgresql+psycopg://db/lg"', "only SQLite ledgers can be verified"),
        ('ledger = "sqlite:///elsewhere.db"', r"elsewhere.db is not there"),
    ],
)
def test_where_there_is_nothing_to_verify_that_is_said(
    tmp_path: Path, toml: str | None, message: str
) -> None:
    if toml is not None:
        (tmp_path / "workspace.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(CannotVerify, match=message):
        verify(tmp_path)


def test_a_newer_format_and_another_programs_database_cannot_be_verified(
    told: Ledger, folder: Path, tamper: Tamper
) -> None:
    tamper("UPDATE about SET value = '3' WHERE name = 'schema_version'")
    with pytest.raises(CannotVerify, match="has format 3, and this program knows 2: update it"):
        verify(folder)
    tamper("DROP TABLE about")
    with pytest.raises(CannotVerify, match="is not a ledger of Looking Glass"):
        verify(folder)


def test_the_verifier_needs_nothing_but_python(told: Ledger, folder: Path) -> None:
    """Copied somewhere else and run without this package, it says the same."""
    alone = folder / "verify_alone.py"
    alone.write_bytes(Path(verify_module.__file__).read_bytes())
    program = (
        "import pathlib, sys; sys.path.insert(0, sys.argv[1]); import verify_alone; "
        "print(verify_alone.verify(pathlib.Path(sys.argv[1])).head)"
    )
    outcome = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(folder)], capture_output=True, text=True, check=True
    )
    assert outcome.stdout.strip() == "{}:{}".format(*told.head())
