"""The canonical encoding of rows and the digest of a version (docs/test-set-digest.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.errors import BadInput
from lookingglass.testset.rows import (
    EMPTY_DIGEST,
    ROW_META_TYPES,
    digest_number,
    digest_sum,
    digest_text,
    with_hashes,
)
from tests.core.testset import reference

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text("aé", min_size=60, max_size=70)
STORED = {"ñ": pl.String, "b": pl.Float64, "a": pl.Int64, "flag": pl.Boolean}
INPUTS = ["ñ", "b", "a"]
ROW = st.fixed_dictionaries(
    {
        "@id": TEXT,
        "@label": st.none() | TEXT,
        "@origin": st.sampled_from(["sample", "pattern"]),
        "@source": TEXT,
        "@tags": st.lists(TEXT, max_size=3),
        "@problems": st.lists(TEXT, max_size=2),
        "ñ": st.none() | TEXT,
        "b": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "a": st.none() | st.integers(-(2**63), 2**63 - 1),
        "flag": st.none() | st.booleans(),
    }
)


def hashed(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return rows with the hashes that the product computes."""
    return with_hashes(pl.DataFrame(rows, schema={**ROW_META_TYPES, **STORED}, orient="row"), INPUTS)


@given(st.lists(ROW, max_size=6))
def test_hashes_and_digest_are_those_of_the_documented_encoding(rows: list[dict[str, Any]]) -> None:
    frame = hashed(rows)
    assert frame["@row_hash"].to_list() == [reference.row_hash(row) for row in rows]
    assert frame["@input_id"].to_list() == [reference.input_id(row, INPUTS) for row in rows]
    assert digest_text(digest_sum(frame["@row_hash"])) == reference.digest(rows)


@given(st.lists(ROW, max_size=6), st.randoms())
def test_the_digest_does_not_depend_on_the_order(rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert digest_sum(hashed(rows)["@row_hash"]) == digest_sum(hashed(shuffled)["@row_hash"])


def test_known_answer() -> None:
    """The worked example of docs/test-set-digest.md; whoever changes this number changes every digest in the world."""
    row = {
        "@id": "row-000001",
        "@label": "no",
        "@origin": "sample",
        "@source": "hmda_boston.csv",
        "@tags": ["hard"],
        "@problems": [],
        "ñ": "é",
        "b": 0.8,
        "a": None,
        "flag": True,
    }
    found = hashed([row])
    page = (Path(__file__).parents[3] / "docs" / "test-set-digest.md").read_text(encoding="utf-8")
    assert found["@row_hash"].item(0).hex() in page
    assert found["@input_id"].item(0).hex() in page


def test_more_rows_than_one_chunk_hash_the_same_as_alone() -> None:
    frame = pl.DataFrame(
        {
            "@id": [f"row-{number}" for number in range(140_000)],
            "@label": ["no"] * 140_000,
            "@origin": ["sample"] * 140_000,
            "@source": ["x"] * 140_000,
            "@tags": [[]] * 140_000,
            "@problems": [[]] * 140_000,
            "b": [float(number) for number in range(140_000)],
        },
        schema_overrides=ROW_META_TYPES,
    )
    together = with_hashes(frame, ["b"])
    for place in (0, 65_535, 65_536, 139_999):
        assert with_hashes(frame[place : place + 1], ["b"]).equals(together[place : place + 1])


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    frame = pl.DataFrame({name: [None] for name in ROW_META_TYPES}, schema=ROW_META_TYPES).with_columns(
        b=number
    )
    with pytest.raises(BadInput, match="column b holds a number that is not finite"):
        with_hashes(frame, ["b"])


def test_minus_zero_is_zero() -> None:
    frame = pl.DataFrame({"b": [0.0, -0.0]}).with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in ROW_META_TYPES.items()
    )
    assert with_hashes(frame, ["b"])["@row_hash"].n_unique() == 1


def test_digest_text_and_number_are_inverse() -> None:
    assert EMPTY_DIGEST == "sha256:" + "0" * 64
    assert digest_number(digest_text(2**255 + 7)) == 2**255 + 7
