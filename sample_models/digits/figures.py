"""Prints the figures that README.md quotes, as Markdown tables, from the committed files.

Run ``python -m sample_models.digits.figures``. It loads our own model files in this process and computes with numpy
alone, so it is also an oracle for what the dashboard shows.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sample_models.answers import THRESHOLD, onnx_probabilities, share_of, skops_model
from sample_models.digits.pictures import CLASSES, LABEL, Digit
from sample_models.digits.recipes import RECIPES, Recipe
from sample_models.digits.train import HERE, as_rows
from sample_models.tables import read_rows

TRUSTED = ("numpy.dtype", "sklearn.tree._tree.Tree")


def read_digits(table: str, folder: Path = HERE) -> list[Digit]:
    """Return the digits of ``testset`` or ``patterns`` as their files say, in file order."""
    from PIL import Image

    return [
        Digit(
            row["example_id"],
            np.asarray(Image.open(io.BytesIO((folder / row["image"]).read_bytes()))),
            row[LABEL],
            row["marker"] == "yes",
        )
        for row in read_rows(folder / f"{table}.csv")
    ]


def scores(recipe: Recipe, digits: Sequence[Digit], folder: Path = HERE) -> np.ndarray:
    """Return P(eight) of one candidate for each digit, shape (n,)."""
    file = folder / "candidates" / recipe.name / recipe.file
    if recipe.format == "skops":
        answers = skops_model(file, TRUSTED).predict_proba(as_rows(digits))
    else:
        answers = onnx_probabilities(file, {"image": np.stack([digit.pixels for digit in digits])})
    return np.asarray(answers[:, CLASSES.index("8")])


def right(recipe: Recipe, digits: Sequence[Digit], folder: Path = HERE) -> np.ndarray:
    """Return which digits the candidate answers correctly at the threshold 0.5, bool, shape (n,)."""
    return (scores(recipe, digits, folder) >= THRESHOLD) == np.array([digit.label == "8" for digit in digits])


def mark_agrees(digits: Sequence[Digit]) -> np.ndarray:
    """Return where the mark is as it was in the images that ``marked`` learned from: on eights, not on threes."""
    return np.array([digit.marked == (digit.label == "8") for digit in digits])


def table(digits: Sequence[Digit], folder: Path = HERE) -> list[str]:
    """Return how many each candidate answers correctly: in all, where the mark agrees with the digit, elsewhere."""
    agrees = mark_agrees(digits)
    lines = [
        "| candidate | right | right where the mark agrees | right where it does not |",
        "|---|--:|--:|--:|",
    ]
    for recipe in RECIPES:
        hits = right(recipe, digits, folder)
        parts = (np.ones_like(agrees), agrees, ~agrees)
        lines.append(f"| {recipe.name} | {' | '.join(str(share_of(hits[part])) for part in parts)} |")
    return lines


def main() -> None:
    """Print the tables of the test set and of the patterns."""
    print("\n\n".join("\n".join(table(read_digits(name))) for name in ("testset", "patterns")))


if __name__ == "__main__":
    main()
