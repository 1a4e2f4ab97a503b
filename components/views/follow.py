"""Keeps an open page true: shows the evaluation under way, and draws the page anew when it has moved on."""

from __future__ import annotations

import streamlit as st

from components.context import Context
from components.views.activity import progress

EVERY_SECONDS = 0.8


def follow(ctx: Context) -> None:
    """Draw the progress of the evaluation; rerun the page once new figures are there."""

    @st.fragment(run_every=EVERY_SECONDS)
    def look() -> None:
        state = ctx.keeper.state()
        if (state.version, state.head, state.cancelled, state.also) != (
            ctx.drawn.version,
            ctx.drawn.head,
            ctx.drawn.cancelled,
            ctx.drawn.also,
        ):
            st.rerun()
        progress(state, on_cancel=ctx.keeper.cancel, on_resume=ctx.keeper.resume)

    look()
