"""What is said of an explanation in sentences, on pages and in files alike: the answer, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable

from lookingglass.config import Task
from lookingglass.explanations.result import Explanation
from lookingglass.wording import called, chosen_text, number

REGIONS_CAPTION = "Blue regions push the score up, orange ones down."


def answer_sentence(task: Task, score: float, threshold: float | None, label: str | None) -> str:
    """Say what a score answers at a threshold, None for one that answers nobody, and whether that is the label."""
    yes = threshold is not None and score >= threshold
    answer = called(task.positive_name if yes else task.negative_name)
    said = f"Score {number(score)}, {answer} at the threshold {chosen_text(threshold)}"
    if label is None:
        return f"{said}. It has no label."
    right = yes == (label == task.positive)
    should = task.positive_name if label == task.positive else task.negative_name
    return f"{said}: {'right' if right else 'wrong'}, the label is {should}."


def note_sentence(note: str, columns: Iterable[str]) -> str:
    """Return a note as a sentence; the name of a column that it begins with stays as it is written."""
    return note if note.startswith(tuple(columns)) else note[:1].upper() + note[1:]


def trust_sentence(told: Explanation) -> str:
    """Say how well the local model fits, and whether other seeds give the same reasons."""
    parts = [
        "Numbers are points of the score that the word, value or region adds, as LIME's local model has it"
    ]
    if told.local_prediction is not None and told.r2 is not None:
        parts.append(
            f"that model says {number(told.local_prediction)} here and fits with an R2 of {told.r2:.2f}"
        )
    if told.stability is not None:
        parts.append(
            f"{told.stability.repeats} runs with other seeds share {told.stability.vsi:.0f} % of their strongest "
            f"{told.stability.top_k} (VSI)"
        )
    each = " in each run" if told.stability is not None else ""
    parts.append(f"{told.samples:,} variations{each}, {told.distinct:,} different ones asked in all")
    return f"{'; '.join(parts)}."
