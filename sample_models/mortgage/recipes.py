"""What each candidate is: its columns, its estimator with fixed settings and seed, and what changed.

Settings were chosen by cross-validation inside the train part. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

LABEL = "deny"
CLASSES = ("no", "yes")
NUMBERS = ("dir", "hir", "lvr", "ccs", "mcs", "uria")
CATEGORIES = {
    "pbcr": ("no", "yes"),
    "dmi": ("no", "yes"),
    "self": ("no", "yes"),
    "single": ("no", "yes"),
    "comdominiom": ("0", "1"),
    "black": ("no", "yes"),
}
GROUPS = ("black", "self", "single")
ALL_INPUTS = (*NUMBERS, *CATEGORIES)
WITHOUT_GROUPS = tuple(column for column in ALL_INPUTS if column not in GROUPS)
MODEL_SEED = 20


@dataclass(frozen=True)
class Recipe:
    """One candidate.

    ``fit_like`` names the candidate whose fitted estimator is exported again; None means a fit of its own.
    """

    name: str
    format: Literal["skops", "onnx", "predictions"]
    file: str
    inputs: tuple[str, ...]
    description: str
    build: Callable[[tuple[str, ...]], Pipeline] | None = None
    fit_like: str | None = None
    parent: str | None = None
    change: str = ""


def prepare(inputs: tuple[str, ...], *, scale: bool) -> ColumnTransformer:
    """Return the step from application to numbers: medians for missing numbers, a 0/1 column for each answer.

    A missing or unheard-of answer becomes 0 in every column of its question.
    """
    numbers = [column for column in inputs if column in NUMBERS]
    categories = [column for column in inputs if column in CATEGORIES]
    impute = SimpleImputer(strategy="median")
    steps = [
        ("numbers", Pipeline([("impute", impute), ("scale", StandardScaler())]) if scale else impute, numbers)
    ]
    if categories:
        answers = [list(CATEGORIES[column]) for column in categories]
        encode = OneHotEncoder(categories=answers, handle_unknown="ignore", sparse_output=False)
        steps.append(("answers", encode, categories))
    return ColumnTransformer(steps, verbose_feature_names_out=False)


def _pipeline(inputs: tuple[str, ...], model: BaseEstimator, *, scale: bool) -> Pipeline:
    return Pipeline([("prepare", prepare(inputs, scale=scale)), ("model", model)])


def scorecard(inputs: tuple[str, ...]) -> Pipeline:
    """Return an unfitted logistic regression."""
    return _pipeline(inputs, LogisticRegression(solver="lbfgs", tol=1e-8, max_iter=1000), scale=True)


def boosted(inputs: tuple[str, ...]) -> Pipeline:
    """Return unfitted gradient-boosted trees: 60 of depth 3."""
    model = GradientBoostingClassifier(
        n_estimators=60,
        max_depth=3,
        learning_rate=0.05,
        subsample=0.5,
        min_samples_leaf=10,
        random_state=MODEL_SEED,
    )
    return _pipeline(inputs, model, scale=False)


def forest(inputs: tuple[str, ...]) -> Pipeline:
    """Return an unfitted random forest: what stands behind the vendor's scores."""
    model = RandomForestClassifier(n_estimators=300, min_samples_leaf=5, random_state=MODEL_SEED, n_jobs=1)
    return _pipeline(inputs, model, scale=False)


RECIPES = (
    Recipe(
        name="early-scorecard",
        format="skops",
        file="model.skops",
        inputs=("dir", "lvr"),
        description="Logistic regression on two ratios: debt to income and loan to value.",
        build=scorecard,
        change="The first one: only what stands on the front page of an application.",
    ),
    Recipe(
        name="full-scorecard",
        format="skops",
        file="model.skops",
        inputs=ALL_INPUTS,
        description="Logistic regression on all twelve columns.",
        build=scorecard,
        parent="early-scorecard",
        change=(
            "Ten more columns: housing ratio, credit history, public record, mortgage insurance, work, "
            "household, condominium, group."
        ),
    ),
    Recipe(
        name="boosted",
        format="skops",
        file="model.skops",
        inputs=ALL_INPUTS,
        description="Gradient-boosted trees (60 of depth 3) on all twelve columns.",
        build=boosted,
        parent="full-scorecard",
        change="Boosted trees in place of logistic regression, so that columns may act together.",
    ),
    Recipe(
        name="boosted-onnx",
        format="onnx",
        file="model.onnx",
        inputs=ALL_INPUTS,
        description="The same trees as boosted, exported to ONNX with 32-bit numbers.",
        fit_like="boosted",
        parent="boosted",
        change="Only the file format: 32-bit numbers in place of 64-bit; scores move in the 7th decimal.",
    ),
    Recipe(
        name="boosted-blind",
        format="skops",
        file="model.skops",
        inputs=WITHOUT_GROUPS,
        description="Gradient-boosted trees (60 of depth 3) that never see black, self or single.",
        build=boosted,
        parent="boosted",
        change="The three group columns taken away, everything else the same.",
    ),
    Recipe(
        name="vendor-scores",
        format="predictions",
        file="predictions.csv",
        inputs=ALL_INPUTS,
        description="Scores as a vendor would send them, without a model; made by a random forest of ours.",
        build=forest,
        change="Only scores: can be compared, not explained; new applications wait for new scores.",
    ),
)
