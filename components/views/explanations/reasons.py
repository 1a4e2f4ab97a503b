"""One prediction's reasons under one candidate: what it said and whether that is right, what for, and what to mind."""

from __future__ import annotations

import streamlit as st

from components.context import Context
from components.formatting import plain, refusal
from components.views.explanations.regions import draw_regions
from components.views.explanations.values import draw_values
from components.views.explanations.words import draw_words
from lookingglass.errors import LookingGlassError
from lookingglass.explanations import Explanation
from lookingglass.wording import called, chosen_text, number


def explained(ctx: Context, candidate: str, example: str) -> Explanation | None:
    """Return the explanation, made now where it was not kept; None when it cannot be made, which is said."""
    try:
        with st.spinner(f"Asking {plain(candidate)} about variations of {plain(example)}"):
            return ctx.ws.explain(candidate, example, version=ctx.version)
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
    for note in told.notes:
        st.warning(plain(note[:1].upper() + note[1:]))
    if not told.weights:
        return
    if told.modality == "text":
        draw_words(told, strongest)
    elif told.modality == "image":
        draw_regions(ctx, told, strongest, opacity)
    else:
        draw_values(ctx, told, strongest)
    st.caption(plain(trust_sentence(told)))


def verdict_sentence(ctx: Context, told: Explanation) -> str:
    """Say what the candidate answers at its threshold, and whether that is the label."""
    task, at = ctx.ws.config.task, ctx.ws.threshold(told.candidate).value
    test_set = ctx.ws.test_set(ctx.version)
    label = test_set.rows.item(test_set.position(told.example_id), "@label")
    yes = at is not None and told.score >= at
    answer = called(task.positive_name if yes else task.negative_name)
    said = f"Score {number(told.score)}, {answer} at the threshold {chosen_text(at)}"
    if label is None:
        return f"{said}. It has no label."
    right = yes == (label == task.positive)
    should = task.positive_name if label == task.positive else task.negative_name
    return f"{said}: {'right' if right else 'wrong'}, the label is {should}."


def trust_sentence(told: Explanation) -> str:
    """Say how well the local model fits, and whether other seeds give the same reasons."""
    parts = [
        "Numbers are points of the score that the word, value or region adds, as LIME's local model has it"
    ]
    if told.local_prediction is not None and told.r2 is not None:
        parts.append(
            f"that model says {number(told.local_prediction)} here and fits with an R2 of {told.r2:.2f}"
        )
    if told.stability is not None:
        parts.append(
            f"{told.stability.repeats} runs with other seeds share {told.stability.vsi:.0f} % of their strongest "
            f"{told.stability.top_k} (VSI)"
        )
    parts.append(f"{told.samples:,} variations, {told.distinct:,} different ones asked")
    return f"{'; '.join(parts)}."
