"""The only place that reads and writes the browser's address, and the one that knows when it comes back out of date.

A page writes its address on the server; the browser hears of it a moment later and sends the one before along until
then: with a second click, and with each look for what others did. Such an address is nobody's wish, and what it lacks
would be lost. So what was left is remembered until the browser says what was written last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_ADDRESS = "address as it was written"


@dataclass
class _Written:
    """The address that was written last on a page, and those that it took the place of since the browser knew one."""

    page: str
    last: dict[str, str] = field(default_factory=dict)
    left: list[dict[str, str]] = field(default_factory=list)
    since_look: bool = False
    """Whether something was written since the page looked for what others did."""


def says() -> dict[str, str]:
    """Return all that the address says, once what came back out of date was put right (``put_right``)."""
    found: dict[str, str] = st.query_params.to_dict()
    return found


def put(name: str, value: str) -> None:
    """Make the address say ``value`` for ``name``."""
    if st.query_params.get(name) != value:
        _write(lambda: st.query_params.__setitem__(name, value))


def take_out(name: str) -> None:
    """Make the address say nothing for ``name``."""
    if name in st.query_params:
        _write(lambda: st.query_params.__delitem__(name))


def _write(change: Callable[[], None]) -> None:
    written = _written()
    written.left.append(says())
    try:
        change()
    finally:  # a click that comes meanwhile ends this run here; the next one must know what was written
        written.last = says()
        written.since_look = True


def put_right(page: str | None = None) -> None:
    """Put what was written last in the place of an address that it had replaced before. Call it before any other.

    An address that is neither is somebody's wish: a link that was followed, or the browser's Back.

    Args:
        page: key of the page that is about to be drawn, None for the one that was drawn last.
    """
    written = _written()
    if page is not None and page != written.page:
        written = st.session_state[_ADDRESS] = _Written(page)
    now = says()
    if now == written.last:
        return
    if now in written.left and not _is_history_navigation():
        st.query_params.from_dict(written.last)
        return
    written.left.clear()
    written.last = now


def came_back() -> None:
    """Forget what was left once the browser says what was written last; for a look that was not asked for by a click.

    A look can bring a click's choice along before the click itself arrives: then the address says what this very run
    wrote, and the browser has not heard of it. So only the second look after something was written is believed.
    """
    written = _written()
    if written.since_look:
        written.since_look = False
    elif says() == written.last:
        written.left.clear()


def only_brought_along() -> bool:
    """Whether this callback of a button was called by a page's look for what others did, ahead of the press itself.

    A browser sends a press a moment after it was made; a look that it sends meanwhile carries the press as well. What
    may happen once only, such as a step to the next, is left to the press, which always follows: what the look draws
    could have given the button another meaning by then. For buttons that stand outside of what looks.
    """
    run = get_script_run_ctx()
    return run is not None and bool(run.fragment_ids_this_run)


def _written() -> _Written:
    written: _Written = st.session_state.setdefault(_ADDRESS, _Written(""))
    return written


def _is_history_navigation() -> bool:
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation
