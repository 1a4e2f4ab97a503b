"""Test patterns drafted from a wrong reason: the example itself, without what was suspicious, and others with it.

A person labels them and keeps or throws each away. Nothing is scored and nothing is recorded here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from lookingglass.errors import BadInput, one_line
from lookingglass.explanations.result import Weight
from lookingglass.explanations.tokens import tokens_of
from lookingglass.home import Home
from lookingglass.testset import TestSet, read_version
from lookingglass.testset.image_cells import ImageIntake
from lookingglass.testset.images import pixels_of, png_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["this", "without", "with"]
MOST = 6
"""So many other examples are given what was suspicious."""


def suspect_of(weights: Sequence[Weight], *, says_yes: bool) -> Weight | None:
    """Return what pushed most towards the answer that was given, of weights sorted by strength; None where nothing did.

    Args:
        says_yes: the answer: a wrong reason for it is one that pushed towards it, not one that nearly prevented it.
    """
    return next((each for each in weights if (each.weight > 0) == says_yes), None)


@dataclass(frozen=True)
class Draft:
    """One drafted pattern.

    Attributes:
        kind: the example itself, the example without what was suspicious, or another example with it.
        source_id: the example that it was made of.
        values: stored column -> value, as ``testset.add_example`` takes them; an image that was changed as PNG bytes.
        label: proposed: that of its source, which a wrong reason should not change. None where it has none, and where
            another value of a table may well be what makes another answer right: that is for people to say.
        words: what was done to it, in a sentence.
    """

    kind: Kind
    source_id: str
    values: Mapping[str, Any]
    label: str | None
    words: str


def draft_patterns(
    home: Home,
    example_id: str,
    suspicious: Weight | None,
    *,
    version: int | None = None,
    most: int = MOST,
    seed: int = 0,
) -> list[Draft]:
    """Return drafts for one example and the word, value or region that its answer rests on for a wrong reason.

    Args:
        suspicious: a weight of the example's explanation; None drafts the example alone.
        most: so many other examples at most are given it, samples whose label the suspicious part pushes away from.
        seed: which of them.

    Raises:
        NotFound: there is no such example or version.
        BadInput: the example holds no such word or region.
    """
    test_set = read_version(home, version)
    row = test_set.rows.row(test_set.position(example_id), named=True)
    stored = list(home.config.stored)
    own = {name: row[name] for name in stored}
    drafts = [Draft("this", example_id, own, row["@label"], "the example as it is")]
    if suspicious is None:
        return drafts
    change = _change_of(home, test_set, own, suspicious)
    values_change = isinstance(change, _Value)
    label = None if values_change else row["@label"]
    without = {**own, change.field: change.without}
    drafts.append(Draft("without", example_id, without, label, change.said_without))
    for other in _others(home, test_set, example_id, suspicious, most, seed, change):
        values = {name: other[name] for name in stored}
        given = {**values, change.field: change.put_into(values[change.field])}
        label = None if values_change else other["@label"]
        drafts.append(Draft("with", other["@id"], given, label, change.said_with))
    return drafts


class _Word:
    """A word of a text: taken out wherever it stands in the field, or put behind another text."""

    def __init__(self, text: str, suspicious: Weight) -> None:
        self.field = suspicious.field
        if text[suspicious.start : suspicious.end] != suspicious.feature:
            raise BadInput(
                f"{suspicious.field} has no {one_line(suspicious.feature, 40)!r} there: explain the example again."
            )
        self._word = suspicious.feature
        shown = one_line(self._word, 60)
        self.without = self._left_out(text)
        self.said_without = f"without “{shown}”"
        self.said_with = f"with “{shown}” behind it"

    def _left_out(self, text: str) -> str:
        kept, at = [], 0
        for token in tokens_of(text):
            if token.text.casefold() == self._word.casefold():
                kept.append(text[at : token.start])
                at = token.end
        return " ".join("".join([*kept, text[at:]]).split())

    def fits(self, values: pl.Series) -> NDArray[np.bool_]:
        wanted = self._word.casefold()
        texts = values.fill_null("").to_list()
        return np.array(
            [
                text != "" and all(token.text.casefold() != wanted for token in tokens_of(text))
                for text in texts
            ],
            dtype=bool,
        )

    def put_into(self, value: str) -> str:
        return f"{value.rstrip()} {self._word}"


class _Value:
    """A value of a table: exchanged for the one in the middle of the others, or given to another example."""

    def __init__(self, values: pl.Series, suspicious: Weight) -> None:
        self.field = suspicious.field
        self._low, self._high, self._value = suspicious.low, suspicious.high, suspicious.value
        others = values.filter(pl.Series(self.fits(values)))
        if not len(others):
            raise BadInput(
                f"every example has this value in {self.field}: there is nothing to exchange it for."
            )
        middle = others.sort()[len(others) // 2] if others.dtype.is_numeric() else others.mode().sort()[0]
        self.without = middle
        self.said_without = f"with {self.field} {_told(middle)} instead of {_told(self._value)}"
        self.said_with = f"with {self.field} {_told(self._value)}"

    def fits(self, values: pl.Series) -> NDArray[np.bool_]:
        if self._low is None and self._high is None:
            inside = values == self._value
        else:
            inside = pl.repeat(True, len(values), eager=True)
            if self._low is not None:
                inside &= values > self._low
            if self._high is not None:
                inside &= values <= self._high
        fits: NDArray[np.bool_] = (values.is_not_null() & ~inside.fill_null(value=True)).to_numpy()
        return fits

    def put_into(self, _value: Any) -> Any:
        return self._value


class _Region:
    """A region of an image: hidden as explanations hide it, or copied into another image of the same size."""

    def __init__(self, home: Home, name: str, suspicious: Weight) -> None:
        from lookingglass.explanations.images import painted_out

        self.field = suspicious.field
        self._intake = intake = ImageIntake(home.files)
        self._pixels = pixels_of(intake.png(name))
        box = suspicious.box or (0, 0, 0, 0)
        self._box = slice(box[0], box[2]), slice(box[1], box[3])
        self.without = painted_out(home, self.field, intake.png(name), [box])
        self.said_without = f"with {suspicious.feature} painted over"
        self.said_with = f"with {suspicious.feature} of {suspicious.field} copied into it"

    def fits(self, values: pl.Series) -> NDArray[np.bool_]:
        shape = self._pixels.shape
        return np.array(
            [name is not None and pixels_of(self._intake.png(name)).shape == shape for name in values],
            dtype=bool,
        )

    def put_into(self, name: str) -> bytes:
        pixels = pixels_of(self._intake.png(name)).copy()
        pixels[self._box] = self._pixels[self._box]
        return png_of(pixels)


def _change_of(
    home: Home, test_set: TestSet, own: Mapping[str, Any], suspicious: Weight
) -> _Word | _Value | _Region:
    if suspicious.field not in own:
        raise BadInput(f"{one_line(suspicious.field, 60)} is no column of the test set.")
    if suspicious.box is not None:
        return _Region(home, own[suspicious.field], suspicious)
    if suspicious.start is not None:
        return _Word(own[suspicious.field] or "", suspicious)
    return _Value(test_set.rows[suspicious.field], suspicious)


def _others(
    home: Home,
    test_set: TestSet,
    example_id: str,
    suspicious: Weight,
    most: int,
    seed: int,
    change: _Word | _Value | _Region,
) -> list[dict[str, Any]]:
    """Return samples that lack what is suspicious and whose label it pushes away from, drawn with the seed."""
    pushed_away = 0 if suspicious.weight > 0 else 1
    rows = np.flatnonzero(test_set.is_sample & (test_set.y_true == pushed_away))
    drawn = np.random.default_rng(seed).permutation(rows)
    found: list[dict[str, Any]] = []
    for start in range(0, len(drawn), 8 * most):
        part = test_set.rows[drawn[start : start + 8 * most].tolist()]
        part = part.filter(pl.Series(change.fits(part[change.field])) & (part["@id"] != example_id))
        found += part.head(most - len(found)).rows(named=True)
        if len(found) >= most:
            break
    return found


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else one_line(str(value), 60)
