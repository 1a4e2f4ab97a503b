"""What may stand in the record of a decision: texts and names of people, numbers, figures in their agreed JSON form.

Each function returns the value as it is recorded, or says in a sentence what is the matter with it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any, Protocol

from lookingglass.errors import BadInput, one_line
from lookingglass.figures import Figure, undefined
from lookingglass.ledger.events import LONGEST_NAME, UNSEEN
from lookingglass.metrics.bootstrap import ResampledFigure

LONGEST_REASON = 2_000
LONGEST_WORD = 80
MOST_PEOPLE = 50
MOST_FIGURES = 200
LONGEST_FIGURE_NAME = 1_000
"""A figure of a group is named after its column and its value, which people write as long as they like."""

_NUMBERS = ("value", "low", "high", "p_value")
_COUNTS = ("n", "k", "seed", "replicates")
_TEXTS = ("method", "reason")
_CELLS = ("tp", "fp", "tn", "fn")
_DIRECTION = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


class HasJson(Protocol):
    """Anything that can be written as a JSON object."""

    def to_json(self) -> Mapping[str, Any]:
        """Return it as plain JSON data."""
        ...


def clean_text(text: str, what: str, *, longest: int = LONGEST_REASON, needed: bool = False) -> str:
    """Return what somebody wrote in its kept form (NFC, no space around); line breaks may stay.

    Raises:
        BadInput: it is too long, holds what cannot be seen, or is empty where it is ``needed``.
    """
    if not isinstance(text, str):
        raise BadInput(f"{what} is text, not {one_line(repr(text), 40)}. Nothing was changed.")
    kept = unicodedata.normalize("NFC", text).strip()
    if needed and not kept:
        raise BadInput(f"{what} is missing: say it in a sentence. Nothing was changed.")
    if len(kept) > longest:
        raise BadInput(f"{what} has {len(kept):,} characters, {longest:,} are allowed: shorten it.")
    if any(_is_unseen(letter) for letter in kept):
        raise BadInput(f"{what} holds characters that cannot be seen: type it again.")
    return kept


def _is_unseen(letter: str) -> bool:
    return letter in _DIRECTION or (letter not in "\n\t\r" and unicodedata.category(letter) in {"Cc", "Cs"})


def clean_people(names: Iterable[str]) -> list[str]:
    """Return the names of the people who agreed, each once, in the order given.

    Raises:
        BadInput: there is nobody, there are more than 50, or a name is empty, too long or holds what cannot be seen.
    """
    if isinstance(names, str):
        raise BadInput("the people who agreed are a list of names, not one text. Nothing was changed.")
    kept = list(dict.fromkeys(_clean_name(name) for name in names))
    if not kept:
        raise BadInput("a decision is made by people: name at least one who agreed. Nothing was changed.")
    if len(kept) > MOST_PEOPLE:
        raise BadInput(f"{len(kept)} people are named, {MOST_PEOPLE} can be: name those who decided.")
    return kept


def _clean_name(name: str) -> str:
    kept = " ".join(unicodedata.normalize("NFC", name).split(" ")).strip() if isinstance(name, str) else ""
    if not kept or len(kept) > LONGEST_NAME:
        raise BadInput(f"a person's name has 1 to {LONGEST_NAME} characters: look at the people who agreed.")
    if any(unicodedata.category(letter) in UNSEEN for letter in kept):
        raise BadInput(
            f"the name {ascii(kept)[:LONGEST_WORD]} holds characters that cannot be seen: type it again."
        )
    return kept


def number(value: object, what: str) -> float:
    """Return a finite number. Raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise BadInput(f"{what} is a number, not {one_line(repr(value), 40)}. Nothing was changed.")
    return float(value) + 0.0  # minus zero is zero


