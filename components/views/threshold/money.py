"""What mistakes cost and right answers bring, how common positives are in real use, and how many cases there are."""

from __future__ import annotations

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from components.links import NONE
from components.views.threshold.asked import COST, Asked
from components.views.threshold.fields import amount_field, number_field
from lookingglass.evaluation.derived import USUAL_GOAL
from lookingglass.wording import called, money, number, plural


def costs_label(ctx: Context, asked: Asked) -> str:
    """Return what the costs are, in a few words."""
    if not asked.has_costs:
        return "Say what mistakes cost"
    task = ctx.ws.config.task
    fp, fn = (money(amount or 0.0, asked.currency) for amount in (asked.fp, asked.fn))
    return f"Wrongly {called(task.positive_name)} {fp}, wrongly {called(task.negative_name)} {fn}"


def draw_costs(ctx: Context, asked: Asked) -> None:
    """Draw the four amounts, by the workspace's own words, and the currency."""
    task = ctx.ws.config.task
    yes, no = called(task.positive_name), called(task.negative_name)
    st.markdown(
        f"**What does one {plain(task.unit)} cost us, or bring us? A wrong answer costs, a right one may bring.**"
    )
    wrong, right = st.columns(2)
    with wrong:
        amount_field("fp", f"Wrongly {yes} costs", asked.fp, asked.currency, "A false positive.", least=0.0)
        amount_field("fn", f"Wrongly {no} costs", asked.fn, asked.currency, "A false negative.", least=0.0)
    with right:
        amount_field(
            "tp", f"Rightly {yes} brings", asked.tp, asked.currency, "A true positive; a gain, 0 for none."
        )
        amount_field(
            "tn", f"Rightly {no} brings", asked.tn, asked.currency, "A true negative; a gain, 0 for none."
        )
    text_field("currency", "Currency", asked.currency, 20, "EUR, USD, hours of work")
    if (asked.fp is None) != (asked.fn is None):
        st.info("Both kinds of mistake need a price: 0 is one, too.")
    if asked.has_costs:
        st.caption("To try others, move the sliders above the picture.")
    if asked.fp is not None or asked.fn is not None:
        st.button("Without costs", key="without costs", on_click=_without_costs, args=(asked,))


def _without_costs(asked: Asked) -> None:
    state.link_all({"fp": NONE, "fn": NONE, "tp": 0.0, "tn": 0.0})
    if asked.goal == COST:
        state.link("metric", USUAL_GOAL)


def use_label(asked: Asked, unit: str) -> str:
    """Return what real use looks like, in a few words."""
    parts = []
    if asked.volume is not None:
        parts.append(f"{asked.volume:,.12g} {plural(unit)} a {asked.period}")
    if asked.prevalence is not None:
        parts.append(f"{number(asked.prevalence, 'rate')} positive in real use")
    if asked.origin == "all":
        parts.append("test patterns counted")
    return ", ".join(parts) if parts else "In real use: as in the samples"


def draw_use(ctx: Context, asked: Asked, measured: float | None) -> None:
    """Draw how many cases a period brings and how common positives are among them.

    Args:
        measured: share of positives among the labelled samples, None without any.
    """
    task = ctx.ws.config.task
    units = plural(task.unit)
    st.markdown("**What will it meet in real use?**")
    left, right = st.columns(2)
    with left:
        number_field(
            "volume", f"How many {units}", asked.volume, min_value=1.0, step=100.0, format="%.10g",
            placeholder="For totals",
        )  # fmt: skip
    with right:
        text_field("period", "In each", asked.period, 40, "month")
    there = "" if measured is None else f" Among the samples: {number(measured, 'rate')}."
    number_field(
        "prevalence", f"{task.positive_name.capitalize()} in real use, in per cent", asked.prevalence, share=True,
        min_value=0.0001, max_value=99.9999, step=1.0, format="%.6g", placeholder="As in the samples",
        help=f"Share of {units} that should be {task.positive_name}.{there} Every figure is worked out for this share.",
    )  # fmt: skip
    draw_origin(ctx, asked)
    if asked.volume is not None or asked.prevalence is not None:
        st.button(
            "As in the samples, without totals",
            key="as in the samples",
            on_click=state.link_all,
            args=({"volume": NONE, "prevalence": NONE},),
        )


def draw_origin(ctx: Context, asked: Asked) -> None:
    """Draw whether test patterns are counted, too; they are not unless somebody says so."""
    counted = asked.origin == "all"
    key = state.field_key("threshold origin", counted)

    def commit() -> None:
        state.link("origin", "all" if state.widget(key) else "sample")

    st.toggle(
        "Count test patterns, too",
        counted,
        key=key,
        on_change=commit,
        help="Test patterns describe problems: how many there are says nothing of how common anything is in real use.",
    )


def text_field(name: str, label: str, current: str, longest: int, placeholder: str) -> None:
    """Draw a field for a short text of the address."""
    key = state.field_key(f"threshold {name}", current)

    def commit() -> None:
        typed = " ".join((state.widget(key) or "").split())
        state.link(name, typed)

    st.text_input(
        label,
        current,
        key=key,
        max_chars=longest,
        on_change=commit,
        placeholder=placeholder,
    )
