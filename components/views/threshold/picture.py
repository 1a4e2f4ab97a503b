"""The linked chart of a threshold session: the candidate that is looked at, the others beside it, costs and groups."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from components import state
from components.context import Context
from components.views.threshold.asked import Asked
from components.views.threshold_chart import picked as picked_in
from components.views.threshold_chart import threshold_chart, tried_costs
from lookingglass.candidates import Candidate
from lookingglass.charts import (
    MOST_GROUPS,
    MOST_OTHERS,
    AnswerWords,
    CostWords,
    Curve,
    GroupCurve,
    HeldTo,
    candidate_colour,
    candidate_shape,
    starting_at,
    threshold_frame,
)
from lookingglass.decisions import Decision
from lookingglass.errors import BadInput
from lookingglass.evaluation.choosing import ThresholdChoice
from lookingglass.thresholds import ThresholdTable, parse_requirement

if TYPE_CHECKING:
    import polars as pl

_MOVES = "threshold was put somewhere"
_BEGAN = "where the chart began"
_TRIED = "costs were tried"
_DRAWN = "what the chart was drawn from"


@dataclass(frozen=True)
class Looked:
    """What the chart shows: the candidate, its table with every threshold that matters as a row, the others' tables."""

    candidate: Candidate
    table: ThresholdTable
    others: tuple[Candidate, ...]


def put(threshold: float | None) -> None:
    """Put the threshold somewhere else than where it was let go, and have the chart forget that."""
    state.link_threshold(threshold)
    state.keep(_MOVES, state.kept(_MOVES, 0) + 1)


def look_at(
    ctx: Context, candidate: Candidate, others: list[Candidate], asked: Asked, always: list[float | None]
) -> Looked:
    """Return what to show, ``always`` among the rows of the table. Raises BadInput when samples have no score."""
    rows = tuple(sorted({at for at in always if at is not None}))
    table = ctx.ws.counting(asked.origin).curve(
        candidate.name, ctx.version, always=rows, settings=asked.settings
    )
    return Looked(candidate, table, tuple(others[:MOST_OTHERS]))


def draw_picture(
    ctx: Context,
    looked: Looked,
    asked: Asked,
    start: float | None,
    chosen: ThresholdChoice | None,
    cheapest: ThresholdChoice | None,
    column: str | None,
) -> tuple[float | None, pl.DataFrame]:
    """Draw the chart; return the threshold at which the person let go, ``start`` before that, and what was drawn.

    Args:
        chosen: the best threshold for the aim, None where there is none; its flat zone is shaded.
        cheapest: the same for the cost.
        column: whose groups are shown, None for none.
    """
    task = ctx.ws.config.task
    own = cheapest or chosen
    curve = _curve(looked.candidate, looked.table, own)
    others = [_other(ctx, other, asked, own) for other in looked.others]
    goal = shown_metric(asked)
    key = f"threshold-{looked.candidate.fingerprint[7:15]}-{goal}-{state.kept(_MOVES, 0)}"
    begun = _begun(key, start)
    shows = tuple((each.name, each.table, each.best) for each in (curve, *others))
    zones = _flat(chosen), _flat(cheapest)
    turn = state.kept(_TRIED, 0.0)
    held_to = held_to_by(asked, goal, ctx.ws.decision(looked.candidate.name))
    drawn_from = (
        key,
        begun,
        shows,
        zones,
        asked,
        held_to,
        column,
        turn,
        ctx.ws.test_set(ctx.version).identity,
    )

    def make() -> pl.DataFrame:
        return threshold_frame(
            curve,
            AnswerWords(task.unit, task.positive_name, task.negative_name),
            metric=goal,
            start=begun,
            histogram=ctx.ws.counting(asked.origin).score_histogram(looked.candidate.name, ctx.version),
            others=others,
            flat_zone=zones[0] if goal == asked.goal else None,
            cost=cost_words(asked, turn),
            cost_flat_zone=zones[1],
            groups=_groups(ctx, looked, asked, column),
            group_column=column or "",
            prevalence=asked.prevalence,
            ask_from=asked.low,
            limited=own is not None and own.aim.is_limited,
            held_to=held_to,
        )

    frame = state.kept_while(_DRAWN, drawn_from, make)
    picked = threshold_chart(frame, key=key, on_change=partial(_take_costs, key))
    if picked is None:
        return start, starting_at(frame, start)
    state.link_threshold(picked.threshold)
    return picked.threshold, starting_at(frame, picked.threshold)


