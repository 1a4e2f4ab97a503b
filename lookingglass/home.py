"""A workspace's parts that everything below the front door shares: its folder, configuration, ledger and files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.config import WorkspaceConfig, load_config
from lookingglass.errors import Damaged, NotFound
from lookingglass.files import FileStore
from lookingglass.folders import CONFIG_FILE
from lookingglass.forgetting import finish_erasures
from lookingglass.ledger import Ledger, ledger_path

FILES_FOLDER = "files"


@dataclass(frozen=True)
class Home:
    """One workspace on disk.

    Attributes:
        folder: holds workspace.toml, ledger.db, files/ (immutable, by hash) and scores/ (derived, may be deleted).
    """

    folder: Path
    config: WorkspaceConfig
    ledger: Ledger
    files: FileStore

    def close(self) -> None:
        """Close the ledger's connections."""
        self.ledger.close()

    @property
    def read_only(self) -> str | None:
        """Why nothing can be written here, in one sentence; None when it can."""
        if not self.folder.is_dir():
            return None
        path = ledger_path(self.config.ledger, self.folder)
        places = (self.folder, *([path.parent, path] if path is not None else []))
        locked = next((place for place in places if place.exists() and not os.access(place, os.W_OK)), None)
        if locked is None:
            return None
        what = "the folder" if locked.is_dir() else "its ledger"
        return (
            f"This workspace can be looked at and not changed: {what} {locked.name} can only be read. "
            "Let the server's user write there to change it."
        )


def config_digest(config: WorkspaceConfig) -> str:
    """Return ``sha256:...`` over the task and columns, the parts of workspace.toml that decide what data mean.

    What stands at its default is left out, so that a key that a later version adds changes no digest.
    """
    meant = config.model_dump(mode="json", include={"task", "columns"}, exclude_defaults=True)
    return "sha256:" + sha256_hex(canonical_json(meant))


def open_home(folder: Path, *, make_ledger: bool = True) -> Home:
    """Open the workspace in ``folder``, making its ledger if it has none yet.

    Args:
        make_ledger: False refuses a workspace without a ledger instead, so that looking at one never changes it.

    Raises:
        NotFound: there is no workspace.toml.
        BadInput: workspace.toml or the ledger cannot be used, or a newer Looking Glass wrote the ledger.
        Damaged: the ledger is gone or is no longer one.
        NotSaved: there is no ledger yet and none can be made here.
    """
    folder = folder.absolute()
    config = load_config(folder)
    files = FileStore(folder / FILES_FOLDER)
    if not make_ledger:
        _refuse_a_missing_ledger(config.ledger, folder, files)
    _refuse_a_lost_ledger(config.ledger, folder, files)
    fresh = make_ledger and files.is_empty()
    ledger = Ledger(config.ledger, folder, config.people, make=fresh)
    finish_erasures(folder, ledger, files)
    return Home(folder, config, ledger, files)


def _refuse_a_missing_ledger(url: str, folder: Path, files: FileStore) -> None:
    path = ledger_path(url, folder)
    if path is not None and files.is_empty() and not (path.exists() and path.stat().st_size > 0):
        raise NotFound(
            f"{folder} has a {CONFIG_FILE} and no ledger: if it is still being copied, wait; if it is new, import its "
            f"first file with `lookingglass testset import {folder} FILE`."
        )


def _refuse_a_lost_ledger(url: str, folder: Path, files: FileStore) -> None:
    """Refuse to start an empty ledger beside files that only a lost one can have brought."""
    path = ledger_path(url, folder)
    if path is None or (path.exists() and path.stat().st_size > 0):
        return
    if not files.is_empty():
        raise Damaged(
            f"{path} is {'empty' if path.exists() else 'missing'}, but the files it spoke of are in {files.folder}: "
            "bring the ledger back from a backup."
        )
