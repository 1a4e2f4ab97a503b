"""Axes are chosen columns, stated bands, properties, problems and tags; nothing is typed as an expression."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.errors import BadSetting
from lookingglass.fairness import Axis, GroupCodes, axis_codes, parse_axis


def groups_of(axis: Axis, **columns: list[object]) -> list[str]:
    found = axis_codes(axis, pl.DataFrame(columns))
    return names(found)


def names(found: GroupCodes) -> list[str]:
    return [found.values[code] for code in found.codes.tolist()]


def test_bands_are_half_open_as_their_names_say_and_missing_is_one_of_its_own() -> None:
    found = groups_of(Axis("dir", edges=(0.3, 0.5)), dir=[0.1, 0.3, 0.49, 0.5, 9.0, None, float("nan")])
    assert found == [
        "below 0.3",
        "0.3 to below 0.5",
        "0.3 to below 0.5",
        "0.5 and above",
        "0.5 and above",
        "missing",
        "missing",
    ]


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5, unique=True),
)
def test_a_number_lies_in_the_band_that_is_written(values: list[float], edges: list[float]) -> None:
    ascending = sorted(edge + 0.0 for edge in edges)
    found = axis_codes(Axis("x", edges=tuple(ascending)), pl.DataFrame({"x": values}))
    for value, code in zip(values, found.codes.tolist(), strict=True):
        assert (code == 0) == (value < ascending[0])
        if code:
            assert ascending[code - 1] <= value
        if 0 < code < len(ascending):
            assert value < ascending[code]
    assert len(set(found.values)) == len(found.values)


def test_a_number_without_stated_bands_is_cut_at_its_quartiles_as_they_are_written() -> None:
    found = axis_codes(Axis("x"), pl.DataFrame({"x": [n + 0.123456 for n in range(100)]}))
    assert found.values == ("below 24.9", "24.9 to below 49.6", "49.6 to below 74.4", "74.4 and above")


def test_a_few_numbers_are_groups_in_their_own_order() -> None:
    found = axis_codes(Axis("x"), pl.DataFrame({"x": [10, 9, None, 10]}))
    assert found.values == ("9", "10", "missing")
    assert names(found) == ["10", "9", "missing", "10"]


def test_many_group_numbers_are_groups_as_they_are() -> None:
    found = axis_codes(Axis("office", as_is=True), pl.DataFrame({"office": list(range(5_000))}))
    assert len(found.values) == 5_000
    assert found.values[9:11] == ("9", "10")


def test_a_column_of_equal_or_missing_numbers_is_one_group() -> None:
    assert axis_codes(Axis("x"), pl.DataFrame({"x": [3.0] * 30})).values == ("3.0",)
    assert set(groups_of(Axis("x"), x=pl.Series([None] * 3, dtype=pl.Float64))) == {"missing"}


def test_booleans_and_texts_are_groups_as_they_are() -> None:
    assert groups_of(Axis("b"), b=[True, None, False]) == ["true", "missing", "false"]
    assert groups_of(Axis("c"), c=["NA", "", None]) == ["NA", "", "missing"]


def test_problems_and_tags_divide_examples_into_those_with_and_without() -> None:
    marks = pl.Series([["typos", "x"], [], ["typo"]], dtype=pl.List(pl.String))
    rows = pl.DataFrame({"@problems": marks, "@tags": marks})
    for axis in (Axis("typos", "problem"), Axis("typos", "tag")):
        assert names(axis_codes(axis, rows)) == ["yes", "no", "no"]
    assert axis_codes(Axis("typos", "problem"), rows).column == "problem:typos"


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        ((), "at least one number"),
        ((float("nan"),), "at least one number"),
        ((2.0, 1.0), "ascending numbers, not 2, 1"),
        ((1.0, 1.0), "ascending"),
        (tuple(map(float, range(12))), "at most 12 bands, not 13"),
    ],
)
def test_bands_that_are_none_are_refused(edges: tuple[float, ...], told: str) -> None:
    with pytest.raises(BadSetting, match=told):
        Axis("x", edges=edges)


def test_a_column_without_numbers_has_no_bands() -> None:
    with pytest.raises(BadSetting, match="c holds no numbers"):
        axis_codes(Axis("c", edges=(1.0,)), pl.DataFrame({"c": ["a"]}))


def test_short_names_mean_columns_first_then_properties_problems_and_tags() -> None:
    columns = ["want", "black", "problem:x", "odd:length"]
    assert parse_axis("black", columns) == Axis("black")
    assert parse_axis("problem:x", columns) == Axis("problem:x")
    assert parse_axis("odd:length", columns) == Axis("odd:length")
    assert parse_axis("problem:y:z", columns) == Axis("y:z", "problem")
    assert parse_axis("tag:hard", columns) == Axis("hard", "tag")
    assert parse_axis("want:Length", columns) == Axis("want", "text", text="length")
    known = frozenset({"a"})
    assert parse_axis("want:unknown-words", columns, known=known) == Axis(
        "want", "text", text="unknown words", known=known
    )
    assert parse_axis("want:unknown-words", columns, known=known).title == "want:unknown words"
    with pytest.raises(BadSetting, match="there is nothing called 'black > 3' to slice by: name a column"):
        parse_axis("black > 3", columns)
    with pytest.raises(BadSetting, match="unknown words need a list of known ones"):
        parse_axis("want:unknown words", columns)
