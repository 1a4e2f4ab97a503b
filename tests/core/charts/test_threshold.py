"""The linked threshold chart: what its frame says, and what its spec promises."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.charts import CHARTS, AnswerWords, Curve, responsive_spec, threshold_chart, threshold_frame
from lookingglass.charts.live_costs import COSTS
from lookingglass.charts.responsive import HEIGHTS, WIDTHS, SpecChanged, _responsive_json, make_responsive
from lookingglass.charts.threshold import DESCRIPTION, PANELS, PICK
from lookingglass.thresholds import score_histogram, threshold_table

WORDS = AnswerWords("application", "denied", "approved")
Y_TRUE = [1, 0, 1, 0, 0]
Y_SCORE = [0.9, 0.8, 0.5, 0.5, 0.1]


def small_frame(**options: Any) -> pl.DataFrame:
    return threshold_frame(Curve("boosted", threshold_table(Y_TRUE, Y_SCORE)), WORDS, **options)


def curve_rows(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("kind") == "curve")


def test_threshold_is_registered_with_its_frame_and_question() -> None:
    assert CHARTS["threshold"].chart is threshold_chart
    assert CHARTS["threshold"].frame is threshold_frame
    assert CHARTS["threshold"].question.endswith("?")


def test_row_i_of_the_frame_is_row_i_of_the_table() -> None:
    """The chart looks rows up by index, so they must come first and in order."""
    frame = small_frame(
        histogram=score_histogram(Y_TRUE, Y_SCORE), others=[Curve("old", threshold_table(Y_TRUE, Y_SCORE))]
    )
    rows = len(threshold_table(Y_TRUE, Y_SCORE))
    assert frame["kind"][:rows].unique().to_list() == ["curve"]
    assert frame["idx"][:rows].to_list() == list(range(rows))
    assert "curve" not in frame["kind"][rows:].to_list()


def test_counts_of_a_worked_example() -> None:
    """At 0.5 both positives and two of three negatives score at or above: counted by hand."""
    at = curve_rows(small_frame()).filter(pl.col("threshold") == 0.5).row(0, named=True)
    assert (at["tp"], at["fp"], at["fn"], at["tn"]) == (2, 2, 0, 1)
    assert (at["tp_1000"], at["fp_1000"], at["fn_1000"], at["tn_1000"]) == (400, 400, 0, 200)
    assert at["metric"] == pytest.approx(2 / 3)
    assert (at["tpr"], at["fpr"], at["precision"]) == (1.0, pytest.approx(2 / 3), 0.5)


def test_the_first_row_holds_the_words_once() -> None:
    frame = small_frame(metric="recall", start=0.5)
    first = frame.row(0, named=True)
    assert (first["positive_called"], first["negative_called"]) == ("denied", "approved")
    assert (first["units"], first["positive_name"], first["negative_name"]) == (
        "applications",
        "denied",
        "approved",
    )
    assert (first["metric_label"], first["metric_unit"]) == ("Recall", "rate")
    assert frame["threshold"][first["start"]] == 0.5
    assert first["prevalence"] == pytest.approx(0.4)
    assert frame["units"][1:].null_count() == len(frame) - 1


def test_every_thousandth_of_the_slider_leads_to_the_row_with_its_counts() -> None:
    """Moving the slider to t shows the counts of ``score >= t``, wherever t lies between two rows."""
    frame = small_frame()
    near = [int(text) for text in frame["near"][0].split(",")]
    assert len(near) == 1001
    scores = np.array(Y_SCORE)
    for step, row in enumerate(near):
        assert frame["tp"][row] + frame["fp"][row] == int((scores >= step / 1000).sum())


def test_undefined_is_null_and_not_zero() -> None:
    """Answering nobody has no precision."""
    first = small_frame(metric="precision").row(0, named=True)
    assert first["threshold"] is None
    assert first["label"] == "answer nobody"
    assert first["metric"] is None
    assert first["precision"] is None


def test_negatives_are_drawn_downwards() -> None:
    bins = small_frame(histogram=score_histogram(Y_TRUE, Y_SCORE, bins=10)).filter(pl.col("kind") == "bin")
    assert bins.filter(pl.col("positive"))["mirrored"].sum() == pytest.approx(1)
    assert bins.filter(~pl.col("positive"))["mirrored"].sum() == pytest.approx(-1)


def test_a_metric_that_the_table_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="does not hold 'roc_auc'"):
        small_frame(metric="roc_auc")


@settings(max_examples=25, deadline=None)
@given(
    cases=st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1, allow_nan=False)), min_size=0, max_size=30),
    start=st.none() | st.floats(0, 1),
)
def test_any_scores_make_a_frame_that_adds_up(cases: list[tuple[int, float]], start: float | None) -> None:
    """One class only, ties, no examples at all: counts add up, per-1,000 counts too, and start is a row."""
    labels, scores = [case[0] for case in cases], [case[1] for case in cases]
    rows = curve_rows(threshold_frame(Curve("any", threshold_table(labels, scores)), WORDS, start=start))
    assert rows.select(pl.sum_horizontal("tp", "fp", "fn", "tn").unique()).to_series().to_list() == [
        len(cases)
    ]
    thousand = rows.select(pl.sum_horizontal("tp_1000", "fp_1000", "fn_1000", "tn_1000").unique()).to_series()
    assert thousand.to_list() == [1000 if cases else 0]
    assert rows["tp_1000"].null_count() == (0 if cases else len(rows)), "of nobody nothing is told, not 0"
    assert 0 <= rows["start"][0] < len(rows)
    assert rows["at"].is_between(0, 1).all()
    assert rows["metric_low"][0] < rows["metric_high"][0]


def test_the_chart_is_vega_lite_with_named_panels_and_one_selection() -> None:
    spec = threshold_chart(small_frame()).to_dict()
    panels = [panel["name"] for row in spec["vconcat"] for panel in row["hconcat"]]
    assert (
        panels == ["metric", "counts", "cost", "groups", "roc", "precision_recall", "scores"] == list(PANELS)
    )
    selections = [param for param in spec["params"] if "select" in param]
    assert [param["name"] for param in selections] == [PICK]
    assert selections[0]["select"]["fields"] == ["idx", "threshold"]
    assert selections[0]["select"]["nearest"] is True
    assert len(selections[0]["views"]) == 4
    assert spec["description"] == DESCRIPTION
    assert len(spec["data"]["values"]) == len(small_frame())


def test_the_spec_does_not_change_with_the_data(linked: alt.VConcatChart) -> None:
    """New data, another candidate, other words: the browser keeps its chart, and so the person's threshold."""
    assert linked.to_dict() == threshold_chart().to_dict()
    text = json.dumps(responsive_spec())
    assert "denied" not in text
    assert responsive_spec() == responsive_spec()
    assert responsive_spec() is not responsive_spec()
    assert _responsive_json.cache_info().misses == 1, "it is compiled once in a process"


def test_the_responsive_spec_follows_the_width_and_takes_its_rows_by_name() -> None:
    spec = responsive_spec()
    signals = {signal["name"]: signal for signal in spec["signals"]}
    assert all("value" not in signals[name] and signals[name]["update"] for name in (*WIDTHS, *HEIGHTS))
    assert spec["data"] == {"name": "source"}
    assert signals["slider"]["bind"]["input"] == "range"
    assert [param["name"] for param in spec["params"]] == [PICK, COSTS]
    pushed = json.dumps(spec["marks"]).count('"push": "outer"')
    assert pushed == 4, "metric, cost, ROC and precision-recall panels move the threshold"
    assert f"{PICK}_store" not in json.dumps(spec)


def test_a_compiled_chart_that_lacks_a_part_is_refused(compiled: dict[str, Any]) -> None:
    """When Vega-Lite names things otherwise one day, this fails here and not as an empty page."""
    broken = {**compiled, "signals": [item for item in compiled["signals"] if item["name"] != "metric_width"]}
    with pytest.raises(SpecChanged, match="metric_width"):
        make_responsive(broken)
    still = {**compiled, "marks": []}
    with pytest.raises(SpecChanged, match="pointer"):
        make_responsive(still)
