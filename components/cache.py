"""The only place with st.cache_resource and st.cache_data: the served workspaces, shared by everybody on this server.

Access is checked before anything here is called (``components.context.open_page``).
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

import lookingglass as lg
from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.config import load_config
from lookingglass.errors import LookingGlassError
from lookingglass.folders import CONFIG_FILE
from lookingglass.listing import Listed, describe_workspace, ledger_stamp, made_when
from lookingglass.memo import BoundedCache

OPEN_AT_ONCE = 32
_ASK_AGAIN_SECONDS = 5.0
"""How long the description of a workspace is kept whose ledger is not a file that could be looked at."""

Stamp = tuple[int, ...]
_titles: BoundedCache[str | None] = BoundedCache(4096)
_described: BoundedCache[Listed] = BoundedCache(1024)
_made_when: BoundedCache[str | None] = BoundedCache(4096)


def served_folder() -> Path:
    """Return the folder that this server was started for: a workspace or a folder of workspaces."""
    return Path(os.environ.get(FOLDER_VARIABLE, "workspaces")).resolve()


def serves_one() -> bool:
    """Whether this server was started for a single workspace, beside which none can be made."""
    return (served_folder() / CONFIG_FILE).is_file()


def workspace_folders() -> dict[str, Path]:
    """Return the served workspaces by folder name."""
    folder = served_folder()
    if (folder / CONFIG_FILE).is_file():
        return {folder.name: folder}
    if not folder.is_dir():
        return {}
    return {
        path.name: path
        for path in sorted(folder.iterdir())
        if path.name[0] != "." and (path / CONFIG_FILE).is_file()
    }


def served_now() -> Mapping[str, Stamp]:
    """Return each served workspace with a stamp that moves when its workspace.toml does; cheap enough to ask often."""
    return {name: _stamp(folder) for name, folder in workspace_folders().items()}


def workspace_title(folder: Path) -> str:
    """Return what people call a workspace; its folder's name when its file cannot be read."""
    return _title(folder) or folder.name


def first_workspace(folders: Mapping[str, Path]) -> str:
    """Return the workspace that the bare address opens: the one that was made first, of those that can be read."""
    made = {name: _made(folder) for name, folder in folders.items()}
    known = {name: time for name, time in made.items() if time is not None}
    return min(known, key=lambda name: known[name]) if known else next(iter(folders))


def _made(folder: Path) -> str | None:
    try:
        which = folder.stat().st_ino
    except OSError:
        return None
    return _made_when.get((str(folder), which, _stamp(folder)), lambda: made_when(folder))


def _title(folder: Path) -> str | None:
    def read() -> str | None:
        try:
            config = load_config(folder)
        except LookingGlassError:
            return None
        return config.title or config.name

    return _titles.get((str(folder), _stamp(folder)), read)


def described(folder: Path) -> Listed:
    """Return what the list of workspaces says of one, read again when its files changed."""
    there = ledger_stamp(folder)
    when = there if there is not None else int(time.monotonic() / _ASK_AGAIN_SECONDS)
    return _described.get((str(folder), _stamp(folder), when), lambda: describe_workspace(folder))


def open_cached(folder: str) -> lg.Workspace:
    """Open a workspace once for this server, and start what keeps its candidates up to date.

    A workspace.toml that was changed meanwhile takes effect: a new title or other people at once, anything that decides
    what the data mean by opening the workspace again.

    Raises:
        LookingGlassError: it cannot be opened; the others stay as they are.
    """
    return _workspaces().get(folder)


@dataclass
class _Open:
    ws: lg.Workspace
    stamp: Stamp
    digest: str


class _Workspaces:
    """The open workspaces, at most ``OPEN_AT_ONCE``; those used longest ago are closed first."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._lock = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}

    def get(self, folder: str) -> lg.Workspace:
        self._leave_vanished()
        with self._lock:
            turn = self._opening.setdefault(folder, threading.Lock())
        with turn:
            stamp = _stamp(Path(folder))
            with self._lock:
                known = self._open.get(folder)
                if known is not None and known.stamp == stamp:
                    self._open.move_to_end(folder)
                    return known.ws
            return self._take_in(folder, stamp, known)

    def _take_in(self, folder: str, stamp: Stamp, known: _Open | None) -> lg.Workspace:
        """Open the workspace, or let the open one take over what changed in its workspace.toml."""
        digest = _digest(Path(folder))
        config = load_config(Path(folder))
        if known is not None and (known.digest == digest or known.ws.takes_over(config)):
            known.stamp, known.digest = stamp, digest
            return known.ws
        ws = lg.open_workspace(folder, make_ledger=False)
        ws.background()
        with self._lock:
            left = [known] if known is not None else []
            self._open[folder] = _Open(ws, stamp, digest)
            self._open.move_to_end(folder)
            while len(self._open) > OPEN_AT_ONCE:
                left.append(self._open.popitem(last=False)[1])
        _close_later(left)
        return ws

    def _leave_vanished(self) -> None:
        """Close the workspaces whose folder was taken away."""
        with self._lock:
            gone = [folder for folder in self._open if not _stamp(Path(folder))]
            left = [self._open.pop(folder) for folder in gone]
        _close_later(left)

    def close(self) -> None:
        with self._lock:
            left, self._open = list(self._open.values()), OrderedDict()
        for old in left:
            old.ws.close()


@st.cache_resource(max_entries=1, show_spinner=False, on_release=lambda found: found.close())
def _workspaces() -> _Workspaces:
    return _Workspaces()


def _close_later(left: Sequence[_Open]) -> None:
    """Close workspaces in a thread of their own: it waits for the work under way, which nobody here should."""
    for old in left:
        threading.Thread(target=old.ws.close, name="closing a workspace", daemon=True).start()


def _stamp(folder: Path) -> Stamp:
    try:
        found = (folder / CONFIG_FILE).stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _digest(folder: Path) -> str:
    try:
        return hashlib.sha256((folder / CONFIG_FILE).read_bytes()).hexdigest()
    except OSError:
        return ""
