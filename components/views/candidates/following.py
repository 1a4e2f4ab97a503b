"""Keeps the page Candidates true: draws it anew when anybody changed a candidate or the evaluation moved on."""

from __future__ import annotations

import streamlit as st

from components.context import Context
from components.views.activity import progress

EVERY_SECONDS = 0.8


def follow_candidates(ctx: Context) -> None:
    """Draw the progress of the evaluation; rerun the page when the candidates or their figures changed.

    A candidate that somebody else registers is there at once, as being evaluated, and not only with its figures.
    """
    drawn_seq = ctx.ws.home.ledger.last_seq("candidates")

    @st.fragment(run_every=EVERY_SECONDS)
    def look() -> None:
        state, drawn = ctx.keeper.state(), ctx.drawn
        moved = (state.version, state.head, state.cancelled) != (drawn.version, drawn.head, drawn.cancelled)
        if moved or ctx.ws.home.ledger.last_seq("candidates") != drawn_seq:
            st.rerun()
        progress(state, on_cancel=ctx.keeper.cancel, on_resume=ctx.keeper.resume)

    look()
