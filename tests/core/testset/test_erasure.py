"""Erasing one example: nothing of its content stays anywhere, and every version, digest and chain still adds up."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from filelock import FileLock

from lookingglass import forgetting
from lookingglass.config import Column, Task
from lookingglass.errors import BadInput, Conflict, Damaged, LookingGlassError, NotAllowed, NotFound, NotSaved
from lookingglass.evaluation.scores import Failure, ScoreStore
from lookingglass.happenings import happenings
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor, database
from lookingglass.ledger.verify import verify
from lookingglass.testset import (
    TestSet,
    add_example,
    check,
    commit_import,
    diff,
    edit_example,
    edit_many,
    erase_example,
    export,
    forget_versions,
    history,
    latest_version,
    plan_import,
    read_version,
    relabel,
    remove,
    tag,
)
from lookingglass.testset.events import testset_events as events_of
from tests.core.testset.conftest import ANA, BO, GOOD, HEADER
from tests.core.testset.traces import places_of

File = Callable[..., Path]
WHY = "the person asked for it"
MARKERS = ("MARK-ONE", "MARK-TWO", "MARK-THREE")


@pytest.fixture
def filled(home: Home, file: File) -> Home:
    """Return a workspace whose example a had three contents: imported, imported again, edited by hand.

    Versions: 1 import of a, b, c; 2 edit of b; 3 second import, of a and d; 4 edit of a; 5 relabel of c.
    """
    first = GOOD.replace("a,no,0.8,1,north,001,true", "a,no,0.8,1,north,MARK-ONE,true")
    commit_import(home, plan_import(home, file(first)), ANA)
    edit_example(home, "b", {"lvr": 1}, actor=ANA)
    second = f"{HEADER}\na,no,0.8,1,north,MARK-TWO,true\nd,yes,0.5,1,north,x,true\n"
    commit_import(home, plan_import(home, file(second, "more.csv")), ANA)
    edit_example(home, "a", {"code": "MARK-THREE"}, actor=ANA)
    relabel(home, "c", "no", actor=BO)
    return home


def left(home: Home) -> list[str]:
    """Return every place in which something of a's contents is left."""
    return [place for marker in MARKERS for place in places_of(marker, home.folder)]


def states(home: Home) -> list[TestSet]:
    forget_versions()
    return [read_version(home, version) for version in range(latest_version(home) + 1)]


def test_the_markers_are_there_before(filled: Home) -> None:
    """Otherwise the search below would prove nothing: two imported files and the database hold them."""
    assert [len([p for p in places_of(m, filled.folder) if p.startswith("files/")]) for m in MARKERS] == [
        1,
        1,
        0,
    ]
    assert places_of("MARK-THREE", filled.folder)


def test_no_byte_of_the_content_stays(filled: Home) -> None:
    before = states(filled)
    parts = {event.payload["file"] for event in events_of(filled) if "file" in event.payload}
    event = erase_example(filled, "a", WHY, BO)
    assert left(filled) == []
    assert not any(filled.files.has(sha) for sha in parts)
    assert (filled.folder / "ledger.db-wal").stat().st_size < 50_000, "the log was emptied"
    assert MARKERS[0] not in json.dumps(event.payload)
    assert verify(filled.folder).findings == ()
    after = states(filled)
    assert len(after) == len(before) + 1
    for old, new in zip(before, after, strict=False):
        assert new.digest == old.digest
        assert new.rows.equals(old.rows.filter(pl.col("@id") != "a"))
        told = [(stone.example_id, stone.reason, stone.actor) for stone in new.erased]
        assert told == ([("a", WHY, "bo")] if old.version else [])
    last = after[-1]
    assert (last.version, last.ids, last.erased) == (6, ["b", "c", "d"], ())
    assert last.digest == event.payload["digest"] != after[-2].digest


def test_versions_that_never_had_it_say_nothing(filled: Home) -> None:
    erase_example(filled, "d", WHY, BO)
    assert [len(one.erased) for one in states(filled)] == [0, 0, 0, 1, 1, 1, 0]
    assert [entry.erased for entry in history(filled)] == [0, 0, 1, 1, 1, 0]


def test_history_and_happenings_say_it_in_plain_words(filled: Home) -> None:
    erase_example(filled, "a", WHY, BO)
    told = history(filled)
    assert [entry.since for entry in told] == ["content of 1 example was erased since"] * 5 + [""]
    assert (told[-1].words, told[-1].note, told[-1].examples) == ("erased the content of a", WHY, 3)
    assert told[3].words == "changed code of a"
    assert [entry.examples for entry in told] == [3, 3, 4, 4, 4, 3]
    assert happenings(filled, 1)[0].words == f"erased the content of a: {WHY}"
    assert history(filled, 2)[0].erased == 1


