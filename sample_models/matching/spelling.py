"""Spelling mistakes as people make them: swapped, dropped, doubled and neighbouring letters, and spelling by ear."""

from __future__ import annotations

import re

from sample_models.matching.words import COMMON, Draw

_WORD = re.compile(r"[A-Za-z]+")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in _KEYBOARD
    for place, letter in enumerate(row)
}
_BY_EAR = (
    *(("ght", "te"), ("tion", "shun"), ("ph", "f"), ("ough", "uff"), ("ei", "ie"), ("ie", "ei"), ("ck", "k")),
    *(("ea", "ee"), ("ee", "ea"), ("ai", "ay"), ("ou", "ow"), ("ce", "se"), ("able", "ible"), ("ant", "ent")),
    *(
        ("ent", "ant"),
        ("er", "ar"),
        ("or", "er"),
        ("ss", "s"),
        ("ll", "l"),
        ("tt", "t"),
        ("y", "ie"),
        ("c", "k"),
    ),
)
SHORTEST = 4


def misspell(text: str, draw: Draw, share: float) -> str:
    """Return ``text`` with mistakes in about ``share`` of its telling words of four letters and more, in one at least.

    The first letter always stays: people rarely miss it. A text without such a word comes back unchanged.
    """
    places = [m for m in _WORD.finditer(text) if len(m[0]) >= SHORTEST and m[0].lower() not in COMMON]
    if not places:
        return text
    sure = draw.one(places).start()
    for match in reversed(places):
        if match.start() == sure or draw.chance(share):
            text = text[: match.start()] + mistake(match[0], draw) + text[match.end() :]
    return text


def mistake(word: str, draw: Draw) -> str:
    """Return ``word`` with one mistake; never the same word."""
    for kind in draw.order([_swapped, _dropped, _doubled, _neighbour, _by_ear, _by_ear]):
        wrong = kind(word, draw)
        if wrong != word:
            return wrong
    return _dropped(word, draw)


def _inside(word: str, draw: Draw, *, last: int = 0) -> int:
    return draw.one(range(1, len(word) - last))


def _swapped(word: str, draw: Draw) -> str:
    place = _inside(word, draw, last=1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _dropped(word: str, draw: Draw) -> str:
    place = _inside(word, draw)
    return word[:place] + word[place + 1 :]


def _doubled(word: str, draw: Draw) -> str:
    place = _inside(word, draw)
    return word[: place + 1] + word[place:]


def _neighbour(word: str, draw: Draw) -> str:
    place = _inside(word, draw)
    letter = word[place]
    return word[:place] + draw.one(_NEIGHBOURS.get(letter, letter)) + word[place + 1 :]


def _by_ear(word: str, draw: Draw) -> str:
    for heard, written in draw.order(_BY_EAR):
        place = word.find(heard, 1)
        if place > 0:
            return word[:place] + written + word[place + len(heard) :]
    return word
