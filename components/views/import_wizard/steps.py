"""The steps of a wizard as a person sees them, and the way back and on. Knows nothing of what the steps ask."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components.formatting import escaped
from components.views.import_wizard.draft import Draft


def show_steps(steps: Mapping[str, str], now: str) -> None:
    """Draw the steps in order, the one that is shown marked in words for screen readers too."""
    st.html(steps_html(steps, now))


def steps_html(steps: Mapping[str, str], now: str) -> str:
    """Return the steps as HTML; their names are escaped."""
    items = []
    for number, (key, words) in enumerate(steps.items(), start=1):
        text = escaped(f"{number}. {words}")
        items.append(
            f'<li aria-current="step" style="font-weight:600">{text}</li>'
            if key == now
            else f'<li class="lg-quiet">{text}</li>'
        )
    look = "display:flex;flex-wrap:wrap;gap:0.25rem 1.5rem;list-style:none;margin:0;padding:0"
    return f'<div class="lg"><ol style="{look}" aria-label="Steps">{"".join(items)}</ol></div>'


def back_button(draft: Draft, to: str, *, key: str) -> None:
    """Draw the button back; nothing that was given is lost."""

    def go() -> None:
        draft.step = to

    st.button("Back", on_click=go, key=draft.key(f"back {key}"))