def test_a_difference_across_an_erasure_tells_the_fact_alone(filled: Home) -> None:
    erase_example(filled, "a", WHY, BO)

    def told(before: int, after: int) -> list[tuple[str, str, str | None]]:
        return [(row.words, row.actor, row.undoes) for row in diff(filled, before, after).rows if row.erased]

    assert told(0, 1) == [("a added (its content was erased since)", "ana", None)]
    assert told(1, 2) == []
    assert told(1, 3) == [("a edited (its content was erased since)", "ana", None)]
    assert told(5, 6) == [("a erased", "bo", None)]
    assert told(0, 6) == []
    assert told(6, 5) == [("a added (its content was erased since)", "bo", "erased")]
    assert told(1, 0) == [("a removed (its content was erased since)", "ana", "added")]
    found = diff(filled, 1, 6)
    assert [stone.example_id for stone in found.erased] == ["a"]
    assert found.counts()["erased"] == 1
    assert found.frame().height == len(found.rows)
    assert [row.words for row in found.rows] == [
        "a erased",
        "lvr of b edited from 1.5 to 1",
        "c relabelled from (empty) to no",
        "d added",
    ]


def test_an_example_that_was_removed_before_can_be_erased(filled: Home) -> None:
    remove(filled, "a", actor=ANA)
    before = states(filled)
    erase_example(filled, "a", WHY, BO)
    assert left(filled) == []
    after = states(filled)
    assert after[-1].digest == before[-1].digest
    assert [len(one.erased) for one in after] == [0, 1, 1, 1, 1, 1, 0, 0]
    assert verify(filled.folder).ok
    assert [row.words for row in diff(filled, 5, 6).rows] == ["a removed (its content was erased since)"]


def test_one_that_came_back_after_a_removal_is_erased_from_both_lives(filled: Home, file: File) -> None:
    remove(filled, "a", actor=ANA)
    add_example(filled, {"lvr": 1, "area": "NA", "code": "MARK-ONE"}, id="a", actor=ANA)
    erase_example(filled, "a", WHY, BO)
    assert left(filled) == []
    assert [len(one.erased) for one in states(filled)] == [0, 1, 1, 1, 1, 1, 0, 1, 0]
    assert verify(filled.folder).ok


def test_everybody_in_an_import_can_be_erased_one_after_the_other(filled: Home) -> None:
    before = states(filled)
    for done, name in enumerate("abcd", start=1):
        erase_example(filled, name, WHY, BO)
        assert verify(filled.folder).findings == ()
        after = states(filled)
        assert [one.digest for one in after[:6]] == [one.digest for one in before]
        assert len(after[5].erased) == done
    assert after[-1].examples == 0
    assert after[-1].digest == after[0].digest
    add_example(filled, {"lvr": 1, "area": "NA"}, actor=ANA)
    assert read_version(filled).ids == ["pattern-000001"]


def test_work_goes_on_after_an_erasure(filled: Home, file: File) -> None:
    """Edits, imports, another erasure of the same file, a check and an export, from kept and from fresh versions."""
    erase_example(filled, "a", WHY, BO)
    edit_many(filled, {"b": {"lvr": 0.25}, "d": {"@tags": ["t"]}}, actor=ANA, seen_version=6)
    tag(filled, "c", add=["x"], actor=ANA, seen_version=5)
    again = f"{HEADER}\nb,yes,2,,NA,None,false\ne,no,1,1,north,y,true\n"
    commit_import(filled, plan_import(filled, file(again, "again.csv")), ANA)
    kept = read_version(filled)
    erase_example(filled, "b", WHY, BO)
    forget_versions()
    fresh = read_version(filled)
    assert fresh.ids == ["c", "d", "e"]
    assert read_version(filled, kept.version).rows.equals(kept.rows.filter(pl.col("@id") != "b"))
    assert check(filled)
    out = export(read_version(filled, 4), filled.folder.parent / "out.csv")
    assert pl.read_csv(out)["key"].to_list() == ["c", "d"]
    assert verify(filled.folder).ok


