"""Where the examples of a file come from, in plain words: their origin, their source, and why they are brought in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components.views.import_wizard.draft import Draft

ORIGIN_WORDS = {
    "sample": "Drawn from real use",
    "pattern": "Written to describe a problem",
}
_CAPTIONS = (
    "They speak for how often things happen, what they cost and whether it is fair.",
    "Test patterns: counted apart, they never bias a figure about real use.",
)


@dataclass(frozen=True)
class Provenance:
    """What is recorded of where examples come from. ``source`` "" stands for the file's name."""

    origin: str = "sample"
    source: str = ""
    note: str = ""

    @classmethod
    def of(cls, draft: Draft) -> Provenance:
        """Return what was given in this draft."""
        given = draft.given
        return cls(
            given.get("origin", "sample"),
            (given.get("source") or "").strip(),
            (given.get("note") or "").strip(),
        )


def choose_provenance(draft: Draft, unit: str) -> None:
    """Draw the three fields; what is given stays in the draft."""
    key = draft.prepare("origin", "sample", list(ORIGIN_WORDS))
    draft.given["origin"] = st.radio(
        "The new examples were",
        list(ORIGIN_WORDS),
        format_func=lambda origin: ORIGIN_WORDS[origin],
        captions=_CAPTIONS,
        key=key,
        help="A column @origin in the file goes before this. An example that is there keeps its origin.",
    )
    left, right = st.columns(2)
    with left:
        draft.ask(
            "source",
            "Where they come from",
            max_chars=200,
            placeholder="The file's name, when left empty",
            help=f"Kept with every new {unit}.",
        )
    with right:
        draft.ask("note", "Why they are brought in", max_chars=500, placeholder="For the history")
