"""A process is killed at every step of an erasure, in turn: afterwards nothing was erased, or whoever opens the
workspace next finishes it. Either way the chain verifies and every digest adds up."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from lookingglass.config import write_config
from lookingglass.evaluation.scores import ScoreStore
from lookingglass.home import open_home
from lookingglass.ledger.database import Database
from lookingglass.ledger.verify import verify
from lookingglass.testset import (
    commit_import,
    edit_example,
    erase_example,
    latest_version,
    plan_import,
    read_version,
)
from tests.core.testset.conftest import ANA, BO, GOOD, config
from tests.core.testset.traces import places_of
from tests.faults.ledger_model import FORKS

MARKERS = ("MARK-ONE", "MARK-TWO")
VERSIONS = 3
MOST_STEPS = 400


def make_workspace(folder: Path) -> list[str]:
    """Make a workspace whose example a is in a file, in the database and among the scores; return all digests."""
    write_config(folder, config())
    home = open_home(folder)
    upload = folder.parent / "data.csv"
    upload.write_text(GOOD.replace("001", "MARK-ONE"), encoding="utf-8")
    commit_import(home, plan_import(home, upload), ANA)
    edit_example(home, "a", {"code": "MARK-TWO"}, actor=ANA)
    edit_example(home, "b", {"lvr": 1}, actor=ANA)
    ids = read_version(home).rows.get_column("@input_id")
    ScoreStore(folder / "scores").write("sha256:f1", ids, np.tile([0.5, 0.5], (len(ids), 1)))
    digests = [read_version(home, version).digest for version in range(VERSIONS + 1)]
    home.close()
    return digests


def erase_killed_at_step(folder: Path, step: int) -> None:
    """Erase a, killed by SIGKILL when the database or the disk is asked for the ``step``-th time."""
    home = open_home(folder)
    read_version(home)
    left = [step]

    def count(*_arguments: object, **_named: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, moment, count)
    places: list[tuple[object, str]] = [(os, "fsync"), (os, "replace"), (os, "unlink")]
    places += [(DefaultDialect, "do_commit"), (Database, "forget_deleted")]
    for owner, name in places:
        real = getattr(owner, name)

        def counted(*arguments: object, real: Callable[..., object] = real, **named: object) -> object:
            count()
            result = real(*arguments, **named)
            count()
            return result

        setattr(owner, name, counted)
    erase_example(home, "a", "asked for", BO)
    home.close()


def erase_each_killed(start: Path, told: Connection) -> None:
    """Erase in copies of ``start``, each in a process forked from this one, killed one step later than the one before.

    This process has imported everything and used nothing, so that it may fork. It tells each copy's folder and signal.
    """
    importlib.import_module("pandas")  # an erasure needs it; else each of the processes imports it again
    for step in range(1, MOST_STEPS):
        folder = Path(shutil.copytree(start, start.parent / f"step {step}"))
        child = os.fork()
        if not child:
            code = 1
            try:
                erase_killed_at_step(folder, step)
                code = 0
            finally:
                os._exit(code)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told.send((folder, status))
        if status >= 0:
            break
    told.close()


def check(folder: Path, digests: list[str], *, go_on: bool) -> bool:
    """Open the workspace as the next process would and check all that is there; return whether a was erased.

    Args:
        go_on: whether to go on working too: erase what was not, and change another example.
    """
    home = open_home(folder)
    try:
        erased = latest_version(home) > VERSIONS
        assert [read_version(home, version).digest for version in range(VERSIONS + 1)] == digests
        assert all(("a" in read_version(home, version).ids) != erased for version in range(1, VERSIONS + 1))
        assert verify(folder).findings == ()
        if erased:
            assert [done for _, done in home.ledger.erasures()] == [True]
        elif go_on:
            erase_example(home, "a", "asked for", BO)  # nobody is locked out, and what was left over goes too
        if erased or go_on:
            assert [place for marker in MARKERS for place in places_of(marker, folder)] == []
        if go_on:
            edit_example(home, "b", {"lvr": 2}, actor=ANA)
            assert verify(folder).findings == ()
        return erased
    finally:
        home.close()


@pytest.mark.timeout(600)  # some hundred processes, each with the whole product loaded
def test_killed_at_every_step_of_an_erasure(tmp_path: Path) -> None:
    digests = make_workspace(tmp_path / "start")
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=erase_each_killed, args=(tmp_path / "start", theirs))
    process.start()
    theirs.close()
    outcomes: list[bool] = []
    status = -signal.SIGKILL
    while status == -signal.SIGKILL:
        folder, status = ours.recv()
        outcomes.append(check(folder, digests, go_on=len(outcomes) % 4 == 0))
        shutil.rmtree(folder)
    process.join()
    process.close()
    assert status == 0, "the last one was not killed and came to its end"
    assert outcomes == sorted(outcomes), "first not erased, then finished by the next"
    assert outcomes.count(False) > 10
    assert outcomes.count(True) > 10
