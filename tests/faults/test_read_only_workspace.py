"""A workspace on a read-only disk can be looked at with all its figures, and every write is refused in a sentence."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import lookingglass as lg
from lookingglass.configuring import rename_workspace
from lookingglass.errors import LookingGlassError
from lookingglass.ledger import Actor
from lookingglass.listing import describe_workspace
from tests.faults.ledger_model import NOBODY
from tests.faults.test_ledger_disk import told_by


@pytest.fixture
def locked(built_demo: Path) -> Iterator[Path]:
    """Return a copy of the worked use case in a place that everybody may enter and nobody but root may write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(built_demo / "mortgage", Path(name) / "mortgage"))
        Path(name).chmod(0o755)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield folder
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)


def look_and_write(folder: Path, pipe: Connection) -> None:
    """As an ordinary user, look at what a page looks at, then try what a page may try; tell each outcome."""
    with lg.open_workspace(folder) as ws:  # loads what an ordinary user may not be allowed to read later
        ws.leaderboard(fresh=False)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    for words in _outcomes(folder):
        pipe.send(words)


def _outcomes(folder: Path) -> Iterator[str]:
    ws = lg.open_workspace(folder, make_ledger=False)
    yield str(ws.home.read_only)
    yield str(describe_workspace(folder).read_only)
    run = ws.engine.bring_up_to_date()
    yield f"{run.rows_scored} rows scored, {sorted({str(item.status) for item in run.progress})}"
    yield ws.leaderboard(fresh=False).sentence
    for write in (
        lambda: rename_workspace(ws.home, "Another", Actor("ana")),
        lambda: ws.home.ledger.append("testset", "examples_changed", {}, Actor("ana")),
        lambda: ws.home.files.add_bytes(b"rows"),
    ):
        try:
            write()
        except LookingGlassError as error:
            yield f"{type(error).__name__}: {error}"
        else:
            yield "written"
    ws.home.close()


def test_it_is_shown_with_its_figures_and_takes_nothing(locked: Path) -> None:
    told = told_by(look_and_write, locked)
    assert told[0] == told[1]
    assert told[0].startswith(
        "This workspace can be looked at and not changed: the folder mortgage can only be read."
    )
    assert told[2] == "0 rows scored, ['complete']"
    assert "vendor-scores has the highest AUC" in told[3]
    assert [words.split(":")[0] for words in told[4:]] == ["NotSaved"] * 3
    assert all("Nothing was" in words for words in told[4:])
