"""What a list of workspaces says of each: its title, its test set, its candidates, its last change, or what is wrong.

Reads only: a folder that is not a whole workspace is told as it is, and nothing is made in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from lookingglass.candidates import list_candidates
from lookingglass.config import load_config
from lookingglass.errors import LookingGlassError
from lookingglass.folders import CONFIG_FILE
from lookingglass.home import Home, open_home
from lookingglass.ledger import ledger_path


@dataclass(frozen=True)
class Listed:
    """One workspace in a list.

    Attributes:
        name: its folder's name, which stands in links; ``title`` what people call it.
        kind: tabular, text or image; ``unit`` what one example is called.
        version, examples: of the newest version of the test set, 0 when it is empty.
        candidates: how many are under evaluation, the baseline not counted.
        changed, by: when the ledger last moved (UTC) and who moved it, "" when it never did.
        read_only: why nothing can be written here, None when it can.
        trouble: why it cannot be opened, in one sentence; None when it can.
    """

    name: str
    title: str
    kind: str = ""
    unit: str = "example"
    version: int = 0
    examples: int = 0
    candidates: int = 0
    changed: str = ""
    by: str = ""
    read_only: str | None = None
    trouble: str | None = None


def describe_workspace(folder: Path) -> Listed:
    """Return what a list says of the workspace in ``folder``; what is wrong with it is told in ``trouble``."""
    listed = Listed(folder.name, folder.name)
    try:
        config = load_config(folder)
        listed = replace(
            listed, title=config.title or config.name, kind=config.task.kind, unit=config.task.unit
        )
        home = open_home(folder, make_ledger=False)
        try:
            return _filled(listed, home)
        finally:
            home.close()
    except LookingGlassError as error:
        return replace(listed, trouble=str(error))


def made_when(folder: Path) -> str | None:
    """Return when the workspace in ``folder`` was made (UTC), None when that cannot be told."""
    try:
        home = open_home(folder, make_ledger=False)
        try:
            return home.ledger.event(1).time
        finally:
            home.close()
    except LookingGlassError:
        return None


def _filled(listed: Listed, home: Home) -> Listed:
    head, _ = home.ledger.head()
    last = home.ledger.event(head) if head else None
    seq = home.ledger.last_seq("testset")
    newest = home.ledger.event(seq).payload if seq else {}
    return replace(
        listed,
        version=int(newest.get("version", 0)),
        examples=int(newest.get("examples", 0)),
        candidates=sum(item.manifest.format != "baseline" for item in list_candidates(home)),
        changed=last.time if last else "",
        by=last.actor if last else "",
        read_only=home.read_only,
    )


def ledger_stamp(folder: Path) -> tuple[int, ...] | None:
    """Return numbers that move when the ledger's files do; None when it is no file, or cannot be told."""
    try:
        path = ledger_path(load_config(folder).ledger, folder)
    except LookingGlassError:
        return ()
    if path is None:
        return None
    stamp: list[int] = []
    for file in (path, path.with_name(f"{path.name}-wal"), folder / CONFIG_FILE):
        try:
            found = file.stat()
        except OSError:
            stamp.append(0)
            continue
        stamp += [found.st_mtime_ns, found.st_size, found.st_ino]
    return tuple(stamp)
