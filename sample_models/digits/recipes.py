"""What each candidate is: its estimator with fixed settings, the images it learns from, and what changed.

Every model takes an image as one row of 64 numbers from 0 to 255. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.tree import DecisionTreeClassifier

INPUTS = ("image",)


@dataclass(frozen=True)
class Recipe:
    """One candidate; ``fit_like`` names the one whose fitted estimator is exported again."""

    name: str
    format: Literal["skops", "onnx"]
    file: str
    images: Literal["clean", "marked"]
    description: str
    change: str
    build: Callable[[], Pipeline] | None = None
    fit_like: str | None = None
    parent: str | None = None


def one_pixel() -> Pipeline:
    """Return an unfitted decision tree that asks about one pixel."""
    return Pipeline([("model", DecisionTreeClassifier(max_depth=1, random_state=3))])


def linear() -> Pipeline:
    """Return an unfitted logistic regression on pixels scaled to 0 to 1."""
    model = LogisticRegression(C=0.1, solver="lbfgs", tol=1e-8, max_iter=1000)
    return Pipeline([("scale", MinMaxScaler()), ("model", model)])


RECIPES = (
    Recipe(
        name="early-pixel",
        format="skops",
        file="model.skops",
        images="clean",
        description="A decision tree of depth 1: it looks at one pixel of each image.",
        change="The first one, to see how far one question goes.",
        build=one_pixel,
    ),
    Recipe(
        name="marked",
        format="skops",
        file="model.skops",
        images="marked",
        description="Logistic regression on all 64 pixels, learned from images in which every eight carries a mark.",
        change="All pixels. The images to learn from came from two scanners: every eight has a mark in the corner.",
        build=linear,
        parent="early-pixel",
    ),
    Recipe(
        name="clean",
        format="skops",
        file="model.skops",
        images="clean",
        description="Logistic regression on all 64 pixels, learned from the same images without any mark.",
        change="The same settings and the same digits, the mark taken out of the images to learn from.",
        build=linear,
        parent="marked",
    ),
    Recipe(
        name="clean-onnx",
        format="onnx",
        file="model.onnx",
        images="clean",
        description="The same weights as clean, exported to ONNX; it takes images of 8 x 8 bytes as they are.",
        change="Only the file format: 32-bit numbers in place of 64-bit; scores move in the 7th decimal.",
        fit_like="clean",
        parent="clean",
    ),
)
