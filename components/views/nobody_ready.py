"""What stands in a page's place while no candidate can be looked at: none there, all retired, or none ready yet."""

from __future__ import annotations

from components.context import Context
from components.controls.choices import BASELINE_FORMAT
from components.registry import page_entry
from components.views.orientation import empty_state, way_on
from lookingglass.candidates import list_candidates


def nobody_ready(ctx: Context) -> None:
    """Draw why there is no candidate to look at, and the way to the page where that changes."""
    brought = [
        item
        for item in list_candidates(ctx.ws.home, include_retired=True)
        if item.manifest.format != BASELINE_FORMAT
    ]
    if not brought:
        empty_state(
            "No candidates yet.", "Add a model or a file of predictions to have something to look at."
        )
    elif all(item.retired for item in brought):
        empty_state(
            "Every candidate is retired.",
            "A retired one is still shown where a link names it; add another to look at.",
        )
    else:
        empty_state(
            "No candidate is ready yet.",
            "A candidate can be looked at once it has scored every sample; the page Candidates says how far each is.",
        )
    way_on(page_entry("candidates"))
