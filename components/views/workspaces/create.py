"""Making a new workspace from a file: the button on the page, and the wizard in the page's place."""

from __future__ import annotations

import os

import streamlit as st

from components import cache
from components.context import Visit
from components.views.import_wizard import new


def is_creating() -> bool:
    """Whether this session is in the middle of making one."""
    return new.is_begun()


def creation(visit: Visit) -> None:
    """Draw the wizard when it was begun, else the button that begins it, or why none can be made here."""
    why_not = _why_not()
    if new.is_begun() and why_not is None:
        new.draw(visit, cache.served_folder())
        return
    st.button(
        "Make a workspace from a file",
        type="primary",
        disabled=why_not is not None,
        on_click=new.begin,
        key="make a workspace",
    )
    if why_not is not None:
        st.caption(why_not)


def _why_not() -> str | None:
    folder = cache.served_folder()
    if cache.serves_one():
        return (
            "This server was started for one workspace, so none can be made beside it: start it with "
            "`lookingglass dashboard FOLDER` for a folder of workspaces."
        )
    if not folder.is_dir():
        return "The folder that this server was started for is not there any more."
    if not os.access(folder, os.W_OK):
        return "The folder of workspaces can only be read: let the server's user write there to make one."
    return None
