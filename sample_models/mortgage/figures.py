"""Prints the figures that docs/worked-use-case.md quotes, as Markdown tables, from the committed files.

Run ``python -m sample_models.mortgage.figures``. It loads our own model files in this process and computes
with numpy and scikit-learn alone, so it is also an oracle for what the dashboard shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from sample_models.answers import onnx_probabilities, prediction_scores, skops_model
from sample_models.answers import wrong_no as wrongly_approved
from sample_models.answers import wrong_yes as wrongly_denied
from sample_models.mortgage.recipes import CATEGORIES, CLASSES, LABEL, RECIPES, Recipe
from sample_models.mortgage.train import HERE, PATTERNS, as_frame
from sample_models.tables import Row, read_rows

TRUSTED = ("numpy.dtype", "sklearn.tree._tree.Tree")


def scores(recipe: Recipe, rows: Sequence[Row], folder: Path = HERE) -> np.ndarray:
    """Return P(denied) of one candidate for ``rows``, shape (rows,); in ONNX a missing answer is ""."""
    file = folder / "candidates" / recipe.name / recipe.file
    if recipe.format == "predictions":
        return prediction_scores(file, rows)
    if recipe.format == "skops":
        answers = skops_model(file, TRUSTED).predict_proba(as_frame(rows, recipe.inputs))
    else:
        feed = {
            name: np.array([[row[name]] for row in rows], dtype=object)
            if name in CATEGORIES
            else np.array([[float(row[name])] for row in rows], dtype=np.float32)
            for name in recipe.inputs
        }
        answers = onnx_probabilities(file, feed)
    return np.asarray(answers[:, CLASSES.index("yes")])


def all_scores(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Return each candidate's P(denied) for ``rows``, in the order of the recipes."""
    return {recipe.name: scores(recipe, rows) for recipe in RECIPES}


def denied(rows: Sequence[Row]) -> np.ndarray:
    """Return which of ``rows`` were denied, bool, shape (rows,)."""
    return np.array([row[LABEL] == "yes" for row in rows])


def ranking_table(rows: Sequence[Row]) -> list[str]:
    """Return the area under the ROC curve of each candidate: everyone, black applicants, the others."""
    y, black = denied(rows), np.array([row["black"] == "yes" for row in rows])
    lines = ["| candidate | ROC AUC | black applicants | other applicants |", "|---|--:|--:|--:|"]
    for name, score in all_scores(rows).items():
        figures = [roc_auc_score(y[part], score[part]) for part in (np.ones_like(y), black, ~black)]
        lines.append(f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")
    return lines


def error_table(rows: Sequence[Row]) -> list[str]:
    """Return wrong refusals and wrong approvals of each candidate at the threshold 0.5, by ``black``."""
    y, black = denied(rows), np.array([row["black"] == "yes" for row in rows])
    columns = [f"wrongly {what}, {who}" for what in ("denied", "approved") for who in ("black", "others")]
    lines = ["| candidate | " + " | ".join(columns) + " |", "|---|--:|--:|--:|--:|"]
    for name, score in all_scores(rows).items():
        cells = [
            rate(y[part], score[part])
            for rate in (wrongly_denied, wrongly_approved)
            for part in (black, ~black)
        ]
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
    return lines


def pattern_table(patterns: Sequence[Row]) -> list[str]:
    """Return how each candidate answers the test patterns at the threshold 0.5."""
    y = denied(patterns)
    lines = ["| candidate | wrongly denied | wrongly approved |", "|---|--:|--:|"]
    for name, score in all_scores(patterns).items():
        refused, approved = wrongly_denied(y, score), wrongly_approved(y, score)
        lines.append(f"| {name} | {refused.k} of {refused.n} | {approved.k} of {approved.n} |")
    return lines


def main() -> None:
    """Print the three tables."""
    rows = read_rows(HERE / "testset.csv")
    tables = (ranking_table(rows), error_table(rows), pattern_table(read_rows(PATTERNS)))
    print("\n\n".join("\n".join(table) for table in tables))


if __name__ == "__main__":
    main()
