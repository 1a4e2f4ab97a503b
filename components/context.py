"""The guard that every page begins with: access, workspace and what the link asks for, in one typed context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NoReturn, overload

import streamlit as st

import lookingglass as lg
from components import address, cache, people, state
from components.formatting import plain, within
from components.registry import PAGES, PageEntry, page_entry
from lookingglass.configuring import changed_by_hand
from lookingglass.errors import LookingGlassError
from lookingglass.evaluation.background import Keeper, KeeperState
from lookingglass.ledger import Actor


@dataclass(frozen=True)
class Visit:
    """What a page about the whole server knows: it is drawn even where no workspace is, or can be opened."""

    entry: PageEntry
    linked: state.Linked

    @property
    def actor(self) -> Actor:
        """Whoever writes in this session. Raises BadInput when they have no name that can be recorded."""
        return people.acting()


@dataclass(frozen=True)
class Context(Visit):
    """What a page about one workspace knows before it draws anything.

    Attributes:
        version: the test-set version that every figure on the page belongs to.
        drawn: the keeper's state that the version was taken from; once it has moved on, the page is out of date.
        pinned: the link names this version, so the page stays on it when newer ones arrive.
        notices: what is to be said of the workspace on every page, one sentence each.
    """

    ws: lg.Workspace
    keeper: Keeper
    drawn: KeeperState
    version: int
    pinned: bool
    notices: tuple[str, ...] = ()


_FIRST_BY_ITS_KEY = "first"
"""Takes the place of the first page's key as a path, so that an address with that key can lead to it."""


def navigation() -> st.Page:
    """Declare the menu; returns the page that the address names.

    Streamlit serves the first page at the bare address alone. Its key is an address too: a hidden page of that name,
    from which this leads on to the first page with all that the link carries.
    """
    sections: dict[str, list[st.Page]] = {}
    for entry in PAGES:
        path = _FIRST_BY_ITS_KEY if entry.is_first else entry.key
        page = st.Page(entry.path, title=entry.title, icon=entry.icon, url_path=path, default=entry.is_first)
        sections.setdefault(entry.section, []).append(page)
    first = sections[PAGES[0].section][0]
    named = st.Page(_leads_on, title=first.title, url_path=PAGES[0].key, visibility="hidden")
    sections[PAGES[0].section].append(named)
    page = st.navigation(sections)
    if page is named:
        st.switch_page(first, query_params=address.says())
    return page


def _leads_on() -> None:
    """Draw nothing: ``navigation`` leads away from this page before it is drawn."""


@overload
def open_page(key: Literal["workspaces"]) -> Visit: ...  # type: ignore[overload-overlap] - that literal comes first
@overload
def open_page(key: str) -> Context: ...
def open_page(key: str) -> Visit | Context:
    """Open a page: the first line of every file in pages/.

    A fresh server runs a page's file without app.py when its address is opened directly; then the menu is declared here
    and the run begins again, this time through app.py with its access check.
    """
    linked = state.take_over()
    if linked is None:
        navigation()
        st.rerun()
    entry = page_entry(key)
    if not entry.needs_workspace:
        return Visit(entry, linked)
    folders = cache.workspace_folders()
    if not folders:
        _stop(
            "There is no workspace here yet.",
            f"Make one from a file, or build the worked use cases: `lookingglass demo {cache.served_folder()}`",
        )
    name = linked.workspace or cache.first_workspace(folders)
    if name not in folders:
        _stop(f"There is no workspace named {name}.", "Choose one in the menu on the left.")
    try:
        ws = cache.open_cached(str(folders[name]))
        keeper = ws.background()
        drawn = keeper.state()
        version, pinned = _shown_version(ws, drawn, linked.version)
        by_hand = changed_by_hand(ws.home)
        if pinned:
            keeper.want(version)
    except LookingGlassError as error:
        _stop("This workspace cannot be shown.", within(str(error)))
    notices = tuple(words for words in (ws.home.read_only, by_hand and by_hand.words) if words)
    return Context(entry, linked, ws, keeper, drawn, version, pinned, notices)


def _shown_version(ws: lg.Workspace, drawn: KeeperState, asked: int | None) -> tuple[int, bool]:
    """Return the version to show: the one the link names, else the newest on which every candidate was evaluated."""
    if asked is not None:
        return ws.test_set(asked).version, True
    return drawn.version or ws.test_set().version, False


def _stop(what: str, todo: str) -> NoReturn:
    st.title(plain(what))
    st.text(todo)
    there = page_entry("workspaces")
    st.page_link(there.file, label="All workspaces on this server", icon=there.icon)
    st.stop()
