"""The form that gives a workspace another title. Its folder, and so every link to it, stays."""

from __future__ import annotations

import streamlit as st

import lookingglass as lg
from components import state
from components.context import Visit
from components.formatting import plain, refusal, within
from lookingglass.configuring import LONGEST_TITLE, RENAMED, rename_workspace
from lookingglass.errors import LookingGlassError
from lookingglass.ledger import may

ACT = "rename workspace"
_TOLD = "why the workspace was not renamed"


def rename_form(visit: Visit, ws: lg.Workspace) -> None:
    """Draw the form; what will be recorded stands above its button."""
    old = ws.config.title or ws.config.name
    with st.expander(f"Rename {plain(old)}"):
        key = f"new title of {ws.home.folder.name} {old}"
        st.text_input(
            "New title",
            value=old,
            key=key,
            max_chars=LONGEST_TITLE,
            help="What people call this use case, on every page.",
        )
        st.caption(
            f"Recorded: the old and the new title, by you, now. The folder {plain(ws.home.folder.name)} keeps "
            "its name, so links to it stay good."
        )
        why_not = _why_not(visit, ws)

        def do_it() -> None:
            """Rename as typed; a callback, so that no redrawing of the page can swallow the click."""
            title = state.widget(key) or ""
            try:
                rename_workspace(ws.home, title, visit.actor, seen=old, key=state.request_key(ACT))
            except LookingGlassError as error:
                state.keep(_TOLD, within(str(error)))
            else:
                state.done(ACT, f"Renamed from {old} to {title}.")

        st.button("Rename", disabled=why_not is not None, on_click=do_it)
        if why_not is not None:
            st.caption(why_not)
        told = state.kept(_TOLD)
        if told:
            state.forget(_TOLD)
            st.error(plain(told))


def _why_not(visit: Visit, ws: lg.Workspace) -> str | None:
    """Return why this person cannot rename it, None when they can; the core checks again."""
    if ws.home.read_only:
        return plain(ws.home.read_only)
    try:
        name = visit.actor.name
    except LookingGlassError as error:
        return refusal(error)
    if not may(ws.config.people, name, RENAMED):
        return plain(f"{name} may not rename this workspace: that needs the role editor.")
    return None
