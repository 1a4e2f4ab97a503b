"""What holds at the threshold that is looked at: who is wrongly answered, what that costs, every figure, each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from components.context import Context
from components.formatting import plain
from components.views.confusion import asked_sentence, confusion_sentence
from components.views.figures_table import figures_table, gap_sentence, groups_table
from components.views.threshold.asked import COST, Asked
from components.views.threshold.between import band_here, draw_band_figures
from components.views.threshold.findings import (
    LimitAt,
    cost_sentence,
    draw_limits_kept,
    limits_at,
    moved_sentence,
)
from lookingglass.charts import MOST_GROUPS, AnswerWords
from lookingglass.decisions import WHERE, can_name_a_figure
from lookingglass.errors import BadInput
from lookingglass.evaluation.choosing import ThresholdChoice
from lookingglass.fairness import GroupFigures
from lookingglass.figures import Figure
from lookingglass.metrics.counts import Counts
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.thresholds import Band, ThresholdTable, per_thousand
from lookingglass.wording import called, chosen_text, number

_GROUP_RATES = ("recall", "false_positive_rate", "selection_rate")


@dataclass(frozen=True)
class Here:
    """What holds at the threshold that is looked at.

    Attributes:
        figures, counts: as if nobody were asked. ``band``: what a person in between does, None where nobody is asked.
        refused: why nobody can be asked there, None where that can be.
        said: who is wrongly answered, in a sentence. ``costs``: what that costs, None without costs.
    """

    at: float | None
    figures: Mapping[str, Figure]
    counts: Counts
    band: Band | None
    refused: str | None
    limits: list[LimitAt]
    said: str
    costs: str | None


def look_here(ctx: Context, asked: Asked, candidate: str, table: ThresholdTable, at: float | None) -> Here:
    """Return what holds at one threshold; the table has it, and the score from which a person is asked, as rows."""
    task = ctx.ws.config.task
    figures = ctx.ws.counting(asked.origin).figures(candidate, at, ctx.version, asked.settings)
    counts = table.counts(table.index_of(at))
    words = AnswerWords(task.unit, task.positive_name, task.negative_name)
    band, refused = None, None
    try:
        band = band_here(ctx, asked, candidate, at)
    except BadInput as error:
        refused = str(error)
    if band is None:
        said = confusion_sentence(counts, words, chosen_text(at), asked.prevalence)
    else:
        reached = table.counts(table.index_of(asked.low))
        ends = chosen_text(asked.low), chosen_text(at)
        said = asked_sentence(counts, reached, words, *ends, asked.prevalence)
    cost = (figures if band is None else band.figures).get(COST)
    costs = cost_sentence(asked, cost, task.unit) if asked.has_costs and cost is not None else None
    limits = limits_at(ctx, asked, candidate, at, figures, band)
    return Here(at, figures, counts, band, refused, limits, said, costs)


def draw_answer(ctx: Context, asked: Asked, candidate: str, table: ThresholdTable, here: Here) -> None:
    """Draw who is wrongly answered, what that costs, what changes, and whether the limits hold."""
    st.markdown(f"### {plain(here.said)}")
    if here.costs is not None:
        st.markdown(plain(here.costs))
    if here.refused is not None:
        st.warning(plain(here.refused))
    if here.band is None:
        _draw_moved(ctx, asked, table, candidate, here.at)
    draw_limits_kept(here.limits)


def _draw_moved(ctx: Context, asked: Asked, table: ThresholdTable, candidate: str, at: float | None) -> None:
    """Say what changes for 1,000 cases against the threshold that holds today."""
    today, task = ctx.ws.threshold(candidate), ctx.ws.config.task
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


def draw_figures(ctx: Context, asked: Asked, here: Here, chosen: ThresholdChoice | None) -> None:
    """Draw every metric, corrected where it is the chosen threshold; with a person in between first theirs."""
    if here.band is not None:
        draw_band_figures(here.band, asked, ctx.ws.config.task)
    task = ctx.ws.config.task
    where = f"with none {called(task.positive_name)}" if here.at is None else f"at {chosen_text(here.at)}"
    st.subheader(plain(f"Every figure {where}{_alone(here)}"))
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
    is_best = chosen is not None and chosen.feasible and chosen.threshold == here.at
    corrected = chosen.honesty.corrected if is_best and chosen and chosen.honesty else None
    figures_table(here.figures, names, corrected)


def _alone(here: Here) -> str:
    return "" if here.band is None else ", if nobody were asked"


def draw_groups(ctx: Context, asked: Asked, candidate: str, column: str, here: Here) -> None:
    """Draw both mistakes in each group of a column."""
    task = ctx.ws.config.task
    st.subheader("For whom")
    yes, no = called(task.positive_name), called(task.negative_name)
    wrong_yes, wrong_no = _groups(ctx, asked, candidate, column, here)
    if len(wrong_yes) > MOST_GROUPS:
        st.caption(
            plain(f"The picture has room for {MOST_GROUPS} of {len(wrong_yes)} groups; here are all of them.")
        )
    for rate, groups, text in (
        ("false_positive_rate", wrong_yes, f"Wrongly {yes}, of those that should be {task.negative_name}"),
        ("false_negative_rate", wrong_no, f"Wrongly {no}, of those that should be {task.positive_name}"),
    ):
        groups_table(text, [(candidate, groups)], rate, task.unit)


def draw_gap(ctx: Context, asked: Asked, candidate: str, column: str, here: Here) -> None:
    """Say for whom it goes wrong most, with the widest gap between the groups of a column."""
    task = ctx.ws.config.task
    wrong_yes, _ = _groups(ctx, asked, candidate, column, here)
    what = f"wrongly {called(task.positive_name)}"
    st.markdown(plain(f"For whom: {gap_sentence(candidate, wrong_yes, 'false_positive_rate', what)}"))


def _groups(
    ctx: Context, asked: Asked, candidate: str, column: str, here: Here
) -> tuple[Sequence[GroupFigures], Sequence[GroupFigures]]:
    """Return the groups as they answer wrongly yes, and as they answer wrongly no.

    A person in between is right: only from the upper threshold up is anybody wrongly answered yes, and only below the
    lower one wrongly no.
    """
    counted = ctx.ws.counting(asked.origin)
    lower = here.at if here.band is None else asked.low
    return (
        counted.groups(candidate, column, here.at, ctx.version),
        counted.groups(candidate, column, lower, ctx.version),
    )


def group_figures(
    ctx: Context, asked: Asked, candidate: str, column: str | None, at: float | None
) -> dict[str, Figure]:
    """Return what a decision records of the groups that were looked at: ``recall where sex is female``.

    A group whose value no record can hold (control characters, thousands of letters) is left out.
    """
    if column is None:
        return {}
    groups = ctx.ws.counting(asked.origin).groups(candidate, column, at, ctx.version)
    return {
        f"{rate}{WHERE}{column} is {group.value}": group.figures[rate]
        for group in groups[:MOST_GROUPS]
        for rate in _GROUP_RATES
        if can_name_a_figure(f"{rate}{WHERE}{column} is {group.value}")
    }
