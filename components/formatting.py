"""Makes other people's words safe to show: escaped for HTML, or with every Markdown sign taken as a plain character.

Numbers are written by ``lookingglass.wording``. Knows nothing of what the words mean.
"""

from __future__ import annotations

import html
import os
import re
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.wording import DASH, time_text, utc_text

WORD_JOINER = "\u2060"
"""Takes no room and joins nothing: it breaks up shortcodes, directives and addresses that Markdown would act upon."""

_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
_SPACES = re.compile(r"[^\S\u202f]+")
"""Spaces and line ends; a thin space inside a number stays what it is."""
_ACTED_UPON = re.compile(r"([:@])|(www)(?=\.)", re.IGNORECASE)


def escaped(text: object) -> str:
    """Return text fit for an element or a quoted attribute of HTML."""
    return html.escape(str(text), quote=True)


def refusal(error: object) -> str:
    """Return what an error says, on one line of Markdown, files named from the folder that this server serves on.

    Where that folder lies is for those who run the server; whoever looks at a page only needs to know which file.
    """
    return plain(within(str(error)))


def within(words: str) -> str:
    """Return words with the paths below the served folder named from there on, and the folder itself by its name."""
    served = Path(os.environ.get(FOLDER_VARIABLE, "workspaces")).resolve()
    if served == Path(served.anchor):
        return words
    return re.sub(
        rf"(?<![\w./-]){re.escape(str(served))}(?![\w.-]*[\w-])(/)?",
        lambda found: "" if found[1] else served.name,
        words,
    )


def plain(text: object) -> str:
    """Return text, on one line, that Streamlit's Markdown shows as it is: no formatting, link, icon or formula."""
    flat = _SPACES.sub(" ", str(text)).strip()
    broken = _ACTED_UPON.sub(lambda found: f"{found.group(0)}{WORD_JOINER}", flat)
    return _PUNCTUATION.sub(r"\\\1", broken)


def hint(shown: str, told: str | None) -> str:
    """Return HTML: text with a longer form on hover and for screen readers. Both are escaped here."""
    if not told:
        return escaped(shown)
    return f'<span title="{escaped(told)}" class="lg-hint">{escaped(shown)}</span>'


def missing(reason: str | None) -> str:
    """Return HTML: the dash of a figure that is not there, with its reason on hover, in sight where nothing hovers."""
    return hint(DASH, reason or "undefined").replace("lg-hint", "lg-hint lg-why")


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
