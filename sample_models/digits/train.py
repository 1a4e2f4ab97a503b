"""Trains the four digits candidates again, every file the same byte for byte.

Run ``python -m sample_models.digits.train`` to write the files in place, or with ``--out DIR`` elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.pipeline import Pipeline

from sample_models.archive import onnx_file, skops_bytes
from sample_models.digits.pictures import (
    CLASSES,
    Digit,
    as_address,
    draw,
    marked_by_chance,
    marked_by_class,
    pattern_pairs,
    read_digits,
    write_pictures,
    write_table,
)
from sample_models.digits.recipes import INPUTS, RECIPES, Recipe
from sample_models.training import Training, sha256

HERE = Path(__file__).parent
OPSETS = {"": 17, "ai.onnx.ml": 3}
TRAINING = Training(
    here=HERE,
    code=("pictures.py", "recipes.py", "train.py"),
    classes=CLASSES,
    libraries=("numpy", "scipy", "scikit-learn", "skops", "onnx", "skl2onnx"),
)


def as_rows(digits: Sequence[Digit]) -> np.ndarray:
    """Return the images as models receive them here: uint8, one row of 64 numbers an image."""
    return np.stack([digit.pixels for digit in digits]).reshape(len(digits), -1)


def fit(recipe: Recipe, digits: Sequence[Digit]) -> Pipeline:
    """Fit the recipe's estimator. Raises ValueError when it has none of its own."""
    if recipe.build is None:
        raise ValueError(f"{recipe.name} is an export of {recipe.fit_like}: fit that one")
    return recipe.build().fit(as_rows(digits), [digit.label for digit in digits])


def onnx_bytes(model: Pipeline, name: str) -> bytes:
    """Return ``model`` as ONNX with one input ``image``, uint8 (rows, 8, 8); it makes each a row of numbers itself.

    Outputs are ``label`` and ``probabilities``, the latter float32 of shape (rows, 2).
    """
    import onnx
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    graph = convert_sklearn(
        model,
        name,
        [("pixels", FloatTensorType([None, 64]))],
        target_opset=OPSETS,
        options={id(model): {"zipmap": False}},
    )
    image = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, [None, 8, 8])
    graph.graph.input[0].CopyFrom(image)
    graph.graph.initializer.append(onnx.numpy_helper.from_array(np.array([-1, 64], np.int64), "one_row"))
    cast = onnx.helper.make_node("Cast", ["image"], ["numbers"], name="as_numbers", to=onnx.TensorProto.FLOAT)
    reshape = onnx.helper.make_node("Reshape", ["numbers", "one_row"], ["pixels"], name="as_one_row")
    for at, node in enumerate((cast, reshape)):
        graph.graph.node.insert(at, node)
    return onnx_file(graph)


def write_all(out: Path) -> None:
    """Write both training tables, the test set and the patterns with their images, and candidates/."""
    parts = draw(read_digits())
    train = {"clean": parts.train, "marked": marked_by_class(parts.train, "8")}
    hashes = {}
    for name, digits in train.items():
        path = out / f"train-{name}.csv"
        write_table(path, digits, as_address)
        hashes[name] = sha256(path.read_bytes())
    for name, digits in (
        ("testset", marked_by_chance(parts.test)),
        ("patterns", pattern_pairs(parts.patterns)),
    ):
        write_table(out / f"{name}.csv", digits, write_pictures(out / f"{name}-images", digits))
    fitted: dict[str, Pipeline] = {}
    for recipe in RECIPES:
        source = recipe.fit_like or recipe.name
        model = fitted[source] if source in fitted else fit(recipe, train[recipe.images])
        fitted[recipe.name] = model
        content = onnx_bytes(model, recipe.name) if recipe.format == "onnx" else skops_bytes(model)
        TRAINING.write_candidate(out, recipe, INPUTS, content, hashes[recipe.images])


if __name__ == "__main__":
    TRAINING.run(write_all)
