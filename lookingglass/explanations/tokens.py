"""Cuts a text into the words that are hidden one by one. Knows nothing of models, LIME or test sets.

A token is a run of letters, marks and digits of any script, with apostrophes inside (don't, l'eau) and points or commas
between digits (1,200.50). Scripts without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) give one
token a character, marks on it included. An emoji with all that modifies it, a currency sign and other pictures are
tokens too; punctuation, mathematical signs and space are not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

APOSTROPHES = frozenset("'’＇")
JOINER = "\u200d"
_ALONE = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3040, 0x30FF),  # kana
    (0x3105, 0x312F),  # bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width kana
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
_TONES = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)


@dataclass(frozen=True)
class Token:
    """One word where it stands: ``text[start:end]``, counted in characters."""

    text: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of ``text`` from left to right; they never overlap, and what lies between them is none."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        kind = _kind(text[at])
        if not kind:
            at += 1
            continue
        end = _PARTS[kind](text, at)
        found.append(Token(text[at:end], at, end))
        at = end
    return found


def words_of(text: str) -> list[str]:
    """Return the tokens as plain text, the way LIME's ``split_expression`` wants them."""
    return [token.text for token in tokens_of(text)]


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Return what lies before, in, between and behind ``spans``: 2 n + 1 texts that together are ``text``.

    The spans stand at the odd places, so leaving some of those out gives the text without them.
    """
    bounds = [0, *(edge for span in spans for edge in span), len(text)]
    return [text[start:end] for start, end in pairwise(bounds)]


def _kind(sign: str) -> str:
    """Return what a character begins: a "word", a character that stands "alone", a "picture", or nothing."""
    if sign.isascii():
        return "word" if sign.isalnum() else "picture" if sign == "$" else ""
    code, category = ord(sign), unicodedata.category(sign)
    if category[0] in "LMN":
        return "alone" if any(first <= code <= last for first, last in _ALONE) else "word"
    return "picture" if category in {"So", "Sc"} or code in _TONES else ""


def _end_of_word(text: str, at: int) -> int:
    at += 1
    while at < len(text):
        kind = _kind(text[at])
        if kind == "word":
            at += 1
        elif not kind and _joins(text, at):
            at += 2
        else:
            break
    return at


def _joins(text: str, at: int) -> bool:
    """Whether a sign between two word characters holds them together."""
    if at + 1 >= len(text) or _kind(text[at + 1]) != "word":
        return False
    before, sign, after = text[at - 1], text[at], text[at + 1]
    if sign in APOSTROPHES:
        return not before.isdigit() and not after.isdigit()
    return sign in ".," and before.isdigit() and after.isdigit()


def _end_of_character(text: str, at: int) -> int:
    at += 1
    while at < len(text) and unicodedata.category(text[at])[0] == "M":
        at += 1
    return at


def _end_of_picture(text: str, at: int) -> int:
    flag = ord(text[at]) in _FLAGS
    at += 1
    if flag and at < len(text) and ord(text[at]) in _FLAGS:
        return at + 1
    while at < len(text):
        code, category = ord(text[at]), unicodedata.category(text[at])
        if category[0] == "M" or code in _TONES or code in _TAGS:
            at += 1
        elif text[at] == JOINER and at + 1 < len(text) and _kind(text[at + 1]) == "picture":
            at += 2
        else:
            break
    return at


_PARTS = {"word": _end_of_word, "alone": _end_of_character, "picture": _end_of_picture}
