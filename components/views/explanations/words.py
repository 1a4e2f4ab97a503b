"""Reasons in a text on the page: each word in its place and in its own field, tinted by how it pushes."""

from __future__ import annotations

import streamlit as st

from lookingglass.explanations import Explanation
from lookingglass.explanations.drawn import words_html


def draw_words(told: Explanation, strongest: float) -> None:
    """Draw every field of a text with its words coloured.

    Args:
        strongest: the absolute weight that has the deepest tint, the same for every candidate side by side.
    """
    st.html(words_html(told, strongest))
