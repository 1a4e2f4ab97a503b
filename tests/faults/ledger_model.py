"""What the faults of the ledger have in common: a program that writes events, and what must hold when it was stopped.

After each fault: reopen, SQLite's own integrity check, verify the chain and the files, compare with a plain list.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

from lookingglass.files import FileStore
from lookingglass.ledger import Actor, Ledger, NewEvent
from lookingglass.ledger.verify import verify
from tests.boundaries.tree import ROOT

ACTOR = Actor("ana")
TYPE = "examples_changed"


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


def run_program(program: str, *arguments: object, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run Python text in a process of its own, where it may be killed."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