def _take_costs(key: str) -> None:
    """Put the costs that were tried into the link as if they had been typed, each time that some were tried once."""
    tried = tried_costs(state.widget(key))
    if tried is not None and tried.turn != state.kept(_TRIED):
        state.keep(_TRIED, tried.turn)
        state.link_all(tried.moved())


def _begun(key: str, start: float | None) -> float | None:
    """Return where the chart began, as long as it holds what was dragged: so its data need not be sent again."""
    known = state.kept(_BEGAN)
    if known is None or known[0] != key or picked_in(state.widget(key)) is None:
        state.keep(_BEGAN, (key, start))
        return start
    begun: float | None = known[1]
    return begun


def shown_metric(asked: Asked) -> str:
    """Return what the first panel shows: the goal, beside the cost's own panel the figure that has a limit, else F1."""
    if asked.goal != "cost_per_example":
        return asked.goal
    limited = [parse_requirement(text).metric for text in asked.requirements]
    return next((metric for metric in limited if metric != "cost_per_example"), "f1")


def held_to_by(asked: Asked, goal: str, decision: Decision | None) -> HeldTo:
    """Return the limits on the shown figure, of several the strictest, and what was agreed for this candidate."""
    needed = [parse_requirement(text) for text in asked.requirements]
    bounds = {
        sense: [each.bound for each in needed if (each.metric, each.sense, each.by) == (goal, sense, None)]
        for sense in (">=", "<=")
    }
    agreed = None if decision is None else decision.threshold
    return HeldTo(
        at_least=max(bounds[">="], default=None),
        at_most=min(bounds["<="], default=None),
        agreed=math.inf if decision is not None and agreed is None else agreed,
    )


def cost_words(asked: Asked, turn: float) -> CostWords | None:
    """Return how the chart speaks of costs, None without any; ``turn`` is the last of its sliders' that was heard."""
    costs = asked.costs
    if costs is None:
        return None
    return CostWords(
        currency=asked.currency,
        cost_fp=costs.cost_fp,
        cost_fn=costs.cost_fn,
        gain_tp=costs.gain_tp,
        gain_tn=costs.gain_tn,
        volume=asked.volume,
        period=asked.period,
        turn=turn,
    )


def _curve(candidate: Candidate, table: ThresholdTable, best: ThresholdChoice | None) -> Curve:
    row = table.index_of(best.threshold) if best is not None and best.feasible else None
    shape = candidate_shape(candidate.order)
    return Curve(candidate.name, table, candidate_colour(candidate.order), shape, row)


def _other(ctx: Context, candidate: Candidate, asked: Asked, own: ThresholdChoice | None) -> Curve:
    """Return another candidate's curve; under limits its own best threshold is looked for, else the chart finds it."""
    counted, best = ctx.ws.counting(asked.origin), None
    if own is not None and own.aim.is_limited:
        with suppress(BadInput):
            best = counted.choose(candidate.name, own.aim, ctx.version)
    always = () if best is None or best.threshold is None else (best.threshold,)
    table = counted.curve(candidate.name, ctx.version, always=always, settings=asked.settings)
    return _curve(candidate, table, best)


def _flat(chosen: ThresholdChoice | None) -> tuple[float | None, float | None] | None:
    return None if chosen is None or chosen.honesty is None else chosen.honesty.flat_zone


def _groups(ctx: Context, looked: Looked, asked: Asked, column: str | None) -> list[GroupCurve]:
    if column is None:
        return []
    return [
        GroupCurve(group.value, group.n, group.positives, group.negatives, group.tp, group.fp)
        for group in ctx.ws.counting(asked.origin).group_counts(
            looked.candidate.name, column, looked.table, ctx.version
        )[:MOST_GROUPS]
    ]
