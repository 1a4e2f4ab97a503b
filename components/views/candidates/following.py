"""Keeps the page Candidates true: draws it anew when anybody changed a candidate or the evaluation moved on."""

from __future__ import annotations

from components.context import Context
from components.views.follow import evaluation_under_way
from components.watching import watch


def follow_candidates(ctx: Context) -> None:
    """Draw the progress of the evaluation; rerun the page when the candidates or their figures changed.

    A candidate that somebody else registers is there at once, as being evaluated, and not only with its figures.
    """
    drawn_seq = ctx.ws.home.ledger.last_seq("candidates")

    def moved() -> bool:
        state, drawn = ctx.keeper.state(), ctx.drawn
        if (state.version, state.head, state.cancelled) != (drawn.version, drawn.head, drawn.cancelled):
            return True
        return bool(ctx.ws.home.ledger.last_seq("candidates") != drawn_seq)

    watch(moved, lambda: evaluation_under_way(ctx))
