"""The parts that the panels of the linked threshold chart are made of: its texts, lines, axes and chosen rows.

Colours of text follow the theme in the browser (``ink``, ``faint``, ``paper`` are expressions of the background), so
one spec serves the light and the dark theme. Knows nothing of what the panels show.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from lookingglass.charts.palette import GREEN
from lookingglass.charts.threshold_inputs import MOST_OTHERS

DATASET = "source"
AXIS_WIDTH = 38
"""Room for the labels of every y axis, the same in all panels so that they align, in pixels."""

SIZES = {
    "metric": (560, 230),
    "counts": (400, 230),
    "cost": (561, 231),
    "groups": (401, 232),
    "roc": (290, 230),
    "precision_recall": (291, 230),
    "scores": (292, 230),
}
"""Panel name -> width and height in pixels where no page decides; they differ so that each has its own signal."""

FONT = '"Source Sans", "Source Sans Pro", "Segoe UI", sans-serif'
INK, FAINT, PAPER = alt.ExprRef("ink"), alt.ExprRef("faint"), alt.ExprRef("paper")
THEME = {
    "paper": "background || '#ffffff'",
    "ink": "luminance(paper) > 0.4 ? '#1a1a1a' : '#f2f2f2'",
    "faint": "luminance(paper) > 0.4 ? '#5c5c5c' : '#b4b4b4'",
    "grid": "luminance(paper) > 0.4 ? '#e3e7ea' : '#30373e'",
}
"""Parameters that every panel is coloured by: the background, text on it, quieter text on it, and the grid."""

BAND = "isValid(first.ask_from)"
"""Whether there are two thresholds, as an expression."""

_TICKS: dict[str, Any] = {
    "tickCount": 5,
    "labelPadding": 6,
    "titlePadding": 8,
    "labelFontSize": 12,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
    "labelColor": FAINT,
    "titleColor": FAINT,
    "gridColor": alt.ExprRef("grid"),
    "domain": False,
    "ticks": False,
}


def across(field: str, title: str, form: str = ".0%", **axis: Any) -> alt.X:
    """Return a shared x axis from 0 to 1."""
    options = {**_TICKS, "labelFlush": True, "format": form, **axis}
    return alt.X(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(**options))


def up(field: str, domain: list[Any], **axis: Any) -> alt.Y:
    """Return a y axis without title (headings say what goes up) and with the common width."""
    options = {**_TICKS, "minExtent": AXIS_WIDTH, "maxExtent": AXIS_WIDTH, **axis}
    scale = alt.Scale(domain=domain, nice=False)
    return alt.Y(f"{field}:Q", title=None, scale=scale, axis=alt.Axis(**options))


def veiled(shown: str, label: str) -> dict[str, Any]:
    """Return what hides an axis where the expression ``shown`` does not hold.

    Args:
        label: an expression for its labels; they are emptied, because Vega itself sets the opacity of labels.
    """
    opacity = alt.ExprRef(f"{shown} ? 1 : 0")
    return {"gridOpacity": opacity, "titleOpacity": opacity, "labelExpr": f"{shown} ? {label} : ''"}


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
        limit=alt.ExprRef(f"{name}_width"),
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
    unseen: alt.Chart = chosen().mark_text(
        aria=False, opacity=0, fontSize=13, dy=-2, baseline="middle", text="0"
    )
    return unseen.encode(y=alt.value(-3))


def rows(kind: str) -> alt.Chart:
    """Return a chart over the rows of one kind."""
    return alt.Chart().transform_filter(f"datum.kind == '{kind}'")


def values(*records: dict[str, Any]) -> alt.Chart:
    """Return a chart over a few fixed records."""
    return alt.Chart(alt.InlineData(values=list(records)))


def chosen(row: str = "row") -> alt.Chart:
    """Return a chart over one row, the chosen row of the threshold table (or the lower one), looked up by its index."""
    fields = {name: f"{row}.{name}" for name in ("at", "tpr", "fpr", "precision", "metric", "cost")}
    if row == "row":
        fields["cost"] = "cost_here"
    return values({}).transform_calculate(**fields)


def curves(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the lines of all candidates: the others thin, the one whose threshold is moved thick and in front."""
    lines = []
    for place in range(MOST_OTHERS, 0, -1):
        beside_x, beside_y = _of_candidate(x, place), _of_candidate(y, place)
        thin = alt.Chart().transform_filter(f"isValid(datum.c{place}_at)")
        mark = thin.mark_line(
            strokeWidth=1.25,
            opacity=0.65,
            strokeJoin="round",
            clip=True,
            color=alt.ExprRef(f"first.c{place}_colour || '#7f7f7f'"),
        )
        falling = alt.Order(f"c{place}_at:Q", sort="descending")
        lines.append(mark.encode(x=beside_x, y=beside_y, order=falling))
    thick = rows("curve").mark_line(
        strokeWidth=2.5, strokeJoin="round", clip=True, color=alt.ExprRef("first.colour || '#7f7f7f'")
    )
    return [*lines, thick.encode(x=x, y=y, order="idx:Q")]


def _of_candidate(channel: Any, place: int) -> Any:
    """Return the channel for the columns of another candidate."""
    return _over(channel, f"c{place}_{_field(channel)}")


def _over(channel: Any, field: str) -> Any:
    """Return the same channel over another field."""
    copied = channel.copy()
    copied["shorthand"] = f"{field}:Q"
    return copied


