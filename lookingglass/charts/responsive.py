"""Makes the linked threshold chart follow the width of the page and the keyboard, by finishing its compiled form.

Vega-Lite has no widths that follow the container for charts placed beside each other, and no range input that moves a
point selection; Vega, to which it compiles, has both. So the Altair chart is compiled once in a process, and a few
named parts are replaced: panel widths and column counts become expressions of ``width``, which Streamlit keeps at the
container's; the selection becomes one signal that pointer and slider both set. Knows nothing of the data.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from lookingglass.charts import live_costs
from lookingglass.charts.count_panels import HAS_GROUPS
from lookingglass.charts.marks import AXIS_WIDTH, DATASET
from lookingglass.charts.nearest import STEPS
from lookingglass.charts.panels import HAS_COST
from lookingglass.charts.threshold import PICK, UNTRIED, threshold_chart
from lookingglass.charts.threshold_inputs import MOST_OTHERS

if TYPE_CHECKING:
    import polars as pl

Spec = dict[str, Any]

SLIDER = "slider"
COST_SCALE = "cost_y"
GAP = 26
"""Between two columns, beside the room for the y axis, in pixels."""

QUIET = 280
"""Width of a panel that holds a sentence only, in pixels."""

BETWEEN = AXIS_WIDTH + GAP
SIGNALS: tuple[Spec, ...] = (
    {"name": "layout_columns", "update": "width < 640 ? 1 : width < 900 ? 2 : 3"},
    {"name": "room", "update": f"width - {AXIS_WIDTH} - 8"},
    {"name": "third", "update": f"floor((room - (layout_columns - 1) * {BETWEEN}) / layout_columns)"},
    {"name": "half", "update": f"layout_columns == 1 ? room : floor((room - {BETWEEN}) * 0.56)"},
    {"name": "rest", "update": f"layout_columns == 1 ? room : room - {BETWEEN} - half"},
)
"""Everything the layout needs: one column below 640 pixels, two below 900, else three."""

WIDTHS = {
    "metric_width": "half",
    "counts_width": "rest",
    "cost_width": f"layout_columns == 1 ? room : ({HAS_COST}) == ({HAS_GROUPS}) ? half"
    f" : {HAS_COST} ? room - {BETWEEN + QUIET} : {QUIET}",
    "groups_width": f"layout_columns == 1 ? room : room - {BETWEEN} - cost_width",
    "roc_width": "third",
    "precision_recall_width": "third",
    "scores_width": "third",
}
HEIGHTS = {
    "cost_height": f"{HAS_COST} ? 230 : layout_columns > 1 && {HAS_GROUPS} ? first.group_height : 24",
    "groups_height": f"layout_columns > 1 && {HAS_COST} ? 230 : {HAS_GROUPS} ? first.group_height : 24",
}
"""Where nothing costs or no groups are chosen, a sentence is all that the panel holds: it makes room for the other."""


_FOLLOWS = 1e-7
"""Added to the slider's value where it only follows the pointer: a hand leaves it at whole thousandths."""


class SpecChanged(RuntimeError):
    """The compiled chart no longer has a part that is replaced here: altair or vega-lite moved on."""


@functools.cache
def _responsive_json() -> str:
    return json.dumps(make_responsive(threshold_chart().to_dict(format="vega")))


def responsive_spec(yes: str = "yes", no: str = "no") -> Spec:
    """Return the linked chart as a Vega spec whose layout follows its container; a fresh copy each time.

    The data set is called ``source`` and stands empty in it. The signal ``pick`` is ``{"idx": [row], "threshold":
    [value]}`` once a person moved the threshold; ``costs`` is what ``live_costs.COSTS`` says.

    Args:
        yes, no: what the two answers are called so that it follows "wrongly": they name the sliders of the costs, and
            are all that differs between two specs.
    """
    spec: Spec = json.loads(_responsive_json())
    for signal in spec["signals"]:
        if "bind" in signal:
            signal["bind"]["name"] = live_costs.named(signal["bind"]["name"], yes, no)
    return spec


