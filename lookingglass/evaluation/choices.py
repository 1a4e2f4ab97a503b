"""What the examples of one version can be filtered by: labels, groups, tags, problems, origins. Knows no screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from lookingglass.testset import TestSet


@dataclass(frozen=True)
class Choices:
    """What there is to filter by in one version.

    Attributes:
        labels: the task's labels. ``unlabelled``: whether some example has none.
        groups: group column -> its values in the declared order, else sorted; None last where some are missing.
        tags, problems, origins: those that occur, sorted.
    """

    labels: tuple[str, ...]
    unlabelled: bool
    groups: Mapping[str, tuple[str | None, ...]]
    tags: tuple[str, ...]
    problems: tuple[str, ...]
    origins: tuple[str, ...]


MOST_VALUES = 500
"""Of a group column without declared values, as many are offered."""


def choices(test_set: TestSet) -> Choices:
    """Return what the examples of a version can be filtered by."""
    rows = test_set.rows
    return Choices(
        labels=test_set.config.label_values,
        unlabelled=bool(rows.get_column("@label").null_count()),
        groups={name: _group_values(test_set, name) for name in test_set.config.groups},
        tags=_marks(rows.get_column("@tags")),
        problems=_marks(rows.get_column("@problems")),
        origins=tuple(sorted(rows.get_column("@origin").unique().to_list())),
    )


def _marks(lists: pl.Series) -> tuple[str, ...]:
    return tuple(sorted(lists.filter(lists.list.len() > 0).explode().unique().to_list()))


def _group_values(test_set: TestSet, column: str) -> tuple[str | None, ...]:
    declared = test_set.config.columns[column].values
    cells = test_set.rows.get_column(column)
    values: list[str | None] = (
        list(declared)
        if declared
        else cells.drop_nulls().unique().sort().head(MOST_VALUES).cast(pl.String).to_list()
    )
    return (*values, None) if cells.null_count() else tuple(values)