def test_an_erased_example_does_not_come_back(filled: Home, file: File) -> None:
    """Neither by hand, nor by the same file, nor by an edit; the next free number is not its own either."""
    add_example(filled, {"lvr": 1, "area": "NA"}, actor=ANA)
    erase_example(filled, "pattern-000001", WHY, BO)
    erase_example(filled, "a", WHY, BO)
    head = filled.ledger.head()
    with pytest.raises(
        BadInput, match=r"this example brings back what was erased: a was erased by bo on 20..-"
    ):
        add_example(filled, {"lvr": 1, "area": "NA"}, id="a", actor=ANA)
    with pytest.raises(BadInput, match=r"^data.csv brings back what was erased: a was erased"):
        plan_import(filled, file(GOOD))
    with pytest.raises(
        NotFound, match=r"^a was erased by bo on .* \(the person asked for it\): it is no longer"
    ):
        edit_example(filled, "a", {"lvr": 1}, actor=ANA, seen_version=3)
    with pytest.raises(BadInput, match="a was erased"):
        edit_many(filled, {"a": {"lvr": 1}}, actor=ANA, seen_version=3)
    assert filled.ledger.head() == head
    event = add_example(filled, {"lvr": 1, "area": "NA"}, actor=ANA)
    assert event.payload["changes"][0]["example_id"] == "pattern-000002"


def test_an_import_that_was_planned_before_the_erasure_is_refused(filled: Home, file: File) -> None:
    plan = plan_import(filled, file(f"{HEADER}\na,no,0.1,1,north,MARK-ONE,true\n"))
    other = open_home(filled.folder)
    erase_example(other, "a", WHY, BO)
    other.close()
    with pytest.raises((BadInput, Conflict)):
        commit_import(filled, plan, ANA)
    assert left(filled) == []


