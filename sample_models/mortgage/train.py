"""Trains the six mortgage candidates again from the source table, every file the same from the same seeds.

Run ``python -m sample_models.mortgage.train`` to write the files in place, or with ``--out DIR`` elsewhere.
Candidates are fitted on the train part alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from sklearn.pipeline import Pipeline

from sample_models.archive import onnx_file, skops_bytes
from sample_models.mortgage.recipes import CATEGORIES, CLASSES, LABEL, NUMBERS, RECIPES, Recipe
from sample_models.mortgage.split import draw, read_applications
from sample_models.tables import Row, csv_bytes, prediction_bytes, read_rows
from sample_models.training import Training, sha256

HERE = Path(__file__).parent
PATTERNS = HERE / "patterns.csv"
OPSETS = {"": 17, "ai.onnx.ml": 3}
TRAINING = Training(
    here=HERE,
    code=("split.py", "recipes.py", "train.py"),
    classes=CLASSES,
    libraries=("numpy", "scipy", "pandas", "scikit-learn", "skops", "onnx", "skl2onnx"),
)


def as_frame(rows: Sequence[Row], inputs: Sequence[str]) -> pd.DataFrame:
    """Return the columns ``inputs`` of ``rows`` as models receive them.

    Numbers are float64 (missing: NaN), answers are text (missing: None).
    """
    columns = {
        name: pd.Series([float(row[name] or "nan") for row in rows], dtype="float64")
        if name in NUMBERS
        else pd.Series([row[name] or None for row in rows], dtype=object)
        for name in inputs
    }
    return pd.DataFrame(columns)


def fit(recipe: Recipe, train: Sequence[Row]) -> Pipeline:
    """Fit the recipe's estimator on the train part.

    Raises:
        ValueError: the recipe has no estimator of its own.
    """
    if recipe.build is None:
        raise ValueError(f"{recipe.name} is an export of {recipe.fit_like}: fit that one")
    return recipe.build(recipe.inputs).fit(as_frame(train, recipe.inputs), [row[LABEL] for row in train])


def onnx_bytes(model: Pipeline, inputs: Sequence[str], name: str) -> bytes:
    """Return ``model`` as ONNX: one named (rows, 1) input a column, 32-bit numbers or text.

    Outputs are ``label`` and ``probabilities``, the latter float32 of shape (rows, 2).
    """
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    columns = [
        (column, StringTensorType([None, 1]) if column in CATEGORIES else FloatTensorType([None, 1]))
        for column in inputs
    ]
    graph = convert_sklearn(model, name, columns, target_opset=OPSETS, options={id(model): {"zipmap": False}})
    return onnx_file(graph)


def probabilities(model: Pipeline, inputs: Sequence[str], rows: Sequence[Row]) -> Sequence[float]:
    """Return the probability of "yes" for each of ``rows``."""
    return list(model.predict_proba(as_frame(rows, inputs))[:, CLASSES.index("yes")])


def write_all(out: Path) -> None:
    """Write train.csv, testset.csv and candidates/ into the folder ``out``."""
    split = draw(read_applications())
    train, test = (csv_bytes(split.columns, rows) for rows in (split.train, split.test))
    (out / "train.csv").write_bytes(train)
    (out / "testset.csv").write_bytes(test)
    fitted: dict[str, Pipeline] = {}
    for recipe in RECIPES:
        source = recipe.fit_like or recipe.name
        model = fitted[source] if source in fitted else fit(recipe, split.train)
        fitted[recipe.name] = model
        if recipe.format == "onnx":
            content = onnx_bytes(model, recipe.inputs, recipe.name)
        elif recipe.format == "predictions":
            asked = [*split.test, *read_rows(PATTERNS)]
            content = prediction_bytes(asked, probabilities(model, recipe.inputs, asked))
        else:
            content = skops_bytes(model)
        TRAINING.write_candidate(out, recipe, recipe.inputs, content, sha256(train))


if __name__ == "__main__":
    TRAINING.run(write_all)
