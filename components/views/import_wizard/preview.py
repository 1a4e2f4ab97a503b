"""What an upload would do: its first rows, each problem by row and column, what would change. It decides nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components.formatting import plain
from components.views.cell_problems import cell_problems
from components.views.images import thumbnail
from components.views.import_wizard.draft import Draft
from lookingglass.config import WorkspaceConfig
from lookingglass.errors import ImportRejected, LookingGlassError
from lookingglass.testset import ImportPlan
from lookingglass.testset.changes import shown
from lookingglass.testset.images import stored_name
from lookingglass.testset.layout import id_name
from lookingglass.wording import plural

SHOWN_COLUMNS = 50
SHOWN_ROWS = 8
PICTURE = 64
"""Side of a picture in the first rows, in pixels of the screen."""


def show_problems(draft: Draft, rejected: ImportRejected) -> None:
    """Draw every problem that is listed, by row and column, with how many there are, and the list to take away."""
    count = rejected.total
    st.error(
        plain(
            f"{rejected.file} cannot be imported: {count:,} {plural('problem', count)}. "
            "Mend the file and upload it again; nothing was imported."
        )
    )
    cell_problems(rejected.problems)
    more = count - len(rejected.problems)
    if more:
        st.caption(
            f"The first {len(rejected.problems)} of {count:,} problems; {more:,} more are counted and not listed."
        )
    st.download_button(
        "Download the list of problems",
        problems_csv(rejected),
        file_name="problems.csv",
        mime="text/csv",
        on_click="ignore",
        key=draft.key("problems"),
    )


def problems_csv(rejected: ImportRejected) -> str:
    """Return the listed problems as CSV, cells that a spreadsheet would run marked with a quote before them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["row", "column", "problem"])
    for problem in rejected.problems:
        row = "" if problem.row is None else problem.row
        writer.writerow([row, _harmless(problem.column or ""), _harmless(problem.message)])
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def show_first_rows(rows: Sequence[Mapping[str, Any]], told: str, *, images: Sequence[str] = ()) -> None:
    """Draw some rows as they were read, at most fifty columns of them.

    Args:
        images: the columns whose cells are data addresses of pictures.
    """
    if not rows:
        return
    names = list(rows[0])
    st.dataframe(
        [{name: row.get(name) for name in names[:SHOWN_COLUMNS]} for row in rows[:SHOWN_ROWS]],
        hide_index=True,
        column_config={name: st.column_config.ImageColumn(name, width=PICTURE + 16) for name in images},
        row_height=PICTURE + 8 if images else None,
    )
    left = f", the first {SHOWN_COLUMNS} of {len(names):,} columns" if len(names) > SHOWN_COLUMNS else ""
    st.caption(f"{told}{left}.")


def first_rows_of(plan: ImportPlan, config: WorkspaceConfig) -> list[dict[str, Any]]:
    """Return the first rows of a plan under the names that files use, as they were understood; images as pictures."""
    names = {"@id": id_name(config), "@label": config.task.label}
    head = plan.uploaded.frame.head(SHOWN_ROWS)
    pictures = set(image_columns(config))
    return [
        {
            names.get(name, name): _picture(plan, value) if name in pictures else value
            for name, value in row.items()
        }
        for row in head.iter_rows(named=True)
    ]


def image_columns(config: WorkspaceConfig) -> list[str]:
    """Return the columns that hold images."""
    return [name for name, column in config.stored.items() if column.type == "image"]


def _picture(plan: ImportPlan, cell: str | None) -> str | None:
    """Return an image of the file as a data address, None where there is none."""
    intake = plan.uploaded.images
    if cell is None or intake is None:
        return None
    try:
        return thumbnail(intake.png(cell), PICTURE)
    except LookingGlassError:
        return None


def _shown(cell: object) -> str:
    """Return a cell as people read it: an image is told, its digest says nothing to them."""
    return "an image" if stored_name(cell) else str(shown(cell))


def show_changes(plan: ImportPlan) -> None:
    """Draw the cells that would change, old beside new."""
    if not plan.changes:
        return
    st.dataframe(
        [
            {
                "Example": change.example_id,
                "Column": change.column,
                "Now": _shown(change.old),
                "Then": _shown(change.new),
            }
            for change in plan.changes
        ],
        hide_index=True,
    )
    if plan.changed > len({change.example_id for change in plan.changes}):
        st.caption(f"The first cells of {plan.changed:,} examples that would change.")
