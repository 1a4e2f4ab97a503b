"""Which version the page Test set shows: the latest at once, without waiting for any candidate, or the pinned one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import state as session
from components.context import Context
from components.views.activity import progress
from lookingglass.errors import LookingGlassError
from lookingglass.ledger import PERMISSIONS, may
from lookingglass.testset import latest_version
from lookingglass.wording import joined

EVERY_SECONDS = 0.8


def at_latest(ctx: Context) -> Context:
    """Return the context at the latest version of the test set; at the pinned one where the link names one."""
    return ctx if ctx.pinned else replace(ctx, version=latest_version(ctx.ws.home))


def is_old(ctx: Context) -> bool:
    """Whether a version is shown that is no longer the latest, which can only be looked at."""
    return ctx.version < latest_version(ctx.ws.home)


def why_not(ctx: Context, event_type: str = "examples_changed") -> str | None:
    """Return why this person cannot change the test set here, in one sentence; None when they can."""
    if is_old(ctx):
        return (
            f"Version {ctx.version} is not the latest, so it can only be looked at: "
            "choose Latest beside the menu to change the test set."
        )
    try:
        actor = ctx.actor
    except LookingGlassError as error:
        return str(error)
    if may(ctx.ws.config.people, actor.name, event_type):
        return None
    permission = PERMISSIONS[event_type]
    return (
        f"{actor.name} may not {permission.act}: that needs the role {joined(permission.roles, 'or')}, which an admin "
        "gives in [people] of workspace.toml."
    )


def at_latest_again() -> None:
    """Take a pinned version out of the link: what was just recorded is in a newer one."""
    session.link("version", None)


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
