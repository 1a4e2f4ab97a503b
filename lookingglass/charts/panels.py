"""The five panels of the linked threshold chart. Each reads the chosen row and knows nothing of the others."""

from __future__ import annotations

import altair as alt

from lookingglass.charts.marks import (
    FAINT,
    INK,
    PAPER,
    SIZES,
    across,
    chosen,
    curves,
    grip,
    key,
    label,
    panel,
    rows,
    rule,
    spot,
    up,
    values,
)
from lookingglass.charts.palette import NEGATIVE, POSITIVE

_ROW_HEIGHT = 58
_METRIC_TEXT = (
    "!isValid(row.metric) ? 'undefined' : first.metric_unit == 'rate' ? format(100 * row.metric, '.1f') + ' %'"
    " : format(row.metric, first.metric_unit == 'cost' ? ',.2f' : '.3f')"
)


def metric_panel() -> alt.LayerChart:
    """Return the chosen metric at each threshold; the place to drag."""
    x = across("at", "Threshold", ".1f")
    ends = [alt.ExprRef("first.metric_low || 0"), alt.ExprRef("first.metric_high || 1")]
    y = up("metric", ends, labelExpr="first.metric_unit == 'rate' ? format(datum.value, '.0%') : datum.label")
    above = alt.value(-3)
    handle = chosen().mark_point(shape="triangle-down", filled=True, size=90, color=INK, opacity=1)
    layers = [
        *curves(x, y),
        rule(x),
        handle.encode(x=x, y=above),
        spot(x, y),
        *label(f"row.label + ':  ' + ({_METRIC_TEXT})", x, above, "row.at > 0.6", dy=-2),
        grip("metric", x, alt.value(SIZES["metric"][1] / 2)),
    ]
    title = "(first.metric_label || '') + ' at each threshold'"
    return panel("metric", layers, title, "Drag sideways to move the threshold")


def counts_panel() -> alt.LayerChart:
    """Return the four counts of 1,000 units in plain words, each with its bar."""
    cells = [
        {"cell": "tp", "right": 1, "yes": 1, "term": "true positives"},
        {"cell": "fp", "right": 0, "yes": 1, "term": "false positives"},
        {"cell": "fn", "right": 0, "yes": 0, "term": "false negatives"},
        {"cell": "tn", "right": 1, "yes": 0, "term": "true negatives"},
    ]
    base = values(
        *({**cell, "top": place * _ROW_HEIGHT} for place, cell in enumerate(cells))
    ).transform_calculate(
        shown="row[datum.cell + '_1000'] || 0",
        words="(datum.right ? 'rightly ' : 'wrongly ') + (datum.yes ? first.positive_called : first.negative_called)",
        behind="format(row[datum.cell] || 0, ',') + ' ' + datum.term",
        bar="datum.top + 34",
        bar_end="datum.top + 42",
        zero="0",
        all="1000",
    )
    pixels = alt.Scale(domain=[0, SIZES["counts"][1]], range=[0, SIZES["counts"][1]])
    line, bar = alt.Y("top:Q", scale=pixels, axis=None), alt.Y("bar:Q", scale=pixels, axis=None)
    x = alt.X("zero:Q", scale=alt.Scale(domain=[0, 1000]), axis=None)
    layers = [
        base.mark_rect(color=FAINT, opacity=0.18, cornerRadius=2).encode(
            x=x, x2="all:Q", y=bar, y2="bar_end:Q"
        ),
        base.mark_rect(cornerRadius=2).encode(
            x=x,
            x2="shown:Q",
            y=bar,
            y2="bar_end:Q",
            color=alt.condition("datum.yes == 1", alt.value(POSITIVE), alt.value(NEGATIVE)),
            opacity=alt.condition("datum.right == 1", alt.value(0.45), alt.value(1)),
        ),
        base.mark_text(align="left", baseline="middle", dy=18, fontSize=22, fontWeight=600, color=INK).encode(
            x=alt.value(0), y=line, text="shown:Q"
        ),
        base.mark_text(align="left", baseline="middle", dy=19, fontSize=14, color=INK).encode(
            x=alt.value(50), y=line, text="words:N"
        ),
        base.mark_text(align="right", baseline="middle", dy=19, fontSize=12, color=FAINT).encode(
            x=alt.value("width"), y=line, text="behind:N"
        ),
    ]
    title = "'At ' + (row.label || '') + ', of 1,000 ' + (first.units || '')"
    return panel("counts", layers, title, "Counted on the labelled samples")


