"""The threshold chart as still pictures and as an offline file: every panel, both themes, no text left unescaped."""

from __future__ import annotations

import json
import re
import struct
from xml.etree import ElementTree

import polars as pl
import pytest

from lookingglass.charts import AnswerWords, CostWords, Curve, GroupCurve, chart_png, chart_svg, offline_html
from lookingglass.charts import threshold_frame as made
from lookingglass.charts.offline import columns
from lookingglass.charts.threshold import PANELS
from lookingglass.metrics import Costs
from lookingglass.thresholds import score_histogram, threshold_table

LABELS, SCORES = [1, 0, 1, 0, 0], [0.9, 0.8, 0.5, 0.5, 0.1]
HOSTILE = "</script><b>'\"&"

EXPECTED = {
    "metric": "F1 at each threshold",
    "counts": "At 0.50, of 1,000 applications",
    "cost": "Expected cost per application, EUR",
    "groups": "By district, at the same threshold",
    "roc": "Rightly against wrongly denied",
    "precision_recall": "How many denied are right",
    "scores": "Where the scores lie",
}


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    """One candidate with costs and a group, starting at 0.5."""
    table = threshold_table(LABELS, SCORES, costs=Costs(100, 500))
    group = GroupCurve(HOSTILE, 40, 20, 20, [0, 2, 5, 10, 20], [0, 0, 3, 10, 20])
    return made(
        Curve(HOSTILE, table),
        AnswerWords("application", "denied", "approved"),
        histogram=score_histogram(LABELS, SCORES),
        cost=CostWords("EUR", 100, 500),
        groups=[group],
        group_column="district",
    )


def texts(svg: str) -> list[str]:
    """Return the texts of a picture as they are read."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - drawn by this very process
    return ["".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")]


@pytest.mark.parametrize("panel", sorted(PANELS))
def test_every_panel_can_be_taken_away_as_svg(frame: pl.DataFrame, panel: str) -> None:
    svg = chart_svg(frame, panel)
    shown = texts(svg)
    assert EXPECTED[panel] in shown
    assert not {other for name, other in EXPECTED.items() if name != panel} & set(shown)
    assert HOSTILE not in svg
    assert "undefined" not in svg


def test_the_whole_picture_holds_every_panel_at_the_frames_threshold(frame: pl.DataFrame) -> None:
    shown = texts(chart_svg(frame))
    assert set(EXPECTED.values()) <= set(shown)
    assert "2 true positives" in shown


def test_a_png_has_the_width_that_was_asked_for(frame: pl.DataFrame) -> None:
    light, dark = chart_png(frame, "roc", width=400), chart_png(frame, "roc", width=400, dark=True)
    assert light.startswith(b"\x89PNG")
    assert light != dark
    width, _height = struct.unpack(">II", light[16:24])
    assert width >= 2 * 400, "two pixels for each of the page"


def test_an_unknown_panel_is_refused(frame: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="no panel is called 'pie': choose from metric, counts"):
        chart_svg(frame, "pie")


def test_the_offline_file_holds_the_whole_frame_and_escapes_it(frame: pl.DataFrame) -> None:
    text = offline_html(frame, HOSTILE, [HOSTILE])
    assert HOSTILE not in text
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, flags=re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert data == json.loads(json.dumps(columns(frame)))
    assert data["height"] == len(frame)
    assert data["values"]["g0_name"] == [HOSTILE]
    for name, cells in data["values"].items():
        whole = cells + [None] * (len(frame) - len(cells))
        if frame.schema[name].is_float():
            assert [cell is None for cell in whole] == frame[name].is_null().to_list(), name
            kept = [cell for cell in whole if cell is not None]
            assert kept == pytest.approx(frame[name].drop_nulls().to_list(), rel=1e-6), name
        else:
            assert whole == frame[name].to_list(), name