def spec_for(frame: pl.DataFrame) -> Spec:
    """Return ``responsive_spec`` in the words of a frame made by ``threshold_frame``."""
    return responsive_spec(frame["positive_called"][0], frame["negative_called"][0])


def make_responsive(compiled: Spec) -> Spec:
    """Return the compiled chart with its widths, columns and selection replaced.

    Raises:
        SpecChanged: a part that must be replaced is not there.
    """
    signals = {signal["name"]: signal for signal in compiled["signals"]}
    missing = [
        name
        for name in (*WIDTHS, *HEIGHTS, *UNTRIED, PICK, "first", "idx", "row", "ink")
        if name not in signals
    ]
    if missing:
        raise SpecChanged(f"the compiled chart has no signal {missing[0]!r}")
    for name, expression in {**WIDTHS, **HEIGHTS}.items():
        signals[name] = {"name": name, "update": expression}
    signals[PICK] = {"name": PICK, "value": {}, "on": [_slider_moves_pick()]}
    for name in UNTRIED:
        del signals[name]
    page = {
        "type": "group",
        "name": "page",
        "encode": {"update": {"x": {"value": AXIS_WIDTH}}},
        "signals": live_costs.page_signals(),
        "data": [
            *(data for data in compiled["data"] if data["name"] not in (DATASET, f"{PICK}_store")),
            *live_costs.page_data(),
        ],
        "scales": compiled["scales"],
        "layout": compiled["layout"],
        "marks": compiled["marks"],
    }
    panels = list(_groups(page["marks"]))
    for group in panels:
        if "layout" in group:
            columns = "min(layout_columns, 2)" if len(group["marks"]) == 2 else "layout_columns"
            padding = {"column": BETWEEN, "row": 118}
            group["layout"] = {
                "columns": {"signal": columns},
                "padding": padding,
                "bounds": "flush",
                "align": "none",
            }
    if sum(_pointer_moves_pick(group) for group in panels) == 0:
        raise SpecChanged("no panel of the compiled chart catches the pointer")
    if (
        lines := sum(_costs_move_line(mark) for group in panels for mark in group["marks"])
    ) != MOST_OTHERS + 1:
        raise SpecChanged(
            f"{lines} lines of the compiled chart stand over the cost axis, not {MOST_OTHERS + 1}"
        )
    return {
        "$schema": compiled["$schema"],
        "autosize": "pad",
        "padding": {"left": 0, "right": 0, "top": 4, "bottom": 4},
        "width": 1040,
        # Streamlit keeps this as it is, and hands the rows to the data set of this name.
        "data": {"name": DATASET},
        "signals": [*SIGNALS, *signals.values(), _slider(), *live_costs.live_signals()],
        "marks": [page],
        "config": compiled.get("config", {}),
        # Not Vega's: by it Streamlit knows which signal to send back.
        "params": [
            {"name": PICK, "select": {"type": "point", "fields": ["idx", "threshold"]}},
            live_costs.told_params(),
        ],
    }


def _costs_move_line(mark: Spec) -> bool:
    """Let a line over the cost axis follow the costs that are tried; return whether it is one."""
    drawn = mark.get("encode", {}).get("update", {})
    if mark["type"] != "line" or drawn.get("y", {}).get("scale") != COST_SCALE:
        return False
    field = drawn["y"]["field"]
    # Thousands of points are placed anew in each move: what does not move with them is set once.
    mark["encode"] = {
        "enter": {name: how for name, how in drawn.items() if name not in ("x", "y", "defined")},
        "update": {
            "x": drawn["x"],
            "y": {"scale": COST_SCALE, "signal": live_costs.cost_of_mark(field)},
            "defined": {"signal": f"datum.{field} != null"},
        },
    }
    return True


def _groups(marks: list[Spec]) -> Any:
    for mark in marks:
        if mark["type"] == "group":
            yield mark
            yield from _groups(mark.get("marks", []))


# How far the pointer is along the way that the rows of a panel go, from 0 to 1, and where that leads.
_ACROSS, _DOWN = "x(group()) / group().width", "y(group()) / group().height"
_WAYS = {
    "metric": ("near", _ACROSS),
    "cost": ("near", _ACROSS),
    "roc": ("near_roc", f"({_ACROSS} + 1 - {_DOWN}) / 2"),
    "precision_recall": ("near_precision_recall", f"({_ACROSS} + {_DOWN}) / 2"),
}


