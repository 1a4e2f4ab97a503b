"""The mistakes at a threshold in a sentence, of 1,000. Knows nothing of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookingglass.charts import AnswerWords
from lookingglass.thresholds import per_thousand
from lookingglass.wording import plural

if TYPE_CHECKING:
    from lookingglass.metrics.counts import Counts


def confusion_sentence(counts: Counts, words: AnswerWords, at: str) -> str:
    """Return the answer in a sentence: ``At 0.37 we wrongly refuse ...`` with the workspace's own words."""
    scaled = per_thousand(counts)
    if scaled is None:
        return f"There are no labelled {plural(words.unit)} to count."
    return (
        f"At {at}, of 1,000 {plural(words.unit)} {scaled['fp']} are wrongly {words.positive} "
        f"and {scaled['fn']} wrongly {words.negative}."
    )
