"""Properties of texts that people differ by: length, unknown words, script, case. Computed from the text alone.

A word is a run of letters with its marks and apostrophes; its case does not matter. Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

TextProperty = Literal["length", "unknown words", "script", "case"]
Codes = NDArray[np.int32]

WORD = r"\p{L}[\p{L}\p{M}'’]*"
LENGTHS = (6.0, 11.0, 21.0, 51.0)
"""Words from which the next band of lengths begins: 1 to 5, 6 to 10, 11 to 20, 21 to 50, 51 or more."""

MANY = 0.25
"""The share of unknown words from which there are many."""

HALF = 0.5


@dataclass(frozen=True)
class Property:
    """One property: ``cut(texts, known words, edges)`` returns the names of its groups and each text's place in them.

    The place of a missing text is -1.
    """

    label: str
    cut: Callable[[pl.Series, frozenset[str], Sequence[float] | None], tuple[list[str], Codes]]


def word_counts(texts: pl.Series) -> Codes:
    """Return the number of words of each text, shape (n,); 0 for a missing one."""
    return texts.str.count_matches(WORD).fill_null(0).to_numpy().astype(np.int32)


def words_of(text: str) -> frozenset[str]:
    """Return the words of any text, in lower case: what a training file or a word list holds."""
    found = _in_words(pl.Series([text])).item()
    return frozenset(found.to_list())


def _in_words(texts: pl.Series) -> pl.Series:
    return texts.str.to_lowercase().str.replace_all("’", "'", literal=True).str.extract_all(WORD)


def unknown_shares(texts: pl.Series, known: frozenset[str]) -> NDArray[np.float64]:
    """Return the share of each text's words that are not in ``known`` (lower case), NaN without words, shape (n,)."""
    words = _in_words(texts)
    lengths = words.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat = words.drop_nulls().explode()
    flat = flat.filter(flat.is_not_null())
    owner = np.repeat(np.arange(len(texts)), lengths)
    strange = ~flat.is_in(pl.Series(sorted(known), dtype=pl.String).implode()).to_numpy()
    counted = np.bincount(owner[strange], minlength=len(texts))
    return _shares(counted, lengths)


def foreign_shares(texts: pl.Series) -> NDArray[np.float64]:
    """Return the share of each text's letters that are not of the Latin script, NaN without letters, shape (n,)."""
    letters = texts.str.count_matches(r"\p{L}").fill_null(0).to_numpy().astype(np.int64)
    latin = texts.str.count_matches(r"\p{Latin}").fill_null(0).to_numpy().astype(np.int64)
    inside = np.minimum(latin, letters)  # the script has a few signs that are no letters, such as ordinals
    return _shares(letters - inside, letters)


def _shares(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return part / whole, NaN where whole is 0."""
    result = np.full(len(whole), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def _present(texts: pl.Series, codes: NDArray[np.signedinteger]) -> Codes:
    return np.where(texts.is_null().to_numpy(), -1, codes).astype(np.int32)


def _length(
    texts: pl.Series, _known: frozenset[str], edges: Sequence[float] | None
) -> tuple[list[str], Codes]:
    starts = [1, *(int(edge) for edge in (edges or LENGTHS) if edge > 1)]
    names = ["no words"]
    for low, high in zip(starts, [*starts[1:], None], strict=True):
        if high is None:
            names.append(f"{low} words or more")
        else:
            names.append(f"{low} to {high - 1} words" if high - 1 > low else f"{low} words")
    return names, _present(texts, np.searchsorted(np.asarray(starts), word_counts(texts), side="right"))


def _unknown(
    texts: pl.Series, known: frozenset[str], edges: Sequence[float] | None
) -> tuple[list[str], Codes]:
    many = edges[0] if edges else MANY
    share = unknown_shares(texts, known)
    names = [
        "no unknown words",
        f"below {many * 100:g} % unknown words",
        f"{many * 100:g} % or more unknown words",
    ]
    codes = np.where(share == 0, 0, np.where(share < many, 1, 2))
    return [*names, "no words"], _present(texts, np.where(np.isnan(share), 3, codes))


def _script(
    texts: pl.Series, _known: frozenset[str], edges: Sequence[float] | None
) -> tuple[list[str], Codes]:
    many = edges[0] if edges else HALF
    share = foreign_shares(texts)
    names = [
        "Latin letters only",
        f"below {many * 100:g} % other letters",
        f"{many * 100:g} % or more other letters",
    ]
    codes = np.where(share == 0, 0, np.where(share < many, 1, 2))
    return [*names, "no letters"], _present(texts, np.where(np.isnan(share), 3, codes))


def _case(
    texts: pl.Series, _known: frozenset[str], _edges: Sequence[float] | None
) -> tuple[list[str], Codes]:
    upper = texts.str.contains(r"\p{Lu}|\p{Lt}").fill_null(False).to_numpy()
    lower = texts.str.contains(r"\p{Ll}").fill_null(False).to_numpy()
    codes = np.where(upper, 1, np.where(lower, 0, 2))
    return ["all lower case", "some upper case", "no upper or lower case"], _present(texts, codes)


PROPERTIES: dict[TextProperty, Property] = {
    "length": Property("number of words", _length),
    "unknown words": Property("share of words that are not known", _unknown),
    "script": Property("share of letters that are not Latin", _script),
    "case": Property("all lower case or not", _case),
}
"""Every property of a text by name."""
