"""Disks that are full, torn or read-only, backups, and clocks that jump: the ledger says so and loses nothing."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookingglass.errors import NotSaved
from lookingglass.files import FileStore
from lookingglass.ledger import Ledger, StaleWrite, store
from lookingglass.ledger.verify import verify
from tests.faults.ledger_model import (
    ACTOR,
    FORKS,
    TYPE,
    check,
    end_of,
    make_folder,
    read_verify_and_write,
    write_batch,
    write_on_full_disk,
)

BEFORE, ADDED = 3, 2


def told_by(work: Callable[..., None], *arguments: object) -> list[str]:
    """Run a function of the model in a process of its own and return what it told."""
    ours, theirs = FORKS.Pipe(duplex=False)
    with ours:
        assert end_of(work, *arguments, theirs) == 0
        theirs.close()
        lines = []
        while ours.poll():
            try:
                lines.append(ours.recv())
            except EOFError:
                break
    return lines


def test_a_disk_that_takes_no_more_bytes_at_any_point_of_a_commit(tmp_path: Path) -> None:
    """The file may grow to a limit and no further, for larger and larger limits, until the write completes."""
    start = make_folder(tmp_path / "start", BEFORE)
    outcomes = []
    for limit in (1, 512, 5_000, 33_000, 40_500, 45_000, 60_000, 85_000, 200_000, 1_000_000):
        folder = Path(shutil.copytree(start, tmp_path / f"limit {limit}"))
        (told,) = told_by(write_on_full_disk, folder, BEFORE, limit)
        assert told == "saved" or "Nothing was" in told or "try again" in told, told
        assert check(folder, BEFORE, BEFORE + ADDED) == (BEFORE + ADDED if told == "saved" else BEFORE)
        outcomes.append(told == "saved")
    assert outcomes[0] is False
    assert outcomes[-1] is True


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "ws", BEFORE)
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    with ledger._database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(
        NotSaved, match=r"The disk with .*ledger.db is full: make room, then try again. Nothing was recorded."
    ):
        ledger.append("testset", TYPE, {"number": BEFORE, "text": "x" * 100_000}, ACTOR)
    assert ledger.head()[0] == BEFORE
    ledger.close()
    check(folder, BEFORE)


@pytest.fixture(scope="module")
def torn_log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Return a ledger's folder as a power cut leaves it: the file, and its log with six more events in it."""
    folder = make_folder(tmp_path_factory.mktemp("torn") / "ws", BEFORE)
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    for number in range(BEFORE, BEFORE + 6):
        ledger.append("testset", TYPE, {"number": number}, ACTOR)
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    ledger.close()
    return copy, (copy / "ledger.db-wal").read_bytes()


def test_a_log_torn_at_any_place_gives_the_events_up_to_there(
    torn_log: tuple[Path, bytes], tmp_path: Path
) -> None:
    folder, log = torn_log
    counts = []
    for at, length in enumerate(range(0, len(log) + 1, 1723)):
        copy = Path(shutil.copytree(folder, tmp_path / str(at)))
        (copy / "ledger.db-wal").write_bytes(log[:length])
        counts.append(check(copy, *range(BEFORE, BEFORE + 7)))
    assert counts == sorted(counts)
    assert (counts[0], len(set(counts)) >= 6) == (BEFORE, True)


def test_a_log_with_a_garbled_page_gives_the_events_before_it(
    torn_log: tuple[Path, bytes], tmp_path: Path
) -> None:
    folder, log = torn_log
    for at in range(0, len(log), 4999):
        copy = Path(shutil.copytree(folder, tmp_path / str(at)))
        garbled = bytearray(log)
        garbled[at] ^= 0xFF
        (copy / "ledger.db-wal").write_bytes(garbled)
        check(copy, *range(BEFORE, BEFORE + 7))


def test_a_file_left_by_a_crash_before_its_event_is_harmless(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "ws", BEFORE)
    files = FileStore(folder / "files")
    files.add_bytes(b"no event came")
    (files.folder / "incoming" / "tmp123").write_bytes(b"half a fi")
    check(folder, BEFORE)
    write_batch(folder, BEFORE + 1)
    check(folder, BEFORE + 3)


