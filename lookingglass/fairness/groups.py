"""One candidate's rates in each group of one column. A missing group value is a group of its own, never dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from lookingglass.figures import Figure, undefined
from lookingglass.metrics.catalogue import rate_figure
from lookingglass.metrics.counts import Counts, checked_arrays

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
    labels, (scores,) = checked_arrays(y_true, y_score)
    return figures_of_groups(group_codes(groups), labels, scores, threshold)


@dataclass(frozen=True, eq=False)
class GroupCodes:
    """The group of each example as a number: its place in ``values``, shape (n,)."""

    column: str
    values: tuple[str, ...]
    codes: NDArray[np.int32]


def group_codes(groups: pl.Series) -> GroupCodes:
    """Return the groups of a column as numbers, so that candidates and thresholds can share the looking at the text."""
    texts = groups.cast(pl.String)
    missing = f"({MISSING})" if (texts == MISSING).any() else MISSING
    filled = texts.fill_null(missing)
    values = filled.unique().sort()
    codes = filled.replace_strict(values, np.arange(len(values)), return_dtype=pl.Int32)
    numbers = codes.to_numpy().astype(np.int32, copy=False)  # of no rows at all they come as objects
    return GroupCodes(groups.name, tuple(values.to_list()), numbers)


def figures_of_groups(
    groups: GroupCodes, y_true: NDArray[np.int8], y_score: NDArray[np.float64], threshold: float | None
) -> tuple[GroupFigures, ...]:
    """Return what ``group_figures`` does: one look at each example counts every group."""
    cells = groups.codes * 4 + 2 * y_true
    if threshold is not None:
        cells += y_score >= threshold
    counted = np.bincount(cells, minlength=4 * len(groups.values)).reshape(-1, 4).tolist()
    found = []
    for value, (tn, fp, fn, tp) in zip(groups.values, counted, strict=True):
        counts = Counts(tp, fp, tn, fn)
        figures = {name: _guard(rate_figure(name, counts)) for name in GROUP_METRICS}
        found.append(GroupFigures(groups.column, value, counts.n, figures))
    return tuple(sorted(found, key=lambda group: (-group.n, group.value)))


def _guard(figure: Figure) -> Figure:
    if figure.value is not None and figure.n < SMALLEST_DENOMINATOR:
        return undefined(f"not estimable: only {figure.n} cases", figure.n)
    return figure