def bests(x: alt.X, y: alt.Y) -> alt.Chart:
    """Return every candidate's own best threshold as a point of its colour and shape.

    While other costs are tried, its lowest point on the cost curve.
    """
    now = {
        name: f"tried ? lowest[datum.place].{name} : datum.{name}"
        for name in sorted({_field(x), _field(y), "cost"})
    }
    points = rows("candidate").transform_calculate(**now)
    points = points.transform_filter(f"isValid(datum.{_field(x)}) && isValid(datum.{_field(y)})")
    mark = points.mark_point(filled=True, size=75, opacity=1, stroke=PAPER, strokeWidth=1)
    point: alt.Chart = mark.encode(
        x=x, y=y, color=alt.Color("colour:N", scale=None), shape=alt.Shape("shape:N", scale=None)
    )
    return point


def _field(channel: Any) -> str:
    return str(channel["shorthand"]).removesuffix(":Q")


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


def rule(x: alt.X, row: str = "row", **style: Any) -> alt.Chart:
    """Return the threshold as an upright line."""
    line: alt.Chart = chosen(row).mark_rule(color=INK, strokeWidth=1.5, **style)
    return line.encode(x=x)


def band(x: alt.X, shown: str = "true") -> list[alt.Chart]:
    """Return the band between two thresholds, in which a person decides; nothing where there is one threshold."""
    shade = values({}).transform_calculate(at="low.at", upper="row.at")
    lower = {"strokeDash": [5, 3], "opacity": alt.ExprRef(f"{shown} && {BAND} ? 1 : 0")}
    return [
        shade.mark_rect(color=INK, opacity=alt.ExprRef(f"{shown} && {BAND} ? 0.1 : 0")).encode(
            x=x, x2="upper:Q"
        ),
        rule(x, "low", **lower),
    ]


def flat(x: alt.X, zone: str, shown: str = "true") -> alt.Chart:
    """Return the thresholds that are as good as the best, shaded from ``zone``_low to ``zone``_high; or nothing.

    Args:
        shown: an expression; nothing is shaded where it does not hold.
    """
    shade = _zone(zone, shown).mark_rect(
        color=GREEN, opacity=0.16, stroke=GREEN, strokeWidth=1, strokeOpacity=0.4
    )
    shaded: alt.Chart = shade.encode(x=x, x2="upper:Q")
    return shaded


def flat_words(x: alt.X, zone: str, shown: str = "true") -> list[alt.Chart]:
    """Return what the shaded thresholds are, written at the foot of the panel."""
    align = alt.ExprRef("datum.middle < 0.35 ? 'left' : datum.middle > 0.65 ? 'right' : 'center'")
    place = _zone(zone, shown).encode(x=_over(x, "anchor"), y=alt.value(SIZES["metric"][1] - 10))
    return haloed(place, FAINT, text="as good as the best, within chance", align=align)


def _zone(zone: str, shown: str) -> alt.Chart:
    edges = values({}).transform_calculate(
        at=f"first.{zone}_low",
        upper=f"first.{zone}_high",
        middle=f"(first.{zone}_low + first.{zone}_high) / 2",
    )
    edges = edges.transform_calculate(
        anchor="datum.middle < 0.35 ? datum.at : datum.middle > 0.65 ? datum.upper : datum.middle"
    )
    return edges.transform_filter(f"isValid(datum.at) && isValid(datum.upper) && {shown}")


def label(text: str, x: Any, y: Any, turn: str, dy: float | alt.ExprRef = -12) -> list[alt.Chart]:
    """Return a text beside the chosen row that turns to its left where ``turn`` holds, so that it is never cut off."""
    side = {"align": alt.ExprRef(f"{turn} ? 'right' : 'left'"), "dx": alt.ExprRef(f"{turn} ? -10 : 10")}
    base = chosen().transform_calculate(text=f"isValid(row.at) ? {text} : ''").encode(x=x, y=y, text="text:N")
    return haloed(base, INK, fontSize=13, fontWeight=600, dy=dy, **side)


def haloed(base: alt.Chart, colour: alt.ExprRef, **font: Any) -> list[alt.Chart]:
    """Return a text, and under it the same in the background's colour, drawn thick, so that it reads across lines."""
    style = {"fontSize": 12, "baseline": "middle", **font}
    halo = base.mark_text(**style, color=PAPER, stroke=PAPER, strokeWidth=4, strokeJoin="round", aria=False)
    return [halo, base.mark_text(**style, color=colour)]


def key(
    base: alt.Chart,
    x: Any,
    y: Any,
    text: str,
    colour: Any,
    width: str,
    *,
    shape: Any = None,
    left: str = "false",
) -> list[alt.Chart]:
    """Return direct labels: text in the ink of the theme, and beside it the colour (and shape) it stands for.

    Coloured text would fail the contrast that reading needs. The labels end at ``x``, or start there where the
    expression ``left`` holds, and are cut off to ``width``, the name of the panel's width.
    """
    side = {"align": alt.ExprRef(f"{left} ? 'left' : 'right'"), "dx": alt.ExprRef(f"{left} ? 17 : -17")}
    encoded = {} if shape is None else {"shape": shape}
    square = base.mark_point(
        shape="square", filled=True, size=90, opacity=1, xOffset=alt.ExprRef(f"{left} ? 6 : -6")
    )
    return [
        square.encode(x=x, y=y, color=colour, **encoded),
        *haloed(base.encode(x=x, y=y, text=f"{text}:N"), INK, limit=alt.ExprRef(f"{width} - 24"), **side),
    ]
