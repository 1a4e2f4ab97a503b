"""What an address can say: the values that all pages share, and those of one page, each with how it is read.

A parser raises ValueError for what cannot be read. Knows nothing of sessions.
"""

from __future__ import annotations

import math
from collections.abc import Callable


def _threshold(raw: str) -> float:
    value = float(raw)
    if not (0 <= value <= 1 or value == math.inf):
        raise ValueError(raw)
    return value


def _finite(raw: str) -> float:
    value = float(raw)
    if not math.isfinite(value):
        raise ValueError(raw)
    return value


def _above_zero(raw: str) -> float:
    value = _finite(raw)
    if value <= 0:
        raise ValueError(raw)
    return value


NONE = "none"
"""Says in an address that there is none of something, whatever was agreed last."""


def _or_none(parse: Callable[[str], float]) -> Callable[[str], float | None]:
    return lambda raw: None if raw == NONE else parse(raw)


LINKED: dict[str, Callable[[str], object]] = {
    "workspace": str,
    "candidate": str,
    "version": int,
    "threshold": _threshold,
    "metric": str,
    "rank": str,
    "reference": str,
}
OF_PAGE: dict[str, dict[str, Callable[[str], object]]] = {
    "overview": {"group": str},
    "explanations": {
        "which": str,
        "other": str,
        "beside": str,
        "example": str,
        "runs": str,
        "group": str,
        "q": str,
        "problem": str,
        "view": str,
        "over": str,
        "many": str,
    },
    "testset": {
        "view": str,
        "example": str,
        "q": str,
        "label": str,
        "unlabelled": str,
        "group": str,
        "is": str,
        "tag": str,
        "origin": str,
        "problem": str,
        "wrong": str,
        "disagree": str,
        "sort": str,
        "by": str,
        "page": int,
        "versions": int,
        "from": int,
        "to": int,
    },
    "threshold": {
        "view": str,
        "beta": _above_zero,
        "fp": _or_none(_finite),
        "fn": _or_none(_finite),
        "tp": _finite,
        "tn": _finite,
        "currency": str,
        "prevalence": _or_none(_finite),
        "volume": _or_none(_above_zero),
        "period": str,
        "require": str,
        "capacity": str,
        "ask": _or_none(_finite),
        "most": _or_none(_finite),
        "low": _or_none(_threshold),
        "group": str,
        "origin": str,
        "rare": str,
        "worse": str,
        "limited": str,
        "one": int,
        "other": int,
    },
}
"""Page -> what its address carries beyond what all pages share."""
