"""What is going on in a workspace: the evaluation under way with its cancel button, and what happened lately.

    progress(keeper.state(), on_cancel=keeper.cancel, on_resume=keeper.resume); happenings(ws.happenings(8))

Knows nothing of pages; draw ``progress`` inside a fragment with ``run_every``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.formatting import escaped, plain, refusal, when, within
from lookingglass.wording import duration_text

if TYPE_CHECKING:
    from lookingglass.evaluation.background import KeeperState
    from lookingglass.evaluation.engine import Progress
    from lookingglass.happenings import Happening


def progress(
    state: KeeperState, *, on_cancel: Callable[[], None], on_resume: Callable[[], None], key: str = "progress"
) -> None:
    """Draw how far the evaluation of the newest version is, one line a candidate; nothing when there is nothing to say.

    Args:
        on_cancel, on_resume: called when the button is pressed; what was scored is kept.
    """
    if state.error:
        st.error(refusal(state.error), icon=":material/error:")
    if state.cancelled:
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-stopped"):
            st.text("The evaluation was stopped; what was scored is kept.")
            st.button("Go on", on_click=on_resume, key=f"{key}-resume")
    if state.target is None:
        return
    with st.container(key=key):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.text(f"Evaluating every candidate on test-set version {state.target}")
            st.button("Stop", on_click=on_cancel, key=f"{key}-cancel")
        for item in state.progress:
            if item.total:
                st.progress(min(item.done / item.total, 1.0), text=plain(progress_words(item)))


def progress_words(item: Progress) -> str:
    """Return one candidate's progress: ``boosted: 1,200 of 2,381 rows, about 20 seconds left``."""
    if item.error:
        return f"{item.candidate}: failed: {within(str(item.error))}"
    words = f"{item.candidate}: {item.done:,} of {item.total:,} rows"
    left = item.seconds_left
    if left is not None:
        words += f", about {duration_text(left)} left"
    return words


def happenings(events: Sequence[Happening], *, empty: str = "Nothing has happened here yet.") -> None:
    """Draw the latest events, newest first, each with who, what and when (UTC on hover)."""
    st.html(happenings_html(events, empty))


def happenings_html(events: Sequence[Happening], empty: str) -> str:
    """Return the list as HTML; names and words are escaped."""
    if not events:
        return f'<div class="lg lg-quiet">{escaped(empty)}</div>'
    lines = "".join(
        f"<li><strong>{escaped(event.actor)}</strong> {escaped(event.words)}{when(event.time)}</li>"
        for event in events
    )
    return f'<div class="lg"><ul class="lg-list">{lines}</ul></div>'
