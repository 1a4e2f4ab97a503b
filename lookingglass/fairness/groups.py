"""One candidate's rates in each group of one column. A missing group value is a group of its own, never dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from lookingglass.figures import Figure, undefined
from lookingglass.metrics import evaluate_metrics

GROUP_METRICS = (
    "selection_rate",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
    "precision",
    "accuracy",
)

SMALLEST_DENOMINATOR = 10
"""A rate over fewer cases than this is not estimable; the denominator that counts is the metric's own."""

MISSING = "missing"


@dataclass(frozen=True)
class GroupFigures:
    """One group: its value in its column, its size and its rates by metric name.

    Where there is no value it is called ``missing``, or ``(missing)`` in a column that holds the word itself.
    """

    column: str
    value: str
    n: int
    figures: Mapping[str, Figure]


def group_figures(
    groups: pl.Series, y_true: ArrayLike, y_score: ArrayLike, threshold: float | None
) -> tuple[GroupFigures, ...]:
    """Return the rates of every group, largest group first.

    Args:
        groups: the group of each example, shape (n,), null where it is missing.
        y_true: labels, 1 positive and 0 otherwise, shape (n,).
        y_score: scores, finite, shape (n,).
        threshold: the answer is yes when ``score >= threshold``; None answers nobody.
    """
    labels, scores = np.asarray(y_true), np.asarray(y_score)
    texts = groups.cast(pl.String)
    missing = f"({MISSING})" if (texts == MISSING).any() else MISSING
    values = texts.fill_null(missing).to_numpy()
    found = []
    for value in np.unique(values):
        rows = values == value
        figures = evaluate_metrics(labels[rows], scores[rows], threshold, metrics=GROUP_METRICS)
        guarded = {name: _guard(figure) for name, figure in figures.items()}
        found.append(GroupFigures(groups.name, str(value), int(rows.sum()), guarded))
    return tuple(sorted(found, key=lambda group: (-group.n, group.value)))


def _guard(figure: Figure) -> Figure:
    if figure.value is not None and figure.n < SMALLEST_DENOMINATOR:
        return undefined(f"not estimable: only {figure.n} cases", figure.n)
    return figure
