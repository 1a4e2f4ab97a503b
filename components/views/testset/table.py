"""Editing one page of examples as a table: fixed columns, stable order, all edits recorded together or none.

The table stays on the version that it was opened with; its output is never fed back, only the edits are read.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from components.views.orientation import empty_state
from components.views.testset import conflict
from components.views.testset.browse import IDS, PICTURE_ROW, TEXT_WIDTH, count, paging, row_height
from components.views.testset.cells import picture
from components.views.testset.filters import Asked, asked_for, draw_filters, label_words
from components.views.testset.latest import why_not
from components.views.testset.recording import REASON_WANTED, draw_refusal, record, refuse, told_changes
from components.views.widths import width_of
from lookingglass.evaluation.browse import Page
from lookingglass.wording import plural

OPENED = "opened table"
FIXED = ("@id", "@origin")


def draw(ctx: Context) -> None:
    """Draw the table of the examples that the filters ask for, and what will be recorded."""
    found = conflict.undecided(ctx)
    if found is not None:
        conflict.draw(ctx, found, on_done=_begin_anew)
        return
    if not ctx.ws.test_set(ctx.version).examples:
        empty_state("There are no examples to edit yet.", "Choose Import above, or Add one.")
        return
    asked = asked_for(ctx)
    draw_filters(ctx, asked)
    opened, number = _opened(ctx, asked)
    page = ctx.ws.browse(asked.filters, opened, asked.page, sort=asked.sort, by=asked.by)
    with (
        st.container()
    ):  # one place however much stands in it, so that a cell that is being edited is not taken away
        count(ctx, page)
        _moved_on(ctx, opened, page)
    if not page.total:
        return
    _editor(ctx, page, opened, f"table {ctx.ws.config.name} {opened} {asked!r} {number}")
    paging(asked, page)


def _opened(ctx: Context, asked: Asked) -> tuple[int, int]:
    """Return the version that the table stays on, and how often it was begun anew; other filters open it again."""
    where = (ctx.ws.config.name, asked)
    kept = state.kept(OPENED)
    if kept is None or kept[0] != where or (ctx.pinned and kept[1] != ctx.version):
        number = 0 if kept is None else kept[2] + 1
        state.keep(OPENED, (where, ctx.version, number))
        return ctx.version, number
    return int(kept[1]), int(kept[2])


def _begin_anew() -> None:
    kept = state.kept(OPENED)
    if kept is not None:
        state.keep(OPENED, (None, 0, kept[2]))


def _moved_on(ctx: Context, opened: int, page: Page) -> None:
    """Say which rows of this page others changed since it was opened; the table is left as it is."""
    if ctx.version <= opened:
        return
    now = ctx.ws.test_set(ctx.version).rows.lazy().select("@id", "@row_hash")
    here = page.rows.select("@id", pl.col("@row_hash").alias("then"))
    both = here.lazy().join(now, on="@id", how="left", maintain_order="left").collect()
    moved = both.filter(pl.col("then").ne_missing(pl.col("@row_hash"))).get_column("@id").to_list()
    with st.container(horizontal=True, vertical_alignment="center", key="table-moved"):
        if moved:
            more = f" and {len(moved) - 3} more" if len(moved) > 3 else ""
            st.warning(
                plain(
                    f"Just now others changed {', '.join(moved[:3])}{more}. Your edits are kept; when you record them, "
                    "you are shown both."
                ),
                icon=":material/group:",
            )
        else:
            st.caption(
                f"This is version {opened}; version {ctx.version} has arrived and changes nothing here."
            )
        st.button("Show the latest, give up the edits", on_click=_begin_anew)


def _editor(ctx: Context, page: Page, opened: int, key: str) -> None:
    cannot = why_not(ctx)
    frame, config = _frame(ctx, page)
    st.data_editor(
        frame,
        column_config=config,
        disabled=True if cannot is not None else [*FIXED, *_images(ctx)],
        hide_index=True,
        num_rows="fixed",
        key=key,
        height="content",
        row_height=row_height([column.type for column in ctx.ws.config.stored.values()]),
        alt=f"{frame.height} examples to edit",
    )
    edits = _edits(frame, state.widget(key, {}).get("edited_rows", {}))
    cells = sum(len(of_one) for of_one in edits.values())
    if cannot is not None:
        st.info(plain(cannot))
    base = {row["@id"]: row for row in frame.to_dicts()}
    if edits:
        lines = [
            f"- {plain(name)}: {plain(told_changes(ctx, base[name], of_one))}"
            for name, of_one in edits.items()
        ]
        st.markdown("**Will be recorded:**\n" + "\n".join(lines))
    relabelled = any("@label" in of_one for of_one in edits.values())
    why = st.text_input(
        "Why (a relabel needs a reason)" if relabelled else "Why (may be left empty)",
        key=f"{key} why",
        disabled=cannot is not None,
        max_chars=1_000,
    )
    what = (edits, why)
    draw_refusal("table", what)
    words = "Record the changes"
    if edits:
        words = (
            f"Record {cells:,} {plural('change', cells)} to {len(edits):,} {plural('example', len(edits))}"
        )
    with st.container(horizontal=True):
        if st.button(words, type="primary", disabled=not edits or cannot is not None, key="record table"):
            if relabelled and not why.strip():
                refuse("table", what, REASON_WANTED)
            record(ctx, edits, why.strip(), opened, place="table", what=what, on_done=_begin_anew)
        st.button("Give up the edits", on_click=_begin_anew, disabled=not edits, key="give up table")


def _edits(frame: pl.DataFrame, edited: dict[Any, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return example id -> column -> new value of the cells that differ from what the table was given."""
    found: dict[str, dict[str, Any]] = {}
    for row, cells in sorted(edited.items(), key=lambda item: int(item[0])):
        before = frame.row(int(row), named=True)
        differing = {
            name: value
            for name, value in cells.items()
            if (before[name] or None) != (value or None) or value is False
        }
        differing = {name: value for name, value in differing.items() if before[name] != value}
        if differing:
            found[str(before["@id"])] = differing
    return found


