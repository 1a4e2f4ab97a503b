"""The leaderboard's interval plot: what its frame says, and what its spec promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.charts import CHARTS, Standing, leaderboard_chart, leaderboard_frame
from lookingglass.charts.leaderboard import ROW_HEIGHT, axis_ends
from lookingglass.charts.palette import GREY, candidate_colour
from lookingglass.figures import Figure, undefined

STANDINGS = [
    Standing("boosted", Figure(0.83, 2381, 0.80, 0.86, "delong"), candidate_colour(1)),
    Standing("a" * 64, Figure(0.70, 2381, 0.66, 0.74, "delong"), candidate_colour(0)),
    Standing("broken", undefined("no positives"), candidate_colour(2)),
    Standing("baseline", Figure(0.5, 2381, reason="all scores equal"), candidate_colour(3), is_baseline=True),
]


def test_leaderboard_is_registered_with_its_frame_and_question() -> None:
    assert CHARTS["leaderboard"].chart is leaderboard_chart
    assert CHARTS["leaderboard"].frame is leaderboard_frame


def test_the_frame_keeps_the_order_and_says_each_figure_in_words() -> None:
    frame = leaderboard_frame(STANDINGS, "roc_auc")
    assert frame["name"].to_list() == [item.name for item in STANDINGS]
    assert frame["place"].to_list() == [0, 1, 2, 3]
    assert frame["told"][0] == "0.830 (0.800–0.860)"
    assert frame["counted"][0] == "n = 2,381"
    assert frame["colour"].to_list() == [candidate_colour(1), candidate_colour(0), candidate_colour(2), GREY]


def test_undefined_is_null_with_its_reason_and_not_a_point_at_zero() -> None:
    row = leaderboard_frame(STANDINGS, "roc_auc").row(2, named=True)
    assert (row["value"], row["low"], row["high"]) == (None, None, None)
    assert row["text"] == "no positives"


def test_a_figure_without_interval_is_a_point_alone() -> None:
    row = leaderboard_frame(STANDINGS, "roc_auc").row(3, named=True)
    assert row["low"] == row["value"] == row["high"] == 0.5
    assert row["interval"] == "none"


def test_the_axis_holds_every_interval_and_the_baseline() -> None:
    frame = leaderboard_frame(STANDINGS, "roc_auc")
    assert frame["start"][0] <= 0.5
    assert frame["end"][0] >= 0.86
    assert frame["baseline_value"][0] == 0.5


@given(st.lists(st.floats(0, 1), max_size=12))
def test_the_axis_of_a_bounded_metric_stays_within_it_and_is_never_a_sliver(ends: list[float]) -> None:
    """Noise of a hundredth must not fill the picture."""
    start, end = axis_ends(ends, bounded=True)
    assert 0 <= start < end <= 1
    assert all(start <= value <= end for value in ends)
    assert end - start >= 0.05


@pytest.mark.parametrize("rows", [1, 5, 40])
def test_its_height_grows_with_the_candidates_and_its_width_follows_the_page(rows: int) -> None:
    spec = leaderboard_chart(rows=rows).to_dict()
    assert spec["height"] == rows * ROW_HEIGHT
    assert spec["width"] == "container"
    assert spec["data"] == {"name": "source"}
    assert "datasets" not in spec


def test_names_are_drawn_in_full_on_hover_and_cut_only_for_room() -> None:
    spec = leaderboard_chart(leaderboard_frame(STANDINGS, "roc_auc")).to_dict()
    names = next(layer for layer in spec["layer"] if layer["encoding"].get("text", {}).get("field") == "name")
    assert names["mark"]["limit"] == {"expr": "width - 140"}
    assert names["encoding"]["tooltip"][0]["field"] == "name"


def test_no_candidates_make_an_empty_frame() -> None:
    assert len(leaderboard_frame([], "roc_auc")) == 0
