"""Slices made by hand for tests: counts in, the examples that have them out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from lookingglass.fairness import Assessment, SliceTables, assess, group_codes, intersect
from lookingglass.metrics.ordered import Ordered

Cells = tuple[int, int, int, int]
"""tp, fp, tn, fn."""


def examples(groups: Mapping[str | None, Cells]) -> tuple[pl.Series, np.ndarray, np.ndarray]:
    """Return groups, labels and scores (0.9 for yes, 0.1 for no) of examples with these counts at 0.5."""
    names: list[str | None] = []
    labels: list[int] = []
    scores: list[float] = []
    for name, (tp, fp, tn, fn) in groups.items():
        names += [name] * (tp + fp + tn + fn)
        labels += [1] * tp + [0] * (fp + tn) + [1] * fn
        scores += [0.9] * (tp + fp) + [0.1] * (tn + fn)
    return pl.Series("g", names, dtype=pl.String), np.array(labels, dtype=np.int8), np.array(scores)


def tables(groups: Mapping[str | None, Cells]) -> SliceTables:
    """Return the slices of groups with these counts at 0.5."""
    names, labels, scores = examples(groups)
    slicing = intersect([group_codes(names)], np.ones(len(labels), dtype=bool))
    return SliceTables.of(slicing, Ordered.of(labels, scores))


def assessed(groups: Mapping[str | None, Cells], **more: object) -> Assessment:
    """Return the assessment at 0.5 of groups with these counts."""
    return assess(tables(groups), 0.5, **more)  # type: ignore[arg-type]  # passed on as they are
