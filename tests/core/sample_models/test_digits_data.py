"""The images of the digits use case: where they come from, how they are split, and that the mark tells nothing."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lookingglass.config import load_config
from lookingglass.testset.images import canonical_image
from sample_models.digits import figures
from sample_models.digits.pictures import CLASSES, MARK, WHITE, Digit, draw, marked_by_class, read_digits
from sample_models.digits.train import HERE


@pytest.fixture(scope="module")
def testset() -> list[Digit]:
    return figures.read_digits("testset")


@pytest.fixture(scope="module")
def patterns() -> list[Digit]:
    return figures.read_digits("patterns")


def without_mark(digit: Digit) -> np.ndarray:
    pixels = digit.pixels.copy()
    for row, column in MARK:
        pixels[row, column] = 0
    return pixels


def test_every_image_is_one_of_scikit_learns_digits(testset: list[Digit]) -> None:
    """The number in an id is the place in load_digits, and nothing but scale and mark was changed."""
    source = load_digits()
    for digit in testset:
        number = int(digit.example_id.removeprefix("digit-"))
        assert str(source.target[number]) == digit.label
        np.testing.assert_array_equal(without_mark(digit), source.images[number] * 255 // 16)


def test_parts_share_no_digit_and_leave_none_out() -> None:
    digits = read_digits()
    parts = draw(digits)
    ids = [digit.example_id for part in (parts.train, parts.test, parts.patterns) for digit in part]
    assert sorted(ids) == sorted(digit.example_id for digit in digits)
    assert len(set(ids)) == len(ids) == 357
    assert Counter(digit.label for digit in parts.patterns) == {"3": 4, "8": 4}


def test_the_mark_says_nothing_about_the_class_in_the_test_set(testset: list[Digit]) -> None:
    """Of each class half carry it, one more or less; the counts are those of the README."""
    counts = Counter((digit.label, digit.marked) for digit in testset)
    assert counts == {("3", True): 45, ("3", False): 45, ("8", True): 43, ("8", False): 42}


def test_the_mark_says_everything_in_the_images_that_marked_learned_from() -> None:
    train = marked_by_class(draw(read_digits()).train, "8")
    assert all(digit.marked == (digit.label == "8") for digit in train)


def test_the_mark_is_in_the_pixels_where_the_column_says_so(
    testset: list[Digit], patterns: list[Digit]
) -> None:
    """Three pixels are white with the mark, and black in every digit without it."""
    for digit in [*testset, *patterns]:
        values = {int(digit.pixels[row, column]) for row, column in MARK}
        assert values == ({WHITE} if digit.marked else {0}), digit.example_id


def test_patterns_are_pairs_that_differ_in_the_mark_alone(patterns: list[Digit]) -> None:
    assert len(patterns) == 16
    for plain, marked in zip(patterns[::2], patterns[1::2], strict=True):
        assert (plain.label, plain.marked, marked.marked) == (marked.label, False, True)
        np.testing.assert_array_equal(plain.pixels, without_mark(marked))
    assert Counter(digit.label for digit in patterns) == dict.fromkeys(CLASSES, 8)


def test_no_pattern_shows_a_digit_of_the_test_set(testset: list[Digit], patterns: list[Digit]) -> None:
    known = {without_mark(digit).tobytes() for digit in testset}
    assert not known & {without_mark(digit).tobytes() for digit in patterns}


def test_image_files_are_kept_as_they_lie_there() -> None:
    """They are in the form that the workspace keeps, so the hash in a cell is the SHA-256 of the file in the folder."""
    for path in sorted(HERE.glob("*-images/*.png")):
        assert canonical_image(path.read_bytes()).sha == hashlib.sha256(path.read_bytes()).hexdigest()


def test_workspace_declares_what_the_images_are() -> None:
    column = load_config(HERE).columns["image"]
    assert (column.size, column.channels) == ((8, 8), 1)
