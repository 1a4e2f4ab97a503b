"""Fields for numbers of a threshold session: what is typed, or set with a slider, goes into the address at once."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from components import state


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
    """Draw one amount of money twice: to type it, not below ``least``, and as a slider to try others."""
    exact, tried = st.columns([2, 3], vertical_alignment="bottom")
    with exact:
        number_field(
            name, f"{label} ({currency})" if currency else label, current, step=1.0,
            min_value=least, format="%.10g", help=help,
            placeholder="Say how much",
        )  # fmt: skip
    most = slider_end(current)
    shown = min(max(current or 0.0, 0.0), most)
    key = f"threshold {name} tried"

    def commit() -> None:
        state.link(name, state.heard(key))

    state.show_in(key, shown)
    with tried:
        st.slider(
            f"{label}, to try",
            0.0,
            most,
            step=most / 100,
            format="compact",
            key=key,
            on_change=commit,
            label_visibility="collapsed",
        )


def slider_end(current: float | None) -> float:
    """Return where a slider for an amount ends: the next power of ten with room for ten times what it is now."""
    if current is None or current <= 0:
        return 100.0
    return float(10 ** math.ceil(math.log10(current * 5)))
