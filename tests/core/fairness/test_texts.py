"""Properties of texts, worked out by hand, in several scripts; texts without what is measured are a group."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from lookingglass.fairness import PROPERTIES, Axis, axis_codes, words_of
from lookingglass.fairness.texts import TextProperty, foreign_shares, unknown_shares, word_counts

TEXTS = [
    "I wnat a Bike",
    "somone's LAWN mower",
    "привет my friend",
    "自行车",
    "42 !!",
    "",
    None,
    "Cafe\u0301 don’t",
]


def groups(text: TextProperty, known: frozenset[str] | None = None) -> list[str]:
    found = axis_codes(Axis("t", "text", text=text, known=known), pl.DataFrame({"t": TEXTS}))
    return [found.values[code] for code in found.codes.tolist()]


def test_every_property_is_one_of_these() -> None:
    assert list(PROPERTIES) == ["length", "unknown words", "script", "case"]


def test_words_are_runs_of_letters_with_their_marks_and_apostrophes() -> None:
    assert word_counts(pl.Series(TEXTS)).tolist() == [4, 3, 3, 1, 0, 0, 0, 2]
    assert words_of("Don’t stop, DON'T: naïve") == {"don't", "stop", "naïve"}


def test_length() -> None:
    found = groups("length")
    assert found == ["1 to 5 words"] * 4 + ["no words"] * 2 + ["missing", "1 to 5 words"]
    long = axis_codes(
        Axis("t", "text", text="length"), pl.DataFrame({"t": ["a " * n for n in (5, 6, 50, 51)]})
    )
    assert [long.values[code] for code in long.codes] == [
        "1 to 5 words",
        "6 to 10 words",
        "21 to 50 words",
        "51 words or more",
    ]


def test_the_share_of_unknown_words() -> None:
    known = frozenset({"i", "a", "bike", "lawn", "mower", "my", "friend", "don't"})
    shares = unknown_shares(pl.Series(TEXTS), known)
    np.testing.assert_allclose(shares, [1 / 4, 1 / 3, 1 / 3, 1, np.nan, np.nan, np.nan, 1 / 2])
    assert groups("unknown words", known | {"somone's"}) == [
        "25 % or more unknown words",
        "no unknown words",
        "25 % or more unknown words",
        "25 % or more unknown words",
        "no words",
        "no words",
        "missing",
        "25 % or more unknown words",
    ]


def test_the_share_of_letters_of_another_script() -> None:
    np.testing.assert_allclose(foreign_shares(pl.Series(TEXTS)), [0, 0, 6 / 14, 1, np.nan, np.nan, np.nan, 0])
    assert groups("script")[2:5] == ["below 50 % other letters", "50 % or more other letters", "no letters"]


def test_all_lower_case_is_told_from_scripts_without_case() -> None:
    assert groups("case") == [
        "some upper case",
        "some upper case",
        "all lower case",
        "no upper or lower case",
        "no upper or lower case",
        "no upper or lower case",
        "missing",
        "some upper case",
    ]


@pytest.mark.parametrize("text", [name for name in PROPERTIES if name != "unknown words"])
def test_texts_that_are_all_missing_are_one_group(text: TextProperty) -> None:
    rows = pl.DataFrame({"t": pl.Series([None, None], dtype=pl.String)})
    found = axis_codes(Axis("t", "text", text=text), rows)
    assert {found.values[code] for code in found.codes} == {"missing"}
