"""The mistakes at a threshold in a sentence, of 1,000. Knows nothing of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookingglass.charts import AnswerWords
from lookingglass.thresholds import per_thousand
from lookingglass.wording import called, plural, threshold_text

if TYPE_CHECKING:
    from lookingglass.metrics.counts import Counts


def confusion_sentence(counts: Counts, words: AnswerWords, at: str, prevalence: float | None = None) -> str:
    """Return the mistakes at a threshold in a sentence, with the workspace's own words.

    Args:
        at: the threshold as text; "answer nobody" reads ``With none denied, of 1,000 ...``.
        prevalence: share of positives in real use, None for that of the samples.
    """
    scaled = per_thousand(counts, prevalence=prevalence)
    if scaled is None:
        return f"There are no labelled {plural(words.unit)} to count."
    yes, no = called(words.positive), called(words.negative)
    where = f"With none {yes}" if at == threshold_text(None) else f"At {at}"
    return (
        f"{where}, of 1,000 {plural(words.unit)} {scaled['fp']} {'is' if scaled['fp'] == 1 else 'are'} wrongly {yes} "
        f"and {scaled['fn']} wrongly {no}."
    )