def _images(ctx: Context) -> list[str]:
    return [name for name, column in ctx.ws.config.stored.items() if column.type == "image"]


def _frame(ctx: Context, page: Page) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return the page's cells as they are edited, and how each column is shown. Checks are the core's, not these."""
    stored, rows = ctx.ws.config.stored, page.rows
    columns = [rows.get_column("@id"), rows.get_column("@label")]
    words, task = label_words(ctx), ctx.ws.config.task
    config: dict[str, Any] = {
        "@id": st.column_config.TextColumn(
            "id", pinned=True, width=width_of("id", rows.get_column("@id"), most=IDS)
        ),
        "@label": st.column_config.SelectboxColumn(
            task.label,
            width=width_of(task.label, words.values(), editable=True),
            options=list(words),
            format_func=words.__getitem__,
            help="The label; an empty cell is unlabelled.",
        ),
    }
    for name, column in stored.items():
        cells = rows.get_column(name)
        if column.type == "image":
            cells = pl.Series(name, [picture(ctx, cell) for cell in cells], dtype=pl.String)
            config[name] = st.column_config.ImageColumn(
                name, width=PICTURE_ROW + 8, help="Open the example to change it."
            )
        elif column.type == "boolean":
            cells = cells.cast(pl.String)
            config[name] = st.column_config.SelectboxColumn(name, options=["true", "false"])
        elif column.values is not None:
            config[name] = st.column_config.SelectboxColumn(name, options=list(column.values))
        elif column.type in ("number", "integer"):
            config[name] = st.column_config.NumberColumn(name, step=1 if column.type == "integer" else None)
        else:
            config[name] = st.column_config.TextColumn(
                name, width=TEXT_WIDTH if column.type == "text" else None
            )
        columns.append(cells)
    for name, title in (("@problems", "problems"), ("@tags", "tags")):
        columns.append(rows.get_column(name).list.join("; "))
        config[name] = st.column_config.TextColumn(title, help="Several with a semicolon between.")
    columns.append(rows.get_column("@origin"))
    config["@origin"] = st.column_config.TextColumn("origin", help="Where it comes from cannot be edited.")
    return pl.DataFrame(columns), config
