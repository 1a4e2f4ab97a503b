"""The form that gives a workspace another title. Its folder, and so every link to it, stays."""

from __future__ import annotations

import streamlit as st

import lookingglass as lg
from components import state
from components.context import Visit
from components.formatting import plain
from lookingglass.configuring import LONGEST_TITLE, RENAMED, rename_workspace
from lookingglass.errors import LookingGlassError
from lookingglass.ledger import may

ACT = "rename workspace"


def rename_form(visit: Visit, ws: lg.Workspace) -> None:
    """Draw the form; what will be recorded stands above its button."""
    old = ws.config.title or ws.config.name
    with st.expander(f"Rename {plain(old)}"):
        title = st.text_input(
            "New title",
            value=old,
            key=f"new title of {ws.home.folder.name} {old}",
            max_chars=LONGEST_TITLE,
            help="What people call this use case, on every page.",
        )
        st.caption(
            f"Recorded: the old and the new title, by you, now. The folder {plain(ws.home.folder.name)} keeps "
            "its name, so links to it stay good."
        )
        why_not = _why_not(visit, ws)
        if st.button("Rename", disabled=why_not is not None or (title or "") == old, help=why_not):
            try:
                rename_workspace(ws.home, title or "", visit.actor, seen=old, key=state.request_key(ACT))
            except LookingGlassError as error:
                st.error(plain(str(error)))
                return
            state.done(ACT, f"Renamed from {old} to {title}.")
            st.rerun()


def _why_not(visit: Visit, ws: lg.Workspace) -> str | None:
    """Return why this person cannot rename it, None when they can; the core checks again."""
    if ws.home.read_only:
        return plain(ws.home.read_only)
    try:
        name = visit.actor.name
    except LookingGlassError as error:
        return plain(str(error))
    if not may(ws.config.people, name, RENAMED):
        return plain(f"{name} may not rename this workspace: that needs the role editor.")
    return None
