"""The list of examples, a page at a time. Knows nothing of how they are changed."""

from __future__ import annotations

import streamlit as st

from components.context import Context


def draw(ctx: Context) -> None:
    """Draw the first examples of the version."""
    st.dataframe(ctx.ws.test_set(ctx.version).frame().head(25), hide_index=True)
