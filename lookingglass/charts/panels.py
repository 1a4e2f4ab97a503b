"""The panels that stand over the threshold or the score: metric, expected cost, scores. Knows nothing of the others."""

from __future__ import annotations

import altair as alt

from lookingglass.charts.held_to import agreed, limits
from lookingglass.charts.marks import (
    BAND,
    FAINT,
    INK,
    PAPER,
    SIZES,
    across,
    band,
    bests,
    chosen,
    curves,
    flat,
    flat_words,
    grip,
    key,
    label,
    panel,
    rows,
    rule,
    spot,
    up,
    values,
    veiled,
)
from lookingglass.charts.palette import NEGATIVE, POSITIVE
from lookingglass.charts.room import NAME_STEP

METRIC_TEXT = (
    "!isValid(row.metric) ? 'undefined' : first.metric_unit == 'rate' ? format(100 * row.metric, '.1f') + ' %'"
    " : format(row.metric, first.metric_unit == 'cost' ? ',.2f' : '.3f')"
)
HAS_COST = "isValid(first.cost_title)"
_MONEY = (
    "abs(cost_high - cost_low) >= 10000 ? format(datum.value, '.3~s')"
    " : abs(cost_high - cost_low) >= 10 ? format(datum.value, ',.0f') : format(datum.value, '.2f')"
)
_TRIED = (
    "(isValid(first.c1_colour) ? datum.name + ': ' : 'lowest ') + (lowest[datum.place].told || 'undefined')"
    " + (first.limited ? ', limits aside' : '')"
)
"""What a candidate's lowest point would be with the costs that are tried."""


def metric_panel() -> alt.LayerChart:
    """Return the chosen metric at each threshold; the place to drag."""
    x = across("at", "Threshold", ".1f")
    ends = [alt.ExprRef("first.metric_low || 0"), alt.ExprRef("first.metric_high || 1")]
    y = up("metric", ends, labelExpr="first.metric_unit == 'rate' ? format(datum.value, '.0%') : datum.label")
    text = f"{BAND} ? 'yes from ' + row.label : row.label + ':  ' + ({METRIC_TEXT})"
    layers = [
        flat(x, "flat"),
        *band(x),
        *curves(x, y),
        *limits(y),
        *agreed(x),
        *_handle(x, text),
        *flat_words(x, "flat"),
        spot(x, y),
        grip("metric", x, alt.value(SIZES["metric"][1] / 2)),
    ]
    title = "(first.metric_label || '') + ' at each threshold'"
    return panel("metric", layers, title, "Drag sideways to move the threshold")


def cost_panel() -> alt.LayerChart:
    """Return the expected cost at each threshold, each candidate at its own best; a sentence where nothing costs."""
    x = across("at", "Threshold", ".1f", **veiled(HAS_COST, "format(datum.value, '.1f')"))
    y = up("cost", [alt.ExprRef("cost_low"), alt.ExprRef("cost_high")], **veiled(HAS_COST, f"({_MONEY})"))
    text = f"!({HAS_COST}) ? '' : {BAND} ? 'yes from ' + row.label : row.label + ':  ' + cost_here_text"
    names = (
        rows("candidate")
        .transform_filter("isValid(datum.told)")
        .transform_calculate(
            at="first.cost_key_right ? 1 : 0",
            cost=f"cost_high - (cost_high - cost_low) * (0.04 + {NAME_STEP} * datum.place)",
            told=f"tried ? {_TRIED} : datum.told",
        )
    )
    quiet = (
        values({})
        .transform_filter(f"!({HAS_COST})")
        .mark_text(align="left", baseline="top", fontSize=14, color=FAINT)
        .encode(x=alt.value(0), y=alt.value(4), text=alt.value("Say what mistakes cost to see this"))
    )
    colour, shape = alt.Color("colour:N", scale=None), alt.Shape("shape:N", scale=None)
    costs = alt.ExprRef(f"{HAS_COST} ? 1 : 0")
    layers = [
        flat(x, "cost_flat", "!tried"),
        *band(x, HAS_COST),
        *curves(x, y),
        *_handle(x, text, costs),
        *flat_words(x, "cost_flat", "!tried"),
        *key(names, x, y, "told", colour, "cost_width", shape=shape, left="!first.cost_key_right"),
        bests(x, y),
        spot(x, y),
        grip("cost", x, alt.value(SIZES["metric"][1] / 2)),
        quiet,
    ]
    title = "first.cost_title || 'Expected cost'"
    return panel("cost", layers, title, "At each threshold; a dot: a candidate's own best")


def scores_panel() -> alt.LayerChart:
    """Return how both classes' scores are spread, positives up and negatives down, solid from the threshold on."""
    ends = [alt.ExprRef("-(first.share_high || 1)"), alt.ExprRef("first.share_high || 1")]
    x = across("bin_start", "Score", ".1f")
    y = up("mirrored", ends, labelExpr="format(abs(datum.value), '.0%')")
    bars = (
        rows("bin")
        .transform_calculate(zero="0")
        .mark_rect(stroke=PAPER, strokeWidth=0.5)
        .encode(
            x=x,
            x2="bin_end:Q",
            y=y,
            y2="zero:Q",
            color=alt.condition("datum.positive", alt.value(POSITIVE), alt.value(NEGATIVE)),
            tooltip=[
                alt.Tooltip("bin_start:Q", title="score from", format=".2f"),
                alt.Tooltip("bin_end:Q", title="to", format=".2f"),
                alt.Tooltip("count:Q", title="examples", format=","),
            ],
        )
    )
    height = SIZES["scores"][1]
    at = across("at", "Score", ".1f")
    # One veil is moved instead of a hundred bars being drawn anew for each move.
    veil = values({}).transform_calculate(at="0", upper="row.at").mark_rect(color=PAPER, opacity=0.6)
    layers = [bars, veil.encode(x=at, x2="upper:Q"), *band(at), rule(at)]
    for name, colour, where in (("positive_name", POSITIVE, 10), ("negative_name", NEGATIVE, height - 10)):
        words = chosen().transform_calculate(words=f"'labelled ' + (first.{name} || '')")
        layers += key(words, alt.value("width"), alt.value(where), "words", alt.value(colour), "scores_width")
    return panel(
        "scores", layers, "'Where the scores lie'", "Share of each class; solid: at or above the threshold"
    )


def _handle(x: alt.X, text: str, opacity: alt.ExprRef | float = 1) -> list[alt.Chart]:
    """Return the threshold as a line with a handle and its text on top."""
    above = alt.value(-3)
    handle = chosen().mark_point(shape="triangle-down", filled=True, size=90, color=INK, opacity=opacity)
    return [
        rule(x, opacity=opacity),
        handle.encode(x=x, y=above),
        *label(text, x, above, "row.at > 0.6", dy=-2),
    ]
