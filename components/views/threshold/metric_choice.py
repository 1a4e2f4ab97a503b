"""Choosing the metric: three questions, the figures that fit the answers, and what each of them hides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import state
from components.context import Context
from components.formatting import escaped, plain
from components.views.figures_table import figure_cell
from components.views.threshold.asked import Asked, requirements_link
from components.views.threshold.limits import requirement_words
from components.views.threshold.money import costs_label, draw_costs
from lookingglass.figures import Figure
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.thresholds.advice import Advice, Worse, advise, is_rare
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import called, inside, number, plural, threshold_text

_WORSE: dict[str, Worse] = {"wrong yes": "wrong yes", "wrong no": "wrong no", "in money": "in money"}
_DIRECTIONS = {
    "higher": "Higher is better",
    "lower": "Lower is better",
    "neither": "Neither way is better by itself",
}


def draw_metric_choice(
    ctx: Context, asked: Asked, figures: Mapping[str, Figure], at: float | None, prevalence: float | None
) -> None:
    """Draw the questions and what they lead to.

    Args:
        figures: every metric at ``at``, for the candidate that is looked at.
        prevalence: share of positives among the labelled samples, None without any.
    """
    task = ctx.ws.config.task
    rare, worse, limited = _questions(ctx, asked, prevalence)
    found = advise(rare=rare, worse=worse, limited=limited)
    st.markdown(f"#### {'This fits' if len(found) == 1 else 'These fit'} your answers")
    for column, advice in zip(st.columns(len(found)), found, strict=True):
        with column, st.container(border=True, height="stretch"):
            _card(ctx, advice, asked)
    if rare and prevalence is not None:
        common = max(prevalence, 1 - prevalence)
        always = task.negative_name if prevalence < 0.5 else task.positive_name
        st.warning(
            plain(
                f"Accuracy misleads here: whoever calls every {task.unit} {always} without looking is right in "
                f"{number(common, 'rate')} of them."
            )
        )
    st.markdown("#### All figures, and what each hides")
    st.html(_table([name for name in AT_THRESHOLD if name in figures], figures, at))


def _questions(ctx: Context, asked: Asked, prevalence: float | None) -> tuple[bool, Worse, bool]:
    task, here = ctx.ws.config.task, ctx.linked.here
    yes, no = called(task.positive_name), called(task.negative_name)
    counted = prevalence is not None and is_rare(prevalence)
    share = "" if prevalence is None else f" Here {number(prevalence, 'rate')} are {task.positive_name}."
    left, middle, right = st.columns(3)
    with left:
        rare = _radio("rare", f"1. Is one answer much rarer than the other?{share}", {"yes": "Yes", "no": "No"},
                      here.get("rare", "yes" if counted else "no"))  # fmt: skip
    with middle:
        words: dict[str, str] = {
            "wrong yes": f"Wrongly {yes}",
            "wrong no": f"Wrongly {no}",
            "both alike": "Both alike",
            "in money": "We can say in money",
        }
        worse = _radio("worse", "2. Which mistake is worse?", words,
                       here.get("worse", "in money" if asked.has_costs else "both alike"))  # fmt: skip
    with right:
        limited = _radio(
            "limited", f"3. Can only so many {plural(task.unit)} be {yes}?", {"yes": "Yes", "no": "No"},
            here.get("limited", "yes" if asked.capacity else "no"),
        )  # fmt: skip
    return rare == "yes", _WORSE.get(worse, "both alike"), limited == "yes"


def _radio(name: str, label: str, words: Mapping[str, str], current: str) -> str:
    key = f"threshold {name}"
    state.show_in(key, current if current in words else next(iter(words)))

    def commit() -> None:
        state.link(name, state.heard(key))

    chosen = st.radio(label, list(words), key=key, format_func=lambda one: words[one], on_change=commit)
    return chosen or current


def _card(ctx: Context, advice: Advice, asked: Asked) -> None:
    words = METRIC_WORDS[advice.goal]
    st.markdown(f"**{plain(words.question)}**")
    name = words.label if advice.beta is None else f"{words.label} with beta {advice.beta:g}"
    st.markdown(plain(f"{name}. {words.definition}"))
    st.markdown(plain(f"{advice.why}"))
    st.caption(plain(f"{_DIRECTIONS[words.direction]}. What it hides: {words.hides}"))
    if advice.goal == "cost_per_example" and not asked.has_costs:
        with st.popover(plain(costs_label(ctx, asked)), icon=":material/payments:"), st.container(width=460):
            draw_costs(ctx, asked)
        return
    chosen = (
        asked.goal == advice.goal
        and (advice.beta is None or asked.beta == advice.beta)
        and (advice.with_requirement is None or advice.with_requirement in asked.requirements)
    )
    st.button(
        "Chosen" if chosen else f"Use {name}{_limit_words(advice)}",
        key=f"use {advice.goal} {advice.beta} {advice.with_requirement}",
        on_click=_use,
        args=(advice, asked.requirements),
        disabled=chosen,
        icon=":material/check:" if chosen else None,
    )


def _limit_words(advice: Advice) -> str:
    return f", with {inside(requirement_words(advice.with_requirement))}" if advice.with_requirement else ""


def _use(advice: Advice, requirements: Sequence[str]) -> None:
    state.link("metric", advice.goal)
    if advice.beta is not None:
        state.link("beta", advice.beta)
    if advice.with_requirement is not None:
        state.link(
            "require", requirements_link(list(dict.fromkeys([*requirements, advice.with_requirement])))
        )


def _table(names: Sequence[str], figures: Mapping[str, Figure], at: float | None) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escaped(METRIC_WORDS[name].question)}'
        f'<br><span class="lg-quiet lg-small">{escaped(METRIC_WORDS[name].label)}: '
        f"{escaped(METRIC_WORDS[name].definition)}</span></th>"
        f"{figure_cell('Value', name, figures[name])}"
        f'<td data-label="What it hides" class="lg-wide">{escaped(METRIC_WORDS[name].hides)}</td></tr>'
        for name in names
    )
    return (
        '<div class="lg"><table class="lg-table"><thead><tr><th scope="col">What it asks</th>'
        f'<th scope="col">At {escaped(threshold_text(at))} (95 % interval)</th>'
        f'<th scope="col" class="lg-wide">What it hides</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
