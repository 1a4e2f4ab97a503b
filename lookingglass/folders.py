"""What makes a folder a workspace. Loads nothing, so that starting a server can ask it at once."""

from __future__ import annotations

from pathlib import Path

KEPT_FIGURES = "figures.json"
"""In the folder of the scores: the figures of the newest version, derived and of no other use."""

EXPLANATIONS = "explanations"
"""Folder of explanations that were made: by candidate, settings and input, derived."""

BACKGROUNDS = "backgrounds"
"""In the folder of explanations: the frozen samples that variations were drawn from."""

CONFIG_FILE = "workspace.toml"
"""Every workspace has one at its top."""


def is_workspace(folder: Path) -> bool:
    """Say whether ``folder`` is a workspace."""
    return (folder / CONFIG_FILE).is_file()
