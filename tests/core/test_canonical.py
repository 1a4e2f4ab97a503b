"""The one spelling of records: known answers, and properties that any spelling fit for hashing must have."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.canonical import canonical_json, now_utc, sha256_hex
from lookingglass.errors import BadInput

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def test_known_answer() -> None:
    value = {"b": [1, 1.0, -0.0, 1e22, True, None], "a": 'ü "\n\x01\x7f€', "A": {}, "ä": ()}
    expected = '{"A":{},"a":"ü \\"\\n\\u0001\x7f€","b":[1,1.0,-0.0,1e+22,true,null],"ä":[]}'
    assert canonical_json(value) == expected.encode("utf-8")


@given(JSON_VALUES)
def test_reading_back_gives_the_same_value_and_the_same_bytes(value: object) -> None:
    spelled = canonical_json(value)
    assert canonical_json(json.loads(spelled)) == spelled
    assert json.loads(spelled) == value


@given(st.dictionaries(TEXTS, st.integers(), min_size=2))
def test_the_order_of_keys_makes_no_difference(value: dict[str, int]) -> None:
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


@given(JSON_VALUES, JSON_VALUES)
def test_different_values_have_different_spellings(one: object, other: object) -> None:
    assert (canonical_json(one) == canonical_json(other)) == (repr(_sorted(one)) == repr(_sorted(other)))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"score": [number]})


@pytest.mark.parametrize("value", [{1: "a"}, [{"a": {None: 1}}], {"a": {1, 2}}, {"a": b"bytes"}, ({2.5: 1},)])
def test_what_json_cannot_hold_is_refused_at_any_depth(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_half_a_surrogate_pair_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadInput, match=r"not valid Unicode.*type it again"):
        canonical_json({"note": "caf\udce9"})


def test_an_object_that_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="Circular"):
        canonical_json(loop)


def test_sha256_known_answer() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_time_is_utc_with_microseconds() -> None:
    before = datetime.now(UTC)
    told = datetime.strptime(now_utc(), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert before <= told <= datetime.now(UTC)
