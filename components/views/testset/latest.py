"""Which version the page Test set shows: the latest at once, without waiting for any candidate, or the pinned one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components.context import Context
from components.views.activity import progress
from lookingglass.testset import latest_version

EVERY_SECONDS = 0.8


def at_latest(ctx: Context) -> Context:
    """Return the context at the latest version of the test set; at the pinned one where the link names one."""
    return ctx if ctx.pinned else replace(ctx, version=latest_version(ctx.ws.home))


def is_old(ctx: Context) -> bool:
    """Whether a version is shown that is no longer the latest, which can only be looked at."""
    return ctx.version < latest_version(ctx.ws.home)


def follow_testset(ctx: Context) -> None:
    """Draw the progress of the evaluation; rerun the page when the test set or the candidates' scores moved on.

    Forms on the page keep what was typed: they stay on the version that they were opened with.
    """

    @st.fragment(run_every=EVERY_SECONDS)
    def look() -> None:
        state = ctx.keeper.state()
        moved = not ctx.pinned and latest_version(ctx.ws.home) != ctx.version
        if moved or (state.head, state.cancelled) != (ctx.drawn.head, ctx.drawn.cancelled):
            st.rerun()
        progress(state, on_cancel=ctx.keeper.cancel, on_resume=ctx.keeper.resume)

    look()
