"""Allowing one pickle by its SHA-256: who may, with which reason, and what that means. Recorded in the ledger."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain, refusal
from components.views.candidates.permission import why_not
from lookingglass.candidates import Proposal, approve_file
from lookingglass.candidates.approval import APPROVED
from lookingglass.errors import LookingGlassError


def approval_form(ctx: Context, proposal: Proposal, *, on_done: Callable[[], None]) -> None:
    """Draw the file's SHA-256, the reason and the button that approves it; disabled with why for those who may not.

    Args:
        on_done: called once the approval is recorded, so that the file is inspected again.
    """
    refused = why_not(ctx, APPROVED)
    with st.container(border=True):
        st.markdown("**It is a program. An admin can approve this one file.**")
        st.text(f"SHA-256 {proposal.sha}")
        st.caption(
            "Approve it only if you know who made it: its code will run, in the same limited process as every model. "
            "The approval and its reason are recorded under your name."
        )
        if refused:
            st.info(plain(refused))
        reason = st.text_input(
            "Why it may be loaded", key=f"reason {proposal.sha}", disabled=refused is not None, max_chars=2000
        )
        if not st.button("Approve this file", disabled=refused is not None, key=f"approve {proposal.sha}"):
            return
        act = f"approve {proposal.sha}"
        try:
            approve_file(ctx.ws.home, proposal.sha, reason, ctx.actor, key=state.request_key(act))
        except LookingGlassError as error:
            st.error(refusal(error))
            return
        state.done(act, f"{proposal.file_name} is approved and looked at again.")
        on_done()
        st.rerun()
