"""Erasing while others read, edit and import, in this process and in another."""

from __future__ import annotations

import gc
import multiprocessing
import threading
import weakref
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from lookingglass.errors import LookingGlassError
from lookingglass.home import Home, open_home
from lookingglass.ledger.verify import verify
from lookingglass.testset import (
    commit_import,
    edit_example,
    erase_example,
    forget_versions,
    history,
    plan_import,
    read_version,
    relabel,
)
from tests.core.testset.conftest import ANA, BO, HEADER
from tests.core.testset.erasure.remains import WHY, File, left


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


def test_versions_that_hold_it_leave_memory(filled: Home) -> None:
    """What was kept of any version to be shown again quickly is let go, not only passed over."""
    forget_versions()
    kept = [weakref.ref(read_version(filled, version)) for version in (3, 5)]
    gc.collect()
    assert all(one() is not None for one in kept)
    erase_example(filled, "a", WHY, BO)
    gc.collect()
    assert [one() for one in kept] == [None, None]


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
