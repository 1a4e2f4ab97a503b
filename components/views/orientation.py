"""What tells a person where they are and what to do next: chips that are links, the first-minutes hint, empty states.

    chips([Chip("boosted", "pages/overview.py", {"candidate": "boosted"}, "sha256:...")])

Knows nothing of the pages that it links to beyond what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from components.formatting import escaped, plain
from components.registry import PageEntry


@dataclass(frozen=True)
class Chip:
    """A short fact that is a link: ``boosted``, ``version 7``, ``threshold 0.37``.

    Attributes:
        label: what it says, never cut.
        page: a page's file, such as ``pages/overview.py``.
        query: what the link carries.
        told: the full form on hover (a fingerprint, a digest).
        icon: a Material icon, such as ``:material/tag:``.
    """

    label: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)
    told: str | None = None
    icon: str | None = None


@dataclass(frozen=True)
class Step:
    """One thing to try, and the page where it is done; without one it is only told."""

    words: str
    page: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)


def chips(items: Sequence[Chip], *, key: str = "chips") -> None:
    """Draw chips in a row that wraps; each opens its page without leaving the session."""
    with st.container(horizontal=True, gap="small", key=key):
        for chip in items:
            st.page_link(
                chip.page,
                label=plain(chip.label),
                icon=chip.icon,
                help=plain(chip.told) if chip.told else None,
                query_params=dict(chip.query) or None,
            )


def first_five_minutes(
    steps: Sequence[Step], *, on_dismiss: Callable[[], None], key: str = "first-minutes"
) -> None:
    """Draw the "try this" card: its steps, linked where they are done, and the button that closes it for good."""
    with st.container(border=True, key=key):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("**First five minutes: try this**")
            st.button("Close", on_click=on_dismiss, key=f"{key}-close", help="It will not come back.")
        for number, (column, step) in enumerate(zip(st.columns(len(steps)), steps, strict=True), start=1):
            label = plain(f"{number}. {step.words}")
            with column:
                if step.page is None:
                    st.markdown(f":small[{label}]")
                else:
                    st.page_link(step.page, label=label, query_params=dict(step.query) or None)


def empty_state(what: str, todo: str, *, command: str | None = None) -> None:
    """Draw what is missing and what to do about it, with the command that does it where there is one."""
    st.html(empty_state_html(what, todo, command))


def way_on(entry: PageEntry, label: str | None = None) -> None:
    """Draw the link to another page, by its title unless told otherwise."""
    st.page_link(entry.file, label=label or entry.title, icon=entry.icon)


def empty_state_html(what: str, todo: str, command: str | None = None) -> str:
    """Return the empty state as HTML, everything escaped."""
    line = f"<br><code>{escaped(command)}</code>" if command else ""
    return f'<div class="lg lg-empty"><strong>{escaped(what)}</strong><br>{escaped(todo)}{line}</div>'
