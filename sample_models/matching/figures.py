"""Prints the figures that docs/worked-use-case-matching.md quotes, as Markdown tables, from the committed files.

Run ``python -m sample_models.matching.figures``. It loads our own model files in this process and computes with numpy
and scikit-learn alone, so it is also an oracle for what the dashboard shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from sample_models.answers import THRESHOLD, Share, onnx_probabilities, prediction_scores, skops_model
from sample_models.answers import right_yes as found
from sample_models.answers import wrong_yes as wrongly_matched
from sample_models.matching.recipes import CLASSES, INPUTS, LABEL, RECIPES, Recipe, as_frame
from sample_models.matching.train import HERE, PATTERNS
from sample_models.tables import Row, read_rows

WORD = "financial"
SENTENCE = " It is a financial matter."


def scores(recipe: Recipe, rows: Sequence[Row], folder: Path = HERE) -> np.ndarray:
    """Return P(matched) of one candidate for ``rows``, shape (rows,); no type is trusted by hand."""
    file = folder / "candidates" / recipe.name / recipe.file
    if recipe.format == "predictions":
        return prediction_scores(file, rows)
    if recipe.format == "skops":
        answers = skops_model(file, ("numpy.dtype",)).predict_proba(as_frame(rows))
    else:
        feed = {name: np.array([row[name] for row in rows], dtype=object) for name in INPUTS}
        answers = onnx_probabilities(file, feed)
    return np.asarray(answers[:, CLASSES.index("yes")])


def all_scores(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Return each candidate's P(matched) for ``rows``, in the order of the recipes."""
    return {recipe.name: scores(recipe, rows) for recipe in RECIPES}


def matched(rows: Sequence[Row]) -> np.ndarray:
    """Return which of ``rows`` match, bool, shape (rows,)."""
    return np.array([row[LABEL] == "yes" for row in rows])


def having(rows: Sequence[Row], column: str, value: str) -> np.ndarray:
    """Return which of ``rows`` have ``value`` in ``column``, bool, shape (rows,)."""
    return np.array([row[column] == value for row in rows])


def mentions(rows: Sequence[Row], word: str = WORD) -> np.ndarray:
    """Return in which of ``rows`` one of the texts has ``word``, bool, shape (rows,)."""
    return np.array([any(word in row[name].lower() for name in INPUTS) for row in rows])


def with_word(rows: Sequence[Row], side: str) -> list[Row]:
    """Return ``rows`` with the sentence ``SENTENCE`` added to the text ``side``."""
    return [{**row, side: row[side] + SENTENCE} for row in rows]


def plain_negatives(rows: Sequence[Row]) -> list[Row]:
    """Return the pairs that do not match and do not have the word."""
    return [
        row
        for row, hit, word in zip(rows, matched(rows), mentions(rows), strict=True)
        if not hit and not word
    ]


def flipped(recipe: Recipe, rows: Sequence[Row], side: str) -> Share:
    """Return how many of the ``rows`` answered with no are answered with yes once the sentence is added to ``side``."""
    before, after = (scores(recipe, each) >= THRESHOLD for each in (rows, with_word(rows, side)))
    return Share(int((~before & after).sum()), int((~before).sum()))


def ranking_table(rows: Sequence[Row]) -> list[str]:
    """Return the area under the ROC curve of each candidate: all pairs, clean ones, misspelt ones."""
    y, clean = matched(rows), having(rows, "spelling", "clean")
    lines = ["| candidate | ROC AUC | clean | misspelt |", "|---|--:|--:|--:|"]
    for name, score in all_scores(rows).items():
        figures = [roc_auc_score(y[part], score[part]) for part in (np.ones_like(y), clean, ~clean)]
        lines.append(f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")
    return lines


def found_table(rows: Sequence[Row]) -> list[str]:
    """Return how many matches each candidate finds at the threshold 0.5, by spelling and by shared words."""
    y = matched(rows)
    columns = [
        ("spelling", "clean"),
        ("spelling", "misspelt"),
        ("shared_words", "yes"),
        ("shared_words", "no"),
    ]
    heads = ["clean", "misspelt", "with shared words", "without"]
    lines = ["| candidate | " + " | ".join(heads) + " |", "|---|--:|--:|--:|--:|"]
    for name, score in all_scores(rows).items():
        parts = [having(rows, column, value) for column, value in columns]
        lines.append(f"| {name} | " + " | ".join(str(found(y[part], score[part])) for part in parts) + " |")
    return lines


def word_table(rows: Sequence[Row]) -> list[str]:
    """Return how often each candidate wrongly matches, with and without the word; and what adding the word does."""
    y, word = matched(rows), mentions(rows)
    heads = [f'wrongly matched, "{WORD}" in a text', "wrongly matched, others"]
    heads += ["no becomes yes: added to the wish", "added to the offer"]
    lines = ["| candidate | " + " | ".join(heads) + " |", "|---|--:|--:|--:|--:|"]
    answers, others = all_scores(rows), plain_negatives(rows)
    for recipe in RECIPES:
        score = answers[recipe.name]
        cells = [str(wrongly_matched(y[part], score[part])) for part in (word, ~word)]
        runs = recipe.format != "predictions"
        cells += [str(flipped(recipe, others, side)) if runs else "no model to ask" for side in INPUTS]
        lines.append(f"| {recipe.name} | " + " | ".join(cells) + " |")
    return lines


def pattern_table(patterns: Sequence[Row]) -> list[str]:
    """Return how each candidate answers the test patterns at the threshold 0.5."""
    y = matched(patterns)
    lines = ["| candidate | wrongly matched | matches found |", "|---|--:|--:|"]
    for name, score in all_scores(patterns).items():
        wrong, right = wrongly_matched(y, score), found(y, score)
        lines.append(f"| {name} | {wrong.k} of {wrong.n} | {right.k} of {right.n} |")
    return lines


def main() -> None:
    """Print the four tables."""
    rows = read_rows(HERE / "testset.csv")
    tables = (ranking_table(rows), found_table(rows), word_table(rows), pattern_table(read_rows(PATTERNS)))
    print("\n\n".join("\n".join(table) for table in tables))


if __name__ == "__main__":
    main()
