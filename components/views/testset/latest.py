"""Which version the page Test set shows: the latest at once, without waiting for any candidate, or the pinned one."""

from __future__ import annotations

from dataclasses import replace

from components.context import Context
from components.views.follow import evaluation_under_way
from components.watching import watch
from lookingglass.errors import LookingGlassError
from lookingglass.ledger import PERMISSIONS, may
from lookingglass.testset import latest_version
from lookingglass.wording import joined


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
    if ctx.ws.home.read_only:
        return ctx.ws.home.read_only
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


def follow_testset(ctx: Context) -> None:
    """Draw the progress of the evaluation; rerun the page when the test set or the candidates' scores moved on.

    Forms on the page keep what was typed: they stay on the version that they were opened with.
    """

    def moved() -> bool:
        state, drawn = ctx.keeper.state(), ctx.drawn
        if not ctx.pinned and latest_version(ctx.ws.home) != ctx.version:
            return True
        return (state.head, state.cancelled, state.also) != (drawn.head, drawn.cancelled, drawn.also)

    watch(moved, lambda: evaluation_under_way(ctx))
