"""A person in between: what asking costs, how many may be asked, and what the two thresholds do."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from components.links import NONE
from components.views.figures_table import figures_table
from components.views.threshold.asked import Asked
from components.views.threshold.fields import number_field
from components.views.threshold.findings import COST, amount_for, cases, span_for
from components.views.threshold.limits import requirement_words
from components.views.threshold.picture import put
from lookingglass.config import Task
from lookingglass.errors import BadInput
from lookingglass.figures import Figure
from lookingglass.metrics.formulas import Costs
from lookingglass.thresholds import Band
from lookingglass.thresholds.band import RATES_TOLD
from lookingglass.wording import called, chosen_text, joined, number, plural


def between_label(asked: Asked) -> str:
    """Return whether a person decides in between, in a few words."""
    return "Nobody asked" if asked.low is None else f"A person from {chosen_text(asked.low)}"


def draw_between(ctx: Context, asked: Asked) -> None:
    """Draw what asking costs, how many may be asked, and from which score a person is asked."""
    task = ctx.ws.config.task
    st.markdown(
        f"**Let a person decide the doubtful {plain(plural(task.unit))}?** At or above the threshold the answer is "
        f"{plain(task.positive_name)}; from the lower score up to it a person decides, and is taken to be right."
    )
    number_field(
        "ask", "What asking a person costs" + (f" ({asked.currency})" if asked.currency else ""), asked.ask,
        min_value=0.0, step=0.1, format="%.10g", placeholder=f"For one {task.unit}",
    )  # fmt: skip
    number_field(
        "most", "At most so many are asked, in per cent", asked.most, share=True,
        min_value=0.0, max_value=100.0, step=1.0, format="%.6g", placeholder="No limit",
    )  # fmt: skip
    number_field(
        "low", "A person is asked from", asked.low, min_value=0.0, max_value=1.0, step=0.01, format="%.10g",
        placeholder="Nobody is asked", help="The lower of two thresholds; below it the answer is automatic, too.",
    )  # fmt: skip
    if asked.low is not None or asked.ask is not None:
        st.button(
            "Ask nobody",
            key="ask nobody",
            on_click=state.link_all,
            args=({"low": NONE, "ask": NONE, "most": NONE},),
        )


def band_here(ctx: Context, asked: Asked, candidate: str, at: float | None) -> Band | None:
    """Return what the two thresholds do that are looked at, without a cost where not everything has a price.

    Raises:
        BadInput: a person would be asked above the threshold, or samples have no score.
    """
    if asked.low is None:
        return None
    settings, aim = asked.settings, asked.aim()
    if settings.costs is None:
        settings = replace(settings, costs=Costs(1.0, 1.0))  # no other figure depends on them
    band = ctx.ws.counting(asked.origin).band_at(
        candidate, asked.low, at, settings, asked.ask or 0.0, ctx.version,
        most_asked=asked.most, requirements=aim.requirements, capacity=aim.capacity,
    )  # fmt: skip
    if asked.has_costs and asked.ask is not None:
        return band
    return replace(band, figures={name: figure for name, figure in band.figures.items() if name != COST})


def draw_band_figures(band: Band, asked: Asked, task: Task) -> None:
    """Draw what becomes of all cases when a person decides in between, and is right."""
    st.subheader("Every figure with a person in between")
    st.markdown(
        plain(f"{band_sentence(band, asked, task)} The person is taken to be right in these figures.")
    )
    figures_table(band.figures, [name for name in (*RATES_TOLD, COST) if name in band.figures])


def draw_best_band(ctx: Context, asked: Asked, candidate: str, at: float | None) -> None:
    """Say which two thresholds would cost least, with the button that goes there."""
    if asked.low is None and asked.ask is None:
        return
    if asked.ask is None or not asked.has_costs:
        st.info("To see what a person in between saves, say what both mistakes and asking cost.")
        return
    aim = asked.aim()
    try:
        best = ctx.ws.counting(asked.origin).best_band(
            candidate, asked.settings, asked.ask, asked.most, ctx.version,
            requirements=aim.requirements, capacity=aim.capacity,
        )  # fmt: skip
    except BadInput as error:
        st.warning(plain(str(error)))
        return
    if not best.feasible:
        limits = joined([f"“{requirement_words(text)}”" for text in best.binding])
        st.markdown(plain(f"With a person in between, too, no two thresholds keep all limits: {limits}."))
        return
    if best.low == best.high:
        st.markdown("Asking a person would save nothing: one threshold is cheapest.")
        return
    to = "up" if best.high is None else f"to {chosen_text(best.high)}"
    kept = " that keeps the limits" if best.rules else ""
    told = f"Cheapest{kept} with a person asked from {chosen_text(best.low)} {to}: "
    said = f"{band_sentence(best, asked, ctx.ws.config.task)} {saving_sentence(best, asked)}"
    st.markdown(plain(" ".join([told + said.strip(), *best.notes])))
    if (best.low, best.high) != (asked.low, at):
        st.button(
            f"Ask from {chosen_text(best.low)} {to}",
            key="use the band",
            on_click=_use,
            args=(best,),
        )


def _use(band: Band) -> None:
    state.link("low", band.low)
    put(band.high)


def band_sentence(band: Band, asked: Asked, task: Task) -> str:
    """Say how many of 100 are answered by themselves and how many are asked about, and what that costs."""
    yes, asks, no = (_share(band.figures[name]) for name in ("yes_share", "asked_share", "no_share"))
    cost = band.figures.get(COST)
    said_yes, said_no = called(task.positive_name), called(task.negative_name)
    said = f"{yes} are {said_yes} and {no} {said_no} without asking, {asks} go to a person"
    if cost is None or cost.value is None:
        return f"{said}."
    span = span_for(asked, cost)
    told = f"{said}; that costs {amount_for(asked, cost.value)} {cases(asked, task.unit)}"
    return f"{told} (95 %: {span})." if span else f"{told}."


def saving_sentence(band: Band, asked: Asked) -> str:
    """Say what asking saves against the best single threshold, corrected for the choice; '' where that is unknown."""
    saving = band.corrected.get("saving") or band.saving
    if saving is None or saving.value is None:
        return ""
    corrected = ", corrected for the choice" if "saving" in band.corrected else ""
    span = span_for(asked, saving)
    return (
        f"That saves {amount_for(asked, saving.value)}{f' (95 %: {span})' if span else ''} against the best single "
        f"threshold{corrected}."
    )


def _share(figure: Figure) -> str:
    if figure.value is None:
        return f"an unknown share ({figure.reason})"
    counted = f" ({figure.k:,} of {figure.n:,})" if figure.k is not None else ""
    return f"{number(figure.value, 'rate')}{counted}"
