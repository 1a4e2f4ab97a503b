"""The four counts at a threshold in plain words, of 1,000 and as counted. Knows nothing of pages or charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.formatting import escaped
from components.views.style import style
from lookingglass.charts import AnswerWords
from lookingglass.thresholds import per_thousand
from lookingglass.wording import plural

if TYPE_CHECKING:
    from lookingglass.metrics.counts import Counts

_CELLS = (
    ("fp", "wrongly", True, "false positives"),
    ("fn", "wrongly", False, "false negatives"),
    ("tp", "rightly", True, "true positives"),
    ("tn", "rightly", False, "true negatives"),
)


def confusion_in_words(counts: Counts, words: AnswerWords) -> None:
    """Draw the four counts, the mistakes first: of 1,000, in the workspace's names, with the term and the count."""
    style()
    st.html(confusion_html(counts, words))


def confusion_html(counts: Counts, words: AnswerWords) -> str:
    """Return the four counts as an HTML list of terms and values, everything escaped."""
    scaled = per_thousand(counts)
    if scaled is None:
        return f'<div class="lg lg-quiet">There are no labelled {escaped(plural(words.unit))} to count.</div>'
    items = []
    for cell, how, positive, term in _CELLS:
        name = words.positive if positive else words.negative
        items.append(
            f"<div><dt>{escaped(f'{how} {name}')} <span class='lg-quiet lg-small'>({term})</span></dt>"
            f"<dd><b>{scaled[cell]}</b> of 1,000 {escaped(plural(words.unit))}"
            f"<span class='lg-range'>{getattr(counts, cell):,} of {counts.n:,} counted</span></dd></div>"
        )
    return f'<div class="lg"><dl class="lg-counts">{"".join(items)}</dl></div>'


def confusion_sentence(counts: Counts, words: AnswerWords, at: str) -> str:
    """Return the answer in a sentence: ``At 0.37 we wrongly refuse ...`` with the workspace's own words."""
    scaled = per_thousand(counts)
    if scaled is None:
        return f"There are no labelled {plural(words.unit)} to count."
    return (
        f"At {at}, of 1,000 {plural(words.unit)} {scaled['fp']} are wrongly {words.positive} "
        f"and {scaled['fn']} wrongly {words.negative}."
    )
