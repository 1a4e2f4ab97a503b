"""What examples can be cut by: values of a column, stated bands of a number, a property of a text, a problem, a tag.

An axis is chosen from columns and properties, never typed as an expression. Knows nothing of labels and scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl

from lookingglass.errors import BadSetting
from lookingglass.fairness.groups import MISSING, GroupCodes, group_codes
from lookingglass.fairness.texts import PROPERTIES, TextProperty

MOST_BANDS = 12
"""More bands than this tell nothing that a person could hold in mind."""

FEW_VALUES = 12
"""A number with at most so many distinct values is taken as it is where no bands are stated."""

Kind = Literal["values", "text", "problem", "tag"]


@dataclass(frozen=True)
class Axis:
    """One way to cut examples into groups.

    Attributes:
        column: the column; the name of the problem or tag for those kinds.
        kind: *values* of a column (bands of them where it is a number), a property of a *text*, examples with and
            without a *problem* or *tag*.
        edges: where bands begin, ascending; quartiles of a number, and the property's own bands of a text, when None.
        text: which property of a text.
        known: the words that count as known, in lower case, for ``unknown words``.
        ids: of a problem, the examples that describe it without being marked with its name.
        as_is: every number is a group of its own where no edges are given, as in a column of group numbers.

    Raises:
        BadSetting: edges that do not ascend, too many of them, or a property without what it needs.
    """

    column: str
    kind: Kind = "values"
    edges: tuple[float, ...] | None = None
    text: TextProperty | None = None
    known: frozenset[str] | None = None
    as_is: bool = False
    ids: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what cannot cut anything."""
        if self.edges is not None:
            _check_edges(self.column, self.edges)
        if (self.kind == "text") != (self.text is not None):
            raise BadSetting(f"{self.column}: name a property of the text, one of {', '.join(PROPERTIES)}.")
        if self.text == "unknown words" and self.known is None:
            raise BadSetting(
                f"{self.column}: unknown words need a list of known ones, such as the words that the model was "
                "trained on."
            )

    @property
    def title(self) -> str:
        """How the axis is called: ``black``, ``want:length``, ``problem:typos``."""
        if self.kind == "values":
            return self.column
        return f"{self.column}:{self.text}" if self.kind == "text" else f"{self.kind}:{self.column}"


def _check_edges(column: str, edges: Sequence[float]) -> None:
    if not edges or not all(np.isfinite(edges)):
        raise BadSetting(f"{column}: bands need at least one number where they begin.")
    if any(later <= earlier for earlier, later in pairwise(edges)):
        raise BadSetting(f"{column}: bands must begin at ascending numbers, not {_listed(edges)}.")
    if len(edges) >= MOST_BANDS:
        raise BadSetting(f"{column}: at most {MOST_BANDS} bands, not {len(edges) + 1}.")


def _listed(edges: Sequence[float]) -> str:
    return ", ".join(f"{edge:g}" for edge in edges)


def axis_codes(axis: Axis, rows: pl.DataFrame) -> GroupCodes:
    """Return the group of each row as a number.

    Args:
        rows: the examples, shape (n, columns); ``@problems`` and ``@tags`` hold lists, ``@id`` names.

    Returns:
        Groups in their natural order (bands ascending), codes of shape (n,); a missing value is a group of its own.
    """
    if axis.kind in {"problem", "tag"}:
        cells = rows.get_column("@problems" if axis.kind == "problem" else "@tags")
        inside = cells.list.contains(axis.column).fill_null(False).to_numpy()
        if axis.ids:
            inside = inside | rows.get_column("@id").is_in(pl.Series(sorted(axis.ids)).implode()).to_numpy()
        return GroupCodes(axis.title, ("no", "yes"), inside.astype(np.int32))
    cells = rows.get_column(axis.column)
    if axis.kind == "text" and axis.text is not None:
        values, cut = PROPERTIES[axis.text].cut(cells, axis.known or frozenset(), axis.edges)
        return coded(axis.title, values, cut)
    if cells.dtype.is_numeric():
        quartered = not axis.as_is and cells.n_unique() > FEW_VALUES
        edges = axis.edges or (_quartiles(cells) if quartered else ())
        if edges:
            return banded(axis.title, cells, edges)
        return _in_order(axis.title, cells)
    if axis.edges is not None:
        raise BadSetting(f"{axis.column} holds no numbers, so it cannot be cut into bands.")
    return group_codes(cells)


