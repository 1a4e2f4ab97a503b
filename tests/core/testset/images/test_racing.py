"""An image that one person brings while another erases the only example that had it: the newcomer keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lookingglass import files, forgetting
from lookingglass.errors import BadInput, NotSaved
from lookingglass.files import FileStore
from lookingglass.home import Home, open_home
from lookingglass.ledger.verify import verify
from lookingglass.testset import (
    add_example,
    commit_import,
    edit_example,
    edit_many,
    edits,
    erase_example,
    plan_import,
    read_version,
    table_edits,
)
from lookingglass.testset.images import read_image
from tests.core.testset.conftest import ANA, BO
from tests.core.testset.images.pictures import pixels, saved, table

PICTURE = saved(pixels(0))
"""What e0 has, and nobody else."""


@pytest.fixture
def filled(home: Home, tmp_path: Path) -> Home:
    """Three examples e0, e1, e2 with images of their own."""
    commit_import(home, plan_import(home, table(tmp_path, [saved(pixels(at)) for at in range(3)])), ANA)
    return home


def _erase(home: Home) -> None:
    other = open_home(home.folder)
    try:
        erase_example(other, "e0", "asked for", BO)
    finally:
        other.close()


def _erasing_first(home: Home, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``real`` such that e0 is erased, all of it, just after it was first called."""
    called: list[int] = []

    def overtaken(*arguments: Any, **named: Any) -> Any:
        found = real(*arguments, **named)
        if not called:
            called.append(1)
            _erase(home)
        return found

    return overtaken


def _has_picture(home: Home, example_id: str) -> bool:
    rows = read_version(home).rows
    cell = dict(zip(rows.get_column("@id"), rows.get_column("image"), strict=True))[example_id]
    return read_image(home.files, cell).startswith(b"\x89PNG") and verify(home.folder).ok


def test_an_edit_that_is_overtaken_by_the_erasure(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "seen_rows", _erasing_first(filled, edits.seen_rows))
    edit_example(filled, "e1", {"image": PICTURE}, actor=ANA, seen_version=1)
    assert _has_picture(filled, "e1")


def test_an_added_example_that_is_overtaken(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "refuse_erased", _erasing_first(filled, edits.refuse_erased))
    add_example(filled, {"image": PICTURE}, label="no", id="new", actor=ANA)
    assert _has_picture(filled, "new")


def test_a_table_of_edits_that_is_overtaken(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_edits, "seen_rows", _erasing_first(filled, table_edits.seen_rows))
    edit_many(filled, {"e1": {"image": PICTURE}, "e2": {"@label": "yes"}}, actor=ANA, seen_version=1)
    assert _has_picture(filled, "e1")


def test_a_kept_image_that_was_named_and_is_gone_is_told(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who names a kept image instead of bringing it cannot have it once it was erased: nothing is written half."""
    name = read_version(filled).rows.item(0, "image")
    monkeypatch.setattr(edits, "seen_rows", _erasing_first(filled, edits.seen_rows))
    with pytest.raises(BadInput, match=r"erased meanwhile.*give the image itself"):
        edit_example(filled, "e1", {"image": name}, actor=ANA)
    assert read_version(filled).version == 2
    assert verify(filled.folder).ok


def test_a_refused_edit_keeps_no_image(filled: Home) -> None:
    """What is not written leaves no file behind."""
    before = sorted(filled.files.folder.rglob("*"))
    with pytest.raises(BadInput):
        edit_many(filled, {"e1": {"image": saved(pixels(9)), "@label": "maybe"}}, actor=ANA)
    assert sorted(filled.files.folder.rglob("*")) == before


def test_an_erasure_that_waits_in_vain_for_the_pictures_says_what_holds(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is recorded, so nobody may read that nothing was changed; the next opening takes the picture away."""
    name = read_version(filled).rows.item(0, "image").removeprefix("sha256:")
    monkeypatch.setattr(files, "LOCK_SECONDS", 0.1)
    with filled.files.exclusively(), pytest.raises(NotSaved) as told:
        _erase(filled)
    assert "e0 is erased and no longer shown, but not everything of it could be removed yet" in str(
        told.value
    )
    assert "was in use for 0 seconds: try again in a moment)" in str(told.value)
    assert "Nothing was changed" not in str(told.value)
    assert filled.files.has(name)
    open_home(filled.folder).close()
    assert not filled.files.has(name)


@pytest.mark.parametrize("way", ["edit", "import"])
def test_the_image_comes_again_while_its_file_is_being_removed(
    filled: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    """The erasure is recorded and about to take the file away: whoever brings the image waits until it is gone."""
    home = open_home(filled.folder)
    again = tmp_path / "again.parquet"
    pl.DataFrame({"example_id": ["e1"], "image": [PICTURE], "label": ["yes"]}).write_parquet(again)

    def bring() -> object:
        if way == "edit":
            return edit_example(home, "e1", {"image": PICTURE}, actor=ANA)
        return commit_import(home, plan_import(home, again), ANA)

    at_door = threading.Event()
    real_lock, real_look = FileStore.exclusively, forgetting._brought_again
    begun: list[Future[object]] = []

    def exclusively(files: FileStore) -> AbstractContextManager[None]:
        if threading.current_thread() is not threading.main_thread():
            at_door.set()
        return real_lock(files)

    with ThreadPoolExecutor(1) as pool:

        def look(*arguments: Any) -> bool:
            found = real_look(*arguments)
            begun.append(pool.submit(bring))
            while not at_door.wait(0.05):
                assert not begun[0].done(), begun[0].exception()
            wait(begun, 0.5)  # a chance to finish, which it must not take
            return found

        monkeypatch.setattr(FileStore, "exclusively", exclusively)
        monkeypatch.setattr(forgetting, "_brought_again", look)
        _erase(filled)
        assert begun[0].result(30) is not None
    home.close()
    assert _has_picture(filled, "e1")
