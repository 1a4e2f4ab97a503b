"""Reasons as HTML: whatever a column, a value or a word says is text, and a number stays at its word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from lookingglass.explanations import ExplainSettings, Explanation, Weight
from lookingglass.explanations.drawn import as_it_is_html, values_html, words_html
from lookingglass.wording import DASH

HOSTILE = "</script><script>alert(1)</script><b>"


def told(modality: Literal["text", "tabular"], inputs: Mapping[str, Any], *weights: Weight) -> Explanation:
    return Explanation(
        candidate="c", fingerprint="sha256:" + "0" * 64, example_id="e", input_id="0" * 64, modality=modality,
        score=0.5, weights=weights, intercept=0.5, local_prediction=0.5, r2=0.9, samples=10, settled=True, seed=1,
        settings=ExplainSettings(), stability=None, distinct=10, model_rows_scored=10, notes=(), inputs=inputs,
    )  # fmt: skip


def test_columns_categories_and_words_that_look_like_markup_are_text() -> None:
    row = told("tabular", {HOSTILE: HOSTILE}, Weight(HOSTILE, 0.2, HOSTILE, 0, value=HOSTILE))
    text = told("text", {HOSTILE: HOSTILE}, Weight("script", 0.2, HOSTILE, 0, start=2, end=8))
    rows = pl.DataFrame({HOSTILE: [HOSTILE, "other"]})
    for drawn in (
        values_html(row, 0.2, rows, HOSTILE),
        words_html(text, 0.2),
        as_it_is_html(row),
        as_it_is_html(text),
    ):
        assert "&lt;" in drawn
        assert not re.search(r"<(script|/script|b)\b", drawn)


def test_without_reasons_every_value_is_drawn_as_it_is() -> None:
    drawn = as_it_is_html(told("tabular", {"debts": 0, "rate": 1234.5, "told": None}))
    assert re.findall(r'data-label="Value">([^<]*)<', drawn) == ["0", "1,234", DASH]


def test_a_number_stays_at_its_word_where_the_text_runs_to_the_left() -> None:
    """A browser test would need an Arabic font; looked at in Chromium: without it the number left its word."""
    text = "درس cooking"
    drawn = words_html(
        told(
            "text", {"want": text}, Weight("درس", 0.2, "want", 0, start=0, end=3),
            Weight("cooking", 0.1, "want", 1, start=4, end=11),
        ),
        0.2,
    )  # fmt: skip
    assert 'dir="auto"' in drawn
    assert 'درس<sup dir="ltr">+20</sup>' in drawn
    assert 'cooking<sup dir="ltr" style="unicode-bidi: embed">+10</sup>' in drawn