def _pointer_moves_pick(panel: Spec) -> bool:
    """Let the pointer anywhere in a panel set the one selection above it; return whether the panel catches it."""
    signals = {signal["name"]: signal for signal in panel.get("signals", [])}
    caught = signals.get(f"{PICK}_tuple")
    if caught is None:
        return False
    name = panel["name"].removesuffix("_group")
    rows, way = _WAYS[name]
    # Vega-Lite draws a point and a cell for each row to find the nearest one. Thousands of shapes that nobody sees take
    # half of the time of a move, so they make way for one.
    panel["marks"] = [
        *(mark for mark in panel["marks"] if f"{name}_grip" not in mark.get("name", "")),
        _hold(name),
    ]
    row = f"toNumber(split(first.{rows}, ',')[round({STEPS} * clamp({way}, 0, 1))])"
    panel["signals"] = [
        {
            "name": PICK,
            "push": "outer",
            "on": [
                {
                    "events": [
                        _until_let_go({**stream, "markname": f"{name}_hold"}) for stream in on["events"]
                    ],
                    "update": f"isValid(first.{rows}) ? {_pick(row)} : {PICK}",
                }
                for on in caught["on"]
            ],
        }
    ]
    return True


def _hold(name: str) -> Spec:
    """Return what catches the pointer: a rectangle as large as the panel that nobody sees."""
    size = {side: {"field": {"group": side}} for side in ("width", "height")}
    drawn = {"x": {"value": 0}, "y": {"value": 0}, **size, "fill": {"value": "transparent"}}
    return {
        "type": "rect",
        "name": f"{name}_hold",
        "aria": False,
        "encode": {"update": {**drawn, "cursor": {"value": "ew-resize"}}},
    }


def _pick(row: str) -> str:
    """Return the selection of a row; the very same one while it stays the same, so that nothing is drawn anew."""
    threshold = f"data('{DATASET}')[{row}].threshold"
    same = f"isValid({PICK}.idx) && {PICK}.idx[0] === {row} && {PICK}.threshold[0] === {threshold}"
    return f"{same} ? {PICK} : {{idx: [{row}], threshold: [{threshold}]}}"


def _until_let_go(stream: Spec) -> Spec:
    """Return the stream of moves, ended also where the browser takes a finger's move over to scroll the page."""
    if "between" not in stream:
        return stream
    pressed, let_go = stream["between"]
    return {**stream, "between": [pressed, {"merge": [let_go, {**let_go, "type": "pointercancel"}]}]}


def _slider() -> Spec:
    """The keyboard's way to the same threshold. It follows the pointer when that is let go."""
    opened = f"data('{DATASET}')[first.start].at"
    return {
        "name": SLIDER,
        "value": 0.5 + _FOLLOWS,
        "bind": {"input": "range", "name": "Threshold", "min": 0, "max": 1, "step": 1 / STEPS},
        "on": [
            {
                "events": [{"source": "view", "type": kind} for kind in ("pointerup", "pointercancel")],
                "update": f"isValid(row.at) ? {_beside('row.at')} : {SLIDER}",
            },
            {
                "events": {"signal": "first"},
                "update": f"isValid(first.start) && !isValid({PICK}.threshold) ? {_beside(opened)} : {SLIDER}",
            },
        ],
    }


def _beside(position: str) -> str:
    return f"round({position} * {STEPS}) / {STEPS} + {_FOLLOWS}"


def _slider_moves_pick() -> Spec:
    row = f"toNumber(split(first.near, ',')[round({SLIDER} * {STEPS})])"
    by_hand = f"abs({SLIDER} - round({SLIDER} * {STEPS}) / {STEPS}) < {_FOLLOWS / 2}"
    return {
        "events": {"signal": SLIDER},
        "update": f"isValid(first.near) && {by_hand} ? {_pick(row)} : {PICK}",
    }
