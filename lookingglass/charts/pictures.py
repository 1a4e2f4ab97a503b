"""The linked threshold chart as still pictures, whole or panel by panel, at the threshold where its frame starts.

    chart_svg(frame), chart_svg(frame, "roc"), chart_png(frame, "cost", dark=True)

Nothing is fetched to draw them. Knows nothing of screens.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lookingglass.charts.marks import DATASET
from lookingglass.charts.responsive import spec_for
from lookingglass.charts.threshold import PANELS, panel_chart

if TYPE_CHECKING:
    import polars as pl

PAPERS = {False: "#ffffff", True: "#14171a"}
"""The background in the light and in the dark theme; texts follow it."""

SHARPNESS = 2.0
"""Pixels of a PNG for each pixel of the page."""


def chart_svg(
    frame: pl.DataFrame, panel: str | None = None, *, dark: bool = False, width: int | None = None
) -> str:
    """Return the picture as SVG text.

    Args:
        frame: from ``threshold_frame``.
        panel: a name of ``PANELS``; None draws all of them as a page shows them.
        dark: on the dark theme's background.
        width: of the whole picture or of the panel's drawing area, in pixels.

    Raises:
        ValueError: no panel has this name.
    """
    import vl_convert

    picture: str = vl_convert.vega_to_svg(_spec(frame, panel, dark, width), allowed_base_urls=[])
    return picture


def chart_png(
    frame: pl.DataFrame, panel: str | None = None, *, dark: bool = False, width: int | None = None
) -> bytes:
    """Return the picture as PNG with two pixels for each of the page; arguments as of ``chart_svg``."""
    import vl_convert

    picture: bytes = vl_convert.vega_to_png(
        _spec(frame, panel, dark, width), scale=SHARPNESS, allowed_base_urls=[]
    )
    return picture


def _spec(frame: pl.DataFrame, panel: str | None, dark: bool, width: int | None) -> dict[str, Any]:
    rows = frame.to_dicts()
    if panel is None:
        spec = spec_for(frame) | {"data": [{"name": DATASET, "values": rows}]}
        spec.pop("params")
        spec["width"] = width or spec["width"]
    elif panel in PANELS:
        spec = json.loads(json.dumps(panel_chart(panel, width).to_dict(format="vega")))
        others = [data for data in spec["data"] if data["name"] != DATASET]
        spec["data"] = [{"name": DATASET, "values": rows}, *others]
    else:
        raise ValueError(f"no panel is called {panel!r}: choose from {', '.join(PANELS)}")
    spec |= {"background": PAPERS[dark], "padding": 16}
    return spec