def _in_order(title: str, cells: pl.Series) -> GroupCodes:
    """Return a few numbers as groups in the order of numbers, where texts would put 10 before 9."""
    floats = cells.cast(pl.Float64).fill_nan(None)
    edges = floats.drop_nulls().unique().sort()
    codes = np.searchsorted(edges.to_numpy(), floats.fill_null(0.0).to_numpy()).astype(np.int32)
    names = [str(value) for value in edges.cast(cells.dtype).to_list()]
    return coded(title, names, np.where(floats.is_null().to_numpy(), -1, codes))


def banded(title: str, cells: pl.Series, edges: Sequence[float]) -> GroupCodes:
    """Return half-open bands of a number: below the first edge, from each edge to below the next, the last and above.

    Args:
        cells: numbers, shape (n,); null and not-a-number are missing.
        edges: ascending.
    """
    floats = cells.cast(pl.Float64).fill_nan(None)
    codes = np.searchsorted(np.asarray(edges), floats.fill_null(0.0).to_numpy(), side="right")
    return coded(title, band_names(edges), np.where(floats.is_null().to_numpy(), -1, codes))


def band_names(edges: Sequence[float], number: Callable[[float], str] | None = None) -> list[str]:
    """Return ``below 0.5``, ``0.5 to below 1``, ``1 and above``; distinct edges have distinct texts."""
    texts = [number(edge) if number else _number(edge) for edge in edges]
    between = [f"{low} to below {high}" for low, high in pairwise(texts)]
    return [f"below {texts[0]}", *between, f"{texts[-1]} and above"]


def _number(edge: float) -> str:
    short = f"{edge:g}"
    return short if float(short) == edge else repr(edge)


def _quartiles(cells: pl.Series) -> tuple[float, ...]:
    """Return the quartiles to three digits: those digits are the edges, so that what is written is what was cut."""
    floats = cells.cast(pl.Float64).fill_nan(None).drop_nulls().to_numpy()
    floats = floats[np.isfinite(floats)]
    if not len(floats):
        return ()
    rounded = {float(f"{edge:.3g}") for edge in np.quantile(floats, [0.25, 0.5, 0.75])}
    return tuple(sorted(edge for edge in rounded if edge > floats.min()))


def coded(title: str, names: Sequence[str], codes: np.ndarray) -> GroupCodes:
    """Return groups of these names, with one more for code -1, which stands for a missing value."""
    values, numbers = list(names), codes.astype(np.int32)
    if (numbers < 0).any():
        numbers = np.where(numbers < 0, len(values), numbers).astype(np.int32)
        values.append(f"({MISSING})" if MISSING in values else MISSING)
    return GroupCodes(title, tuple(values), numbers)


def parse_axis(
    text: str,
    columns: Sequence[str],
    *,
    edges: Sequence[float] | None = None,
    known: frozenset[str] | None = None,
) -> Axis:
    """Return the axis that a short name means: ``black``, ``want:length``, ``problem:typos``, ``tag:hard``.

    Args:
        columns: the columns there are; a column that is called like that is always meant first.
        edges: where its bands begin. ``known``: the known words.

    Raises:
        BadSetting: nothing is called like that; the message lists what there is.
    """
    bands = None if edges is None else tuple(edges)
    if text in columns:
        return Axis(text, edges=bands)
    first, _, rest = text.partition(":")
    if first == "problem" and rest:
        return Axis(rest, "problem")
    if first == "tag" and rest:
        return Axis(rest, "tag")
    column, _, last = text.rpartition(":")
    wanted = " ".join(last.replace("-", " ").replace("_", " ").split()).lower()
    found = next((name for name in PROPERTIES if name == wanted), None)
    if column in columns and found is not None:
        return Axis(column, "text", bands, found, known if found == "unknown words" else None)
    raise BadSetting(
        f"there is nothing called {text!r} to slice by: name a column ({', '.join(columns) or 'there is none'}), "
        f"a text column with one of {', '.join(':' + name for name in PROPERTIES)}, problem:NAME or tag:NAME."
    )
