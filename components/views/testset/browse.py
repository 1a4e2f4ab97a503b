"""The list of examples, a page at a time, or one of them opened. Knows nothing of how examples are changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import streamlit as st

from components import address, state
from components.context import Context
from components.formatting import plain
from components.views.orientation import empty_state
from components.views.testset import example
from components.views.testset.cells import listing
from components.views.testset.export import downloads
from components.views.testset.filters import Asked, asked_for, conditions, draw_filters, to_link
from components.views.widths import is_cut, width_of
from lookingglass.evaluation.browse import Filters, Page
from lookingglass.wording import joined, plural

IDS = 180
"""The widest that the column of ids becomes, in pixels: it stays in sight while the others are moved."""
PICTURE_ROW = 104
"""Height of a row with an image, in pixels."""
TEXT_ROW, TEXT_WIDTH = 76, 300
"""Height of a row and width of a column in which a text is read, in pixels: three lines of it."""


def draw(ctx: Context) -> None:
    """Draw the example that the link names, else the list with its filters."""
    if ctx.linked.here.get("example") is not None:
        example.draw(ctx)
        return
    if not ctx.ws.test_set(ctx.version).examples:
        empty_state(
            "No examples yet.", "Choose Import above to bring in a file, or Add one to write one by hand."
        )
        return
    asked = asked_for(ctx)
    draw_filters(ctx, asked)
    page = ctx.ws.browse(asked.filters, ctx.version, asked.page, sort=asked.sort, by=asked.by)
    count(ctx, page)
    if not page.total:
        _loosen(ctx, asked)
        return
    _table(ctx, page)
    paging(asked, page)
    downloads(ctx, page)


def count(ctx: Context, page: Page) -> None:
    """Say how many examples meet which conditions, and how many cannot be judged."""
    units = plural("example", page.examples)
    if not page.filters.are_set:
        st.markdown(f"**{page.examples:,} {units}**")
        return
    said = ", ".join(words for words, _ in conditions(ctx, page.filters))
    with st.container(horizontal=True, vertical_alignment="center", key="counted"):
        st.markdown(f"**{page.total:,} of {page.examples:,} {units}**: {plain(said)}", width="content")
        st.button(
            "Clear filters", on_click=lambda: state.link_all(to_link(Asked(Filters()))), type="tertiary"
        )
    if page.unscored:
        has = "has" if page.unscored == 1 else "have"
        st.caption(
            plain(
                f"{page.unscored:,} more {has} no score of {page.filters.wrong}, "
                "so nobody can say whether it is wrong there."
            )
        )


def _loosen(ctx: Context, asked: Asked) -> None:
    """Say which single condition to drop, and how many examples that would leave."""
    ways = []
    for words, without in conditions(ctx, asked.filters):
        left = ctx.ws.browse(without, ctx.version).total
        if left:
            ways.append(f"without {words} there {'is' if left == 1 else 'are'} {left:,}")
    told = f"Loosen one: {joined(ways, 'or')}." if ways else "Clear the filters to see all examples."
    empty_state("No example meets all of this.", told)


def _table(ctx: Context, page: Page) -> None:
    frame, kinds = listing(ctx, page)
    ids: list[str] = page.rows.get_column("@id").to_list()

    def chosen() -> None:
        cells = state.widget("example list", {}).get("selection", {}).get("cells", [])
        if cells:
            state.link("example", ids[int(cells[0][0])])

    def named() -> None:
        if state.widget("open example"):
            state.link("example", state.widget("open example"))

    config: dict[str, Any] = {}
    for name, kind in kinds.items():
        if kind == "id":
            config[name] = st.column_config.TextColumn(name, width=width_of(name, ids, most=IDS), pinned=True)
        elif kind == "image":
            config[name] = st.column_config.ImageColumn(name, width=PICTURE_ROW + 8)
        elif kind == "text":
            config[name] = st.column_config.TextColumn(name, width=TEXT_WIDTH)
        elif kind == "verdict":
            config[name] = st.column_config.TextColumn(
                name, width=width_of(name), help=f"The score of {name}, and whether its answer is right."
            )
    st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        row_height=row_height(kinds.values()),
        height="content",
        key="example list",
        on_select=chosen,
        selection_mode="single-cell",
        alt=f"{len(ids)} examples, from {ids[0]} to {ids[-1]}",
    )
    if page.answers:
        st.caption(
            "✓ right, ✗ wrong: each candidate at its threshold. A score without a sign has no label to be held against."
        )
        long = [name for name, kind in kinds.items() if kind == "verdict" and is_cut(name)]
        if long:
            st.caption(plain(f"Names cut above, from left to right: {'; '.join(long)}."))
    st.selectbox(
        "Open an example",
        ids,
        index=None,
        key="open example",
        on_change=named,
        placeholder="Choose one here, or click it in the list",
        width=360,
    )


def row_height(kinds: Collection[str]) -> int | None:
    """Return the height of the rows of a table whose columns are of these kinds, None for the usual one."""
    if "image" in kinds:
        return PICTURE_ROW
    return TEXT_ROW if "text" in kinds else None


def paging(asked: Asked, page: Page) -> None:
    """Draw the way to the previous and the next page."""
    if page.pages == 1:
        return

    def turn(number: int) -> None:
        if not address.only_brought_along():
            state.link_all(to_link(replace(asked, page=number)))

    with st.container(horizontal=True, vertical_alignment="center", key="paging"):
        st.button("Previous", on_click=turn, args=(page.number - 1,), disabled=page.number == 1)
        first = (page.number - 1) * page.size + 1
        st.markdown(f"{first:,} to {first + page.rows.height - 1:,} of {page.total:,}", width="content")
        st.button("Next", on_click=turn, args=(page.number + 1,), disabled=page.number == page.pages)
