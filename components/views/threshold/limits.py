"""What must hold at the threshold: requirements, for all or in every group, and how many may be answered yes."""

from __future__ import annotations

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from components.views.threshold.asked import Asked, requirements_link
from lookingglass.errors import BadInput
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.thresholds import Capacity, Requirement, parse_capacity, parse_requirement
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import called, number, plural, unit_of

_EVERYBODY = "All together"


def requirement_words(text: str) -> str:
    """Return a requirement as people say it: ``Recall at least 80 % in every group of black``."""
    try:
        needed = parse_requirement(text)
    except BadInput:
        return text
    return " ".join([METRIC_WORDS[needed.metric].label, *_bound_words(needed)])


def _bound_words(needed: Requirement) -> list[str]:
    sense = "at least" if needed.sense == ">=" else "at most"
    words = [sense, number(needed.bound, unit_of(needed.metric))]
    return words if needed.by is None else [*words, f"in every group of {needed.by}"]


def capacity_words(capacity: Capacity, unit: str) -> str:
    """Return a capacity as people say it: ``At most 10.0 % answered yes``."""
    if capacity.share is not None:
        return f"At most {number(capacity.share, 'rate')} answered yes"
    of = "of the samples" if capacity.volume is None else f"of {capacity.volume:,.12g}"
    return f"At most {capacity.count:,} {plural(unit, capacity.count)} {of} answered yes"


def limits_label(asked: Asked) -> str:
    """Return the limits in a few words."""
    count = len(asked.requirements) + (asked.capacity is not None)
    return f"Limits ({count})" if count else "Limits: none"


def draw_limits(ctx: Context, asked: Asked) -> None:
    """Draw what must hold now, each with a way to drop it, and the fields for one more."""
    st.markdown("**What must hold, whatever it costs?**")
    for place, text in enumerate(asked.requirements):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(plain(requirement_words(text)))
        rest = [other for at, other in enumerate(asked.requirements) if at != place]
        right.button("Drop", key=f"drop requirement {place}", on_click=_ask_for, args=(rest,))
    _add(ctx, asked)
    _capacity(asked, ctx.ws.config.task.unit, called(ctx.ws.config.task.positive_name))


def _ask_for(requirements: list[str]) -> None:
    state.link("require", requirements_link(requirements))


def _add(ctx: Context, asked: Asked) -> None:
    names = [name for name in AT_THRESHOLD if name not in {"f_beta", "cost_per_example"}]
    refused = st.container()
    with st.form("one more requirement", border=False):
        metric = st.selectbox(
            "Figure", names, index=names.index("recall"), format_func=lambda name: METRIC_WORDS[name].label
        )
        sense, bound = st.columns(2)
        with sense:
            chosen = st.segmented_control(
                "Must be", ["At least", "At most"], default="At least", required=True, key="requirement sense"
            )
        with bound:
            typed = st.text_input("Limit", placeholder="Such as 0.8 or 80%", key="requirement bound")
        by = st.selectbox(
            "For", [_EVERYBODY, *ctx.ws.config.groups], format_func=_for_words, key="requirement by"
        )
        if not st.form_submit_button("Add the limit"):
            return
    sign = ">=" if chosen == "At least" else "<="
    bound = typed_bound(typed, metric)
    if bound is None:
        such_as = "a share such as 80 % or 0.8" if unit_of(metric) == "rate" else "a number such as 0.5"
        refused.error(
            plain(f"“{typed.strip()}” is no limit for {METRIC_WORDS[metric].label}: type {such_as}.")
        )
        return
    needed = parse_requirement(f"{metric} {sign} {bound}" + ("" if by == _EVERYBODY else f" by {by}"))
    _ask_for(list(dict.fromkeys([*asked.requirements, needed.text()])))
    st.rerun()


def typed_bound(typed: str, metric: str) -> str | None:
    """Return a limit as ``parse_requirement`` reads it: of a rate 70 stands for 70 %; None for what is none."""
    text = typed.strip().replace(",", ".").removesuffix("%").strip()
    try:
        value = float(text)
    except ValueError:
        return None
    if unit_of(metric) != "rate":
        return text if -1 <= value <= 1 else None
    if "%" not in typed and 1 < value < 2:
        return None  # 1.5 could be 1.5 % or 150 %
    per_cent = "%" in typed or value > 1
    return f"{text}%" if per_cent and 0 <= value <= 100 else text if 0 <= value <= 1 else None


def _for_words(by: str) -> str:
    return by if by == _EVERYBODY else f"Every group of {by}"


def _capacity(asked: Asked, unit: str, answer: str) -> None:
    key = state.field_key("threshold capacity", asked.capacity or "")

    def commit() -> None:
        typed = (state.widget(key) or "").strip()
        state.link("capacity", typed)

    of = "a whole number of the samples" if asked.volume is None else f"a number of {asked.volume:,.12g}"
    st.text_input(
        f"Most {plural(unit)} {answer}",
        asked.capacity or "",
        key=key,
        on_change=commit,
        placeholder="No limit; such as 10%",
        help=f"What can be handled: a share such as 10%, or {of}.",
    )
    if asked.capacity:
        try:
            parse_capacity(asked.capacity, asked.volume)
        except BadInput as error:
            st.error(plain(str(error)))
