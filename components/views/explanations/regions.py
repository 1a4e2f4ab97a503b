"""Reasons in an image on the page: its regions for and against beside the original, as strong as one likes."""

from __future__ import annotations

import streamlit as st

from components.context import Context
from components.formatting import plain
from lookingglass.explanations import Explanation
from lookingglass.explanations.drawn import regions_html
from lookingglass.explanations.said import REGIONS_CAPTION


def draw_regions(
    ctx: Context, told: Explanation, strongest: float, opacity: float, png: bytes | None = None
) -> None:
    """Draw the original and, beside it, the same with its regions tinted.

    Args:
        strongest: the absolute weight with the deepest tint, the same for every candidate side by side.
        opacity: of the deepest tint, 0 to 1.
        png: the image, looked up where it is None.
    """
    shown = ctx.ws.image(str(next(iter(told.inputs.values())))) if png is None else png
    st.html(regions_html(told, strongest, shown, opacity))
    st.caption(plain(REGIONS_CAPTION))
