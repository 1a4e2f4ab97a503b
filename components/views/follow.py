"""Keeps an open page true: shows the evaluation under way, and draws the page anew when it has moved on."""

from __future__ import annotations

from components.context import Context
from components.views.activity import progress
from components.watching import watch


def follow(ctx: Context) -> None:
    """Draw the progress of the evaluation; rerun the page once new figures are there."""

    def moved() -> bool:
        state, drawn = ctx.keeper.state(), ctx.drawn
        now = (state.version, state.head, state.cancelled, state.also)
        return now != (drawn.version, drawn.head, drawn.cancelled, drawn.also)

    watch(moved, lambda: evaluation_under_way(ctx))


def evaluation_under_way(ctx: Context) -> None:
    """Draw how far the evaluation is, with the buttons that stop it and let it go on."""
    progress(ctx.keeper.state(), on_cancel=ctx.keeper.cancel, on_resume=ctx.keeper.resume)
