"""One prediction's reasons under one candidate: what it said and whether that is right, what for, and what to mind."""

from __future__ import annotations

import streamlit as st

from components.context import Context
from components.formatting import plain, refusal
from components.views.explanations.regions import draw_regions
from components.views.explanations.stability import RUNS, draw_stability
from components.views.explanations.values import draw_values
from components.views.explanations.words import draw_words
from components.views.images import SIDE
from lookingglass.errors import LookingGlassError
from lookingglass.explanations import ExplainSettings, Explanation
from lookingglass.explanations.drawn import as_it_is_html
from lookingglass.explanations.said import answer_sentence, note_sentence, trust_sentence


def explained(ctx: Context, candidate: str, example: str) -> Explanation | None:
    """Return the explanation, made now where it was not kept; None when it cannot be made, which is said.

    The link may ask for more runs with other seeds than usual.
    """
    runs = ctx.linked.here.get("runs")
    settings = ExplainSettings(repeats=int(runs)) if runs in RUNS else None
    try:
        with st.spinner(f"Asking {plain(candidate)} about variations of {plain(example)}"):
            return ctx.ws.explain(candidate, example, settings, version=ctx.version)
    except LookingGlassError as error:
        st.info(refusal(error))
        return None


def draw_reasons(ctx: Context, told: Explanation, strongest: float, opacity: float) -> None:
    """Draw one explanation.

    Args:
        strongest: the absolute weight that is drawn strongest, the same for every candidate side by side.
        opacity: of an image's regions.
    """
    st.markdown(plain(verdict_sentence(ctx, told)))
    draw_weights(ctx, told, strongest, opacity)


def draw_weights(
    ctx: Context, told: Explanation, strongest: float, opacity: float, png: bytes | None = None
) -> None:
    """Draw what pushes where, what to mind, and how far to trust it.

    Args:
        png: the image where it is not one that is kept, as when a region was painted over.
    """
    for note in told.notes:
        st.warning(plain(note_sentence(note, told.inputs)))
    if not told.weights:
        _as_it_is(ctx, told, png)
        return
    if told.modality == "text":
        draw_words(told, strongest)
    elif told.modality == "image":
        draw_regions(ctx, told, strongest, opacity, png)
    else:
        draw_values(ctx, told, strongest)
    st.caption(plain(trust_sentence(told)))
    draw_stability(told)


def _as_it_is(ctx: Context, told: Explanation, png: bytes | None) -> None:
    """Draw an example that has no reasons: the answer is judged all the same."""
    if told.modality == "image":
        st.image(ctx.ws.image(str(next(iter(told.inputs.values())))) if png is None else png, width=SIDE)
    else:
        st.html(as_it_is_html(told))


def verdict_sentence(ctx: Context, told: Explanation) -> str:
    """Say what the candidate answers at its threshold, and whether that is the label."""
    test_set = ctx.ws.test_set(ctx.version)
    label = test_set.rows.item(test_set.position(told.example_id), "@label")
    return answer_sentence(ctx.ws.config.task, told.score, ctx.ws.threshold(told.candidate).value, label)
