"""Which row of the threshold table a pointer means: looked up by place instead of searched for in the browser."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.charts.nearest import STEPS, nearest_rows
from lookingglass.thresholds import ThresholdTable, threshold_table

PLACES = np.arange(STEPS + 1) / STEPS


def table(rows: int = 400) -> ThresholdTable:
    generator = np.random.default_rng(3)
    labels = (generator.random(rows) < 0.3).astype(int)
    return threshold_table(labels, np.clip(generator.normal(0.3 + 0.3 * labels, 0.2), 0, 1))


def rows_of(found: dict[str, str], name: str) -> np.ndarray:
    return np.array([int(text) for text in found[name].split(",")])


def test_over_the_threshold_the_row_counts_what_the_place_counts() -> None:
    rows = rows_of(nearest_rows(table()), "near")
    assert rows.tolist() == [table().index_of(place) for place in PLACES.tolist()]


@pytest.mark.parametrize("name", ["near_roc", "near_precision_recall"])
def test_a_pointer_on_the_curve_is_led_to_where_it_is(name: str) -> None:
    """The ROC curve leads to within a thousandth; precision jumps where few are answered, and the way goes back."""
    found = table()
    recall = found.metrics["recall"]
    other = found.metrics["false_positive_rate"] if name == "near_roc" else 1 - found.metrics["precision"]
    rows = rows_of(nearest_rows(found), name)
    way = (recall + other) / 2
    away = [abs(way[rows[round(STEPS * place)]] - place) for place in way[np.isfinite(way)].tolist()]
    assert max(away) < (0.001 if name == "near_roc" else 0.06)
    assert np.median(away) < 0.001


def test_the_whole_curve_can_be_reached() -> None:
    """From answering nobody to answering everybody, in order."""
    found = table()
    rows = rows_of(nearest_rows(found), "near_roc")
    assert (rows[0], rows[-1]) == (0, len(found) - 1)
    assert (np.diff(rows) >= 0).all()
    assert len(set(rows.tolist())) > 300


def test_one_class_alone_has_no_curve_to_be_led_along() -> None:
    assert set(nearest_rows(threshold_table([1, 1], [0.2, 0.4]))) == {"near", "near_precision_recall"}
    assert set(nearest_rows(threshold_table([], []))) == {"near"}


@settings(max_examples=50, deadline=None)
@given(cases=st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1, allow_nan=False)), max_size=30))
def test_every_place_leads_to_a_row(cases: list[tuple[int, float]]) -> None:
    made = threshold_table([case[0] for case in cases], [case[1] for case in cases])
    for text in nearest_rows(made).values():
        rows = [int(each) for each in text.split(",")]
        assert len(rows) == STEPS + 1
        assert 0 <= min(rows) <= max(rows) < len(made)
