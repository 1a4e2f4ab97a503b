"""A slice: the examples that share chosen values of up to three columns, and all the slices that columns make together.

A missing value is a group of its own. Values that look alike are pointed out, never merged. Knows nothing of scores.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookingglass.errors import BadSetting
from lookingglass.fairness.groups import GroupCodes

MOST_AXES = 3
MOST_SLICES = 200
"""The largest so many slices get figures of their own; what is left out is counted and said."""

_DENSE = 1 << 20
"""Up to so many possible combinations are counted in an array; beyond, those that occur are sorted."""


@dataclass(frozen=True, order=True)
class Slice:
    """A named subset of examples: each column with the value that its examples share, in the order of the columns."""

    conditions: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """Return ``black = yes, sex = female``; a blank value is shown in quotes, so that it can be seen."""
        return ", ".join(f"{column} = {shown(value)}" for column, value in self.conditions)

    def to_json(self) -> dict[str, str]:
        """Return ``{"black": "yes"}``."""
        return dict(self.conditions)


def shown(value: str) -> str:
    """Return a value, in quotes where blanks at its ends or its emptiness would not be seen."""
    return value if value and value == value.strip() else f'"{value}"'


@dataclass(frozen=True, eq=False)
class Slicing:
    """The slices that one to three axes make of the same examples.

    Attributes:
        by: the titles of the axes.
        slices: the largest first, those alone that occur.
        codes: the place in ``slices`` of each labelled example, -1 where its slice is left out, shape (n,).
        sizes: labelled examples of each slice. ``unlabelled``: those without a label, which no figure counts.
        left_out: how many slices there are beyond ``MOST_SLICES``, and ``left_out_examples`` how many labelled examples
            are in them.
        notes: what a reader should know, in sentences.
    """

    by: tuple[str, ...]
    slices: tuple[Slice, ...]
    codes: NDArray[np.int16]
    sizes: tuple[int, ...]
    unlabelled: tuple[int, ...]
    left_out: int
    left_out_examples: int
    notes: tuple[str, ...]

    def find(self, wanted: Mapping[str, str] | str) -> int:
        """Return the place of a slice, by its values by column, or by its value (joined with commas where several).

        Raises:
            BadSetting: there is no such slice; the message lists the largest ones.
        """
        for place, each in enumerate(self.slices):
            if wanted in (each.to_json(), ",".join(value for _, value in each.conditions)):
                return place
        text = wanted if isinstance(wanted, str) else ",".join(str(value) for value in wanted.values())
        there = "; ".join(",".join(shown(value) for _, value in each.conditions) for each in self.slices[:12])
        raise BadSetting(
            f"there is no group {text!r} of {', '.join(self.by)}: there are {there or 'none'}"
            f"{' and more' if len(self.slices) > 12 else ''}."
        )


def intersect(axes: Sequence[GroupCodes], labelled: NDArray[np.bool_], most: int = MOST_SLICES) -> Slicing:
    """Return every combination of groups that occurs.

    Args:
        axes: one to three, over the same examples, shape (n,).
        labelled: which of them have a label, shape (n,); the others are counted apart.
        most: how many slices there are at most.

    Raises:
        BadSetting: no axis, more than three, or the same one twice.
    """
    titles = tuple(axis.column for axis in axes)
    if not 1 <= len(axes) <= MOST_AXES:
        raise BadSetting(f"slices are made of one to {MOST_AXES} columns, not {len(axes)}.")
    if len(set(titles)) < len(titles):
        raise BadSetting(f"a column can be named once only, not twice: {', '.join(titles)}.")
    combined = axes[0].codes.astype(np.int64)
    possible = len(axes[0].values)
    for axis in axes[1:]:
        combined = combined * len(axis.values) + axis.codes
        possible *= len(axis.values)
    if possible > _DENSE:
        present, combined = np.unique(combined, return_inverse=True)
        possible = len(present)
    else:
        present = np.arange(possible)
    sizes = np.bincount(combined[labelled], minlength=possible)
    everybody = np.bincount(combined, minlength=possible)
    occurring = np.flatnonzero(everybody)
    ranked = occurring[np.lexsort((occurring, -everybody[occurring], -sizes[occurring]))]
    kept = ranked[:most]
    place = np.full(possible + 1, -1, dtype=np.int16)
    place[kept] = np.arange(len(kept))
    beyond = ranked[most:]
    return Slicing(
        titles,
        tuple(Slice(_conditions(int(present[one]), axes)) for one in kept),
        place[combined[labelled]],
        tuple(sizes[kept].tolist()),
        tuple((everybody - sizes)[kept].tolist()),
        len(beyond),
        int(sizes[beyond].sum()),
        tuple(_notes(axes, len(ranked), len(beyond), int(sizes[beyond].sum()))),
    )


def _conditions(code: int, axes: Sequence[GroupCodes]) -> tuple[tuple[str, str], ...]:
    found = []
    for axis in reversed(axes):
        code, place = divmod(code, len(axis.values))
        found.append((axis.column, axis.values[place]))
    return tuple(reversed(found))


def _notes(axes: Sequence[GroupCodes], slices: int, beyond: int, examples: int) -> Iterable[str]:
    if beyond:
        yield (
            f"{slices:,} groups: the {slices - beyond:,} largest have figures of their own, the other {beyond:,} "
            f"with {examples:,} labelled examples are left out."
        )
    for axis in axes:
        for names in look_alikes(axis.values)[:5]:
            quoted = ", ".join(f'"{name}"' for name in names)
            yield (
                f"{axis.column}: {quoted} look alike and are groups of their own; "
                "correct the test set if they mean the same."
            )


def look_alikes(values: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the sets of values that differ only in case, blanks or the form of their characters, each sorted."""
    alike: dict[str, list[str]] = defaultdict(list)
    for value in values:
        alike[" ".join(unicodedata.normalize("NFKC", value).casefold().split())].append(value)
    return sorted(tuple(sorted(names)) for names in alike.values() if len(names) > 1)
