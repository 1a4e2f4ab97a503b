"""Slices are chosen values of up to three columns; missing is a group of its own, and thousands do no harm."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.errors import BadSetting
from lookingglass.fairness import MOST_SLICES, GroupCodes, group_codes, intersect, look_alikes


def codes(name: str, values: list[str | None]) -> GroupCodes:
    return group_codes(pl.Series(name, values, dtype=pl.String))


def everybody(n: int) -> np.ndarray:
    return np.ones(n, dtype=bool)


def test_two_columns_make_every_combination_that_occurs_the_largest_first() -> None:
    slicing = intersect(
        [codes("black", ["no", "no", "yes", "no"]), codes("sex", ["f", "f", "m", "m"])], everybody(4)
    )
    assert slicing.by == ("black", "sex")
    assert [each.to_json() for each in slicing.slices] == [
        {"black": "no", "sex": "f"},
        {"black": "no", "sex": "m"},
        {"black": "yes", "sex": "m"},
    ]
    assert slicing.sizes == (2, 1, 1)
    assert slicing.codes.tolist() == [0, 0, 2, 1]
    assert slicing.slices[0].title == "black = no, sex = f"


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", ""]), st.sampled_from("pqr")),
        min_size=1,
    )
)
def test_every_example_is_in_exactly_the_slice_of_its_values(rows: list[tuple[str | None, str, str]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    slicing = intersect([codes(str(at), column) for at, column in enumerate(columns)], everybody(len(rows)))
    for row, place in zip(rows, slicing.codes.tolist(), strict=True):
        wanted = tuple("missing" if value is None else value for value in row)
        assert tuple(value for _, value in slicing.slices[place].conditions) == wanted
    assert sum(slicing.sizes) == len(rows)


def test_many_combinations_are_counted_as_few_are() -> None:
    """Past a million possible combinations another way of counting takes over; it must find the same slices."""
    rng = np.random.default_rng(3)
    axes = [
        GroupCodes(name, tuple(f"v{n}" for n in range(300)), rng.integers(0, 300, 500).astype(np.int32))
        for name in "abc"
    ]
    slicing = intersect(axes, everybody(500), most=1_000)
    for at in (0, 77, 499):
        wanted = tuple((axis.column, axis.values[axis.codes[at]]) for axis in axes)
        assert slicing.slices[slicing.codes[at]].conditions == wanted


def test_examples_without_a_label_are_counted_apart_even_where_a_slice_has_no_other() -> None:
    labelled = np.array([False, True, False, True, True])
    slicing = intersect([codes("g", ["b", "a", "a", "a", "c"])], labelled)
    assert [each.to_json()["g"] for each in slicing.slices] == ["a", "c", "b"]
    assert slicing.codes.tolist() == [0, 0, 1]
    assert slicing.sizes == (2, 1, 0)
    assert slicing.unlabelled == (1, 0, 1)


def test_five_thousand_groups_leave_the_largest_and_say_what_is_left_out() -> None:
    values = [f"g{n % 5_000}" for n in range(10_000)] + ["large"] * 30
    slicing = intersect([codes("g", values)], everybody(len(values)))
    assert len(slicing.slices) == MOST_SLICES
    assert slicing.slices[0].to_json() == {"g": "large"}
    assert slicing.left_out == 5_001 - MOST_SLICES
    assert slicing.left_out_examples == int((slicing.codes == -1).sum()) == 2 * slicing.left_out
    assert "5,001 groups: the 200 largest have figures of their own, the other 4,801" in slicing.notes[0]


def test_groups_named_na_empty_and_missing_are_four_different_things() -> None:
    slicing = intersect([codes("g", ["NA", "", "missing", None])], everybody(4))
    names = {each.to_json()["g"] for each in slicing.slices}
    assert names == {"NA", "", "missing", "(missing)"}
    assert 'g = ""' in {each.title for each in slicing.slices}


def test_look_alikes_are_pointed_out_and_never_merged() -> None:
    slicing = intersect([codes("smoker", ["no", "No", " no", "yes", "ｙｅｓ"])], everybody(5))
    assert len(slicing.slices) == 5
    assert look_alikes(["no", "No", " no", "yes", "ｙｅｓ", "nose"]) == [
        (" no", "No", "no"),
        ("yes", "ｙｅｓ"),
    ]
    assert 'smoker: " no", "No", "no" look alike' in slicing.notes[0]
    assert not intersect([codes("g", ["a", "b"])], everybody(2)).notes


def test_a_slice_is_found_by_its_value_or_by_its_values_by_column() -> None:
    slicing = intersect([codes("a", ["x", "y", "1,2"]), codes("b", ["m", "m", "m"])], everybody(3))
    for wanted in ({"a": "1,2", "b": "m"}, "1,2,m"):
        assert slicing.slices[slicing.find(wanted)].to_json() == {"a": "1,2", "b": "m"}
    with pytest.raises(BadSetting, match=r"there is no group 'z,m' of a, b: there are .*x,m"):
        slicing.find("z,m")


@pytest.mark.parametrize(
    ("names", "told"),
    [([], "one to 3 columns, not 0"), (list("abcd"), "one to 3 columns, not 4"), (["a", "a"], "once only")],
)
def test_no_more_than_three_columns_and_none_twice(names: list[str], told: str) -> None:
    with pytest.raises(BadSetting, match=told):
        intersect([codes(name, ["x"]) for name in names], everybody(1))
