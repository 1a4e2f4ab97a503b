"""Makes the pairs and trains the matching candidates, every file the same from the same seeds.

Run ``python -m sample_models.matching.train`` to write the files in place, or with ``--out DIR`` elsewhere.
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

from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_info, threadpool_limits

from sample_models.matching.generate import ID_COLUMN, PARTS, Row, csv_bytes, make
from sample_models.matching.onnx_export import onnx_bytes
from sample_models.matching.recipes import CLASSES, INPUTS, RECIPES, Recipe, shared_word_scores
from sample_models.mortgage.archive import skops_bytes

HERE = Path(__file__).parent
PATTERNS = HERE / "patterns.csv"
FILES = {"older": "older.csv", "train": "train.csv", "test": "testset.csv"}
CODE = (
    *(
        "data/topics.toml",
        "data/regions.toml",
        "data/frames.toml",
        "data/common-words.txt",
        "words.py",
        "spelling.py",
        "generate.py",
    ),
    *("recipes.py", "onnx_export.py", "../mortgage/archive.py", "train.py"),
)
TRAINED_ON = "2026-11-21"
TRAINED_BY = "sample_models.matching.train"
LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "skops", "onnx")


def sha256(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as "sha256:" and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def code_hash() -> str:
    """Return the SHA-256 of the tables and source files one after another, in the order of ``CODE``."""
    return sha256(b"".join((HERE / name).read_bytes() for name in CODE))


def read_rows(path: Path) -> list[Row]:
    """Read a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def prediction_bytes(rows: Sequence[Row]) -> bytes:
    """Return the rule's predictions file: its score for each of ``rows``, three decimals."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([ID_COLUMN, "score"])
    scores = shared_word_scores(rows)
    writer.writerows([row[ID_COLUMN], f"{score:.3f}"] for row, score in zip(rows, scores, strict=True))
    return out.getvalue().encode()


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
    """Write the three parts, candidates/ and built_with.json into the folder ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    parts = {part.name: make(part) for part in PARTS}
    for name, rows in parts.items():
        (out / FILES[name]).write_bytes(csv_bytes(rows))
    fitted: dict[str, Pipeline] = {}
    for recipe in RECIPES:
        folder = out / "candidates" / recipe.name
        folder.mkdir(parents=True, exist_ok=True)
        if recipe.build is not None:
            fitted[recipe.name] = recipe.build(parts[recipe.learns_from])
        if recipe.format == "predictions":
            content = prediction_bytes([*parts["test"], *read_rows(PATTERNS)])
        elif recipe.format == "onnx":
            content = onnx_bytes(fitted[recipe.fit_like or recipe.name], recipe.name)
        else:
            content = skops_bytes(fitted[recipe.name])
        (folder / recipe.file).write_bytes(content)
        data_hash = sha256((out / FILES[recipe.learns_from]).read_bytes())
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
        description="Train the matching candidates again from their fixed seeds."
    )
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder to write into (default: where they are kept)"
    )
    with threadpool_limits(limits=1):
        write_all(parser.parse_args().out)


if __name__ == "__main__":
    main()
