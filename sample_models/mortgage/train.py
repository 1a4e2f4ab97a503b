"""Trains the six mortgage candidates again from the source table, every file the same from the same seeds.

Run ``python -m sample_models.mortgage.train`` to write the files in place, or with ``--out DIR`` elsewhere.
Candidates are fitted on the train part alone.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import platform
import sys
import zlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_info, threadpool_limits

from sample_models.mortgage.archive import skops_bytes
from sample_models.mortgage.recipes import CATEGORIES, CLASSES, LABEL, NUMBERS, RECIPES, Recipe
from sample_models.mortgage.split import ID_COLUMN, Row, draw, read_applications, write_rows

HERE = Path(__file__).parent
PATTERNS = HERE / "patterns.csv"
CODE = ("split.py", "recipes.py", "archive.py", "train.py")
TRAINED_ON = "2026-11-21"
TRAINED_BY = "sample_models.mortgage.train"
OPSETS = {"": 17, "ai.onnx.ml": 3}
LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "skops", "onnx", "skl2onnx")


def sha256(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as "sha256:" and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def code_hash() -> str:
    """Return the SHA-256 of the four source files one after another, in the order of ``CODE``."""
    return sha256(b"".join((HERE / name).read_bytes() for name in CODE))


def read_rows(path: Path) -> list[Row]:
    """Read a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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
    return bytes(graph.SerializeToString(deterministic=True))


def prediction_bytes(model: Pipeline, inputs: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Return a predictions file: the probability of "yes" for each of ``rows``, three decimals."""
    scores = model.predict_proba(as_frame(rows, inputs))[:, CLASSES.index("yes")]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([ID_COLUMN, "score"])
    writer.writerows([row[ID_COLUMN], f"{score:.3f}"] for row, score in zip(rows, scores, strict=True))
    return out.getvalue().encode()


def manifest_text(recipe: Recipe, data_hash: str) -> str:
    """Return the recipe's candidate.toml."""
    fields: dict[str, str | Sequence[str]] = {
        "name": recipe.name,
        "format": recipe.format,
        "file": recipe.file,
        "description": recipe.description,
        "inputs": recipe.inputs,
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
    """Write train.csv, testset.csv, candidates/ and built_with.json into the folder ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    split = draw(read_applications())
    write_rows(out / "train.csv", split.columns, split.train)
    write_rows(out / "testset.csv", split.columns, split.test)
    data_hash = sha256((out / "train.csv").read_bytes())
    fitted: dict[str, Pipeline] = {}
    for recipe in RECIPES:
        source = recipe.fit_like or recipe.name
        model = fitted[source] if source in fitted else fit(recipe, split.train)
        fitted[recipe.name] = model
        folder = out / "candidates" / recipe.name
        folder.mkdir(parents=True, exist_ok=True)
        if recipe.format == "onnx":
            content = onnx_bytes(model, recipe.inputs, recipe.name)
        elif recipe.format == "predictions":
            content = prediction_bytes(model, recipe.inputs, [*split.test, *read_rows(PATTERNS)])
        else:
            content = skops_bytes(model)
        (folder / recipe.file).write_bytes(content)
        (folder / "candidate.toml").write_text(
            manifest_text(recipe, data_hash), encoding="utf-8", newline="\n"
        )
        print(f"{recipe.name}: {recipe.file}, {len(content):,} bytes", file=sys.stderr)
    (out / "built_with.json").write_text(
        json.dumps(built_with(), indent=2) + "\n", encoding="utf-8", newline="\n"
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description="Train the mortgage candidates again from their fixed seeds."
    )
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder to write into (default: where they are kept)"
    )
    with threadpool_limits(limits=1):
        write_all(parser.parse_args().out)


if __name__ == "__main__":
    main()
