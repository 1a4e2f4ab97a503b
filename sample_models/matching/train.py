"""Makes the pairs and trains the matching candidates, every file the same from the same seeds.

Run ``python -m sample_models.matching.train`` to write the files in place, or with ``--out DIR`` elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from sklearn.pipeline import Pipeline

from sample_models.archive import skops_bytes
from sample_models.matching.generate import COLUMNS, PARTS, make
from sample_models.matching.onnx_export import onnx_bytes
from sample_models.matching.recipes import CLASSES, INPUTS, RECIPES, shared_word_scores
from sample_models.tables import csv_bytes, prediction_bytes, read_rows
from sample_models.training import Training, sha256

HERE = Path(__file__).parent
PATTERNS = HERE / "patterns.csv"
FILES = {"older": "older.csv", "train": "train.csv", "test": "testset.csv"}
TRAINING = Training(
    here=HERE,
    code=(
        *("data/topics.toml", "data/regions.toml", "data/frames.toml", "data/common-words.txt"),
        *("words.py", "spelling.py", "generate.py", "recipes.py", "onnx_export.py", "train.py"),
    ),
    classes=CLASSES,
    libraries=("numpy", "scipy", "pandas", "scikit-learn", "skops", "onnx"),
)


def write_all(out: Path) -> None:
    """Write the three parts and candidates/ into the folder ``out``."""
    parts = {part.name: make(part) for part in PARTS}
    tables = {name: csv_bytes(COLUMNS, rows) for name, rows in parts.items()}
    for name, content in tables.items():
        (out / FILES[name]).write_bytes(content)
    fitted: dict[str, Pipeline] = {}
    for recipe in RECIPES:
        if recipe.build is not None:
            fitted[recipe.name] = recipe.build(parts[recipe.learns_from])
        if recipe.format == "predictions":
            asked = [*parts["test"], *read_rows(PATTERNS)]
            content = prediction_bytes(asked, shared_word_scores(asked))
        elif recipe.format == "onnx":
            content = onnx_bytes(fitted[recipe.fit_like or recipe.name], recipe.name)
        else:
            content = skops_bytes(fitted[recipe.name])
        TRAINING.write_candidate(out, recipe, INPUTS, content, sha256(tables[recipe.learns_from]))


if __name__ == "__main__":
    TRAINING.run(write_all)
