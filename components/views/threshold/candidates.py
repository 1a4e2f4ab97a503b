"""All candidates under the same costs, each at its own best threshold, and which of them can be told apart."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import state
from components.context import Context
from components.formatting import escaped, hint, missing, plain
from components.views.orientation import empty_state
from components.views.threshold.asked import Asked
from components.views.threshold.findings import amount_for, cases, goal_words, signed_money, span_for
from components.views.threshold.picture import put
from lookingglass.charts import candidate_colour
from lookingglass.charts.palette import GREY
from lookingglass.errors import BadInput
from lookingglass.evaluation.best_costs import CostComparison, CostRow
from lookingglass.figures import Figure
from lookingglass.wording import chosen_text, inside, joined

_CORRECTED = "Corrected for the choice"
_DEARER = "Dearer than the cheapest"


def draw_candidates(ctx: Context, asked: Asked) -> None:
    """Draw the sentence that answers which is cheapest, and a table with every paired difference."""
    if not asked.has_costs:
        empty_state(
            "Without costs there is nothing to compare here.",
            "Say above what the two mistakes cost, and every candidate is put at the threshold that is best for it.",
        )
        return
    try:
        board = ctx.ws.counting(asked.origin).best_costs(asked.aim(), ctx.version)
    except BadInput as error:
        st.info(plain(str(error)))
        return
    st.markdown(f"### {plain(leading_sentence(board, asked))}")
    per = cases(asked, ctx.ws.config.task.unit)
    alone = " Nobody is asked here: one threshold each." if asked.low is not None else ""
    st.caption(
        plain(
            f"Each candidate at the threshold that is best for it ({inside(goal_words(asked.goal, asked.beta))}), with "
            f"its cost {per} on version {board.version}. Differences are taken example by example. "
            "Each was chosen on these very samples; the corrected columns take off what that gains, and whether a "
            f"difference could be chance is said of the corrected one.{alone}"
        )
    )
    st.html(_table(ctx, board, asked))
    for name, why in board.left_out.items():
        st.caption(plain(f"{name} is left out: {why}."))
    names = [row.name for row in board.rows if row.choice.feasible and not row.is_baseline]
    if names:
        with st.container(horizontal=True):
            for row in board.rows:
                if row.name in names:
                    st.button(
                        f"Look at {plain(row.name)} at {chosen_text(row.choice.threshold)}",
                        key=f"look at {row.name}",
                        on_click=partial(_look_at, row),
                    )


def _look_at(row: CostRow) -> None:
    state.link("view", None)
    state.link("candidate", row.name)
    put(row.choice.threshold)


def leading_sentence(board: CostComparison, asked: Asked) -> str:
    """Say which candidate is cheapest, and which cannot be told from it."""
    best = board.best
    if best is None or best.cost is None:
        return "No candidate has a threshold that keeps all limits."
    said = f"{best.name} is cheapest: {amount_for(asked, best.cost.value)} at {chosen_text(best.choice.threshold)}"
    alike = [row.name for row in board.rows if row.to_best is not None and row.verdict != "more than chance"]
    others = [row for row in board.rows if row.to_best is not None]
    if not others:
        return f"{said}."
    if not alike:
        return f"{said}, by more than chance against every other candidate."
    return f"{said}, but it cannot be told from {joined(alike)} by these samples."


def _table(ctx: Context, board: CostComparison, asked: Asked) -> str:
    orders = {item.name: item.order for item in ctx.ws.candidates}
    rows = "".join(_row(row, orders.get(row.name, 0), asked) for row in board.rows)
    heads = ("Best threshold", "Cost (95 % interval)", _CORRECTED, _DEARER, f"{_DEARER}, corrected")
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return (
        f'<div class="lg"><table class="lg-table"><thead><tr><th scope="col">Candidate</th>{cells}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(row: CostRow, order: int, asked: Asked) -> str:
    colour = GREY if row.is_baseline else candidate_colour(order)
    name = f'<th scope="row"><span class="lg-swatch" style="background: {colour}"></span>{escaped(row.name)}</th>'
    if row.cost is None:
        limits = joined(list(row.choice.choice.binding)) or "no threshold keeps the limits"
        cell = f'<td data-label="Best threshold">{missing(f"not reached: {limits}")}</td>'
        return f"<tr>{name}{cell}{'<td></td>' * 4}</tr>"
    at = row.choice.threshold
    shown = hint(chosen_text(at), None if at is None else f"exactly {at!r}")
    cells = [
        f'<td data-label="Best threshold">{shown}</td>',
        _cost_cell("Cost", row.cost, asked),
        _cost_cell(_CORRECTED, row.corrected, asked),
        _difference_cell(_DEARER, row.to_best, None, asked),
        _difference_cell(f"{_DEARER}, corrected", row.corrected_to_best, row.verdict, asked),
    ]
    return f"<tr>{name}{''.join(cells)}</tr>"


def _cost_cell(label: str, figure: Figure | None, asked: Asked) -> str:
    if figure is None or figure.value is None:
        return f'<td data-label="{label}">{missing(figure.reason if figure else "not corrected")}</td>'
    span = span_for(asked, figure)
    behind = f'<span class="lg-range">{hint(f"({span})", figure.method)}</span>' if span else ""
    value = f'<span class="lg-value">{escaped(amount_for(asked, figure.value))}</span>'
    return f'<td data-label="{label}"><span>{value} {behind}</span></td>'


def _difference_cell(label: str, figure: Figure | None, verdict: str | None, asked: Asked) -> str:
    if figure is None:
        return f'<td data-label="{label}"><span class="lg-quiet">the cheapest</span></td>'
    if figure.value is None:
        return f'<td data-label="{label}">{missing(figure.reason)}</td>'
    ends = ""
    if figure.low is not None and figure.high is not None:
        told = f"({signed_money(asked, figure.low)} to {signed_money(asked, figure.high)})"
        ends = f'<span class="lg-range">{hint(told, figure.method)}</span>'
    return (
        f'<td data-label="{label}"><span><span class="lg-value">{escaped(signed_money(asked, figure.value))}</span> '
        f'{ends}<span class="lg-range">{escaped(verdict or "")}</span></span></td>'
    )
