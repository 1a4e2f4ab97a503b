"""What the faults of the ledger have in common: a program that writes events, and what must hold when it was stopped.

After each fault: reopen, SQLite's own integrity check, verify the chain and the files, compare with a plain list.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import resource
import signal
import sqlite3
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from lookingglass.errors import LookingGlassError, NotSaved
from lookingglass.files import FileStore
from lookingglass.ledger import Actor, Ledger, NewEvent
from lookingglass.ledger.verify import verify

ACTOR = Actor("ana")
TYPE = "examples_changed"
NOBODY = 65534

# Processes to be killed are forked from a server that has one thread and has imported all that they need.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pytest", "tests.faults.ledger_model"])


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_folder(folder: Path, events: int = 0) -> Path:
    """Make a workspace's folder, with a ledger of ``events`` single events, or without one."""
    folder.mkdir(parents=True)
    (folder / "workspace.toml").write_text('name = "x"\n', encoding="utf-8")
    if events:
        ledger = Ledger("sqlite:///ledger.db", folder, {})
        for number in range(events):
            ledger.append("testset", TYPE, {"number": number}, ACTOR)
        ledger.close()
    return folder


def write_batch(folder: Path, start: int, *, size: int = 2, padding: int = 0) -> None:
    """Write a file, then in one transaction ``size`` events that refer to it and to a content."""
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    try:
        file = FileStore(folder / "files").add_bytes(b"bulk data %d" % start)
        row = b"row %d " % start + b"x" * padding
        new = [
            NewEvent("testset", TYPE, {"number": start + at, "file": file, "content": sha(row)})
            for at in range(size)
        ]
        ledger.append_many(new, ACTOR, content={sha(row): row})
    finally:
        ledger.close()


def check(folder: Path, *possible: int) -> int:
    """Check that the ledger holds exactly the first n events, n one of ``possible``; return n.

    It must also take the next event, so that nobody is locked out after a fault.
    """
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    try:
        numbers = [event.payload["number"] for event in ledger.events()]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) in possible, f"{len(numbers)} events, expected one of {possible}"
        for event in ledger.events():
            if "content" in event.payload:
                assert ledger.content([event.payload["content"]])
        ledger.append("testset", TYPE, {"number": len(numbers)}, ACTOR)
    finally:
        ledger.close()
    with contextlib.closing(sqlite3.connect(folder / "ledger.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert verify(folder).findings == ()
    return len(numbers)


def end_of(work: Callable[..., None], *arguments: object) -> int:
    """Run ``work``, a function of this module, in a process of its own.

    Return 0 when it came to its end, else the number of the signal that killed it.
    """
    process = FORKS.Process(target=work, args=arguments)
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    assert code is not None
    assert code <= 0, "the program failed instead of being killed"
    return -code


def write_killed_at_step(folder: Path, start: int, step: int) -> None:
    """Write a batch, killed by SIGKILL when the database or the disk is asked for the ``step``-th time."""
    left = [step]

    def count(*_arguments: object, **_named: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, count)
    for owner, name in ((os, "fsync"), (os, "replace"), (DefaultDialect, "do_commit")):
        real = getattr(owner, name)

        def counted(*arguments: object, real: Callable[..., object] = real) -> object:
            count()
            result = real(*arguments)
            count()
            return result

        setattr(owner, name, counted)
    write_batch(folder, start)


def write_killed_at_size(folder: Path, start: int, limit: int) -> None:
    """Write a large batch, killed by SIGXFSZ at the first write past a file size, which tears that write in two."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    write_batch(folder, start, padding=40_000)


def write_on_full_disk(folder: Path, start: int, limit: int, told: Connection) -> None:
    """Write a large batch where no file may grow past ``limit``, and tell what a person would be told."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        write_batch(folder, start, padding=40_000)
        told.send("saved")
    except NotSaved as error:
        told.send(str(error))


def write_for_ever(folder: Path, writer: int, told: Connection) -> None:
    """Append single events and tell the number of each when it is saved."""
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    while True:
        told.send(ledger.append("testset", TYPE, {"writer": writer}, ACTOR).seq)


def read_verify_and_write(folder: Path, told: Connection) -> None:
    """Use a ledger as somebody whom permissions bind: ourselves, or user nobody when we are root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        ledger = Ledger("sqlite:///ledger.db", folder, {})
        told.send(f"{len(ledger.events())} {verify(folder).findings}")
        ledger.append("testset", TYPE, {}, ACTOR)
        told.send("saved")
    except LookingGlassError as error:
        told.send(f"{type(error).__name__} {error}")
