"""Reasons in a row of a table: each value with where it stands among all, and a bar to the side it pushes to."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components.context import Context
from components.formatting import escaped
from components.views.explanations.words import signed_weight
from lookingglass.charts.palette import NEGATIVE, POSITIVE
from lookingglass.explanations import Explanation, Weight
from lookingglass.wording import DASH, number, plural


def draw_values(ctx: Context, told: Explanation, strongest: float) -> None:
    """Draw one row a column of the table, strongest first.

    Args:
        strongest: the absolute weight of the longest bar, the same for every candidate side by side.
    """
    rows = ctx.ws.test_set(ctx.version).rows
    units = plural(ctx.ws.config.task.unit)
    body = "".join(_row(each, rows, units, strongest) for each in told.weights)
    st.html(
        '<div class="lg"><table class="lg-table"><thead><tr><th scope="col">Column</th>'
        '<th scope="col" class="lg-wide">Its value, and where that stands</th>'
        f'<th scope="col" class="lg-wide">Pushes the score</th></tr></thead><tbody>{body}</tbody></table></div>'
    )


def _row(weight: Weight, rows: pl.DataFrame, units: str, strongest: float) -> str:
    value = DASH if weight.value is None else _value_text(weight.value)
    stands = _standing(weight, rows, units)
    length = 0.0 if not strongest else 100 * min(abs(weight.weight) / strongest, 1.0)
    colour, side = (POSITIVE, "left") if weight.weight > 0 else (NEGATIVE, "right")
    style = f"{side}: 50%; width: {length / 2:.1f}%; background: {colour}"
    bar = f'<span class="lg-push"><span style="{style}"></span></span>'
    return (
        f'<tr><th scope="row">{escaped(weight.feature)}</th>'
        f'<td class="lg-wide" data-label="Value">{escaped(value)}<span class="lg-range">{escaped(stands)}</span></td>'
        f'<td class="lg-wide" data-label="Pushes the score">{bar}<span class="lg-value">'
        f"{escaped(signed_weight(weight.weight))}</span></td></tr>"
    )


def _value_text(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _standing(weight: Weight, rows: pl.DataFrame, units: str) -> str:
    """Say where a value stands among all examples of the version."""
    if weight.field not in rows.columns or weight.value is None:
        return ""
    cells = rows.get_column(weight.field).drop_nulls()
    if not len(cells):
        return ""
    if cells.dtype.is_numeric() and isinstance(weight.value, int | float):
        below, same = int((cells < weight.value).sum()), int((cells == weight.value).sum())
        return f"higher than {_of(below, cells)} of {units}; {_of(same, cells)} have the same"
    same = int((cells.cast(pl.String) == str(weight.value)).sum())
    return f"{_of(same, cells)} of {units} have it"


def _of(count: int, cells: pl.Series) -> str:
    return number(count / len(cells), "rate")
