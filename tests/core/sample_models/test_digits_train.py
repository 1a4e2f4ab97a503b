"""The train script reproduces every committed file of the digits use case, and does so the same way each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sample_models.digits import figures
from sample_models.digits.recipes import RECIPES, Recipe
from sample_models.digits.train import HERE

ROOT = HERE.parents[1]
MODELS = {f"candidates/{recipe.name}/{recipe.file}" for recipe in RECIPES}
BY_HAND = {"README.md", "workspace.toml", "demo.toml"}


def _train(out: Path, hash_seed: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "sample_models.digits.train", "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        check=True,
        capture_output=True,
        timeout=170,
    )
    return out


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything trained again, in an empty folder, by a process of its own."""
    return _train(tmp_path_factory.mktemp("trained"), "1")


def test_writes_exactly_the_committed_files(fresh: Path) -> None:
    """No file is left out and none is left over; tables, images and manifests are the same bytes on any machine."""
    written, committed = _files(fresh), _files(HERE)
    assert set(written) == set(committed) - BY_HAND
    changed = {name for name in written if written[name] != committed[name]}
    assert changed <= MODELS | {"built_with.json"}


def test_models_are_the_same_bytes_where_built_alike(fresh: Path) -> None:
    """With the versions and kind of machine of built_with.json, each model file is the committed one to the byte."""
    here, committed = (json.loads((folder / "built_with.json").read_text()) for folder in (fresh, HERE))
    different = [name for name in MODELS if (fresh / name).read_bytes() != (HERE / name).read_bytes()]
    assert not different or here != committed


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_models_give_the_same_answers_everywhere(fresh: Path, recipe: Recipe) -> None:
    digits = [*figures.read_digits("testset"), *figures.read_digits("patterns")]
    trained, committed = (figures.scores(recipe, digits, folder) for folder in (fresh, HERE))
    np.testing.assert_allclose(trained, committed, rtol=0, atol=1e-6)


def test_training_twice_gives_the_same_bytes(fresh: Path, tmp_path: Path) -> None:
    """Another process at another time with another hash seed writes the same bytes, on whatever machine this is."""
    assert _files(_train(tmp_path, "2")) == _files(fresh)