def roc_panel() -> alt.LayerChart:
    """Return recall against the false positive rate with the chance line, and every candidate's name."""
    x, y = across("fpr", "False positive rate"), up("tpr", [0, 1], format=".0%")
    chance = values({"fpr": 0, "tpr": 0}, {"fpr": 1, "tpr": 1})
    word = values({"fpr": 0.72, "tpr": 0.66}).mark_text(
        align="left", dx=4, text="chance", color=FAINT, fontSize=12
    )
    names = rows("name").transform_calculate(fpr="1", tpr="0.05 + datum.place * 0.085")
    texts = [
        f"'{word} ' + format(100 * row.{name}, '.1f') + ' %'"
        for word, name in (("recall", "tpr"), ("false alarms", "fpr"))
    ]
    lines = [
        part
        for place, text in enumerate(texts)
        for part in label(
            f"isValid(row.tpr) && isValid(row.fpr) ? {text} : ''",
            x,
            y,
            "row.fpr > 0.6",
            dy=alt.ExprRef(f"row.tpr < 0.25 ? {16 * place - 30} : {16 * place + 16}"),
        )
    ]
    layers = [
        chance.mark_line(strokeDash=[4, 4], strokeWidth=1, color=FAINT).encode(x=x, y=y),
        word.encode(x=x, y=y),
        *curves(x, y),
        *key(names, x, y, "name", alt.Color("colour:N", scale=None)),
        spot(x, y),
        *lines,
        grip("roc", x, y),
    ]
    title = "'Rightly against wrongly ' + (first.positive_called || '')"
    return panel("roc", layers, title, "Recall against false positive rate: the ROC curve")


def precision_recall_panel() -> alt.LayerChart:
    """Return precision against recall with the prevalence, which is what chance would reach."""
    x, y = across("tpr", "Recall"), up("precision", [0, 1], format=".0%")
    chance = values({}).transform_calculate(
        precision="first.prevalence",
        tpr="0",
        words="'chance: ' + format(100 * (first.prevalence || 0), '.1f') + ' % are ' + (first.positive_name || '')",
    )
    precision = "isValid(row.precision) ? format(100 * row.precision, '.1f') + ' %' : ''"
    layers = [
        chance.mark_rule(strokeDash=[4, 4], strokeWidth=1, color=FAINT).encode(y=y),
        chance.mark_text(align="left", dx=4, dy=-8, color=FAINT, fontSize=12).encode(
            x=x, y=y, text="words:N"
        ),
        *curves(x, y),
        spot(x, y),
        *label(precision, x, y, "row.tpr > 0.6"),
        grip("precision_recall", x, y),
    ]
    title = "'How many ' + (first.positive_called || '') + ' are right'"
    return panel("precision_recall", layers, title, "Precision against recall")


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
            opacity=alt.condition("datum.bin_end > row.at", alt.value(1), alt.value(0.4)),
            tooltip=[
                alt.Tooltip("bin_start:Q", title="score from", format=".2f"),
                alt.Tooltip("bin_end:Q", title="to", format=".2f"),
                alt.Tooltip("count:Q", title="examples", format=","),
            ],
        )
    )
    height = SIZES["scores"][1]
    layers = [bars, rule(across("at", "Score", ".1f"))]
    for name, colour, where in (("positive_name", POSITIVE, 10), ("negative_name", NEGATIVE, height - 10)):
        words = chosen().transform_calculate(words=f"'labelled ' + (first.{name} || '')")
        layers += key(words, alt.value("width"), alt.value(where), "words", alt.value(colour))
    return panel(
        "scores", layers, "'Where the scores lie'", "Share of each class; solid: at or above the threshold"
    )
