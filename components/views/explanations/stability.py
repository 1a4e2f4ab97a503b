"""Whether other seeds give the same reasons: how often each is among the strongest, which way it pushes, more runs."""

from __future__ import annotations

import streamlit as st

from components import state
from components.formatting import escaped
from lookingglass.explanations import Explanation, Stability

RUNS = ("5", "10", "20")
"""How many runs with seeds of their own can be asked for; the first is the usual."""


def draw_stability(told: Explanation) -> None:
    """Draw a button that opens what each run said, with the ways to more runs."""
    stability = told.stability
    if stability is None:
        return
    with st.popover("How stable?", icon=":material/repeat:"):
        st.html(f'<div class="lg">{_table(stability)}</div>')
        for runs in RUNS:
            if int(runs) > stability.repeats:
                st.button(
                    f"Ask with {runs} seeds",
                    key=f"runs {runs} {told.fingerprint[7:15]} {told.input_id[-12:]}",
                    on_click=state.link,
                    args=("runs", runs),
                )


def _table(stability: Stability) -> str:
    rows = []
    for each in stability.features:
        found = round(each.share * stability.repeats)
        up = round(each.positive * found)
        way = (
            "up in all" if up == found else "down in all" if up == 0 else f"up in {up}, down in {found - up}"
        )
        rows.append(
            f'<tr><th scope="row">{escaped(each.feature)}<span class="lg-range">{escaped(each.field)}</span></th>'
            f"<td>{found} of {stability.repeats}</td><td>{way}</td></tr>"
        )
    return (
        '<table class="lg-table"><thead><tr><th scope="col">Word, value or region</th>'
        f'<th scope="col">Among the strongest {stability.top_k} in</th><th scope="col">Pushes the score</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table>"
    )
