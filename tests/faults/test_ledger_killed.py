"""A process is killed at every step of a commit, in turn: the ledger is then exactly as before or exactly as after."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from lookingglass.ledger import Ledger
from lookingglass.ledger.verify import verify
from tests.faults.ledger_model import (
    FORKS,
    check,
    end_of,
    make_folder,
    write_for_ever,
    write_killed_at_size,
    write_killed_at_step,
)

BEFORE, ADDED = 3, 2
MOST_STEPS = 300


@pytest.mark.parametrize("before", [0, BEFORE], ids=["new ledger", "existing ledger"])
def test_killed_at_every_step_of_a_write(tmp_path: Path, before: int) -> None:
    """Step 1, then 2, then 3 ..., until the write completes: from making the file and the tables to the commit."""
    start = make_folder(tmp_path / "start", before)
    seen = set()
    for step in range(1, MOST_STEPS):
        folder = Path(shutil.copytree(start, tmp_path / f"step {step}"))
        killed = end_of(write_killed_at_step, folder, before, step)
        seen.add(check(folder, before, before + ADDED))
        if not killed:
            break
        assert killed == signal.SIGKILL
    else:
        pytest.fail(f"the write did not complete within {MOST_STEPS} steps")
    assert step > 15, "the steps that are killed at are no longer those of a commit"
    assert seen == {before, before + ADDED}, "kills on both sides of the commit"


def test_killed_at_every_write_to_the_disk_of_a_large_commit(tmp_path: Path) -> None:
    """The system kills at the first write past a file size, larger and larger, until the write completes."""
    start = make_folder(tmp_path / "start", BEFORE)
    seen = set()
    for limit in range(1024, 1_000_000, 7 * 1024):
        folder = Path(shutil.copytree(start, tmp_path / f"limit {limit}"))
        killed = end_of(write_killed_at_size, folder, BEFORE, limit)
        seen.add((killed, check(folder, BEFORE, BEFORE + ADDED)))
        shutil.rmtree(folder)
        if not killed:
            break
    assert (0, BEFORE + ADDED) in seen, "the write never completed"
    assert (signal.SIGXFSZ, BEFORE) in seen, "no write was torn"


def test_killed_while_many_processes_write(tmp_path: Path) -> None:
    """Writers are killed in the middle of their work; what each of them was told is saved is there."""
    folder = make_folder(tmp_path / "ws")
    writers = []
    for number in range(3):
        ours, theirs = FORKS.Pipe(duplex=False)
        process = FORKS.Process(target=write_for_ever, args=(folder, number, theirs))
        process.start()
        theirs.close()
        writers.append((process, ours))
    told = {pipe.recv() for _process, pipe in writers}
    for process, pipe in writers:
        process.kill()
        process.join()
        process.close()
        with pipe:
            while pipe.poll():
                try:
                    told.add(pipe.recv())
                except EOFError:
                    break
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    there = {event.seq for event in ledger.events()}
    ledger.close()
    assert told <= there
    assert len(there) <= len(told) + len(writers), "at most the last write of each was not acknowledged"
    assert verify(folder).findings == ()
