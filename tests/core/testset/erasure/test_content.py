"""Erasing one example leaves no byte of its content anywhere, files and scores included."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

import numpy as np
import polars as pl
import pytest
from filelock import FileLock

from lookingglass import forgetting
from lookingglass.config import Column, Task
from lookingglass.errors import NotSaved
from lookingglass.evaluation.scores import Failure, ScoreStore
from lookingglass.home import Home, open_home
from lookingglass.ledger import database
from lookingglass.ledger.verify import verify
from lookingglass.testset import add_example, edit_example, erase_example, read_version
from lookingglass.testset.events import testset_events as events_of
from tests.core.testset.conftest import ANA, BO
from tests.core.testset.erasure.remains import MARKERS, WHY, left, states
from tests.core.testset.traces import places_of


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
    orphan = filled.files.add_written(frame.write_parquet)
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


def test_a_left_over_that_was_torn_lately_is_looked_at_again(filled: Home) -> None:
    part = filled.files.path(next(e.payload["file"] for e in events_of(filled) if "file" in e.payload))
    whole = filled.folder / ".import-killed" / "part.parquet"
    whole.parent.mkdir()
    whole.write_bytes(part.read_bytes())
    torn = filled.folder / "files" / "incoming" / "torn"
    torn.parent.mkdir(exist_ok=True)
    torn.write_bytes(part.read_bytes()[:-20])
    erase_example(filled, "a", WHY, BO)
    assert not whole.exists()
    assert [done for _, done in filled.ledger.erasures()] == [False]
    os.utime(torn, (time.time() - 4000,) * 2)
    open_home(filled.folder).close()
    assert not torn.exists()
    assert [done for _, done in filled.ledger.erasures()] == [True]


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
