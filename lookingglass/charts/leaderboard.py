"""The leaderboard as a picture: one metric of every candidate as a point with its interval. Knows nothing of screens.

Data frame in, Altair chart out. The spec depends on the number of rows only, so that it is built once per size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt

from lookingglass.charts.marks import DATASET, FAINT, FONT, INK, THEME
from lookingglass.charts.palette import GREY
from lookingglass.figures import Figure
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import counts_text, figure_text, interval_text, value_text

if TYPE_CHECKING:
    import polars as pl

ROW_HEIGHT = 46
"""Pixels a candidate takes: its name above, so that long ones fit at any width, and its interval below."""


@dataclass(frozen=True)
class Standing:
    """One candidate's figure with the fixed colour it is drawn in."""

    name: str
    figure: Figure
    colour: str
    is_baseline: bool = False


def leaderboard_frame(standings: Sequence[Standing], metric: str) -> pl.DataFrame:
    """Return one row a candidate, in the given order, with everything the chart shows.

    Columns: place (0 on top), name, colour, baseline, value, low, high (null where undefined), text (the value), told
    (figure, interval and denominator in words); the first row also holds the axis' ends and the baseline's value.
    """
    import polars as pl

    unit = METRIC_WORDS[metric].unit
    shown = [(item.figure.value, item.figure.low, item.figure.high) for item in standings]
    ends = [value for triple in shown for value in triple if value is not None]
    start, end = axis_ends(ends, bounded=unit != "cost")
    baseline = next((item.figure.value for item in standings if item.is_baseline), None)
    records = [
        {
            "place": place,
            "name": item.name,
            "colour": GREY if item.is_baseline else item.colour,
            "baseline": item.is_baseline,
            "value": item.figure.value,
            "low": item.figure.low if item.figure.low is not None else item.figure.value,
            "high": item.figure.high if item.figure.high is not None else item.figure.value,
            "text": value_text(metric, item.figure) if item.figure.value is not None else item.figure.reason,
            "told": figure_text(metric, item.figure),
            "interval": interval_text(metric, item.figure) or "none",
            "counted": counts_text(item.figure),
            "start": start if place == 0 else None,
            "end": end if place == 0 else None,
            "baseline_value": baseline if place == 0 else None,
            "rate": unit == "rate",
        }
        for place, item in enumerate(standings)
    ]
    return pl.DataFrame(records, infer_schema_length=None)


def axis_ends(ends: Sequence[float], *, bounded: bool) -> tuple[float, float]:
    """Return where the axis starts and ends: around all intervals with a little air, and never narrower than 0.1.

    Differences of noise would look like differences of candidates on a narrower axis.

    Args:
        ends: every value and interval end; may be empty.
        bounded: whether the metric ends at 1 (all but costs).
    """
    if not ends:
        return 0.0, 1.0
    low, high = min(ends), max(ends)
    air = max((high - low) * 0.06, (0.1 - (high - low)) / 2 if bounded else abs(high) * 0.05, 1e-9)
    low, high = low - air, high + air
    if not bounded:
        return low, high
    return (max(low, 0.0) if min(ends) >= 0 else low), min(high, 1.0)


def leaderboard_chart(frame: pl.DataFrame | None = None, *, rows: int | None = None) -> alt.LayerChart:
    """Return the interval plot over a frame made by ``leaderboard_frame``; without data for ``rows`` rows when None.

    It is as wide as its container. The dashed line is the baseline.
    """
    count = len(frame) if frame is not None else rows or 0
    height = max(count, 1) * ROW_HEIGHT
    scale = alt.Scale(domain=[alt.ExprRef("first.start || 0"), alt.ExprRef("first.end || 1")], nice=False)
    axis = alt.Axis(
        title=None,
        tickCount=6,
        labelColor=FAINT,
        labelFontSize=12,
        domain=False,
        ticks=False,
        labelExpr="first.rate ? format(datum.value, '.0%') : datum.label",
        labelFlush=True,
    )
    x = alt.X("low:Q", scale=scale, axis=axis)
    pixels = alt.Scale(domain=[0, height], range=[0, height])
    base = alt.Chart().transform_calculate(
        name_y=f"datum.place * {ROW_HEIGHT} + 12", y=f"datum.place * {ROW_HEIGHT} + 31"
    )
    y, name_y = alt.Y("y:Q", scale=pixels, axis=None), alt.Y("name_y:Q", scale=pixels, axis=None)
    colour = alt.Color("colour:N", scale=None)
    tooltip = [
        alt.Tooltip("name:N", title="candidate"),
        alt.Tooltip("text:N", title="value"),
        alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("counted:N", title="counted on"),
    ]
    layers = [
        # Beside each interval and not through the names above them.
        base.transform_calculate(
            everywhere="first.baseline_value", top=f"datum.place * {ROW_HEIGHT} + 22", bottom="datum.top + 18"
        )
        .mark_rule(strokeDash=[3, 3], color=FAINT)
        .encode(
            x=alt.X("everywhere:Q", scale=scale, axis=axis),
            y=alt.Y("top:Q", scale=pixels, axis=None),
            y2="bottom:Q",
        ),
        base.mark_rule(strokeWidth=3, opacity=0.75).encode(
            x=x, x2="high:Q", y=y, color=colour, tooltip=tooltip
        ),
        base.mark_point(filled=True, size=120, opacity=1).encode(
            x=alt.X("value:Q", scale=scale, axis=axis), y=y, color=colour, tooltip=tooltip
        ),
        base.mark_text(
            align="left",
            baseline="middle",
            fontSize=13,
            fontWeight=600,
            color=INK,
            limit=alt.ExprRef("width - 140"),
        ).encode(x=alt.value(0), y=name_y, text="name:N", tooltip=tooltip),
        base.mark_text(align="right", baseline="middle", fontSize=13, color=INK).encode(
            x=alt.value("width"), y=name_y, text="told:N"
        ),
    ]
    chart: alt.LayerChart = alt.LayerChart(layer=layers, width="container", height=height)
    expressions = {"first": f"length(data('{DATASET}')) ? data('{DATASET}')[0] : {{}}", **THEME}
    chart.params = [alt.VariableParameter(name=name, expr=text) for name, text in expressions.items()]
    # Only the width follows the container: rows keep their height.
    chart.autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart.config = alt.Config(font=FONT, view=alt.ViewConfig(stroke=None))
    if frame is None:
        chart.data = alt.NamedData(DATASET)
    else:
        chart.data = alt.InlineData(values=frame.to_dicts(), name=DATASET)
    return chart
