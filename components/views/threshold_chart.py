"""The linked threshold chart on a page: drawn once, dragged in the browser, heard of when the person lets go.

    frame = threshold_frame(Curve(name, ws.curve(name, always=...), candidate_colour(order)), words, cost=...)
    threshold_chart(frame, key="threshold-chart", on_change=...) -> Picked | None
    tried_costs(state.widget("threshold-chart")) -> TriedCosts | None

Knows nothing of the page, its address or the workspace.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from lookingglass.charts.live_costs import AMOUNTS, COSTS
from lookingglass.charts.marks import AXIS_WIDTH
from lookingglass.charts.responsive import spec_for
from lookingglass.charts.threshold import DESCRIPTION, PICK

if TYPE_CHECKING:
    import polars as pl

HELP = "Drag in the first panel, or move the slider above the chart with the arrow keys."
COSTS_HELP = " The sliders below it try other costs."

# The slider stands above the chart, as wide as the page; its read-out and its fill would show other figures than the
# chart does, since the threshold snaps to the nearest one that changes an answer. Below it the sliders of the four
# amounts in two columns, each with its amount behind it; in one where the chart is
# narrow, each below its name and amount.
_STYLE = """<style>
.st-key-KEY { container-type: inline-size; }
.st-key-KEY .vega-embed { display: flex !important; flex-direction: column; }
.st-key-KEY form.vega-bindings { order: -1; padding: 0 8px 8px AXISpx; width: 100%; box-sizing: border-box;
  display: grid; grid-template-columns: minmax(0, 1fr) 10rem minmax(0, 1fr) 10rem; gap: 4px 12px; }
.st-key-KEY .vega-bind:first-child { grid-column: 1 / -1; margin-bottom: 4px; }
.st-key-KEY .vega-bind label { width: 100%; flex-wrap: nowrap; }
.st-key-KEY .vega-bind-name { min-width: 0; }
.st-key-KEY .vega-bind:not(:first-child) .vega-bind-name { flex: 0 1 9.5em; }
.st-key-KEY .vega-bind label:has(> input[type="text"]) .vega-bind-name { position: absolute; width: 1px; height: 1px;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.st-key-KEY .vega-bind input[type="text"] { width: 100%; padding: 0 !important; border: none !important;
  background: none !important; pointer-events: none; text-overflow: ellipsis; }
@container (max-width: 700px) {
  .st-key-KEY form.vega-bindings { grid-template-columns: minmax(0, 1fr); }
  .st-key-KEY .vega-bind { grid-column: 1; }
  .st-key-KEY .vega-bind:nth-child(2), .st-key-KEY .vega-bind:nth-child(3) { grid-row: 2; }
  .st-key-KEY .vega-bind:nth-child(4), .st-key-KEY .vega-bind:nth-child(5) { grid-row: 3; }
  .st-key-KEY .vega-bind:nth-child(6), .st-key-KEY .vega-bind:nth-child(7) { grid-row: 4; }
  .st-key-KEY .vega-bind:nth-child(8), .st-key-KEY .vega-bind:nth-child(9) { grid-row: 5; }
  .st-key-KEY .vega-bind:not(:first-child) label { flex-wrap: wrap; gap: 0; }
  .st-key-KEY .vega-bind:not(:first-child) .vega-bind-name { flex: 0 0 100%; padding-right: 9rem; }
  .st-key-KEY .vega-bind:has(input[type="text"]) {
    width: calc(100% - 9rem); justify-self: end; align-self: start; pointer-events: none; }
  .st-key-KEY .vega-bind input[type="text"] { text-align: right; }
}
.st-key-KEY .vega-bind input[type="range"] { width: auto; flex: 1; }
.st-key-KEY .vega-bind input[type="range"]::-webkit-slider-runnable-track { background: #8a8a8a !important; }
.st-key-KEY .vega-bind input[type="range"]::-moz-range-progress { background: #8a8a8a !important; }
.st-key-KEY .vega-bind input + span { display: none; }
.st-key-KEY svg.marks { touch-action: pan-y; }
</style>"""
_NO_COSTS = ".st-key-KEY .vega-bind:not(:first-child) { display: none !important; }\n</style>"


@dataclass(frozen=True)
class Picked:
    """Where the person let go: the row of the threshold table, and its threshold (None: answer nobody)."""

    index: int
    threshold: float | None


@dataclass(frozen=True)
class TriedCosts:
    """What each slider was let go at, per example; None for the amounts that were left as they were.

    Attributes:
        turn: another number each time something was tried. The chart goes on saying what was tried last, in later runs
            too: take each turn once.
    """

    fp: float | None
    fn: float | None
    tp: float | None
    tn: float | None
    turn: float

    def moved(self) -> dict[str, float]:
        """Return the new amounts by name, ``fp``, ``fn``, ``tp`` and ``tn``."""
        amounts = {name: getattr(self, name) for name in AMOUNTS}
        return {name: amount for name, amount in amounts.items() if amount is not None}


def threshold_chart(
    frame: pl.DataFrame,
    *,
    key: str = "threshold-chart",
    alt: str = DESCRIPTION,
    on_change: Callable[[], None] | Literal["rerun"] = "rerun",
) -> Picked | None:
    """Draw the linked chart and return where the person let go of the threshold, None before the first time.

    While it is dragged nothing is sent to the server; letting go reruns the page once. New data under the same key keep
    the person's threshold wherever it is still a row, so pass it to ``ws.curve(always=[...])``; otherwise the frame's
    ``start`` is shown. To put the threshold somewhere else by force, change the key.

    Args:
        frame: from ``lookingglass.charts.threshold_frame``.
        key: of the widget; letters, digits and hyphens.
        alt: what the picture shows, for those who do not see it.
        on_change: called when something was let go, before the page runs again; ``tried_costs`` of what the widget
            says then tells which costs were tried.
    """
    with_costs = "amounts" in frame.columns
    style = _STYLE if with_costs else _STYLE.replace("</style>", _NO_COSTS)
    st.html(style.replace("KEY", key).replace("AXIS", str(AXIS_WIDTH)))
    said = f"{alt} {HELP}{COSTS_HELP}" if with_costs else f"{alt} {HELP}"
    state: Any = st.vega_lite_chart(
        frame, spec_for(frame), key=key, on_select=on_change, width="stretch", alt=said
    )
    return picked(state)


def picked(state: Any) -> Picked | None:
    """Read what ``st.vega_lite_chart`` returned; anything that is not a row and a threshold counts as nothing."""
    chosen = (state or {}).get("selection", {}).get(PICK) or {}
    index, threshold = (_only(chosen.get(name)) for name in ("idx", "threshold"))
    if not isinstance(index, int | float) or not isinstance(threshold, int | float | None):
        return None
    return Picked(int(index), None if threshold is None else float(threshold))


def tried_costs(state: Any) -> TriedCosts | None:
    """Read which costs were tried from what the chart says; anything that is not amounts and a turn is nothing."""
    tried = (state or {}).get("selection", {}).get(COSTS) or {}
    amounts = {name: _only(tried.get(name)) for name in AMOUNTS}
    turn = _only(tried.get("turn"))
    if not _is_number(turn) or not all(each is None or _is_number(each) for each in amounts.values()):
        return None
    return TriedCosts(
        **{name: None if each is None else float(each) for name, each in amounts.items()}, turn=turn
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _only(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None
