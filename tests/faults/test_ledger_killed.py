"""A process is killed at every step of a commit, in turn: the ledger is then exactly as before or exactly as after."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from lookingglass.ledger import Ledger
from lookingglass.ledger.verify import verify
from tests.faults.ledger_model import ACTOR, TYPE, check, make_folder, write_batch

BEFORE, ADDED = 3, 2
MOST_STEPS = 300


def in_child(work: Callable[[], None]) -> int:
    """Run ``work`` in a forked child; return 0 when it came to its end, else the number of the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child must never return into pytest
            os._exit(99)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, (
        "the program failed instead of being killed"
    )
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def kill_at_step(step: int) -> None:
    """Kill this process by SIGKILL when the database or the disk is asked for the ``step``-th time."""
    left = [step]

    def count(*_arguments: object, **_named: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, count)
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def counted(*arguments: object, real: Callable[..., object] = real) -> object:
            count()
            result = real(*arguments)
            count()
            return result

        setattr(os, name, counted)
    commit = DefaultDialect.do_commit

    def counted_commit(self: DefaultDialect, connection: object) -> None:
        commit(self, connection)  # type: ignore[arg-type]  # handed through as it came
        count()

    DefaultDialect.do_commit = counted_commit  # type: ignore[method-assign]  # in a child that is killed anyway


@pytest.mark.parametrize("before", [0, BEFORE], ids=["new ledger", "existing ledger"])
def test_killed_at_every_step_of_a_write(tmp_path: Path, before: int) -> None:
    """Step 1, then 2, then 3 ..., until the write completes: from making the file and the tables to the commit."""
    start = make_folder(tmp_path / "start", before)
    seen = set()
    for step in range(1, MOST_STEPS):
        folder = Path(shutil.copytree(start, tmp_path / f"step {step}"))

        def work(folder: Path = folder, step: int = step) -> None:
            kill_at_step(step)
            write_batch(folder, before)

        killed = in_child(work)
        seen.add(check(folder, before, before + ADDED))
        if not killed:
            break
        assert killed == signal.SIGKILL
    else:
        pytest.fail(f"the write did not complete within {MOST_STEPS} steps")
    assert step > 15, "the steps that are killed at are no longer those of a commit"
    assert seen == {before, before + ADDED}, "kills on both sides of the commit"


@pytest.mark.parametrize("bytes_at_a_time", [1024])
def test_killed_at_every_write_to_the_disk_of_a_large_commit(tmp_path: Path, bytes_at_a_time: int) -> None:
    """The system kills the process at the first write past a file size, which also tears that write in two."""
    start = make_folder(tmp_path / "start", BEFORE)
    size = (start / "ledger.db").stat().st_size
    seen = set()
    for limit in range(bytes_at_a_time, 16 * size, bytes_at_a_time * 7):
        folder = Path(shutil.copytree(start, tmp_path / f"limit {limit}"))

        def work(folder: Path = folder, limit: int = limit) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            write_batch(folder, BEFORE, padding=40_000)

        killed = in_child(work)
        seen.add((killed, check(folder, BEFORE, BEFORE + ADDED)))
        shutil.rmtree(folder)
        if not killed:
            break
    assert (0, BEFORE + ADDED) in seen, "the write never completed"
    assert (signal.SIGXFSZ, BEFORE) in seen, "no write was torn"


def test_killed_while_many_processes_write(tmp_path: Path) -> None:
    """Writers are killed in the middle of their work; what each of them was told is saved is there."""
    folder = make_folder(tmp_path / "ws")
    Ledger("sqlite:///ledger.db", folder, {}).close()
    pipes = []
    for writer in range(3):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            ledger = Ledger("sqlite:///ledger.db", folder, {})
            while True:
                saved = ledger.append("testset", TYPE, {"writer": writer}, ACTOR)
                os.write(write, b"%d\n" % saved.seq)
        os.close(write)
        pipes.append((child, read))
    acknowledged = [os.read(read, 10) for _child, read in pipes]
    for child, _read in pipes:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    told: set[int] = set()
    for first, (_child, read) in zip(acknowledged, pipes, strict=True):
        with os.fdopen(read, "rb") as rest:
            lines = (first + rest.read()).split(b"\n")
        told |= {int(line) for line in lines[:-1]}
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    there = {event.seq for event in ledger.events()}
    ledger.close()
    assert told <= there
    assert len(there) <= len(told) + len(pipes), "at most the last write of each was not acknowledged"
    assert verify(folder).findings == ()
