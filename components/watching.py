"""Looks every so often whether a page is out of date, and draws it anew then. Knows nothing of what it looks at."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import address

EVERY_SECONDS = 0.8


def watch(
    moved: Callable[[], bool], draw: Callable[[], None] | None = None, *, seconds: float = EVERY_SECONDS
) -> None:
    """Call ``draw`` now and every so often, and rerun the page once ``moved`` says that it is out of date.

    The run that draws the page only draws: it may be the answer to a click on a button further down, which a rerun
    from here would swallow. What has moved by then is seen a moment later.
    """
    drawn = False

    @st.fragment(run_every=seconds)
    def look() -> None:
        nonlocal drawn
        if drawn:
            address.came_back()
            if moved():
                st.rerun()
        drawn = True
        if draw is not None:
            draw()

    with (
        st.container()
    ):  # one place however much is drawn, so that what stands below is not taken for something else
        look()
