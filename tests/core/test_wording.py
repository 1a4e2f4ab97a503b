"""Numbers in words: one way to write each kind, undefined is a dash, and nothing is rounded into another answer."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.figures import Figure, undefined
from lookingglass.wording import (
    DASH,
    THIN,
    called,
    counts_text,
    difference_words,
    duration_text,
    each_threshold_text,
    ended,
    figure_text,
    inside,
    interval_text,
    joined,
    money,
    number,
    plural,
    short_hash,
    signed,
    threshold_text,
    time_text,
    utc_text,
    value_text,
)

AUC = Figure(0.8312, 2381, 0.8031, 0.8569, "delong")
RECALL = Figure(0.23454, 1488, 0.2136, 0.2567, "wilson", k=349)


def test_a_score_has_three_decimals_and_its_interval_behind() -> None:
    assert figure_text("roc_auc", AUC) == "0.831 (0.803–0.857)"
    assert counts_text(AUC) == "n = 2,381"


def test_a_rate_is_per_cent_with_its_interval_or_its_count() -> None:
    assert figure_text("recall", RECALL) == f"23.5{THIN}% (21.4–25.7{THIN}%)"
    assert figure_text("recall", RECALL, counts=True) == f"23.5{THIN}% (349 of 1,488)"


def test_undefined_is_a_dash_with_its_reason() -> None:
    assert value_text("recall", undefined("no positives")) == DASH
    assert figure_text("recall", undefined("no positives")) == f"{DASH} (no positives)"
    assert interval_text("recall", undefined("no positives")) == ""
    assert difference_words("recall", undefined("no scores")) == f"{DASH} (no scores)"
    assert number(float("nan")) == DASH


def test_a_figure_without_interval_stands_alone() -> None:
    assert figure_text("roc_auc", Figure(0.5, 100, reason="all scores equal")) == "0.500"


def test_negative_interval_ends_are_joined_by_a_word() -> None:
    """A dash between two minus signs cannot be read."""
    assert interval_text("mcc", Figure(0.0, 100, -0.1, 0.1)) == "-0.100 to 0.100"


def test_a_difference_carries_its_sign_and_what_it_means() -> None:
    figure = Figure(0.024, 2381, 0.010, 0.038, p_value=0.001)
    assert difference_words("roc_auc", figure) == "+0.024 (+0.010 to +0.038), more than chance"
    lower = Figure(-0.012, 2381, -0.03, 0.006, p_value=0.2)
    assert difference_words("recall", lower) == "−1.2 points (−3.0 to +0.6), could be chance"


def test_no_difference_has_no_sign() -> None:
    assert signed(0.0) == signed(-0.0) == signed(-0.0001) == "±0.000"


@given(st.floats(-1, 1), st.sampled_from(["rate", "score"]))
def test_a_sign_never_lies(value: float, unit: str) -> None:
    """What reads as zero has no direction; everything else has its own."""
    text = signed(value, unit)  # type: ignore[arg-type]  # sampled from the literal's own values
    assert text[0] in ("±" if not any(digit in text for digit in "123456789") else "+" if value > 0 else "−")


def test_thresholds_have_as_many_digits_as_tell_them_apart() -> None:
    assert threshold_text(0.37) == "0.37"
    assert threshold_text(0.37, [0.371]) == "0.370"
    assert threshold_text(0.37, [0.37, 0.5]) == "0.37"
    assert threshold_text(None) == threshold_text(float("inf")) == "answer nobody"


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ({"a": 0.5, "b": 0.5}, "at the threshold 0.50"),
        ({"a": 0.5}, "at the threshold 0.50"),
        ({"a": None, "b": None}, "with nobody answered yes"),
        ({}, "with nobody answered yes"),
        ({"a": 0.3, "b": 0.5}, "each at its own threshold: a 0.30, b 0.50"),
        ({"a": 0.5, "b": 0.3, "c": 0.5}, "each at its own threshold: b 0.30, all others 0.50"),
        ({"a": 0.5, "b": None, "c": 0.5}, "each at its own threshold: b answer nobody, all others 0.50"),
        ({"a": 0.501, "b": 0.5}, "each at its own threshold: a 0.501, b 0.500"),
    ],
)
def test_it_is_said_where_each_candidate_answers_yes(thresholds: dict[str, float | None], said: str) -> None:
    assert each_threshold_text(thresholds) == said


def test_words_inside_a_sentence_begin_small_but_names_stay() -> None:
    assert inside("Highest F1") == "highest F1"
    assert (
        inside("Recall at least 80 % in every group of Area") == "recall at least 80 % in every group of Area"
    )
    assert [inside(name) for name in ("F1", "MCC", "")] == ["F1", "MCC", ""]


def test_money_has_thin_thousands_and_its_currency() -> None:
    assert money(12400, "EUR") == f"12{THIN}400 EUR"
    assert money(9.5, "EUR") == "9.50 EUR"
    assert money(0.2158, "EUR") == "0.216 EUR"
    assert money(-0.5) == "-0.500"
    assert money(float("inf")) == DASH


@pytest.mark.parametrize(
    ("unit", "many"),
    [
        ("application", "applications"),
        ("enquiry", "enquiries"),
        ("day", "days"),
        ("case", "cases"),
        ("loss", "losses"),
        ("application for support", "applications for support"),
    ],
)
def test_units_have_their_plural(unit: str, many: str) -> None:
    assert plural(unit) == plural(unit, 0) == many
    assert plural(unit, 1) == unit


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("denied", "denied"),
        ("not matched", "not matched"),
        ("sent back", "sent back"),
        ("paid", "paid"),
        ("eight", "called eight"),
        ("spam", "called spam"),
        ("red", "called red"),
        ("speed", "called speed"),
        ("eligible", "called eligible"),
        ("yes", "answered yes"),
        ("1", "answered 1"),
    ],
)
def test_what_a_model_says_follows_wrongly(answer: str, said: str) -> None:
    """ "Wrongly denied" is what was done; "wrongly eight" is no English, since a digit is only called so."""
    assert called(answer) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [("it was misread", "it was misread."), ("Misread. ", "Misread."), ("really?", "really?"), ("", "")],
)
def test_a_note_ends_as_a_sentence(written: str, said: str) -> None:
    assert ended(written) == said


def test_digests_are_cut_to_eight_characters() -> None:
    assert short_hash("sha256:0123456789abcdef") == "01234567"


def test_times_are_local_with_utc_beside() -> None:
    utc = "2026-11-21T23:05:07.123456Z"
    assert time_text(utc, UTC) == "21 Nov 2026, 23:05"
    assert time_text(utc, timezone(timedelta(hours=1))) == "22 Nov 2026, 00:05"
    assert utc_text(utc) == "2026-11-21 23:05:07 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "a few seconds"), (42, "40 seconds"), (180, "3 minutes"), (7500, "2 h 5 min")],
)
def test_time_left_is_said_as_a_person_would(seconds: float, words: str) -> None:
    assert duration_text(seconds) == words


def test_lists_read_as_sentences() -> None:
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert joined(["a"]) == "a"
    assert joined([]) == ""
