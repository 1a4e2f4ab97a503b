"""Says that workspace.toml was changed by hand, and lets a person stand for the change, which is then recorded."""

from __future__ import annotations

import streamlit as st

import lookingglass as lg
from components import state
from components.context import Visit
from components.formatting import plain, refusal, within
from lookingglass.configuring import CONFIGURED, changed_by_hand, stand_for_configuration
from lookingglass.errors import LookingGlassError
from lookingglass.ledger import may
from lookingglass.wording import short_hash

ACT = "stand for workspace.toml"
_NOTE = "why workspace.toml was changed"
_TOLD = "why workspace.toml was not recorded"


def change_by_hand(visit: Visit, ws: lg.Workspace) -> None:
    """Draw since when it was changed, and the form that records who stands for it; nothing when all is as recorded."""
    told = state.kept(_TOLD)
    if told:
        state.forget(_TOLD)
        st.error(plain(told))
    found = changed_by_hand(ws.home)
    if found is None:
        return
    st.warning(plain(found.words))
    st.text_input("Why it was changed", key=_NOTE, max_chars=500)
    st.caption(
        f"Recorded: by you, now, that the task and columns with the digest {short_hash(found.now)} are meant "
        f"(before: {short_hash(found.recorded)})."
    )
    why_not = _why_not(visit, ws)

    def do_it() -> None:
        """Record it; a callback, so that no redrawing of the page can swallow the click."""
        try:
            stand_for_configuration(
                ws.home, visit.actor, note=state.widget(_NOTE) or "", key=state.request_key(ACT)
            )
        except LookingGlassError as error:
            state.keep(_TOLD, within(str(error)))
        else:
            state.done(ACT, "The change of workspace.toml is recorded.")

    st.button("Record that this is meant", disabled=why_not is not None, on_click=do_it)
    if why_not is not None:
        st.caption(why_not)


def _why_not(visit: Visit, ws: lg.Workspace) -> str | None:
    """Return why this person cannot stand for it, None when they can; the core checks again."""
    if ws.home.read_only:
        return plain(ws.home.read_only)
    try:
        name = visit.actor.name
    except LookingGlassError as error:
        return refusal(error)
    if not may(ws.config.people, name, CONFIGURED):
        return plain(f"{name} may not record the configuration: that needs the role editor.")
    return None
