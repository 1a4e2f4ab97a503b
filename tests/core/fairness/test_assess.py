"""An assessment is whole: one group, no group, a missing third, names that look empty, and its JSON and frame."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from lookingglass.errors import BadSetting
from lookingglass.fairness import SLICE_FIGURES, SliceTables, assess, group_codes, intersect
from lookingglass.metrics.ordered import Ordered
from tests.core.fairness.made import assessed

GROUPS = {"a": (30, 10, 90, 20), "b": (20, 30, 80, 20)}


def test_one_group_has_figures_and_nothing_to_be_compared_with() -> None:
    found = assessed({"all": (30, 10, 90, 20)})
    assert len(found.slices) == 1
    assert (found.disparities, found.family) == ((), 0)
    assert {gap.figure.value for gap in found.gaps} == {None}
    assert found.notes == ()


def test_no_examples_at_all() -> None:
    slicing = intersect([group_codes(pl.Series("g", [], dtype=pl.String))], np.ones(0, dtype=bool))
    found = assess(SliceTables.of(slicing, Ordered.of([], [])), 0.5)
    assert (found.reference, found.slices) == (None, ())
    assert found.notes == ("There are no examples to slice.",)
    assert found.frame().height == 0


def test_the_reference_is_the_one_that_is_named_else_the_largest_which_is_said() -> None:
    named, unnamed = assessed(GROUPS, reference="b"), assessed({"x": (9, 9, 9, 9), **GROUPS})
    assert named.reference is not None
    assert named.reference.to_json() == {"g": "b"}
    assert not any("reference" in note for note in named.notes)
    assert unnamed.reference is not None
    assert unnamed.reference.to_json() == {"g": "a"}
    assert "The reference is the largest group, g = a, as none was named." in unnamed.notes
    assert assessed(GROUPS, reference={"g": "b"}).reference == named.reference
    with pytest.raises(BadSetting, match="there is no group 'z' of g: there are a; b"):
        assessed(GROUPS, reference="z")


def test_a_missing_third_is_a_group_of_its_own_and_can_be_the_reference() -> None:
    found = assessed({"a": (30, 10, 90, 20), None: (20, 10, 30, 4), "": (5, 5, 5, 5), "NA": (5, 5, 5, 5)})
    assert {each.slice.to_json()["g"] for each in found.slices} == {"a", "missing", "", "NA"}
    assert sum(each.n for each in found.slices) == 150 + 64 + 40
    again = assessed({"a": (30, 10, 90, 20), None: (20, 10, 30, 4)}, reference="missing")
    assert again.reference is not None
    assert again.reference.to_json() == {"g": "missing"}


def test_it_is_sorted_worst_first() -> None:
    assert [each.slice.to_json()["g"] for each in assessed(GROUPS).slices] == ["b", "a"]
    assert [each.slice.to_json()["g"] for each in assessed(GROUPS, worst_by="precision").slices] == ["b", "a"]
    with pytest.raises(BadSetting, match="worst first"):
        assessed(GROUPS, worst_by="n")


def test_the_agreed_json_is_whole_and_plain() -> None:
    data = json.loads(json.dumps(assessed(GROUPS, reference="a").to_json(), allow_nan=False))
    assert data["by"] == ["g"]
    (first, _) = data["slices"]
    assert first["slice"] == {"g": "b"}
    assert first["n"] == 150
    assert first["counts"] == {"tp": 20, "fp": 30, "tn": 80, "fn": 20}
    assert first["metrics"]["false_positive_rate"]["k"] == 30
    assert first["metrics"]["false_positive_rate"]["n"] == 110
    assert first["metrics"]["false_positive_rate"]["method"] == "wilson"
    assert list(first["metrics"]) == list(SLICE_FIGURES)
    told = data["disparities"][0]
    assert {"metric", "reference", "slice", "difference", "ratio", "p_value", "verdict", "reason"} <= set(
        told
    )
    assert told["verdict"] == "cannot tell"
    assert {gap["metric"] for gap in data["gaps"]} >= {"recall", "equalised_odds"}
    assert [each["favourable_answer"] for each in data["four_fifths"]] == ["yes", "no"]


def test_the_frame_has_a_row_for_every_figure_undefined_as_null() -> None:
    frame = assessed({"a": (30, 10, 90, 20), "b": (0, 5, 5, 0)}).frame()
    assert frame.height == 2 * len(SLICE_FIGURES)
    (row,) = frame.filter((pl.col("by g") == "b") & (pl.col("metric") == "recall")).to_dicts()
    assert (row["value"], row["reason"], row["n"]) == (None, "no positives", 10)
    (row,) = frame.filter((pl.col("by g") == "a") & (pl.col("metric") == "recall")).to_dicts()
    assert (row["k"], row["cases"], row["small"]) == (30, 50, True)


def test_answering_nobody_is_a_threshold_like_any_other() -> None:
    groups = {"a": (0, 0, 30, 20), "b": (0, 0, 40, 40)}
    found = assessed(groups)
    for each in found.slices:
        assert each.figures["selection_rate"].value == 0.0
        assert each.figures["precision"].reason == "nothing answered yes"


def test_five_thousand_groups_take_no_more_than_their_most() -> None:
    rng = np.random.default_rng(1)
    names = pl.Series("g", rng.integers(0, 5_000, 20_000)).cast(pl.String)
    slicing = intersect([group_codes(names)], np.ones(20_000, dtype=bool))
    rows = Ordered.of(rng.integers(0, 2, 20_000), rng.uniform(size=20_000))
    found = assess(SliceTables.of(slicing, rows), 0.5, minimum=1)
    assert len(found.slices) == 200
    assert "are left out" in found.notes[0]
    assert found.family <= 199 * 5


def test_the_smallest_denominator_is_a_number_of_cases() -> None:
    with pytest.raises(BadSetting, match="at least 1, not 0"):
        assessed(GROUPS, minimum=0)
