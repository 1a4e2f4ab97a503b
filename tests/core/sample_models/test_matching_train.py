"""The train script reproduces every committed file of the matching use case, and does so the same way each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sample_models.matching import figures
from sample_models.matching.recipes import RECIPES, Recipe
from sample_models.matching.train import FILES, HERE, PATTERNS, read_rows

ROOT = HERE.parents[1]
MODELS = [f"candidates/{recipe.name}/{recipe.file}" for recipe in RECIPES]
MANIFESTS = [f"candidates/{recipe.name}/candidate.toml" for recipe in RECIPES]
SCORES = [f"candidates/{recipe.name}/{recipe.file}" for recipe in RECIPES if recipe.format == "predictions"]
TOLERANCE = {"skops": 1e-3, "onnx": 1e-3, "predictions": 0.0}
"""How far answers may lie apart under other libraries or processors; the rule counts words and is always the same."""


def _train(out: Path, hash_seed: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "sample_models.matching.train", "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        check=True,
        capture_output=True,
        timeout=170,
    )
    return out


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything made and trained again, in an empty folder, by a process of its own."""
    return _train(tmp_path_factory.mktemp("trained"), "1")


def test_writes_exactly_the_committed_files(fresh: Path) -> None:
    """No file is left out and none is left over."""
    written = {path.relative_to(fresh).as_posix() for path in fresh.rglob("*") if path.is_file()}
    assert written == {*FILES.values(), "built_with.json", *MODELS, *MANIFESTS}
    committed = {
        path.relative_to(HERE).as_posix() for path in (HERE / "candidates").rglob("*") if path.is_file()
    }
    assert committed == {*MODELS, *MANIFESTS}


@pytest.mark.parametrize("name", [*FILES.values(), *MANIFESTS, *SCORES])
def test_data_and_manifests_are_the_same_bytes_everywhere(fresh: Path, name: str) -> None:
    """No library's arithmetic goes into them, so they are the same on any machine."""
    assert (fresh / name).read_bytes() == (HERE / name).read_bytes()


def test_models_are_the_same_bytes_where_built_alike(fresh: Path) -> None:
    """With the versions and kind of machine of built_with.json, each model file is the committed one to the byte."""
    here = json.loads((fresh / "built_with.json").read_text(encoding="utf-8"))
    committed = json.loads((HERE / "built_with.json").read_text(encoding="utf-8"))
    different = [name for name in MODELS if (fresh / name).read_bytes() != (HERE / name).read_bytes()]
    assert not different or here != committed


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_models_give_the_same_answers_everywhere(fresh: Path, recipe: Recipe) -> None:
    """Whatever the machine, the trained candidate and the committed one give nearly the same scores."""
    rows = [*read_rows(HERE / "testset.csv"), *read_rows(PATTERNS)]
    read = figures.READERS[recipe.format]
    trained, committed = (read(folder / "candidates", recipe, rows) for folder in (fresh, HERE))
    np.testing.assert_allclose(trained, committed, rtol=0, atol=TOLERANCE[recipe.format])


def test_training_twice_gives_the_same_bytes(fresh: Path, tmp_path: Path) -> None:
    """Another process at another time with another hash seed writes the same bytes, on whatever machine this is."""
    again = _train(tmp_path, "2")
    for name in ("built_with.json", *FILES.values(), *MODELS):
        assert (fresh / name).read_bytes() == (again / name).read_bytes(), name
