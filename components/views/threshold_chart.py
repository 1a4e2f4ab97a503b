"""The linked threshold chart on a page: drawn once, dragged in the browser, heard of when the person lets go.

    curve = Curve(name, ws.curve(name, always=...), candidate_colour(order))
    threshold_chart(frame, words, key="threshold-chart") -> Picked | None

Knows nothing of the page, its address or the workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from lookingglass.charts.marks import AXIS_WIDTH
from lookingglass.charts.responsive import responsive_spec
from lookingglass.charts.threshold import DESCRIPTION, PICK

if TYPE_CHECKING:
    import polars as pl

HELP = "Drag in the first panel, or move the slider above the chart with the arrow keys."

# The slider stands above the chart, as wide as the page; its read-out and its fill would show other figures than the
# chart does, since the threshold snaps to the nearest one that changes an answer.
_STYLE = """<style>
.st-key-KEY .vega-embed { display: flex !important; flex-direction: column; }
.st-key-KEY form.vega-bindings { order: -1; padding: 0 8px 8px AXISpx; }
.st-key-KEY .vega-bind label { width: 100%; flex-wrap: nowrap; }
.st-key-KEY .vega-bind-name { min-width: 0; }
.st-key-KEY .vega-bind input[type="range"] { width: auto; flex: 1; }
.st-key-KEY .vega-bind input[type="range"]::-webkit-slider-runnable-track { background: #8a8a8a !important; }
.st-key-KEY .vega-bind input[type="range"]::-moz-range-progress { background: #8a8a8a !important; }
.st-key-KEY .vega-bind input + span { display: none; }
.st-key-KEY svg.marks { touch-action: pan-y; }
</style>"""


@dataclass(frozen=True)
class Picked:
    """Where the person let go: the row of the threshold table, and its threshold (None: answer nobody)."""

    index: int
    threshold: float | None


def threshold_chart(
    frame: pl.DataFrame, *, key: str = "threshold-chart", alt: str = DESCRIPTION
) -> Picked | None:
    """Draw the linked chart and return where the person let go of the threshold, None before the first time.

    While it is dragged nothing is sent to the server; letting go reruns the page once. New data under the same key keep
    the person's threshold wherever it is still a row, so pass it to ``ws.curve(always=[...])``; otherwise the frame's
    ``start`` is shown. To put the threshold somewhere else by force, change the key.

    Args:
        frame: from ``lookingglass.charts.threshold_frame``.
        key: of the widget; letters, digits and hyphens.
        alt: what the picture shows, for those who do not see it.
    """
    st.html(_STYLE.replace("KEY", key).replace("AXIS", str(AXIS_WIDTH)))
    state: Any = st.vega_lite_chart(
        frame, responsive_spec(), key=key, on_select="rerun", width="stretch", alt=f"{alt} {HELP}"
    )
    return picked(state)


def picked(state: Any) -> Picked | None:
    """Read what ``st.vega_lite_chart`` returned; anything that is not a row and a threshold counts as nothing."""
    chosen = (state or {}).get("selection", {}).get(PICK) or {}
    index, threshold = (_only(chosen.get(name)) for name in ("idx", "threshold"))
    if not isinstance(index, int | float) or not isinstance(threshold, int | float | None):
        return None
    return Picked(int(index), None if threshold is None else float(threshold))


def _only(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None
