"""The linked threshold chart as one HTML file that needs no network: the drag still works, and nothing is fetched.

    offline_html(frame, "Threshold for mortgage", ["Candidate boosted on version 7", ...]) -> str

The file holds the drawing library, the chart and its data; a content policy in it forbids every request. All text is
escaped. Knows nothing of screens or workspaces.
"""

from __future__ import annotations

import functools
import html
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lookingglass.charts.marks import AXIS_WIDTH, DATASET
from lookingglass.charts.responsive import spec_for
from lookingglass.charts.threshold import DESCRIPTION

if TYPE_CHECKING:
    import polars as pl

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:"
)
# The drawing library makes functions of the chart's own expressions, which is why it needs 'unsafe-eval'.

_STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1a1a1a; --faint: #4f5660; --line: #d5dadf; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #f2f2f2; --faint: #b4bac1; --line: #3a424a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 16px 48px; max-width: 1440px; background: var(--paper); color: var(--ink);
  font: 16px/1.5 "Source Sans", "Source Sans Pro", "Segoe UI", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 8px; overflow-wrap: anywhere; }
p { margin: 4px 0; max-width: 75ch; overflow-wrap: anywhere; }
p.hint { color: var(--faint); margin: 16px 0 8px; }
#chart { display: flex; flex-direction: column; width: 100%; }
#chart svg { display: block; touch-action: pan-y; }
#chart { container-type: inline-size; }
#chart form { order: -1; padding: 0 8px 12px AXISpx; display: grid; gap: 4px 12px;
  grid-template-columns: minmax(0, 1fr) 11rem minmax(0, 1fr) 11rem; }
#chart form .vega-bind:first-child { grid-column: 1 / -1; }
#chart form label { display: flex; align-items: center; gap: 16px; }
#chart form .vega-bind:not(:first-child) .vega-bind-name { flex: 0 1 9.5em; }
#chart form input { flex: 1; min-width: 0; accent-color: #005a8c; }
#chart form input + span { display: none; }
#chart form input[type="text"] { padding: 0; border: none; background: none; color: inherit; font: inherit;
  pointer-events: none; text-overflow: ellipsis; }
#chart form label:has(> input[type="text"]) .vega-bind-name { position: absolute; width: 1px; height: 1px;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 700px) {
  #chart form { grid-template-columns: minmax(0, 1fr); }
  #chart form .vega-bind { grid-column: 1; }
  #chart form .vega-bind:nth-child(2), #chart form .vega-bind:nth-child(3) { grid-row: 2; }
  #chart form .vega-bind:nth-child(4), #chart form .vega-bind:nth-child(5) { grid-row: 3; }
  #chart form .vega-bind:nth-child(6), #chart form .vega-bind:nth-child(7) { grid-row: 4; }
  #chart form .vega-bind:nth-child(8), #chart form .vega-bind:nth-child(9) { grid-row: 5; }
  #chart form .vega-bind:not(:first-child) label { flex-wrap: wrap; gap: 0; }
  #chart form .vega-bind:not(:first-child) .vega-bind-name { flex: 0 0 100%; padding-right: 9rem; }
  #chart form .vega-bind:has(input[type="text"]) {
    width: calc(100% - 9rem); justify-self: end; align-self: start; pointer-events: none; }
  #chart form input[type="text"] { text-align: right; }
}
#chart.no-costs form .vega-bind:not(:first-child) { display: none; }
@media print { p.hint, #chart form { display: none; } }
"""

_HINT = "Drag in the first panel, or move the slider with the arrow keys."
_COSTS_HINT = "The sliders below it try other costs."

_PROGRAM = """
(() => {
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const spec = read("spec"), columns = read("data"), place = document.getElementById("chart");
  const rows = Array.from({length: columns.height}, () => ({}));
  for (const [name, values] of Object.entries(columns.values))
    values.forEach((value, row) => { rows[row][name] = value; });
  // The rows arrive after the chart is made, as on a page: the sliders follow data that change.
  spec.data = [{name: "DATASET"}];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paper = () => getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  const form = document.createElement("form");
  form.addEventListener("submit", event => event.preventDefault());
  place.append(form);
  const drawing = document.createElement("div");
  place.append(drawing);
  vegaEmbed(drawing, spec, {
    mode: "vega", renderer: "svg", actions: false, defaultStyle: false, bind: form,
    tooltip: {theme: dark.matches ? "dark" : "light"},
  }).then(({view}) => {
    new ResizeObserver(() => {
      if (Math.abs(view.width() - place.clientWidth) >= 1) view.width(place.clientWidth).runAsync();
    }).observe(place);
    dark.addEventListener("change", () => view.background(paper()).runAsync());
    return view.insert("DATASET", rows).background(paper()).width(place.clientWidth).runAsync();
  }).then(() => { document.documentElement.dataset.drawn = "yes"; });
})();
"""


def offline_html(frame: pl.DataFrame, title: str, notes: Sequence[str] = ()) -> str:
    """Return a self-contained HTML document with the linked chart over a frame made by ``threshold_frame``.

    It is about 1.3 MB, follows the width and the theme of whoever opens it, and starts at the frame's threshold.

    Args:
        frame: from ``threshold_frame``.
        title: its heading, plain text.
        notes: sentences under the heading, plain text, one a line: which candidate, version, costs, when.
    """
    said = "\n".join(f"<p>{html.escape(note)}</p>" for note in notes)
    heading = html.escape(title)
    with_costs, no_costs = "amounts" in frame.columns, ' class="no-costs"'
    hint = f"{_HINT} {_COSTS_HINT}" if with_costs else _HINT
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">
<title>{heading}</title>
<style>{_STYLE.replace("AXIS", str(AXIS_WIDTH))}</style>
</head>
<body>
<h1>{heading}</h1>
{said}
<p class="hint">{hint} This file works without a network.</p>
<div id="chart"{"" if with_costs else no_costs} role="group" aria-label="{html.escape(DESCRIPTION)}"></div>
<script type="application/json" id="spec">{_in_script(_drawn_alone(frame))}</script>
<script type="application/json" id="data">{_in_script(columns(frame))}</script>
<script>{_library()}</script>
<script>{_PROGRAM.replace("DATASET", DATASET)}</script>
</body>
</html>
"""


def _drawn_alone(frame: pl.DataFrame) -> dict[str, Any]:
    """Return the chart's spec without what only Streamlit and editors read."""
    return {name: part for name, part in spec_for(frame).items() if name not in ("$schema", "params", "data")}


def columns(frame: pl.DataFrame) -> dict[str, Any]:
    """Return the frame as JSON data: its height, and each column without the empty cells at its end.

    What is drawn is written with the seven digits that 32 bits hold; thresholds in full.
    """
    import polars as pl

    values = {}
    for name, kind in frame.schema.items():
        cells = frame[name].to_list()
        while cells and cells[-1] is None:
            cells.pop()
        if kind == pl.Float32:
            cells = [None if cell is None else float(f"{cell:.7g}") for cell in cells]
        if cells:
            values[name] = cells
    return {"height": len(frame), "values": values}


def _in_script(data: Any) -> str:
    """Return JSON that can stand in a script element, whatever the texts in it hold."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@functools.cache
def _library() -> str:
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    if "</script" in bundle.lower():
        raise RuntimeError("the drawing library cannot stand in a script element: it holds the end of one")
    return bundle
