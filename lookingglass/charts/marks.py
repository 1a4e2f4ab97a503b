"""The parts that the panels of the linked threshold chart are made of: its texts, lines, axes and the chosen row.

Colours of text follow the theme in the browser (``ink``, ``faint``, ``paper`` are expressions of the background), so
one spec serves the light and the dark theme. Knows nothing of what the panels show.
"""

from __future__ import annotations

from typing import Any

import altair as alt

DATASET = "source"
AXIS_WIDTH = 38
"""Room for the labels of every y axis, the same in all panels so that they align, in pixels."""

SIZES = {
    "metric": (560, 230),
    "counts": (400, 230),
    "roc": (290, 230),
    "precision_recall": (291, 230),
    "scores": (292, 230),
}
"""Panel name -> width and height in pixels where no page decides; widths differ so that each has its own signal."""

FONT = '"Source Sans", "Source Sans Pro", "Segoe UI", sans-serif'
INK, FAINT, PAPER = alt.ExprRef("ink"), alt.ExprRef("faint"), alt.ExprRef("paper")
THEME = {
    "paper": "background || '#ffffff'",
    "ink": "luminance(paper) > 0.4 ? '#1a1a1a' : '#f2f2f2'",
    "faint": "luminance(paper) > 0.4 ? '#5c5c5c' : '#b4b4b4'",
}
"""Parameters that every panel's texts are coloured by: the background, text on it, and quieter text on it."""

_TICKS: dict[str, Any] = {
    "tickCount": 5,
    "labelPadding": 6,
    "titlePadding": 8,
    "labelFontSize": 12,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
    "labelColor": FAINT,
    "titleColor": FAINT,
}


def across(field: str, title: str, form: str = ".0%") -> alt.X:
    """Return a shared x axis from 0 to 1."""
    axis = alt.Axis(**_TICKS, labelFlush=True, format=form)
    return alt.X(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=axis)


def up(field: str, domain: list[Any], **axis: Any) -> alt.Y:
    """Return a y axis without title (headings say what goes up) and with the common width."""
    options = {**_TICKS, "minExtent": AXIS_WIDTH, "maxExtent": AXIS_WIDTH, **axis}
    scale = alt.Scale(domain=domain, nice=False)
    return alt.Y(f"{field}:Q", title=None, scale=scale, axis=alt.Axis(**options))


def panel(name: str, layers: list[alt.Chart], title: str, subtitle: str) -> alt.LayerChart:
    """Return one panel.

    Args:
        name: a key of ``SIZES``.
        title: an expression; it may use the words in the data.
        subtitle: text; Vega-Lite takes no expression here.
    """
    width, height = SIZES[name]
    heading = alt.TitleParams(
        text=alt.ExprRef(title),
        subtitle=subtitle,
        anchor="start",
        frame="group",
        offset=10,
        fontSize=14,
        fontWeight=600,
        color=INK,
        subtitleFontSize=12,
        subtitleColor=FAINT,
        subtitlePadding=4,
    )
    layered: alt.LayerChart = alt.LayerChart(layer=[_headroom(), *layers])
    return layered.properties(name=name, width=width, height=height, title=heading)


def _headroom() -> alt.Chart:
    """Return an unseen text where the metric panel has its label, so that all headings stand at the same height."""
    unseen: alt.Chart = chosen().mark_text(opacity=0, fontSize=13, dy=-2, baseline="middle", text="0")
    return unseen.encode(y=alt.value(-3))


def rows(kind: str) -> alt.Chart:
    """Return a chart over the rows of one kind."""
    return alt.Chart().transform_filter(f"datum.kind == '{kind}'")


def values(*records: dict[str, Any]) -> alt.Chart:
    """Return a chart over a few fixed records."""
    return alt.Chart(alt.InlineData(values=list(records)))


def chosen() -> alt.Chart:
    """Return a chart over one row, the chosen row of the threshold table, looked up by its index."""
    fields = ("at", "tpr", "fpr", "precision", "metric")
    return values({}).transform_calculate(**{name: f"row.{name}" for name in fields})


def curves(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the lines of all candidates: the others thin, the one whose threshold is moved thick and in front."""
    lines = []
    for kind, width, opacity in (("other", 1.25, 0.6), ("curve", 2.5, 1.0)):
        mark = rows(kind).mark_line(strokeWidth=width, opacity=opacity, strokeJoin="round", clip=True)
        lines.append(
            mark.encode(x=x, y=y, color=alt.Color("colour:N", scale=None), detail="name:N", order="idx:Q")
        )
    return lines


def grip(name: str, x: Any, y: Any) -> alt.Chart:
    """Return invisible points, the nearest of which a pointer anywhere in the panel catches."""
    points: alt.Chart = rows("curve").mark_point(opacity=0, cursor="ew-resize", tooltip=None)
    return points.encode(x=x, y=y).properties(name=f"{name}_grip")


def spot(x: alt.X, y: alt.Y) -> alt.Chart:
    """Return the chosen row as a point on the curve."""
    point: alt.Chart = chosen().mark_point(
        filled=True, size=110, color=INK, opacity=1, stroke=PAPER, strokeWidth=1.5
    )
    return point.encode(x=x, y=y)


def rule(x: alt.X) -> alt.Chart:
    """Return the threshold as an upright line."""
    line: alt.Chart = chosen().mark_rule(color=INK, strokeWidth=1.5)
    return line.encode(x=x)


def label(text: str, x: Any, y: Any, turn: str, dy: float | alt.ExprRef = -12) -> list[alt.Chart]:
    """Return a text beside the chosen row that turns to its left where ``turn`` holds, so that it is never cut off.

    The same text lies under it in the background's colour, drawn thick, so that it can be read across lines.
    """
    side = {"align": alt.ExprRef(f"{turn} ? 'right' : 'left'"), "dx": alt.ExprRef(f"{turn} ? -10 : 10")}
    base = chosen().transform_calculate(text=f"isValid(row.at) ? {text} : ''").encode(x=x, y=y, text="text:N")
    font: dict[str, Any] = {"fontSize": 13, "fontWeight": 600, "dy": dy, "baseline": "middle", **side}
    halo = base.mark_text(**font, color=PAPER, stroke=PAPER, strokeWidth=4, strokeJoin="round")
    return [halo, base.mark_text(**font, color=INK)]


def key(base: alt.Chart, x: Any, y: Any, text: str, colour: Any) -> list[alt.Chart]:
    """Return right-aligned direct labels: text in the ink of the theme, and a square of the colour it stands for.

    Coloured text would fail the contrast that reading needs.
    """
    square = base.mark_point(shape="square", filled=True, size=90, opacity=1, xOffset=-6)
    words = base.mark_text(align="right", baseline="middle", fontSize=12, color=INK, dx=-17, limit=200)
    return [square.encode(x=x, y=y, color=colour), words.encode(x=x, y=y, text=f"{text}:N")]
