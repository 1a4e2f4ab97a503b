"""The history of the test set: every version in plain words, newest first, and what it did to each candidate."""

from __future__ import annotations

import streamlit as st

from components import address, state
from components.context import Context
from components.formatting import escaped, hint, when
from components.registry import page_entry
from components.views.orientation import empty_state
from components.views.testset.effects import effects_of
from lookingglass.testset import VersionInfo, history, latest_version
from lookingglass.wording import plural, short_hash

PAGE_SIZE = 10


def draw(ctx: Context) -> None:
    """Draw one page of versions, newest first; the link carries which (``versions=``)."""
    newest = latest_version(ctx.ws.home)
    if not newest:
        empty_state(
            "Nothing has happened here yet.",
            "The first import or the first example makes version 1; from then on every change is told here.",
        )
        return
    pages = -(-newest // PAGE_SIZE)
    asked = ctx.linked.here.get("versions", 1)
    page = min(max(asked, 1), pages)
    last = newest - (page - 1) * PAGE_SIZE
    told = history(ctx.ws.home, PAGE_SIZE, until=last)[::-1]
    shown = f"versions {told[0].version:,} to {told[-1].version:,} of" if pages > 1 else "all"
    st.caption(f"Newest first: {shown} {newest:,} {plural('version', newest)}.")
    for info in told:
        _entry(ctx, info)
    if pages > 1:
        _turn(page, pages)


def _entry(ctx: Context, info: VersionInfo) -> None:
    st.html(entry_html(info, ctx.ws.config.task.unit, shown=info.version == ctx.version))
    here = page_entry("testset").file
    with st.container(horizontal=True, gap="medium", key=f"links of version {info.version}"):
        if info.version != ctx.version or not ctx.pinned:
            st.page_link(
                here,
                label=f"Look at version {info.version}",
                query_params={"view": "browse", "version": str(info.version)},
            )
        st.page_link(
            here,
            label=f"Compare with version {info.version - 1}"
            if info.version > 1
            else "See what it began with",
            query_params={"view": "compare", "from": str(info.version - 1), "to": str(info.version)},
        )
    box = st.expander(
        "What it did to each candidate", key=f"effect of version {info.version}", on_change="rerun"
    )
    if box.open:
        with box:
            effects_of(ctx, info.version, info.version - 1)


def _turn(page: int, pages: int) -> None:
    """Draw the way to newer and older versions."""
    with st.container(horizontal=True, vertical_alignment="center", key="pages of versions"):
        st.button(
            "Newer",
            on_click=_turn_to,
            args=(None if page <= 2 else page - 1,),
            disabled=page <= 1,
            key="newer versions",
        )
        st.text(f"Page {page} of {pages}")
        st.button(
            "Older",
            on_click=_turn_to,
            args=(page + 1,),
            disabled=page >= pages,
            key="older versions",
        )


def _turn_to(page: int | None) -> None:
    if not address.only_brought_along():
        state.link("versions", page)


def entry_html(info: VersionInfo, unit: str, *, shown: bool) -> str:
    """Return one version as HTML: what was done by whom, why, when, how large it is since; everything escaped."""
    note = f'<br><span class="lg-quiet">Reason: {escaped(info.note)}</span>' if info.note else ""
    here = " (shown here)" if shown else ""
    since = f'<br><span class="lg-quiet">{escaped(info.since.capitalize())}.</span>' if info.since else ""
    return (
        '<div class="lg" style="overflow-wrap:anywhere">'
        f"<strong>{hint(f'Version {info.version}', _digest(info))}</strong>"
        f"{here}: <strong>{escaped(info.actor)}</strong> {escaped(info.words)}{note}{since}"
        f'<br><span class="lg-small lg-quiet">{when(info.time)} · {escaped(sizes(info, unit))}</span></div>'
    )


def sizes(info: VersionInfo, unit: str) -> str:
    """Return how many examples there are then, and how many came, changed and went."""
    counted = [(info.added, "added"), (info.changed, "changed"), (info.removed, "removed")]
    parts = [f"{count:,} {what}" for count, what in counted if count]
    return f"{info.examples:,} {plural('example', info.examples)}" + (
        f" ({', '.join(parts)})" if parts else ""
    )


def _digest(info: VersionInfo) -> str:
    return f"{info.digest} ({short_hash(info.digest)})"
