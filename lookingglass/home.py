"""A workspace's parts that everything below the front door shares: its folder, configuration, ledger and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lookingglass.config import WorkspaceConfig, load_config
from lookingglass.files import FileStore
from lookingglass.ledger import Ledger


@dataclass(frozen=True)
class Home:
    """One workspace on disk."""

    folder: Path
    config: WorkspaceConfig
    ledger: Ledger
    files: FileStore


def open_home(folder: Path) -> Home:
    """Open the workspace in ``folder``, making its ledger if it has none yet.

    Raises:
        NotFound: there is no workspace.toml.
        BadInput: workspace.toml or the ledger cannot be used.
    """
    config = load_config(folder)
    return Home(folder, config, Ledger(config.ledger, folder, config.people), FileStore(folder / "files"))
