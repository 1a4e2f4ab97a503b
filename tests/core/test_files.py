"""Files by hash: written once, whole or not at all, checked when read."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass import files as files_module
from lookingglass.errors import Damaged, NotSaved
from lookingglass.files import INCOMING, FileStore, write_parquet

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def kept(store: FileStore) -> set[str]:
    """Return the names of the files that are in the store."""
    return {path.name for path in store.folder.glob("??/*")}


def test_a_file_lies_under_its_hash(store: FileStore) -> None:
    assert store.add_bytes(b"abc") == ABC
    assert store.path(ABC) == store.folder / "ba" / ABC
    assert (store.read(ABC), store.size(ABC)) == (b"abc", 3)


def test_a_file_that_is_written_in_place_is_kept_under_its_hash(store: FileStore) -> None:
    data = os.urandom(3_000_017)
    sha = store.add_written(lambda path: path.write_bytes(data))
    assert sha == hashlib.sha256(data).hexdigest()
    assert store.read(sha) == data
    assert not store.path(sha).stat().st_mode & 0o222
    assert list((store.folder / files_module.INCOMING).iterdir()) == []


def test_a_table_on_a_full_disk_is_told_as_any_other_file(store: FileStore) -> None:
    with pytest.raises(NotSaved, match=r"no space left on device\. Nothing was changed"):
        store.add_written(lambda _: write_parquet(pl.DataFrame({"a": range(1_000)}), Path("/dev/full")))
    assert [path for path in store.folder.rglob("*") if path.is_file() and path.name != "lock"] == []


def test_a_file_whose_writing_fails_leaves_nothing(store: FileStore) -> None:
    def half(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(NotSaved, match=r"no space left on device\. Nothing was changed"):
        store.add_written(half)
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


@given(st.lists(st.binary(max_size=30), max_size=8))
def test_the_store_is_a_set_of_contents(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    store = FileStore(tmp_path_factory.mktemp("store"))
    names = [store.add_bytes(data) for data in contents]
    assert kept(store) == set(names)
    assert [store.read(name) for name in names] == contents
    assert store.is_empty() == (not contents)


def test_keeping_a_file_again_leaves_it_alone(store: FileStore) -> None:
    before = store.path(store.add_bytes(b"abc")).stat()
    store.add_bytes(b"abc")
    after = store.path(ABC).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_may_not_be_written_to(store: FileStore) -> None:
    assert store.path(store.add_bytes(b"abc")).stat().st_mode & 0o222 == 0


def test_nothing_is_left_in_the_folder_of_unfinished_files(store: FileStore) -> None:
    store.add_bytes(b"abc")
    store.add_bytes(b"abc")
    assert list((store.folder / INCOMING).iterdir()) == []


@pytest.mark.parametrize("damage", [b"abd", b"ab", b"", b"abcd"])
def test_a_changed_or_torn_file_is_told_and_healed_by_keeping_it_again(
    store: FileStore, damage: bytes
) -> None:
    path = store.path(store.add_bytes(b"abc"))
    path.chmod(0o644)
    path.write_bytes(damage)
    with pytest.raises(Damaged, match=r"was changed.*backup"):
        store.read(ABC)
    store.add_bytes(b"abc")
    assert store.read(ABC) == b"abc"


def test_a_missing_file_is_told(store: FileStore) -> None:
    for look in (store.path, store.read, store.size):
        with pytest.raises(Damaged, match=f"{ABC} is missing: put it back"):
            look(ABC)


@pytest.mark.parametrize("name", ["", "../../workspace.toml", ABC.upper(), ABC[:-1], ABC + "0", "ba/" + ABC])
def test_what_is_no_hash_never_becomes_a_path(store: FileStore, name: str) -> None:
    with pytest.raises(Damaged, match="64 hexadecimal digits"):
        store.path(name)


def test_many_threads_may_keep_the_same_file(store: FileStore) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(store.add_bytes(b"abc"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == [ABC] * 8
    assert store.read(ABC) == b"abc"


@pytest.mark.parametrize("operation", ["fsync", "replace", "mkdir", "fchmod"])
def test_a_disk_error_at_any_operation_leaves_the_store_as_it_was_or_with_the_whole_file(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    """The operation fails at its first use, then at its second ..., until the run completes."""
    store.add_bytes(b"old")
    old = hashlib.sha256(b"old").hexdigest()
    owner: object = os if hasattr(os, operation) and operation != "mkdir" else Path
    real: Callable[..., object] = getattr(owner, operation)
    for number in range(20):
        data = b"new %d" % number
        left = [number]

        def failing(*args: object, left: list[int] = left, **kwargs: object) -> object:
            left[0] -= 1
            if left[0] == -1:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, operation, failing)
        completed, told = True, ""
        try:
            store.add_bytes(data)
        except NotSaved as error:
            completed = False
            told = str(error)
        monkeypatch.undo()
        assert "no space left on device" in told or completed
        assert store.read(old) == b"old"
        assert all(store.read(name) for name in kept(store))
        assert list((store.folder / INCOMING).iterdir()) == []
        if completed:
            assert store.read(hashlib.sha256(data).hexdigest()) == data
            assert number > 0
            return
    pytest.fail("the operation never ran to its end")
