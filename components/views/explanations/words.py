"""Reasons in a text: each word in its place and in its own field, tinted by how strongly and where to it pushes."""

from __future__ import annotations

import streamlit as st

from components.formatting import escaped
from lookingglass.charts.palette import NEGATIVE, POSITIVE
from lookingglass.explanations import Explanation, Weight
from lookingglass.wording import number

NUMBERED = 10
"""So many of the strongest words carry their number; all are tinted."""


def draw_words(told: Explanation, strongest: float) -> None:
    """Draw every field of a text with its words coloured.

    Args:
        strongest: the absolute weight that has the deepest tint, the same for every candidate side by side.
    """
    numbered = {(each.field, each.position) for each in told.weights[:NUMBERED]}
    shares = told.shares
    parts = []
    for field, text in told.inputs.items():
        words = sorted((each for each in told.weights if each.field == field), key=lambda one: one.start or 0)
        share = (
            f" · {number(shares[field], 'rate')} of all weight"
            if len(told.inputs) > 1 and field in shares
            else ""
        )
        parts.append(
            f'<p class="lg-quiet lg-small lg-field">{escaped(field)}{escaped(share)}</p>'
            f'<p class="lg-words">{_marked(str(text or ""), words, numbered, strongest)}</p>'
        )
    st.html(f'<div class="lg">{"".join(parts)}</div>')


def _marked(text: str, words: list[Weight], numbered: set[tuple[str, int]], strongest: float) -> str:
    """Return the text as HTML, every word with a weight marked; all of it escaped."""
    parts, at = [], 0
    for word in words:
        start, end = word.start or 0, word.end or 0
        parts += [escaped(text[at:start]), _mark(text[start:end], word, numbered, strongest)]
        at = end
    return "".join([*parts, escaped(text[at:])])


def _mark(text: str, word: Weight, numbered: set[tuple[str, int]], strongest: float) -> str:
    depth = 0.0 if not strongest else min(abs(word.weight) / strongest, 1.0)
    colour = POSITIVE if word.weight > 0 else NEGATIVE
    tint = f"background: color-mix(in srgb, {colour} {round(8 + 47 * depth) if depth > 0.02 else 0}%, transparent)"
    number = (
        f"<sup>{signed_weight(word.weight)}</sup>"
        if (word.field, word.position) in numbered and depth
        else ""
    )
    return f'<mark style="{tint}" title="{signed_weight(word.weight)}">{escaped(text)}{number}</mark>'


def signed_weight(weight: float) -> str:
    """Return a weight with its sign, in points of probability: ``+12``, ``−0.4``."""
    points = 100 * weight
    text = f"{abs(points):.0f}" if abs(points) >= 9.5 else f"{abs(points):.1f}"
    sign = "±" if float(text) == 0 else "+" if weight > 0 else "−"
    return f"{sign}{text}"
