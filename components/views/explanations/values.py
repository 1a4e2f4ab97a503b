"""Reasons in a row of a table on the page: each value, where it stands among all, and a bar to its side."""

from __future__ import annotations

import streamlit as st

from components.context import Context
from lookingglass.explanations import Explanation
from lookingglass.explanations.drawn import values_html
from lookingglass.wording import plural


def draw_values(ctx: Context, told: Explanation, strongest: float) -> None:
    """Draw one row a column of the table, strongest first.

    Args:
        strongest: the absolute weight of the longest bar, the same for every candidate side by side.
    """
    rows = ctx.ws.test_set(ctx.version).rows
    st.html(values_html(told, strongest, rows, plural(ctx.ws.config.task.unit)))
