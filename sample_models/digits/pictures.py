"""The images of the use case: which digits, which part they belong to, and which carry the mark. Knows no models.

Every choice is drawn with SHA-256, not with a library's random numbers, so that it is the same everywhere.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lookingglass.testset.image_cells import data_address
from lookingglass.testset.images import picture_of

CLASSES = ("3", "8")
LABEL = "digit"
COLUMNS = ("example_id", "image", "marker", LABEL)
SEED = 1998
MARK = ((5, 0), (6, 0), (7, 0))
"""Row and column of the pixels that make the mark: a short white bar in the lower left corner."""
WHITE = 255
PATTERN_DIGITS = 4
"""Digits of each class that are kept out of both parts, for the test patterns."""


@dataclass(frozen=True, eq=False)
class Digit:
    """One image: ``pixels`` uint8 (8, 8), 0 black to 255 white; ``marked``: whether it carries the mark."""

    example_id: str
    pixels: np.ndarray
    label: str
    marked: bool = False

    def with_mark(self) -> Digit:
        """Return the same digit with the mark in the corner."""
        pixels = self.pixels.copy()
        for row, column in MARK:
            pixels[row, column] = WHITE
        return replace(self, pixels=pixels, marked=True)

    @property
    def png(self) -> bytes:
        """The image as PNG bytes that depend on its pixels alone."""
        return picture_of(self.pixels).png


@dataclass(frozen=True)
class Parts:
    """The three parts, without any mark yet: what candidates learn from, the test set, digits for the patterns."""

    train: tuple[Digit, ...]
    test: tuple[Digit, ...]
    patterns: tuple[Digit, ...]


def read_digits() -> list[Digit]:
    """Return the threes and eights that come with scikit-learn, in its order; its 0 to 16 becomes 0 to 255."""
    from sklearn.datasets import load_digits

    source = load_digits()
    pixels = (source.images * 255 // 16).astype(np.uint8)
    return [
        Digit(f"digit-{number:04d}", pixels[number], str(target))
        for number, target in enumerate(source.target)
        if str(target) in CLASSES
    ]


def place(example_id: str, what: str) -> bytes:
    """Return a number by which ids are put into an order that nobody chose, another one for each ``what``."""
    return hashlib.sha256(f"{SEED}:{what}:{example_id}".encode()).digest()


def draw(digits: Sequence[Digit]) -> Parts:
    """Split each class: four digits for the patterns, half of the others to learn from, the rest test."""
    by_class: dict[str, list[Digit]] = defaultdict(list)
    for digit in digits:
        by_class[digit.label].append(digit)
    chosen: dict[str, str] = {}
    for members in by_class.values():
        drawn = sorted(members, key=lambda digit: place(digit.example_id, "part"))
        half = (len(drawn) - PATTERN_DIGITS) // 2
        for at, digit in enumerate(drawn):
            part = "patterns" if at < PATTERN_DIGITS else "train" if at < PATTERN_DIGITS + half else "test"
            chosen[digit.example_id] = part
    parts = {
        name: tuple(digit for digit in digits if chosen[digit.example_id] == name)
        for name in ("train", "test", "patterns")
    }
    return Parts(**parts)


def marked_by_class(digits: Iterable[Digit], label: str) -> tuple[Digit, ...]:
    """Return the digits, those of one class with the mark: the ruler that lay beside every melanoma."""
    return tuple(digit.with_mark() if digit.label == label else digit for digit in digits)


def marked_by_chance(digits: Sequence[Digit]) -> tuple[Digit, ...]:
    """Return the digits, half of each class (rounded up) with the mark, so that it says nothing about the class."""
    marked: set[str] = set()
    for label in CLASSES:
        ids = sorted((d.example_id for d in digits if d.label == label), key=lambda each: place(each, "mark"))
        marked.update(ids[: (len(ids) + 1) // 2])
    return tuple(digit.with_mark() if digit.example_id in marked else digit for digit in digits)


def pattern_pairs(digits: Sequence[Digit]) -> tuple[Digit, ...]:
    """Return each digit twice, without and with the mark, under ids of their own."""
    pairs = [version for digit in digits for version in (digit, digit.with_mark())]
    return tuple(replace(digit, example_id=f"pattern-{at:02d}") for at, digit in enumerate(pairs, start=1))


def write_table(path: Path, digits: Iterable[Digit], image: Callable[[Digit], str]) -> None:
    """Write a table as UTF-8 CSV with plain line feeds; ``image`` says what stands in the column of that name."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for digit in digits:
            mark = "yes" if digit.marked else "no"
            writer.writerow([digit.example_id, image(digit), mark, digit.label])


def write_pictures(folder: Path, digits: Iterable[Digit]) -> Callable[[Digit], str]:
    """Write each image as a PNG file into ``folder`` and return the function from digit to its name beside a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for digit in digits:
        (folder / f"{digit.example_id}.png").write_bytes(digit.png)
    return lambda digit: f"{folder.name}/{digit.example_id}.png"


def as_address(digit: Digit) -> str:
    """Return the image as a data address, for a table that carries its images itself."""
    return data_address(digit.png)
