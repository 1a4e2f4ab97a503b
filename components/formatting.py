"""Makes other people's words safe to show: escaped for HTML, or with every Markdown sign taken as a plain character.

Numbers are written by ``lookingglass.wording``. Knows nothing of what the words mean.
"""

from __future__ import annotations

import html
import re
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from lookingglass.wording import time_text, utc_text

WORD_JOINER = "\u2060"
"""Takes no room and joins nothing: it breaks up shortcodes, directives and addresses that Markdown would act upon."""

_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
_ACTED_UPON = re.compile(r"([:@])|(www)(?=\.)", re.IGNORECASE)


def escaped(text: object) -> str:
    """Return text fit for an element or a quoted attribute of HTML."""
    return html.escape(str(text), quote=True)


def plain(text: object) -> str:
    """Return text, on one line, that Streamlit's Markdown shows as it is: no formatting, link, icon or formula."""
    flat = " ".join(str(text).split())
    broken = _ACTED_UPON.sub(lambda found: f"{found.group(0)}{WORD_JOINER}", flat)
    return _PUNCTUATION.sub(r"\\\1", broken)


def hint(shown: str, told: str | None) -> str:
    """Return HTML: text with a longer form on hover and for screen readers. Both are escaped here."""
    if not told:
        return escaped(shown)
    return f'<span title="{escaped(told)}" class="lg-hint">{escaped(shown)}</span>'


def when(utc: str) -> str:
    """Return HTML: a time in the visitor's own zone with the UTC time on hover."""
    told = f'<time datetime="{escaped(utc)}" title="{escaped(utc_text(utc))}">'
    return f"{told}{escaped(time_text(utc, visitor_zone()))}</time>"


def visitor_zone() -> tzinfo:
    """Return the time zone that the visitor's browser reports, UTC when it reports none that is known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
