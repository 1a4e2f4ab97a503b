"""Any two versions of the test set side by side: what differs, cell by cell, and what it did to each candidate."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain, visitor_zone
from components.views.orientation import empty_state
from components.views.testset.cells import picture, shown_value
from components.views.testset.effects import effects_of
from components.views.testset.export import difference_downloads
from components.views.widths import width_of
from components.watching import watch
from lookingglass.later import Later
from lookingglass.memo import BoundedCache
from lookingglass.testset import Diff, DiffRow, TestSet, diff, latest_version
from lookingglass.testset.diff import ERASED
from lookingglass.wording import DASH, joined, plural, time_text

MOST_ROWS = 500
AGAIN_SECONDS = 1.0
PICTURE_ROW = 104
"""Height of a row with an image, in pixels."""

_KEPT: BoundedCache[Diff] = BoundedCache(4)
_LATER: Later[Diff] = Later("differences")


def draw(ctx: Context) -> None:
    """Draw the choice of two versions, a sentence, the effect on each candidate, and the differences."""
    newest = latest_version(ctx.ws.home)
    if not newest:
        empty_state(
            "There are no versions to compare yet.",
            "The first import or the first example makes version 1; every change after it makes another one.",
        )
        return
    numbers = list(range(newest, -1, -1))
    to = _asked(ctx, "to", numbers, ctx.version)
    since = _asked(ctx, "from", numbers, max(0, to - 1))
    left, right = st.columns(2)
    with left:
        since = _choose("from", "From", numbers, since)
    with right:
        to = _choose("to", "To", numbers, to)
    if since == to:
        st.info(f"Both are version {to}: choose two different ones.")
        return
    found = _difference(ctx, since, to)
    if found is None:
        _look_again(ctx, since, to)
        return
    st.markdown(f"### {plain(sentence(found))}")
    for told in erased_words(ctx.ws.test_set(since), ctx.ws.test_set(to)):
        st.info(plain(told))
    if since:
        st.subheader("What it did to each candidate")
        effects_of(ctx, to, since)
    if found.rows:
        st.subheader("Cell by cell")
        _table(ctx, found)


def _asked(ctx: Context, name: str, numbers: list[int], default: int) -> int:
    asked = ctx.linked.here.get(name)
    if asked is None:
        return default
    if asked in numbers:
        return int(asked)
    st.warning(f"The link names version {asked}, which is not here; version {default} is shown instead.")
    return default


def _choose(name: str, label: str, numbers: list[int], current: int) -> int:
    def words(number: str) -> str:
        return f"Version {number}" if number != "0" else "Nothing (before version 1)"

    return int(state.linked_select(name, label, [str(one) for one in numbers], str(current), words=words))


def _difference(ctx: Context, since: int, to: int, wait: float = 0.8) -> Diff | None:
    """Return the differences, None while they are worked out; whoever looks at the same versions shares them."""
    home = ctx.ws.home
    key = (str(home.folder), home.ledger.last_seq("testset"), since, to)
    return _LATER.get(key, lambda: _KEPT.get(key, lambda: diff(home, since, to, most=MOST_ROWS)), wait)


def _look_again(ctx: Context, since: int, to: int) -> None:
    told = (
        f"Versions {since} and {to} are being compared; the differences are shown here when they are known."
    )
    watch(
        lambda: _difference(ctx, since, to, wait=0.01) is not None,
        lambda: st.caption(told),
        seconds=AGAIN_SECONDS,
    )


def sentence(found: Diff) -> str:
    """Return what differs in a sentence: ``From version 3 to version 7: 2 examples added, 1 relabelled.``"""
    counts = [(count, what) for what, count in found.counts().items() if count]
    if not counts:
        return f"Versions {found.from_version} and {found.to_version} hold the same examples."
    first, *rest = counts
    parts = [f"{first[0]:,} {plural('example', first[0])} {first[1]}"]
    parts += [f"{count:,} {what}" for count, what in rest]
    before = f"version {found.from_version}" if found.from_version else "nothing"
    return f"From {before} to version {found.to_version}: {joined(parts)}."


def erased_words(*versions: TestSet) -> list[str]:
    """Return one sentence for each version of which content was erased: those examples can no longer be compared."""
    told = []
    for one in versions:
        count = len(getattr(one, "erased", ()))
        if count:
            verb, them = ("was", "it") if count == 1 else ("were", "them")
            told.append(
                f"{count:,} {plural('example', count)} of version {one.version} {verb} erased since, "
                f"so nothing of {them} is compared here."
            )
    return told


def _table(ctx: Context, found: Diff) -> None:
    shown = found.rows
    frame, pictures = table(ctx, found, shown)
    if found.total > len(shown):
        st.caption(
            f"The first {len(shown):,} of {found.total:,} differences; the files below hold all of them."
        )
    config: dict[str, Any] = {
        "Example": st.column_config.TextColumn(
            width=width_of("Example", frame.get_column("Example"), most=180), pinned=True
        ),
        "Why": st.column_config.TextColumn(width="medium"),
    }
    if any(column.type == "text" for column in ctx.ws.config.stored.values()):
        config |= {name: st.column_config.TextColumn(width="medium") for name in ("Before", "After")}
    for name in pictures:
        config[name] = st.column_config.ImageColumn(name, width=PICTURE_ROW + 8)
    st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        row_height=PICTURE_ROW if pictures else None,
        key="differences",
        alt=f"{len(shown):,} differences between version {found.from_version} and version {found.to_version}",
    )
    difference_downloads(ctx, found)


def table(ctx: Context, found: Diff, rows: tuple[DiffRow, ...]) -> tuple[pl.DataFrame, list[str]]:
    """Return the differences as people read them, and which columns are pictures.

    An example that came or went shows its label, and where there are images its image.
    """
    columns = ctx.ws.config.stored
    images = [name for name, column in columns.items() if column.type == "image"]
    zone = visitor_zone()
    whole = {
        what: _whole(ctx, [row.example_id for row in rows if row.what == what], version)
        for what, version in (("added", found.to_version), ("removed", found.from_version))
    }
    cells = []
    for row in rows:
        old, new = row.old, row.new
        before, after = (shown_value(ctx, str(row.column), value) for value in (old, new))
        picked: list[str | None] = [None, None]
        if row.erased or row.what == ERASED:
            before = after = DASH
        elif row.column is None:
            example = whole[row.what].get(row.example_id, {})
            label = f"{ctx.ws.config.task.label}: {example.get('@label') or 'unlabelled'}"
            before, after = ("", label) if row.what == "added" else (label, "")
            if images:
                picked[row.what == "added"] = picture(ctx, example.get(images[0]))
        elif row.column in images:
            before = after = ""
            picked = [picture(ctx, value) for value in (old, new)]
        cells.append(
            {
                "Example": row.example_id,
                "What": f"{row.what}, erased since" if row.erased and row.what != ERASED else row.what,
                "Column": (row.column or "").lstrip("@"),
                "Before": before,
                "After": after,
                "Image before": picked[0],
                "Image after": picked[1],
                "Who": row.actor,
                "When": time_text(row.time, zone),
                "Why": row.note,
            }
        )
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells[0], pl.String))
    pictures = ["Image before", "Image after"]
    empty = [name for name in pictures if not frame.get_column(name).drop_nulls().len()]
    return frame.drop(empty), [name for name in pictures if name not in empty]


def _whole(ctx: Context, ids: list[str], version: int) -> dict[str, dict[str, Any]]:
    """Return the rows of some examples of one version by id."""
    if not ids:
        return {}
    wanted = pl.Series("@id", ids, dtype=pl.String)
    images = [name for name, column in ctx.ws.config.stored.items() if column.type == "image"]
    rows = ctx.ws.test_set(version).rows.filter(pl.col("@id").is_in(wanted.implode()))
    return {row["@id"]: row for row in rows.select("@id", "@label", *images).iter_rows(named=True)}