def whole(value: object, what: str) -> int:
    """Return a whole number from 0. Raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise BadInput(f"{what} is a whole number, not {one_line(repr(value), 40)}. Nothing was changed.")
    return int(value)


def optional(value: object, what: str) -> float | None:
    """Return a finite number, or None. Raises BadInput."""
    return None if value is None else number(value, what)


def ends(pair: object, what: str) -> list[float | None] | None:
    """Return the two ends of a range of thresholds, lower first, either None for "nobody"; None when there is none.

    Raises:
        BadInput: there are not two, or they are the wrong way round.
    """
    if pair is None:
        return None
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise BadInput(f"{what} has two ends, not {one_line(repr(pair), 40)}. Nothing was changed.")
    low, high = (optional(end, what) for end in pair)
    if high is not None and (low is None or low > high):
        raise BadInput(f"{what} has its ends the wrong way round. Nothing was changed.")
    return [low, high]


def cells(counts: Mapping[str, int] | HasJson | None) -> dict[str, int] | None:
    """Return the four counts by name; anything with attributes ``tp``, ``fp``, ``tn`` and ``fn`` will do.

    Raises:
        BadInput: one is missing or no count.
    """
    if counts is None:
        return None
    given = counts if isinstance(counts, Mapping) else {name: getattr(counts, name, None) for name in _CELLS}
    return {name: whole(given.get(name), f"the count {name}") for name in _CELLS}


def json_object(value: Mapping[str, Any] | HasJson, what: str) -> dict[str, Any]:
    """Return an object as plain JSON data. Raises BadInput when it is none."""
    told = value if isinstance(value, Mapping) else value.to_json() if hasattr(value, "to_json") else None
    if not isinstance(told, Mapping):
        raise BadInput(f"{what} is no JSON object. Nothing was changed.")
    return dict(told)


def figures_json(figures: Mapping[str, Figure | Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return figures by name in their agreed JSON form.

    Raises:
        BadInput: one of them has another form, or there are more than 200.
    """
    if not isinstance(figures, Mapping) or len(figures) > MOST_FIGURES:
        raise BadInput(f"figures come by name, at most {MOST_FIGURES} of them. Nothing was changed.")
    return {_figure_name(name): _figure_json(name, figure) for name, figure in figures.items()}


def can_name_a_figure(name: str) -> bool:
    """Return whether a figure of this name can be recorded."""
    try:
        return _figure_name(name) == name
    except BadInput:
        return False


def _figure_name(name: str) -> str:
    return clean_text(name, "the name of a figure", longest=LONGEST_FIGURE_NAME, needed=True)


def _figure_json(name: str, figure: Figure | Mapping[str, Any]) -> dict[str, Any]:
    what = f"the figure {one_line(name, LONGEST_WORD)}"
    told = figure.to_json() if isinstance(figure, Figure) else figure
    if not isinstance(told, Mapping) or not {"value", "n"} <= set(told):
        raise BadInput(f"{what} has no value and n, as each figure has. Nothing was changed.")
    unknown = sorted(set(told) - {*_NUMBERS, *_COUNTS, *_TEXTS}, key=str)
    if unknown:
        raise BadInput(
            f"{what} holds {one_line(str(unknown[0]), 40)!r}, which no figure has. Nothing was changed."
        )
    kept: dict[str, Any] = {}
    for key, value in told.items():
        if value is None:
            kept[key] = None
        elif key in _NUMBERS:
            kept[key] = number(value, f"{key} of {what}")
        elif key in _COUNTS:
            kept[key] = whole(value, f"{key} of {what}")
        else:
            kept[key] = clean_text(str(value), f"{key} of {what}")
    if kept["n"] is None or (kept["value"] is None and not kept.get("reason")):
        raise BadInput(f"{what} has no value and does not say why. Nothing was changed.")
    return kept


def figure_of(told: Mapping[str, Any]) -> Figure:
    """Return the figure that was recorded in its JSON form."""
    if told["value"] is None:
        return undefined(told["reason"], told["n"])
    known = {key: told[key] for key in (*_NUMBERS, *_COUNTS, *_TEXTS) if told.get(key) is not None}
    return ResampledFigure(**known) if "seed" in known else Figure(**known)
