"""Setting the threshold: the question, the picture, what the best would be, what holds here, and the agreement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import state
from components.context import Context
from components.controls.choices import choose_group
from components.formatting import plain
from components.views.confusion import confusion_sentence
from components.views.figures_table import figures_table, groups_table
from components.views.threshold.agree import Proposed, draw_agree, draw_standing, session_sentence
from components.views.threshold.asked import Asked
from components.views.threshold.between import (
    band_figures,
    between_label,
    draw_band_here,
    draw_best_band,
    draw_between,
)
from components.views.threshold.fields import number_field
from components.views.threshold.findings import (
    COST,
    best_sentences,
    cost_sentence,
    draw_limits_kept,
    goal_words,
    limits_at,
    moved_sentence,
)
from components.views.threshold.limits import draw_limits, limits_label
from components.views.threshold.money import costs_label, draw_costs, draw_use, use_label
from components.views.threshold.picture import draw_picture, look_at, put
from components.views.threshold.takeaway import draw_takeaway
from lookingglass.candidates import Candidate
from lookingglass.charts import MOST_GROUPS, AnswerWords
from lookingglass.decisions import WHERE, Decision, Measured
from lookingglass.errors import BadInput
from lookingglass.evaluation.choosing import ThresholdChoice
from lookingglass.figures import Figure
from lookingglass.metrics.counts import Counts
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.thresholds import Aim, ThresholdTable, per_thousand
from lookingglass.wording import called, chosen_text, number

_GOALS = (
    "cost_per_example",
    "f1",
    "f_beta",
    "balanced_accuracy",
    "mcc",
    "recall",
    "precision",
    "accuracy",
    "selection_rate",
)

_GROUP_RATES = ("recall", "false_positive_rate", "selection_rate")


@dataclass(frozen=True)
class Session:
    """What one run of the page is about."""

    candidate: Candidate
    others: list[Candidate]
    asked: Asked
    decision: Decision | None
    start: float | None


def draw_question(ctx: Context, asked: Asked, prevalence: float | None, beside: DeltaGenerator) -> None:
    """Draw what is asked for: the goal ``beside`` the candidate; behind a button each, the money and the limits."""
    with beside:
        state.linked_select(
            "metric",
            "Aim for",
            list(_GOALS),
            asked.goal,
            words=lambda goal: goal_words(goal, asked.beta),
            help="What “best” means below; “Which figure fits” above helps to choose. Balanced accuracy is best where "
            "Youden’s J is.",
        )
        if asked.goal == "f_beta":
            number_field(
                "beta",
                "Recall counts so many times as much as precision (beta)",
                asked.beta,
                min_value=0.01,
                max_value=100.0,
                step=0.5,
                format="%.6g",
            )
    with st.container(horizontal=True, key="threshold-question"):
        with st.popover(costs_label(ctx, asked), icon=":material/payments:"), st.container(width=460):
            draw_costs(ctx, asked)
        with st.popover(limits_label(asked), icon=":material/rule:"):
            draw_limits(ctx, asked)
        with st.popover(use_label(asked, ctx.ws.config.task.unit), icon=":material/public:"):
            draw_use(ctx, asked, prevalence)
        with st.popover(between_label(asked), icon=":material/person_raised_hand:"):
            draw_between(ctx, asked)


def draw_setting(ctx: Context, session: Session, answer: DeltaGenerator) -> float | None:
    """Draw the whole view; the answer goes where the page wants it. Returns the threshold that is looked at."""
    candidate, asked = session.candidate, session.asked
    aim, refused = _aim(asked)
    chosen, why_none = _choose(ctx, asked, candidate, aim)
    cheapest = chosen if asked.goal == COST else _choose(ctx, asked, candidate, _for_cost(aim))[0]
    if session.decision is not None:
        draw_standing(ctx, session.decision)
    best = st.container()
    today = ctx.ws.threshold(candidate.name).value
    always = [session.start, today]
    always += [one.threshold for one in (chosen, cheapest) if one is not None and one.feasible]
    looked = look_at(ctx, candidate, session.others, asked, always)
    with best:
        _draw_best(ctx, asked, chosen, refused or why_none, session)
        draw_best_band(ctx, asked, candidate.name, session.start)
    column = choose_group(ctx, candidate.name, today) if ctx.ws.config.groups else None
    at, frame = draw_picture(ctx, looked, asked, session.start, chosen, cheapest, column)
    figures = ctx.ws.counting(asked.origin).figures(candidate.name, at, ctx.version, asked.settings)
    counts = looked.table.counts(looked.table.index_of(at))
    with answer:
        st.markdown(f"### {plain(_sentence(ctx, asked, counts, chosen_text(at)))}")
        if asked.has_costs:
            st.markdown(plain(cost_sentence(asked, figures[COST], ctx.ws.config.task.unit)))
        _draw_moved(ctx, asked, looked.table, candidate, at)
        draw_limits_kept(ctx, asked, candidate.name, at, figures)
        draw_band_here(ctx, asked, candidate.name, at)
    _draw_figures(ctx, asked, figures, chosen, at)
    if column is not None:
        _draw_groups(ctx, asked, candidate, column, at)
    if aim is not None:
        corrected = (
            chosen.honesty if chosen is not None and chosen.feasible and chosen.threshold == at else None
        )
        measured = Measured(
            version=ctx.version,
            digest=ctx.ws.test_set(ctx.version).digest,
            figures={
                **figures,
                **band_figures(ctx, asked, candidate.name, at),
                **_group_figures(ctx, asked, candidate, column, at),
            },
            optimism_corrected=corrected.corrected if corrected else {},
            flat_zone=chosen.honesty.flat_zone if chosen is not None and chosen.honesty else None,
            chosen=chosen.honesty.chosen if chosen is not None and chosen.honesty else None,
            counts=counts,
        )
        limits = limits_at(ctx, asked, candidate.name, at, figures)
        proposed = Proposed(candidate, at, asked, aim, measured, chosen, limits)
        draw_agree(ctx, proposed, session.decision)
        told = [
            session_sentence(ctx, proposed),
            f"As the session was left: {_sentence(ctx, asked, counts, chosen_text(at))}",
            *([cost_sentence(asked, figures[COST], ctx.ws.config.task.unit)] if asked.has_costs else []),
            *(limit.said for limit in limits),
        ]
        draw_takeaway(ctx, candidate, asked, at, column, frame, told, session_json(proposed, chosen))
    return at


def session_json(proposed: Proposed, chosen: ThresholdChoice | None) -> dict[str, Any]:
    """Return the session as JSON data: what is looked at with its figures, and what would be best for the aim."""
    return {
        "candidate": proposed.candidate.name,
        "fingerprint": proposed.candidate.fingerprint,
        "threshold": proposed.at,
        "ask_from": proposed.asked.low,
        "aim": proposed.aim.to_json(),
        "currency": proposed.asked.currency,
        "volume": None if proposed.asked.asked_volume is None else proposed.asked.asked_volume.to_json(),
        **proposed.measured.to_json(),
        "best": None if chosen is None else chosen.to_json(),
    }


def _aim(asked: Asked) -> tuple[Aim | None, str | None]:
    try:
        return asked.aim(), None
    except BadInput as error:
        return None, str(error)


def _for_cost(aim: Aim | None) -> Aim | None:
    return None if aim is None or aim.settings.costs is None else replace(aim, goal=COST)


def _choose(
    ctx: Context, asked: Asked, candidate: Candidate, aim: Aim | None
) -> tuple[ThresholdChoice | None, str | None]:
    if aim is None:
        return None, None
    try:
        return ctx.ws.counting(asked.origin).choose(candidate.name, aim, ctx.version), None
    except BadInput as error:
        return None, str(error)


def _draw_best(
    ctx: Context,
    asked: Asked,
    chosen: ThresholdChoice | None,
    refused: str | None,
    session: Session,
) -> None:
    """Say what the best threshold would be, with the button that goes there."""
    start = session.start
    if refused is not None or chosen is None:
        st.info(plain(refused or "There is no best threshold to tell."))
        return
    free = None
    if chosen.feasible and (chosen.aim.requirements or chosen.aim.capacity):
        free, _ = _choose(ctx, asked, session.candidate, replace(chosen.aim, requirements=(), capacity=None))
    sentences = best_sentences(ctx, asked, chosen, ctx.ws.times_used(ctx.version), free)
    nearest = chosen.choice.nearest
    to = chosen.threshold if chosen.feasible else nearest.threshold if nearest else start
    with st.container(border=True, key="threshold-best"):
        lead, *rest = sentences
        if not chosen.feasible:
            st.warning(plain(lead))
        else:
            st.markdown(f"**{plain(lead)}**")
        if rest:
            st.markdown(" ".join(plain(one) for one in rest))
        if to != start:
            st.button(f"Move to {chosen_text(to)}", key="move to the best", on_click=put, args=(to,))


def _draw_moved(
    ctx: Context, asked: Asked, table: ThresholdTable, candidate: Candidate, at: float | None
) -> None:
    """Say what changes for 1,000 cases against the threshold that holds today."""
    today, task = ctx.ws.threshold(candidate.name), ctx.ws.config.task
    if today.value == at:
        return
    here, there = (
        per_thousand(table.counts(table.index_of(one)), prevalence=asked.prevalence)
        for one in (at, today.value)
    )
    if here is not None and there is not None:
        yes, no = called(task.positive_name), called(task.negative_name)
        agreed = today.source == "agreed"
        st.markdown(plain(moved_sentence(here, there, yes, no, chosen_text(today.value), agreed)))


def _draw_figures(
    ctx: Context,
    asked: Asked,
    figures: Mapping[str, Figure],
    chosen: ThresholdChoice | None,
    at: float | None,
) -> None:
    task = ctx.ws.config.task
    text = (
        f"Every figure with none {called(task.positive_name)}"
        if at is None
        else f"Every figure at {chosen_text(at)}"
    )
    st.subheader(plain(text))
    if asked.prevalence is not None:
        share = number(asked.prevalence, "rate")
        st.caption(
            plain(
                f"Worked out for {share} {task.positive_name} in real use; counts are those of the samples."
            )
        )
    names = [name for name in AT_THRESHOLD if name != "cost_per_example" or asked.has_costs]
    if asked.goal != "f_beta":
        names.remove("f_beta")
    here = chosen is not None and chosen.feasible and chosen.threshold == at and chosen.honesty is not None
    figures_table(figures, names, chosen.honesty.corrected if here and chosen and chosen.honesty else None)


def _draw_groups(ctx: Context, asked: Asked, candidate: Candidate, column: str, at: float | None) -> None:
    task = ctx.ws.config.task
    st.subheader("For whom")
    groups = ctx.ws.counting(asked.origin).groups(candidate.name, column, at, ctx.version)
    yes, no = called(task.positive_name), called(task.negative_name)
    for rate, text in (
        ("false_positive_rate", f"Wrongly {yes}, of those that should be {task.negative_name}"),
        ("false_negative_rate", f"Wrongly {no}, of those that should be {task.positive_name}"),
    ):
        groups_table(text, [(candidate.name, groups)], rate, task.unit)


def _group_figures(
    ctx: Context, asked: Asked, candidate: Candidate, column: str | None, at: float | None
) -> dict[str, Figure]:
    """Return what a decision records of the groups that were looked at: ``recall where sex is female``."""
    if column is None:
        return {}
    groups = ctx.ws.counting(asked.origin).groups(candidate.name, column, at, ctx.version)
    return {
        f"{rate}{WHERE}{column} is {group.value}": group.figures[rate]
        for group in groups[:MOST_GROUPS]
        for rate in _GROUP_RATES
    }


def _sentence(ctx: Context, asked: Asked, counts: Counts, at: str) -> str:
    task = ctx.ws.config.task
    words = AnswerWords(task.unit, task.positive_name, task.negative_name)
    return confusion_sentence(counts, words, at, asked.prevalence)
