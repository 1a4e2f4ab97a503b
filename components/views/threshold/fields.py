"""Fields for numbers of a threshold session: what is typed goes into the address at once."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import state
from lookingglass.metrics.formulas import MOST_MONEY


def number_field(
    name: str, label: str, current: float | None, *, share: bool = False, **settings: Any
) -> None:
    """Draw a field for one number of the address; empty takes it out.

    Args:
        name: of the number in the address.
        share: the address carries a share where the field shows per cent.
    """
    scale = 100.0 if share else 1.0
    shown = None if current is None else round(current * scale, 10)
    key = state.field_key(f"threshold {name}", shown)

    def commit() -> None:
        typed = state.widget(key)
        state.link(name, None if typed is None else typed / scale)

    st.number_input(label, value=shown, key=key, on_change=commit, **settings)


def amount_field(
    name: str, label: str, current: float | None, currency: str, help: str, *, least: float | None = None
) -> None:
    """Draw the field for one amount of money, not below ``least``; sliders to try others stand with the picture."""
    number_field(
        name, f"{label} ({currency})" if currency else label, current, step=1.0,
        min_value=least, max_value=MOST_MONEY, format="%.10g", help=help,
        placeholder="Say how much",
    )  # fmt: skip
