"""Setting the threshold: the question, the picture, what the best would be, what holds here, and the agreement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import state
from components.context import Context
from components.controls.choices import choose_group
from components.formatting import plain
from components.views.threshold.agree import (
    Proposed,
    agreed_sentence,
    draw_agree,
    draw_standing,
    session_sentence,
)
from components.views.threshold.asked import Asked
from components.views.threshold.between import (
    between_label,
    draw_best_band,
    draw_between,
)
from components.views.threshold.fields import number_field
from components.views.threshold.findings import (
    COST,
    best_sentences,
    goal_words,
)
from components.views.threshold.here import (
    Here,
    draw_answer,
    draw_figures,
    draw_gap,
    draw_groups,
    group_figures,
    look_here,
)
from components.views.threshold.limits import draw_limits, limits_label
from components.views.threshold.money import costs_label, draw_costs, draw_use, use_label
from components.views.threshold.picture import draw_picture, look_at, put
from components.views.threshold.takeaway import draw_takeaway
from lookingglass.candidates import Candidate
from lookingglass.decisions import Decision
from lookingglass.errors import BadInput
from lookingglass.evaluation.choosing import ThresholdChoice, session_measured, session_record
from lookingglass.thresholds import Aim
from lookingglass.wording import chosen_text

if TYPE_CHECKING:
    import polars as pl

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
        with st.popover(plain(costs_label(ctx, asked)), icon=":material/payments:"), st.container(width=460):
            draw_costs(ctx, asked)
        with st.popover(plain(limits_label(asked)), icon=":material/rule:"):
            draw_limits(ctx, asked)
        with st.popover(plain(use_label(asked, ctx.ws.config.task.unit)), icon=":material/public:"):
            draw_use(ctx, asked, prevalence)
        with st.popover(plain(between_label(asked)), icon=":material/person_raised_hand:"):
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
    always = [session.start, today, asked.low]
    always += [one.threshold for one in (chosen, cheapest) if one is not None and one.feasible]
    looked = look_at(ctx, candidate, session.others, asked, always)
    with best:
        _draw_best(ctx, asked, chosen, refused or why_none, session)
        draw_best_band(ctx, asked, candidate.name, session.start)
    column = choose_group(ctx, candidate.name, today) if ctx.ws.config.groups else None
    if asked.low is not None:
        st.caption("Curves and dots show each threshold by itself; the grey part is what a person decides.")
    at, frame = draw_picture(ctx, looked, asked, session.start, chosen, cheapest, column)
    here = look_here(ctx, asked, candidate.name, looked.table, at)
    with answer:
        draw_answer(ctx, asked, candidate.name, looked.table, here)
        if column is not None:
            draw_gap(ctx, asked, candidate.name, column, here)
    draw_figures(ctx, asked, here, chosen)
    if column is not None:
        draw_groups(ctx, asked, candidate.name, column, here)
    if aim is not None:
        _draw_end(ctx, session, aim, here, chosen, column, frame)
    return at


def _draw_end(
    ctx: Context,
    session: Session,
    aim: Aim,
    here: Here,
    chosen: ThresholdChoice | None,
    column: str | None,
    frame: pl.DataFrame,
) -> None:
    """Draw what ends a session: the agreement, and what people take away."""
    candidate, asked = session.candidate, session.asked
    recorded = {**here.figures, **group_figures(ctx, asked, candidate.name, column, here.at)}
    digest = ctx.ws.test_set(ctx.version).digest
    measured = session_measured(ctx.version, digest, here.at, recorded, here.counts, chosen, here.band)
    proposed = Proposed(candidate, here.at, asked, aim, measured, chosen, here.limits)
    draw_agree(ctx, proposed, session.decision)
    told = [
        session_sentence(ctx, proposed),
        f"As the session was left: {here.said}",
        *([here.costs] if here.costs is not None else []),
        *(limit.said for limit in here.limits),
        *([] if session.decision is None else [agreed_sentence(session.decision, ctx.ws.decisions)]),
    ]
    record = partial(
        session_record, candidate.name, candidate.fingerprint, here.at, asked.low, aim, measured,
        currency=asked.currency, volume=asked.asked_volume, best=chosen,
    )  # fmt: skip
    draw_takeaway(ctx, candidate, asked, here.at, column, frame, told, record)


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
    if chosen.feasible and chosen.aim.is_limited:
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
