"""``lookingglass audit``: exit 0 when all holds, 1 when something does not, 2 when there is nothing to look at."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookingglass.cli.main import run
from lookingglass.config import Column, Task, WorkspaceConfig, write_config
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor

Output = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Return a workspace whose ledger has three events."""
    label = Column(role=("label",), type="category", values=("yes", "no"))
    write_config(
        tmp_path / "ws",
        WorkspaceConfig(name="loans", task=Task(label="y", positive="yes"), columns={"y": label}),
    )
    home = open_home(tmp_path / "ws")
    for number in range(3):
        home.ledger.append("testset", "examples_changed", {"n": number, "é": "\n"}, Actor("ana"))
    yield home
    home.close()


def forge(home: Home, statement: str) -> None:
    """Change the ledger behind its back."""
    with closing(sqlite3.connect(home.folder / "ledger.db")) as connection:
        connection.execute("DROP TRIGGER IF EXISTS events_no_update")
        connection.execute("DROP TRIGGER IF EXISTS events_no_delete")
        connection.execute(statement)
        connection.commit()


def test_what_holds_is_exit_0_with_the_head_to_keep(home: Home, capsys: Output) -> None:
    assert run(["audit", "verify", str(home.folder)]) == 0
    out, err = capsys.readouterr()
    assert "as recorded are 3 events, 0 files and 0 stored values" in out
    assert "head {}:{}".format(*home.ledger.head()) in out
    assert err == ""


def test_json_is_one_object_and_nothing_else(home: Home, capsys: Output) -> None:
    assert run(["audit", "verify", str(home.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["events"], told["findings"]) == (True, 3, [])
    assert told["head"] == "{}:{}".format(*home.ledger.head())
    forge(home, "UPDATE events SET actor = 'eve' WHERE seq = 2")
    assert run(["audit", "verify", str(home.folder), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert [(one["seq"], one["code"]) for one in told["findings"]] == [(2, "altered")]


def test_what_does_not_hold_is_exit_1_in_words(home: Home, capsys: Output) -> None:
    forge(home, "DELETE FROM events WHERE seq = 2")
    assert run(["audit", "verify", str(home.folder)]) == 1
    assert "event 2 is missing." in capsys.readouterr().out


def test_a_cut_off_tail_is_found_with_the_head_that_was_kept(home: Home, capsys: Output) -> None:
    head = "{}:{}".format(*home.ledger.head())
    forge(home, "DELETE FROM events WHERE seq = 3")
    assert run(["audit", "verify", str(home.folder)]) == 0
    assert run(["audit", "verify", str(home.folder), "--head", head]) == 1
    assert "the ledger ends at event 2, but it once went to 3: event 3 cut off." in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--head", "3:abc"], ["--head", ""]])
def test_a_malformed_head_is_exit_2(home: Home, capsys: Output, arguments: list[str]) -> None:
    assert run(["audit", "verify", str(home.folder), *arguments]) == 2
    assert "is not a head: copy SEQ:HASH" in capsys.readouterr().err


def test_no_workspace_is_exit_2_in_one_line(tmp_path: Path, capsys: Output) -> None:
    for verb in ("verify", "export"):
        assert run(["audit", verb, str(tmp_path / "nowhere")]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("error: ")
        assert err.count("\n") == 1


def test_many_findings_are_cut_short_in_words_and_complete_in_json(home: Home, capsys: Output) -> None:
    for _ in range(30):
        home.ledger.append("testset", "examples_changed", {}, Actor("ana"))
    forge(home, "UPDATE events SET actor = 'eve'")
    assert run(["audit", "verify", str(home.folder)]) == 1
    assert "and 13 more (--json lists all)" in capsys.readouterr().out
    run(["audit", "verify", str(home.folder), "--json"])
    assert len(json.loads(capsys.readouterr().out)["findings"]) == 33


def test_export_writes_every_event_and_its_hash_can_be_computed_from_it(
    home: Home, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "events.jsonl"
    assert run(["audit", "export", str(home.folder), "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert lines == [event.to_json() for event in home.ledger.events()]
    names = ("seq", "stream", "type", "payload", "actor", "authentication", "time", "key", "prev_hash")
    for event in lines:
        event["payload"] = json.dumps(
            event["payload"], sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )
        text = json.dumps([event[name] for name in names], ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == event["hash"]


def test_export_without_a_file_writes_to_standard_output(
    home: Home, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["audit", "export", str(home.folder)]) == 0
    assert len(capfdbinary.readouterr().out.splitlines()) == 3


def test_more_events_than_are_read_at_once(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lookingglass.cli.audit._AT_ONCE", 2)
    run(["audit", "export", str(home.folder), "--out", str(tmp_path / "out")])
    told = [json.loads(line)["seq"] for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()]
    assert told == [1, 2, 3]


def test_an_export_that_cannot_be_written_leaves_nothing(home: Home, tmp_path: Path, capsys: Output) -> None:
    assert run(["audit", "export", str(home.folder), "--out", str(tmp_path / "no" / "such" / "file")]) == 2
    assert "could not be written (no such file or directory): name another file" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_export_as_json_is_one_object_with_every_event(
    home: Home, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lookingglass.cli.audit._AT_ONCE", 2)
    assert run(["audit", "export", str(home.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["workspace"] == home.config.name
    assert [event["seq"] for event in told["events"]] == list(range(1, home.ledger.head()[0] + 1))
