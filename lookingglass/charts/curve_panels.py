"""The panels that show one rate against another: the ROC curve, precision against recall."""

from __future__ import annotations

import altair as alt

from lookingglass.charts.marks import (
    FAINT,
    across,
    bests,
    curves,
    grip,
    haloed,
    key,
    label,
    panel,
    rows,
    spot,
    up,
    values,
)
from lookingglass.charts.room import NAME_STEP

# The line through the operating point in direction (dx, dy), both at least 0, is in the square between these steps.
_FROM = "max(iso_dx > 0 ? -row.fpr / iso_dx : -1e9, iso_dy > 0 ? -row.tpr / iso_dy : -1e9)"
_TO = "min(iso_dx > 0 ? (1 - row.fpr) / iso_dx : 1e9, iso_dy > 0 ? (1 - row.tpr) / iso_dy : 1e9)"
_HAS_ISO = "(iso_dx > 0 || iso_dy > 0) && isValid(row.fpr) && isValid(row.tpr)"


def roc_panel() -> alt.LayerChart:
    """Return recall against the false positive rate: chance, the line of equal cost, every candidate and its best."""
    x, y = across("fpr", "False positive rate"), up("tpr", [0, 1], format=".0%")
    chance = values({"fpr": 0, "tpr": 0}, {"fpr": 1, "tpr": 1})
    word = values({"fpr": 0.45, "tpr": 0.45}).mark_text(
        align="left", baseline="top", dx=8, dy=4, text="chance", color=FAINT, fontSize=12
    )
    names = rows("candidate").transform_calculate(fpr="1", tpr=f"0.05 + datum.place * {NAME_STEP}")
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
        *_equal_cost(x, y),
        *curves(x, y),
        *key(
            names,
            x,
            y,
            "name",
            alt.Color("colour:N", scale=None),
            "roc_width",
            shape=alt.Shape("shape:N", scale=None),
        ),
        bests(x, y),
        spot(x, y),
        *lines,
        grip("roc", x, y),
    ]
    title = "'Rightly against wrongly ' + (first.positive_called || '')"
    return panel("roc", layers, title, "Recall against false positive rate: the ROC curve")


def _equal_cost(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the line on which every point costs as much as the chosen one; nothing without costs."""
    ends = values({"end": 0}, {"end": 1}).transform_filter(_HAS_ISO)
    ends = ends.transform_calculate(step=f"datum.end ? {_TO} : {_FROM}").transform_calculate(
        fpr="row.fpr + datum.step * iso_dx", tpr="row.tpr + datum.step * iso_dy"
    )
    last = ends.transform_filter("datum.end == 1")
    side = {
        "align": alt.ExprRef("datum.fpr > 0.3 ? 'right' : 'left'"),
        "dx": alt.ExprRef("datum.fpr > 0.3 ? -10 : 8"),
    }
    line = ends.mark_line(strokeWidth=1.25, strokeDash=[8, 3], color=FAINT, clip=True)
    return [
        line.encode(x=x, y=y, order="end:Q"),
        *haloed(last.encode(x=x, y=y), FAINT, text="same cost", dy=9, **side),
    ]


def precision_recall_panel() -> alt.LayerChart:
    """Return precision against recall with the prevalence, which is what chance would reach."""
    x, y = across("tpr", "Recall"), up("precision", [0, 1], format=".0%")
    beneath = "first.prevalence > 0.08"
    chance = values({}).transform_calculate(
        precision="first.prevalence",
        tpr=f"{beneath} || first.pr_key_top || first.pr_key_right ? 0 : 1",
        words="'chance: ' + format(100 * (first.prevalence || 0), '.1f') + ' % are ' + (first.positive_name || '')"
        " + (first.in_use ? ' in real use' : '')",
    )
    chance = chance.transform_filter("isValid(datum.precision)")
    below = "(first.prevalence < 0.4 ? first.prevalence + 0.08 : 0.05)"
    names = rows("candidate").transform_calculate(
        tpr="first.pr_key_right ? 1 : 0",
        precision=f"first.pr_key_top ? 0.96 - datum.place * {NAME_STEP} : {below} + datum.place * {NAME_STEP}",
    )
    side = {
        "dy": alt.ExprRef(f"{beneath} ? 10 : -10"),
        "align": alt.ExprRef("datum.tpr ? 'right' : 'left'"),
        "dx": alt.ExprRef("datum.tpr ? -4 : 4"),
    }
    precision = "isValid(row.precision) ? format(100 * row.precision, '.1f') + ' %' : ''"
    layers = [
        chance.mark_rule(strokeDash=[4, 4], strokeWidth=1, color=FAINT).encode(y=y),
        *curves(x, y),
        *haloed(chance.encode(x=x, y=y, text="words:N"), FAINT, **side),
        *key(
            names,
            x,
            y,
            "name",
            alt.Color("colour:N", scale=None),
            "precision_recall_width",
            shape=alt.Shape("shape:N", scale=None),
            left="!first.pr_key_right",
        ),
        bests(x, y),
        spot(x, y),
        *label(precision, x, y, "row.tpr > 0.6"),
        grip("precision_recall", x, y),
    ]
    title = "'How many ' + (first.positive_called || '') + ' are right'"
    return panel("precision_recall", layers, title, "Precision against recall")
