"""The list of what is wrong with an uploaded table: where, and what, read whole. Knows nothing of how it was found."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.formatting import escaped
from lookingglass.errors import CellProblem


def cell_problems(problems: Sequence[CellProblem]) -> None:
    """Draw one row a problem, with the row of data that is meant (1 is the first), or that no single one is."""
    rows = "".join(
        f'<tr><td data-label="Row">{"all" if problem.row is None else f"{problem.row:,}"}</td>'
        f'<td class="lg-wide" data-label="Column">{escaped(problem.column or "all")}</td>'
        f'<td class="lg-wide" data-label="What is wrong">{escaped(problem.message)}</td></tr>'
        for problem in problems
    )
    head = "".join(
        f'<th class="lg-wide" scope="col">{name}</th>' for name in ("Row", "Column", "What is wrong")
    )
    table = f'<table class="lg-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    st.html(f'<div class="lg">{table}</div>')
