"""The worked use cases as the tests that hold for each of them see them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import rankdata

from sample_models.digits import figures as digits_figures
from sample_models.digits import recipes as digits_recipes
from sample_models.digits import train as digits
from sample_models.matching import figures as matching_figures
from sample_models.matching import recipes as matching_recipes
from sample_models.matching import train as matching
from sample_models.mortgage import figures as mortgage_figures
from sample_models.mortgage import recipes as mortgage_recipes
from sample_models.mortgage import train as mortgage
from sample_models.tables import Row, read_rows
from sample_models.training import Training

BY_HAND = {"README.md", "workspace.toml", "demo.toml"}


@dataclass(frozen=True)
class UseCase:
    """One use case: what it is trained from, and how its candidates are asked.

    Attributes:
        learns_from: the table that a recipe's candidate was fitted on, by file name.
        inputs: a recipe's input columns.
        scores: a recipe's scores on test set and patterns, with the candidates of a folder.
        tolerance: how far answers may lie apart under other libraries or processors, by format.
        by_hand: files besides ``BY_HAND`` that no script writes, folders ending in "/".
        largest: no candidate's file has more bytes.
    """

    training: Training
    recipes: Sequence[Any]
    learns_from: Callable[[Any], str]
    inputs: Callable[[Any], tuple[str, ...]]
    scores: Callable[[Any, Path], np.ndarray]
    tolerance: Mapping[str, float]
    by_hand: tuple[str, ...]
    largest: int

    @property
    def name(self) -> str:
        return self.training.here.name

    @property
    def models(self) -> set[str]:
        return {f"candidates/{recipe.name}/{recipe.file}" for recipe in self.recipes}

    def files(self, folder: Path) -> dict[str, bytes]:
        """Return what the train script writes, as it is in ``folder``: name -> bytes."""
        found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        return {
            name: path.read_bytes()
            for name, path in found.items()
            if path.suffix not in {".py", ".pyc"}
            and name not in BY_HAND
            and not any(name == each or name.startswith(each) for each in self.by_hand)
        }

    def manifest(self, name: str) -> dict[str, Any]:
        """Return the candidate.toml of one candidate, as committed."""
        path = self.training.here / "candidates" / name / "candidate.toml"
        return tomllib.loads(path.read_text(encoding="utf-8"))


def _rows(here: Path) -> list[Row]:
    return [*read_rows(here / "testset.csv"), *read_rows(here / "patterns.csv")]


USE_CASES = (
    UseCase(
        mortgage.TRAINING,
        mortgage_recipes.RECIPES,
        lambda recipe: "train.csv",
        lambda recipe: recipe.inputs,
        lambda recipe, folder: mortgage_figures.scores(recipe, _rows(mortgage.HERE), folder),
        {"skops": 1e-9, "onnx": 1e-6, "predictions": 1.001e-3},
        ("data/", "patterns.csv"),
        500_000,
    ),
    UseCase(
        matching.TRAINING,
        matching_recipes.RECIPES,
        lambda recipe: matching.FILES[recipe.learns_from],
        lambda recipe: matching_recipes.INPUTS,
        lambda recipe, folder: matching_figures.scores(recipe, _rows(matching.HERE), folder),
        {"skops": 1e-3, "onnx": 1e-3, "predictions": 0.0},
        ("data/", "patterns.csv"),
        1_000_000,
    ),
    UseCase(
        digits.TRAINING,
        digits_recipes.RECIPES,
        lambda recipe: f"train-{recipe.images}.csv",
        lambda recipe: digits_recipes.INPUTS,
        lambda recipe, folder: digits_figures.scores(
            recipe,
            [*digits_figures.read_digits("testset"), *digits_figures.read_digits("patterns")],
            folder,
        ),
        {"skops": 1e-6, "onnx": 1e-6},
        (),
        20_000,
    ),
)

every_use_case = pytest.mark.parametrize("use_case", USE_CASES, ids=lambda use_case: use_case.name)
every_candidate = pytest.mark.parametrize(
    ("use_case", "recipe"),
    [(use_case, recipe) for use_case in USE_CASES for recipe in use_case.recipes],
    ids=lambda value: value.name,
)


def area(y_true: np.ndarray, scores: np.ndarray) -> float:
    """Return the area under the ROC curve as the share of pairs in the right order; ties count half."""
    positive = y_true == 1
    n = positive.sum()
    above = rankdata(scores)[positive].sum() - n * (n + 1) / 2
    return float(above / (n * (len(y_true) - n)))


def auc_difference(y_true: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the area under the curve of scores ``a`` less that of ``b``."""
    random = np.random.default_rng(0)
    differences = []
    for _ in range(400):
        drawn = random.integers(0, len(y_true), len(y_true))
        differences.append(area(y_true[drawn], a[drawn]) - area(y_true[drawn], b[drawn]))
    low, high = np.percentile(differences, [2.5, 97.5])
    return float(low), float(high)