REFUSED: dict[str, tuple[tuple[str, str], type[Exception], str]] = {
    "unknown": (
        ("zz", WHY),
        NotFound,
        "there never was an example 'zz' in the test set of small: look at its id with `lookingglass testset show`.",
    ),
    "no reason": (
        ("a", "  "),
        BadInput,
        "an erasure needs its reason: say why, without repeating what is erased.",
    ),
    "long reason": (
        ("a", "x" * 1001),
        BadInput,
        "the reason is longer than 1,000 characters: say it in fewer.",
    ),
    "no id": ((" ", WHY), BadInput, "an example's id may not be empty."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_erased_is_told(case: str, filled: Home) -> None:
    (name, reason), kind, message = REFUSED[case]
    head = filled.ledger.head()
    with pytest.raises(kind) as caught:
        erase_example(filled, name, reason, BO)
    assert str(caught.value) == message
    assert filled.ledger.head() == head


def test_erasing_twice_is_told_and_the_same_request_twice_is_one(filled: Home) -> None:
    event = erase_example(filled, "a", WHY, BO, key="k")
    assert erase_example(filled, "a", WHY, BO, key="k") == event
    with pytest.raises(BadInput) as caught:
        erase_example(filled, "a", WHY, ANA)
    assert str(caught.value) == (
        f"a was erased by bo on {event.time[:10]} ({WHY}) already: there is nothing left to erase."
    )
    assert latest_version(filled) == 6


def test_only_an_editor_or_an_admin_may_erase(make_home: Callable[..., Home], file: File) -> None:
    home = make_home("people", people={"ed": ["editor"], "ada": ["admin"], "rene": ["reviewer", "approver"]})
    commit_import(home, plan_import(home, file(GOOD)), Actor("ed"))
    with pytest.raises(
        NotAllowed, match="rene may not erase the content of an example: that needs the role editor"
    ):
        erase_example(home, "a", WHY, Actor("rene"))
    assert read_version(home, 1).examples == 3
    erase_example(home, "a", WHY, Actor("ed"))
    erase_example(home, "b", WHY, Actor("ada"))


def test_others_who_have_the_workspace_open_stop_serving_it(filled: Home) -> None:
    """Another opening of the same workspace, with every version in its memory, goes by the event at once."""
    other = open_home(filled.folder)
    try:
        held = [read_version(other, version) for version in range(1, 6)]
        assert all("a" in one.ids for one in held)
        erase_example(filled, "a", WHY, BO)
        assert [read_version(other, version).ids for version in (1, 3, 6)] == [
            ["b", "c"],
            ["b", "c", "d"],
            ["b", "c", "d"],
        ]
        relabel(other, "b", "no", actor=ANA, seen_version=6)
    finally:
        other.close()


def test_a_reader_that_is_overtaken_reads_again(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file goes between a reader's look at the events and its look at the file: it then leaves the row out."""
    import lookingglass.testset.versions as versions

    forget_versions()
    real = versions.replay
    calls: list[int] = []

    def overtaken(*arguments: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            other = open_home(filled.folder)
            erase_example(other, "a", WHY, BO)
            other.close()
        return real(*arguments, **named)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(versions, "replay", overtaken)
    assert read_version(filled, 5).ids == ["b", "c", "d"]
    assert len(calls) > 1


def test_scores_of_the_example_go_and_others_stay(filled: Home) -> None:
    store = ScoreStore(filled.folder / "scores")
    ids = read_version(filled).rows.get_column("@input_id")
    old = read_version(filled, 1).rows.get_column("@input_id")
    answers = np.tile([0.25, 0.75], (len(ids), 1))
    store.write("sha256:f1", ids, answers)
    store.write("sha256:f2", ids.filter(read_version(filled).rows["@id"] == "a"), answers[:1])
    store.write("sha256:f2", old, answers[:3])
    store.write_failure("sha256:f1", Failure("sha256:" + "0" * 64, 1, "cannot read MARK-ONE", "now"))
    erase_example(filled, "a", WHY, BO)
    assert np.isnan(store.aligned("sha256:f1", ids, 1)).tolist() == [True, False, False, False]
    assert np.isnan(store.aligned("sha256:f2", old, 1)).tolist() == [True, False, False]
    assert len(store.files("sha256:f2")) == 1, "a file that held nothing else is gone"
    assert left(filled) == []
    assert verify(filled.folder).ok


def test_scores_that_are_being_written_go_the_next_time(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody scores, their lease keeps us out; the erasure stays open until they are done."""
    monkeypatch.setattr(forgetting, "LEASE_SECONDS", 0.05)
    store = ScoreStore(filled.folder / "scores")
    ids = read_version(filled).rows.get_column("@input_id")
    store.write("sha256:f1", ids, np.tile([0.25, 0.75], (len(ids), 1)))
    with FileLock(str(store.candidate_folder("sha256:f1") / "lease")):
        erase_example(filled, "a", WHY, BO)
        assert left(filled) == []
        assert [done for _, done in filled.ledger.erasures()] == [False]
    open_home(filled.folder).close()
    assert [done for _, done in filled.ledger.erasures()] == [True]
    assert np.isnan(store.aligned("sha256:f1", ids, 1)).sum() == 1


def test_left_overs_of_imports_that_were_killed_go(filled: Home) -> None:
    part = filled.files.read(next(e.payload["file"] for e in events_of(filled) if "file" in e.payload))
    unused = filled.files.add_bytes(part + b"")  # the same file: an orphan is made below by other bytes
    frame = pl.read_parquet(filled.files.path(unused)).with_columns(pl.lit("sample").alias("@origin"))
    scratch = filled.folder / ".import-killed"
    scratch.mkdir()
    frame.write_parquet(scratch / "part.parquet")
    orphan = filled.files.add_path(scratch / "part.parquet")
    torn = filled.folder / "files" / "incoming" / "torn"
    torn.write_bytes(b"PAR1 MARK-ONE")
    os.utime(torn, (time.time() - 4000,) * 2)
    fresh = filled.folder / "files" / "incoming" / "whole"
    frame.write_parquet(fresh)
    young = filled.folder / "files" / "incoming" / "young"
    young.write_bytes(b"somebody else's upload, under way")
    erase_example(filled, "a", WHY, BO)
    assert left(filled) == []
    assert not filled.files.has(orphan)
    assert young.exists()


def test_files_that_are_brought_back_from_a_backup_go_again(filled: Home) -> None:
    shas = [event.payload["file"] for event in events_of(filled) if "file" in event.payload]
    copies = [filled.files.read(sha) for sha in shas]
    erase_example(filled, "a", WHY, BO)
    for data in copies:
        filled.files.add_bytes(data)
    assert [finding.code for finding in verify(filled.folder).findings] == ["not-erased"] * 2
    open_home(filled.folder).close()
    assert left(filled) == []
    assert verify(filled.folder).ok


def without_guards(home: Home, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(home.folder / "ledger.db")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, values)
        connection.commit()


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


def picture(shade: int) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.new("L", (8, 8), shade).save(target, "png")
    return target.getvalue()


def test_images_go_unless_another_example_of_any_version_uses_them(make_home: Callable[..., Home]) -> None:
    columns = {
        "key": Column(role=("id",), type="text"),
        "deny": Column(role=("label",), type="category", values=("no", "yes")),
        "scan": Column(role=("image",), type="image", size=(8, 8), channels=1),
    }
    home = make_home(
        "images", columns=columns, task=Task(kind="image", label="deny", positive="yes", id="key")
    )

    def add(name: str, shade: int) -> str:
        add_example(home, {"scan": picture(shade)}, id=name, actor=ANA)
        test_set = read_version(home)
        return str(test_set.rows.item(test_set.position(name), "scan")).removeprefix("sha256:")

    own, shared, past = add("a", 10), add("b", 20), add("c", 30)
    edit_example(home, "a", {"scan": picture(20)}, actor=ANA)
    edit_example(home, "a", {"scan": picture(30)}, actor=ANA)
    edit_example(
        home, "c", {"scan": picture(40)}, actor=ANA
    )  # so that only an old version of c names ``past``
    event = erase_example(home, "a", WHY, BO)
    assert event.payload["erased"]["images"] == [own]
    assert [home.files.has(sha) for sha in (own, shared, past)] == [False, True, True]
    assert verify(home.folder).findings == ()
    assert add("d", 10) == own, "the same picture, brought again for another example"
    assert verify(home.folder).findings == ()
    open_home(home.folder).close()
    assert home.files.has(own)
    erase_example(home, "d", WHY, BO)
    assert not home.files.has(own)
    assert verify(home.folder).findings == ()


def test_what_cannot_be_removed_yet_is_told_and_finished_by_the_next(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads from the database's log for long, so that it cannot be emptied."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    mine = open_home(filled.folder)
    with closing(sqlite3.connect(filled.folder / "ledger.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        with pytest.raises(NotSaved) as caught:
            erase_example(mine, "a", WHY, BO)
        reader.rollback()
    assert str(caught.value) == (
        "a is erased and no longer shown, but not everything of it could be removed yet (The log of "
        f"{filled.folder / 'ledger.db'} is in use by another process): that is finished when the workspace is opened "
        "the next time."
    )
    assert read_version(mine, 5).ids == ["b", "c", "d"]
    mine.close()
    assert left(filled) != []
    open_home(filled.folder).close()
    assert left(filled) == []
    assert verify(filled.folder).findings == ()


def look_twice(folder: Path, told: Connection) -> None:
    """Read every version, wait for a word, and read them again; tell whose ids there are."""
    home = open_home(folder)
    for _ in range(2):
        told.send([read_version(home, version).ids for version in range(1, 6)])
        told.recv()
    told.send(read_version(home).version)
    home.close()


def test_another_process_that_has_it_open_goes_by_the_event_too(filled: Home) -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=look_twice, args=(filled.folder, theirs))
    process.start()
    assert all("a" in ids for ids in ours.recv())
    erase_example(filled, "a", WHY, BO)
    ours.send("look again")
    assert ours.recv() == [["b", "c"], ["b", "c"], ["b", "c", "d"], ["b", "c", "d"], ["b", "c", "d"]]
    ours.send("done")
    assert ours.recv() == 6
    process.join()
    assert process.exitcode == 0
    process.close()
    assert left(filled) == []


def test_erasing_while_others_edit_and_import_loses_nothing(filled: Home, file: File) -> None:
    errors: list[Exception] = []
    upload = file(f"{HEADER}\n" + "".join(f"n{at},no,1,1,north,x,true\n" for at in range(5)), "new.csv")

    def work(act: Callable[[Home, int], object]) -> None:
        own = open_home(filled.folder)
        try:
            for number in range(6):
                act(own, number)
        except LookingGlassError as error:
            errors.append(error)
        finally:
            own.close()

    acts: list[Callable[[Home, int], object]] = [
        lambda own, number: edit_example(own, "d", {"lvr": number / 10}, actor=ANA),
        lambda own, number: commit_import(own, plan_import(own, upload), BO),
        lambda own, number: [
            one.ids for one in (read_version(own, 1), read_version(own, 5), read_version(own))
        ],
        lambda own, number: erase_example(own, "abc"[number // 2], WHY, BO, key=f"k{number // 2}"),
    ]
    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    forget_versions()
    last = read_version(filled)
    assert sorted(last.ids) == ["d", "n0", "n1", "n2", "n3", "n4"]
    assert last.rows.item(last.position("d"), "lvr") == 0.5
    assert [entry.version for entry in history(filled)] == list(range(1, last.version + 1))
    assert all(done for _, done in filled.ledger.erasures())
    assert left(filled) == []
    assert verify(filled.folder).findings == ()
