"""The train scripts reproduce every committed file of their use cases, and do so the same way each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.core.sample_models.use_cases import UseCase, every_candidate, every_use_case

ROOT = Path(__file__).parents[3]


def _train(use_case: UseCase, out: Path, hash_seed: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", f"sample_models.{use_case.name}.train", "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        check=True,
        capture_output=True,
        timeout=170,
    )
    return out


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[UseCase], Path]:
    """Everything of a use case trained again, once, in an empty folder, by a process of its own."""

    @cache
    def train(name: str) -> Path:
        return tmp_path_factory.mktemp(name)

    def get(use_case: UseCase) -> Path:
        out = train(use_case.name)
        return out if any(out.iterdir()) else _train(use_case, out, "1")

    return get


@every_use_case
def test_writes_exactly_the_committed_files(use_case: UseCase, trained: Callable[[UseCase], Path]) -> None:
    """No file is left out and none is left over; data, images and manifests are the same bytes on any machine."""
    written, committed = use_case.files(trained(use_case)), use_case.files(use_case.training.here)
    assert set(written) == set(committed)
    assert {f"candidates/{recipe.name}/candidate.toml" for recipe in use_case.recipes} <= set(written)
    changed = {name for name in written if written[name] != committed[name]}
    assert changed <= use_case.models | {"built_with.json"}


@every_use_case
def test_models_are_the_same_bytes_where_built_alike(
    use_case: UseCase, trained: Callable[[UseCase], Path]
) -> None:
    """With the versions and kind of machine of built_with.json, each model file is the committed one to the byte.

    Elsewhere the last bits may differ (see the READMEs), and the next test is what holds.
    """
    written, committed = use_case.files(trained(use_case)), use_case.files(use_case.training.here)
    here, there = (json.loads(files["built_with.json"]) for files in (written, committed))
    assert here != there or all(written[name] == committed[name] for name in use_case.models)


@every_candidate
def test_models_give_the_same_answers_everywhere(
    use_case: UseCase, recipe: Any, trained: Callable[[UseCase], Path]
) -> None:
    """Whatever the machine, the trained candidate and the committed one give the same scores, or nearly so."""
    again, committed = (
        use_case.scores(recipe, folder) for folder in (trained(use_case), use_case.training.here)
    )
    np.testing.assert_allclose(again, committed, rtol=0, atol=use_case.tolerance[recipe.format])


@every_use_case
def test_training_twice_gives_the_same_bytes(
    use_case: UseCase, trained: Callable[[UseCase], Path], tmp_path: Path
) -> None:
    """Another process at another time with another hash seed writes the same bytes, on whatever machine this is.

    Where the committed files were built alike, they are what the other process wrote.
    """
    written, committed = use_case.files(trained(use_case)), use_case.files(use_case.training.here)
    if written["built_with.json"] == committed["built_with.json"]:
        assert written == committed
    else:
        assert written == use_case.files(_train(use_case, tmp_path, "2"))