def test_a_torn_file_is_found_and_put_right_by_bringing_it_again(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "ws", BEFORE)
    write_batch(folder, BEFORE)
    (path,) = (folder / "files").glob("??/*")
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(whole[: len(whole) // 2])
    assert [(finding.seq, finding.code) for finding in verify(folder).findings] == [
        (BEFORE + 1, "file-changed")
    ]
    FileStore(folder / "files").add_bytes(whole)
    check(folder, BEFORE + ADDED)


def test_yesterdays_backup_put_back_while_the_ledger_is_open(tmp_path: Path) -> None:
    """Reads see the backup at once; a page from before it may not write; a head from before it shows the loss."""
    folder = make_folder(tmp_path / "ws", BEFORE)
    shutil.copy(folder / "ledger.db", tmp_path / "backup.db")
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    seen = ledger.append("testset", TYPE, {"number": BEFORE}, ACTOR)
    for path in folder.glob("ledger.db*"):
        path.unlink()
    shutil.copy(tmp_path / "backup.db", folder / "ledger.db")
    assert ledger.head()[0] == BEFORE
    with pytest.raises(StaleWrite, match="was a backup restored"):
        ledger.append("testset", TYPE, {"number": BEFORE}, ACTOR, expected=seen.seq)
    ledger.close()
    assert [finding.code for finding in verify(folder, (seen.seq, seen.hash)).findings] == ["cut-off"]
    check(folder, BEFORE)


def test_a_clock_set_back_an_hour_and_forward_a_year_changes_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(tmp_path / "ws")
    times = iter(
        ["2026-11-21T12:00:00.000000Z", "2026-11-21T11:00:00.000000Z", "2027-11-21T11:00:00.000000Z"]
    )
    monkeypatch.setattr(store, "now_utc", lambda: next(times))
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    written = [ledger.append("testset", TYPE, {"number": number}, ACTOR) for number in range(3)]
    assert ledger.events() == written
    assert [event.seq for event in written] == [1, 2, 3]
    ledger.close()
    monkeypatch.undo()
    check(folder, 3)


@pytest.fixture
def shared() -> Iterator[Path]:
    """Return a folder that every user of the machine may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("log_left", [False, True], ids=["closed ledger", "ledger in use"])
def test_a_read_only_folder_can_be_read_and_verified_and_says_why_it_takes_nothing(
    shared: Path, log_left: bool
) -> None:
    folder = make_folder(shared / "ws", BEFORE)
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    ledger.append("testset", TYPE, {"number": BEFORE}, ACTOR)
    if not log_left:
        ledger.close()
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    try:
        told = told_by(read_verify_and_write, folder)
    finally:
        folder.chmod(0o755)
        for path in folder.iterdir():
            path.chmod(0o644)
        ledger.close()
    assert told[0] == f"{BEFORE + 1} ()"
    assert told[1].startswith("NotSaved ")
    assert "can only be read: let yourself write to it and its folder. Nothing was recorded." in told[1]
    check(folder, BEFORE + 1)


def test_a_read_only_folder_without_a_ledger_says_so(shared: Path) -> None:
    folder = make_folder(shared / "ws")
    folder.chmod(0o555)
    (told,) = told_by(read_verify_and_write, folder)
    folder.chmod(0o755)
    assert told.startswith("NotSaved ")
    assert "ledger.db cannot be made (permission denied): let yourself write to its folder." in told


def test_a_page_damaged_on_the_disk_is_never_read_as_if_it_were_whole(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "ws", 40)
    whole = (folder / "ledger.db").read_bytes()
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    for start in range(page, len(whole), page):
        damaged = bytearray(whole)
        damaged[start : start + page] = bytes(page)
        (folder / "ledger.db").write_bytes(damaged)
        assert not verify(folder).ok, f"page {start // page} was wiped"
