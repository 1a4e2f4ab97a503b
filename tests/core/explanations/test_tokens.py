"""Words are found in every script, where they stand; what lies between them comes back untouched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.explanations.tokens import pieces, tokens_of, words_of

MIXED = st.lists(
    st.sampled_from(
        ["don't", " ", "它", "เข", "👩‍💻", "🇩🇪", "1,200.5", "<b>", "é", "\u0301", "\u200d", "’", "."]
    )
    | st.characters(exclude_categories=["Cs"])
).map("".join)


@given(text=MIXED)
def test_positions_reproduce_the_text(text: str) -> None:
    tokens = tokens_of(text)
    assert [text[token.start : token.end] for token in tokens] == [token.text for token in tokens]
    assert all(token.text for token in tokens)
    ends = [0, *(token.end for token in tokens)]
    assert all(token.start >= end for token, end in zip(tokens, ends, strict=False))
    assert "".join(pieces(text, [(token.start, token.end) for token in tokens])) == text


@given(text=MIXED, data=st.data())
def test_hiding_some_words_leaves_the_others_and_all_between(text: str, data: st.DataObject) -> None:
    tokens = tokens_of(text)
    parts = pieces(text, [(token.start, token.end) for token in tokens])
    kept = [data.draw(st.booleans()) for _ in tokens]
    left = "".join(part for at, part in enumerate(parts) if not at % 2 or kept[at // 2])
    hidden = sum(len(token.text) for token, keep in zip(tokens, kept, strict=True) if not keep)
    assert len(left) == len(text) - hidden
    at = 0
    for token, keep in zip(tokens, kept, strict=True):
        if keep:
            at = left.index(token.text, at) + len(token.text)


@given(text=MIXED)
def test_no_letter_digit_or_mark_is_lost_between_words(text: str) -> None:
    tokens = tokens_of(text)
    between = pieces(text, [(token.start, token.end) for token in tokens])[::2]
    assert not any(sign.isalnum() for part in between for sign in part)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't know, l’eau!", ["I", "don't", "know", "l’eau"]),
        ("'quoted' rock 'n' roll", ["quoted", "rock", "n", "roll"]),
        ("1,200.50 and 3. 4", ["1,200.50", "and", "3", "4"]),
        ("well-being e-mail", ["well", "being", "e", "mail"]),
        ("£5 or $5 or 5€", ["£", "5", "or", "$", "5", "or", "5", "€"]),
        ("我想学做鱼。", ["我", "想", "学", "做", "鱼"]),
        ("カレーのGPU", ["カ", "レ", "ー", "の", "GPU"]),
        ("أريد أن أتعلّم الطبخ", ["أريد", "أن", "أتعلّم", "الطبخ"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ไปเที่ยว", ["ไ", "ป", "เ", "ที่", "ย", "ว"]),
        ("안녕 세상", ["안녕", "세상"]),
        ("ok 👩🏽‍💻👍🏿 🇩🇪🇫🇷❤️", ["ok", "👩🏽‍💻", "👍🏿", "🇩🇪", "🇫🇷", "❤️"]),
        ("</script><b>bold</b> &amp;", ["script", "b", "bold", "b", "amp"]),
        ("", []),
        (" \n\t…—", []),
    ],
)
def test_words_of_many_scripts(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_the_default_of_lime_makes_one_word_of_chinese_and_breaks_an_apostrophe_so_ours_is_passed() -> None:
    """The trap: lime's own ``\\W+``."""
    from lime.lime_text import IndexedString

    assert IndexedString("我想学做鱼").num_words() == 1
    assert IndexedString("I don't").num_words() == 3
    assert len(words_of("我想学做鱼")) == 5
    assert len(words_of("I don't")) == 2


def test_a_long_text_is_cut_too() -> None:
    assert len(tokens_of("word's " * 50_000)) == 50_000
