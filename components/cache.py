"""The only place with st.cache_resource and st.cache_data: open workspaces, shared by everybody on this server.

Access is checked before anything here is called (``components.context.open_page``).
"""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

import lookingglass as lg
from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.config import CONFIG_FILE, load_config
from lookingglass.errors import LookingGlassError


def served_folder() -> Path:
    """Return the folder that this server was started for: a workspace or a folder of workspaces."""
    return Path(os.environ.get(FOLDER_VARIABLE, "workspaces")).resolve()


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
        if (path / CONFIG_FILE).is_file() and path.name[0] != "."
    }


def workspace_title(folder: Path) -> str:
    """Return what people call a workspace; its folder's name when its file cannot be read."""
    try:
        config = load_config(folder)
    except LookingGlassError:
        return folder.name
    return config.title or config.name


@st.cache_resource(max_entries=32, show_spinner=False, on_release=lambda ws: ws.close())
def open_cached(folder: str) -> lg.Workspace:
    """Open a workspace once for this server, and start what keeps its candidates up to date."""
    ws = lg.open_workspace(folder)
    ws.background()
    return ws
