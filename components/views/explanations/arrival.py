"""Brings an example that somebody jumped to before their eyes: the page keeps where it was scrolled to."""

from __future__ import annotations

import streamlit as st

from components import state

PLACE = "place of the example"
"""Key of the container that an example begins with."""

_JUMPED = "example that was jumped to"
_SHOW = """<script>
    const place = document.querySelector(".st-key-place-of-the-example")
    if (place) { place.style.scrollMarginTop = "4.5rem"; place.scrollIntoView({block: "start", behavior: "instant"}) }
</script>"""
"""The same words for every example: nothing of any data is in it."""


def jump_to(example: str) -> None:
    """Note that the next thing to be seen is where this example begins."""
    state.keep(_JUMPED, example)


def draw_arrival(example: str) -> None:
    """Scroll to where the example begins, once after a jump to it. Draw it below that."""
    with st.container():  # one place, whether or not there is something in it
        if state.kept(_JUMPED) == example:
            st.html(_SHOW, unsafe_allow_javascript=True)
        state.forget(_JUMPED)
