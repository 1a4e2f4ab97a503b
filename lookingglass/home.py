"""A workspace's parts that everything below the front door shares: its folder, configuration, ledger and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lookingglass.config import WorkspaceConfig, load_config
from lookingglass.errors import Damaged
from lookingglass.files import FileStore
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


def open_home(folder: Path) -> Home:
    """Open the workspace in ``folder``, making its ledger if it has none yet.

    Raises:
        NotFound: there is no workspace.toml.
        BadInput: workspace.toml or the ledger cannot be used, or a newer Looking Glass wrote the ledger.
        Damaged: the ledger is gone or is no longer one.
        NotSaved: there is no ledger yet and none can be made here.
    """
    folder = folder.absolute()
    config = load_config(folder)
    files = FileStore(folder / FILES_FOLDER)
    _refuse_a_lost_ledger(config.ledger, folder, files)
    return Home(folder, config, Ledger(config.ledger, folder, config.people), files)


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
