"""The linked threshold chart: one threshold, dragged in the browser, moves the whole picture. Knows nothing of screens.

``threshold_chart(frame)`` is plain Altair with the panels beside each other, for notebooks and reports. Its layout that
follows the page's width is made from the same chart in ``lookingglass.charts.responsive``. The spec holds no data and
no words: everything that differs between workspaces, candidates and versions stands in the frame of
``lookingglass.charts.threshold_data``, so new data never make the browser forget the person's threshold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import altair as alt

from lookingglass.charts.count_panels import counts_panel, groups_panel
from lookingglass.charts.curve_panels import precision_recall_panel, roc_panel
from lookingglass.charts.marks import BAND, DATASET, FONT, THEME
from lookingglass.charts.panels import cost_panel, metric_panel, scores_panel

if TYPE_CHECKING:
    import polars as pl

PICK = "pick"
"""The selection's name: ``{"idx": [row of the threshold table], "threshold": [its value]}`` once a person moved it."""

DRAG = "[pointerdown, window:pointerup] > pointermove, pointerdown"
DESCRIPTION = (
    "Linked panels for one threshold: the chosen metric and the expected cost at each threshold, how many are rightly "
    "and wrongly answered, the rates of each group, the ROC curve, precision against recall, and the scores of both "
    "classes."
)

_TABLE = f"data('{DATASET}')"
_PICKED = f"isValid({PICK}.threshold)"
_KEPT = f"indexof(pluck({_TABLE}, 'threshold'), {PICK}.threshold[0])"
EXPRESSIONS = {
    # Before the data arrive there is no first row; every field is then undefined and nothing is drawn.
    "first": f"length({_TABLE}) ? {_TABLE}[0] : {{}}",
    # While dragging, the picked index is the row. After new data the person's threshold may stand in another row.
    "idx": (
        f"{_PICKED} && length({_TABLE}) > {PICK}.idx[0] && {_TABLE}[{PICK}.idx[0]].threshold === {PICK}.threshold[0]"
        f" ? {PICK}.idx[0] : {_PICKED} && {_KEPT} >= 0 ? {_KEPT} : (first.start || 0)"
    ),
    "row": f"length({_TABLE}) > idx ? {_TABLE}[idx] : {{}}",
    # Between two thresholds a person decides. Dragged below the lower one, both are the same.
    "low": f"{BAND} && length({_TABLE}) > max(idx, first.ask_from) ? {_TABLE}[max(idx, first.ask_from)] : row",
}
"""Parameters that every panel reads: the words, the index of the chosen row, that row, and the lower one's."""

UNTRIED = {
    "tried": "false",
    "lowest": "[]",
    "iso_dx": "first.iso_dx",
    "iso_dy": "first.iso_dy",
    "cost_low": "first.cost_low || 0",
    "cost_high": "first.cost_high || 1",
    "cost_here": "row.cost",
    "cost_here_text": "row.cost_text || 'undefined'",
}
"""Parameters of what costs do, as the frame says it; ``lookingglass.charts.live_costs`` lets other costs be tried."""

PANELS: dict[str, Callable[[], alt.LayerChart]] = {
    "metric": metric_panel,
    "counts": counts_panel,
    "cost": cost_panel,
    "groups": groups_panel,
    "roc": roc_panel,
    "precision_recall": precision_recall_panel,
    "scores": scores_panel,
}
"""Every panel by name, in reading order."""

LAYOUT = (("metric", "counts"), ("cost", "groups"), ("roc", "precision_recall", "scores"))
"""Which panels stand beside each other where there is room."""


def threshold_chart(frame: pl.DataFrame | None = None) -> alt.VConcatChart:
    """Return the linked panels over a frame made by ``threshold_frame``; without data when None.

    The selection ``pick`` holds the chosen row; dragging works on the metric, cost, ROC and precision-recall panels.
    """
    lines = [alt.hconcat(*(PANELS[name]() for name in line), spacing=36) for line in LAYOUT]
    drag = alt.PointSelectionConfig(
        type="point", fields=["idx", "threshold"], nearest=True, on=DRAG, clear=False, toggle=False
    )
    chart: alt.VConcatChart = alt.vconcat(*lines, spacing=30)
    chart.params = [
        alt.TopLevelSelectionParameter(name=PICK, select=drag, views=_grips(chart)),
        *(
            alt.VariableParameter(name=name, expr=text)
            for name, text in {**EXPRESSIONS, **UNTRIED, **THEME}.items()
        ),
    ]
    if frame is None:
        chart.data = alt.NamedData(DATASET)
    else:
        chart.data = alt.InlineData(values=frame.to_dicts(), name=DATASET)
    described: alt.VConcatChart = chart.properties(description=DESCRIPTION)
    described.config = _config()
    return described


def panel_chart(name: str, width: int | None = None) -> alt.LayerChart:
    """Return one of ``PANELS`` by itself, without data and without a drag: it shows the frame's first threshold."""
    chart = PANELS[name]()
    expressions = {**EXPRESSIONS, "idx": "first.start || 0", **UNTRIED, **THEME, f"{name}_width": "width"}
    chart.params = [alt.VariableParameter(name=each, expr=text) for each, text in expressions.items()]
    chart.data = alt.NamedData(DATASET)
    chart.config = _config()
    if width is not None:
        chart.width = width
    return chart


def _config() -> alt.Config:
    # Texts are read out as they stand; of lines and thousands of unseen points a screen reader hears the description.
    return alt.Config(
        font=FONT,
        view=alt.ViewConfig(stroke=None),
        mark=alt.MarkConfig(aria=False, tooltip=None),
        text=alt.MarkConfig(aria=True),
    )


def _grips(chart: alt.VConcatChart) -> list[str]:
    """Return the names of the views that catch the pointer; Altair renames them when it puts charts side by side."""
    layers = [layer for row in chart.vconcat for panel in row.hconcat for layer in panel.layer]
    return [layer.name for layer in layers if isinstance(layer.name, str) and "_grip" in layer.name]
