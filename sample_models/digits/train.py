"""Trains the four digits candidates again, every file the same byte for byte.

Run ``python -m sample_models.digits.train`` to write the files in place, or with ``--out DIR`` elsewhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import zlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_info, threadpool_limits

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
from sample_models.mortgage.archive import skops_bytes

HERE = Path(__file__).parent
CODE = ("pictures.py", "recipes.py", "train.py", "../mortgage/archive.py")
TRAINED_ON = "2026-11-21"
TRAINED_BY = "sample_models.digits.train"
OPSETS = {"": 17, "ai.onnx.ml": 3}
LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops", "onnx", "skl2onnx")


def sha256(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as "sha256:" and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def code_hash() -> str:
    """Return the SHA-256 of the source files one after another, in the order of ``CODE``."""
    return sha256(b"".join((HERE / name).read_bytes() for name in CODE))


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
    opsets = sorted(
        graph.opset_import, key=lambda each: str(each.domain)
    )  # skl2onnx leaves their order to chance
    del graph.opset_import[:]
    graph.opset_import.extend(opsets)
    onnx.checker.check_model(graph)
    return bytes(graph.SerializeToString(deterministic=True))


def manifest_text(recipe: Recipe, data_hash: str) -> str:
    """Return the recipe's candidate.toml."""
    fields: dict[str, str | Sequence[str]] = {
        "name": recipe.name,
        "format": recipe.format,
        "file": recipe.file,
        "description": recipe.description,
        "inputs": INPUTS,
        "classes": CLASSES,
        "trained_on": TRAINED_ON,
        "trained_by": TRAINED_BY,
        "data_hash": data_hash,
        "code_commit": code_hash(),
        "change": recipe.change,
    }
    if recipe.parent:
        fields["parent"] = recipe.parent
    lines = [
        f"{key} = {json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)}"
        for key, value in fields.items()
    ]
    return "\n".join(lines) + "\n"


def built_with() -> dict[str, str]:
    """Return what may change the bytes of a fitted model: libraries, zlib, kind of machine, BLAS kernel."""
    kernels = sorted({str(pool["architecture"]) for pool in threadpool_info() if "architecture" in pool})
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "machine": f"{platform.system()} {platform.machine()}",
        "blas": " ".join(kernels),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{library: version(library) for library in LIBRARIES},
    }


def write_all(out: Path) -> None:
    """Write both training tables, the test set and the patterns with their images, candidates/ and built_with.json."""
    out.mkdir(parents=True, exist_ok=True)
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
        folder = out / "candidates" / recipe.name
        folder.mkdir(parents=True, exist_ok=True)
        content = onnx_bytes(model, recipe.name) if recipe.format == "onnx" else skops_bytes(model)
        (folder / recipe.file).write_bytes(content)
        (folder / "candidate.toml").write_text(
            manifest_text(recipe, hashes[recipe.images]), encoding="utf-8", newline="\n"
        )
        print(f"{recipe.name}: {recipe.file}, {len(content):,} bytes", file=sys.stderr)
    (out / "built_with.json").write_text(
        json.dumps(built_with(), indent=2) + "\n", encoding="utf-8", newline="\n"
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Train the digits candidates again from their fixed seeds.")
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder to write into (default: where they are kept)"
    )
    with threadpool_limits(limits=1):
        write_all(parser.parse_args().out)


if __name__ == "__main__":
    main()
