"""A file that is made when somebody asks for it, and then lies ready to be saved.

Streamlit can make a file on the click itself, but throws it away as soon as any two pages have redrawn, which here
happens each second; a slow browser then finds nothing. So the click makes the file, and a second one saves it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st

from components import state
from components.formatting import plain, refusal
from lookingglass.errors import LookingGlassError

_HELD = "file that lies ready"


@dataclass(frozen=True)
class _Held:
    """The file that was made last in this session; one at a time, however large."""

    key: str
    stamp: Hashable
    data: bytes | str


def prepared_download(
    label: str,
    make: Callable[[], bytes | str],
    *,
    file_name: str,
    mime: str,
    key: str,
    stamp: Hashable,
    help: str | None = None,
) -> None:
    """Draw the button that makes a file, and in its place, once it is made, the one that saves it.

    Args:
        make: returns the whole file; called once, when somebody presses the button.
        stamp: what the file depends on. With another one the file is out of date and can be made anew.
    """
    held = state.kept(_HELD)
    if isinstance(held, _Held) and (held.key, held.stamp) == (key, stamp):
        st.download_button(
            f"Save {plain(file_name)} ({size_text(len(held.data))})",
            held.data,
            file_name=file_name,
            mime=mime,
            key=f"{key} ready",
            on_click="ignore",
            icon=":material/download:",
        )
        return
    if not st.button(label, key=key, help=help):
        return
    try:
        with st.spinner("Making the file"):
            state.keep(_HELD, _Held(key, stamp, make()))
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    st.rerun()


def size_text(length: int) -> str:
    """Return a number of bytes as people say it: ``812 bytes``, ``34 kB``, ``1.3 MB``."""
    if length < 1_000:
        return f"{length} bytes"
    if length < 1_000_000:
        return f"{length / 1e3:.0f} kB"
    return f"{length / 1e6:.1f} MB"
