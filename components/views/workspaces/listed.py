"""The list of workspaces on this server: what each is about, how far it is, when it last changed, or what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from components import cache
from components.formatting import escaped, plain, when, within
from components.registry import page_entry
from lookingglass.listing import Listed
from lookingglass.wording import plural

ON_A_PAGE = 20
_TITLES_WRAP = """<style>
.st-key-workspaces [data-testid="stPageLink-NavLink"] { height: auto; max-width: 100%; padding-left: 0; }
.st-key-workspaces [data-testid="stPageLink-NavLink"] * { white-space: normal; overflow-wrap: anywhere; }
</style>"""
_KINDS = {"tabular": "table", "text": "texts", "image": "images"}


def workspace_list(folders: Mapping[str, Path], current: str | None) -> None:
    """Draw the workspaces, twenty at a time and searchable when there are more; each title opens its overview."""
    names = _found(folders)
    if not names:
        st.text("No workspace has that in its title or folder name.")
        return
    pages = -(-len(names) // ON_A_PAGE)
    page = 1
    if pages > 1:
        page = int(st.number_input(f"Page, of {pages}", 1, pages, key="workspaces page"))
    st.html(_TITLES_WRAP)
    with st.container(key="workspaces"):
        for name in names[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]:
            _one(cache.described(folders[name]), is_current=name == current)


def _found(folders: Mapping[str, Path]) -> Sequence[str]:
    if len(folders) <= ON_A_PAGE:
        return list(folders)
    asked = st.text_input("Find", key="workspaces find", placeholder="Part of a title or folder name")
    wanted = (asked or "").casefold().strip()
    return [
        name
        for name, folder in folders.items()
        if wanted in name.casefold() or wanted in cache.workspace_title(folder).casefold()
    ]


def _one(listed: Listed, *, is_current: bool) -> None:
    overview = page_entry("overview")
    with st.container(border=True, gap="small", key=f"workspace-{listed.name}"):
        st.page_link(
            overview.file,
            label=f"**{plain(listed.title)}**",
            icon=overview.icon if listed.trouble is None else ":material/error:",
            query_params={"workspace": listed.name},
            help=f"Open the overview of {plain(listed.name)}",
        )
        st.html(row_html(listed, is_current=is_current))


def row_html(listed: Listed, *, is_current: bool) -> str:
    """Return what stands below the title as HTML; names, titles and messages are escaped."""
    facts = [f"folder {listed.name}"]
    if listed.kind:
        facts.append(f"{_KINDS.get(listed.kind, listed.kind)}, one example is one {listed.unit}")
    if is_current:
        facts.append("the one you are in")
    lines = [f'<div class="lg-quiet lg-small">{escaped(" · ".join(facts))}</div>']
    if listed.trouble is not None:
        lines.append(f"<div>{escaped(within(listed.trouble))}</div>")
    else:
        lines.append(f"<div>{escaped(_how_far(listed))}</div>")
    if listed.read_only is not None:
        lines.append(f"<div>{escaped(listed.read_only)}</div>")
    if listed.changed:
        moment = when(listed.changed)
        lines.append(f'<div class="lg-quiet lg-small">last change by {escaped(listed.by)}, {moment}</div>')
    return f'<div class="lg" style="overflow-wrap: anywhere">{"".join(lines)}</div>'


def _how_far(listed: Listed) -> str:
    if not listed.version:
        return "The test set is empty: import a file on the page Test set."
    candidates = f"{listed.candidates} {plural('candidate', listed.candidates)}"
    if not listed.candidates:
        candidates = "no candidates yet"
    examples = f"{listed.examples:,} {plural('example', listed.examples)}"
    return f"{examples} on version {listed.version} of the test set, {candidates}"
