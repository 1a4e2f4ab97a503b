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


def asked_sentence(
    yes: Counts, reached: Counts, words: AnswerWords, low: str, high: str, prevalence: float | None = None
) -> str:
    """Return who is asked about and who is wrongly answered without asking, of 1,000.

    Args:
        yes: counts at the upper threshold ``high``. ``reached``: counts at the lower one, ``low``.
        prevalence: as in ``confusion_sentence``.
    """
    upper, lower = (per_thousand(counts, prevalence=prevalence) for counts in (yes, reached))
    if upper is None or lower is None:
        return f"There are no labelled {plural(words.unit)} to count."
    asked = 1000 - upper["tp"] - upper["fp"] - lower["tn"] - lower["fn"]
    said_yes, said_no = called(words.positive), called(words.negative)
    to = "up" if high == threshold_text(None) else f"to {high}"
    return (
        f"From {low} {to}, of 1,000 {plural(words.unit)} a person decides {asked}; of the others {upper['fp']} "
        f"{'is' if upper['fp'] == 1 else 'are'} wrongly {said_yes} and {lower['fn']} wrongly {said_no}."
    )
