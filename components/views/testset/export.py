"""Downloads of the test set: for spreadsheets and for machines, each file made only when somebody asks for it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from components.context import Context
from components.formatting import plain
from components.views.prepared import prepared_download
from lookingglass.evaluation.browse import Filters, Page
from lookingglass.testset import Diff, diff, export
from lookingglass.testset.export import WRITERS
from lookingglass.wording import plural
from lookingglass.workspace import Workspace

FORMATS = (
    (
        ".csv",
        "For spreadsheets (CSV)",
        "text/csv",
        "Cells that a spreadsheet would run as a formula begin with '.",
    ),
    (
        ".parquet",
        "For machines (Parquet)",
        "application/vnd.apache.parquet",
        "Types and missing values are kept.",
    ),
    (".jsonl", "For machines (JSON Lines)", "application/x-ndjson", "One example a line."),
)
"""Suffix, what the button says, media type, hover."""


def downloads(ctx: Context, page: Page, *, key: str = "download") -> None:
    """Draw the downloads of what is listed, in an expander: the version that is shown, or what the filters leave of it.

    Args:
        page: any page of the list; its filters decide what goes into the files.
    """
    filtered = page.filters.are_set
    which = f"what the filters leave of version {page.version}" if filtered else f"version {page.version}"
    with st.expander(f"Download {which}", key=key):
        st.caption(
            plain(
                f"{page.total:,} {plural('example', page.total)} with label, every column, origin, source, tags and "
                "problems. Each of these files can be imported again and then changes nothing."
            )
        )
        with st.container(horizontal=True, key=f"{key} formats"):
            for suffix, label, mime, told in FORMATS:
                prepared_download(
                    label,
                    maker(ctx.ws, page.version, suffix, page.filters),
                    file_name=file_name(ctx.ws.config.name, page.version, suffix, filtered=filtered),
                    mime=mime,
                    help=told,
                    key=f"{key} {suffix}",
                    stamp=(ctx.ws.config.name, ctx.ws.test_set(page.version).identity, page.filters),
                )


def file_name(workspace: str, version: int, suffix: str, *, filtered: bool = False) -> str:
    """Return ``mortgage-version-4.csv``."""
    return f"{workspace}-version-{version}{'-filtered' if filtered else ''}{suffix}"


def maker(ws: Workspace, version: int, suffix: str, filters: Filters | None = None) -> Callable[[], bytes]:
    """Return what makes the file's bytes when it is called, which is when somebody presses the button."""

    def make() -> bytes:
        chosen = ws.test_set(version)
        if filters is not None and filters.are_set:
            found = ws.browse(filters, version, 1, max(1, chosen.examples))
            chosen = replace(chosen, rows=chosen.rows[found.positions])
        with tempfile.TemporaryDirectory() as folder:
            return export(chosen, Path(folder) / f"examples{suffix}").read_bytes()

    return make


def difference_downloads(ctx: Context, found: Diff) -> None:
    """Draw the downloads of all differences between two versions, with whole values."""
    name = f"{ctx.ws.config.name}-version-{found.from_version}-to-{found.to_version}"
    with st.container(horizontal=True, key="download differences"):
        for suffix, label, mime, _ in FORMATS:
            if suffix == ".parquet":
                continue
            prepared_download(
                f"All differences, {label[0].lower()}{label[1:]}",
                difference_maker(lambda: diff(ctx.ws.home, found.from_version, found.to_version), suffix),
                file_name=f"{name}{suffix}",
                mime=mime,
                key=f"download differences {suffix}",
                stamp=(
                    name,
                    *(ctx.ws.test_set(one).identity for one in (found.from_version, found.to_version)),
                ),
            )


def difference_maker(compare: Callable[[], Diff], suffix: str) -> Callable[[], bytes]:
    """Return what makes a file of all differences when it is called; values are whole, cells safe in a spreadsheet."""

    def make() -> bytes:
        rows = [
            {**vars(row), "column": row.column, "old": _text(row.old), "new": _text(row.new)}
            for row in compare().rows
        ]
        names = ("example_id", "what", "column", "old", "new", "actor", "time", "note")
        frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
        file = io.BytesIO()
        WRITERS[suffix](frame, file)
        return file.getvalue()

    return make


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
