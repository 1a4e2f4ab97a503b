"""An answer is believed when its shape, its range and its sums hold, and only then."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lookingglass.candidates.worker.answers import checked
from lookingglass.errors import CandidateFailed


def check(answer: np.ndarray, rows: int, classes: int, precision: str = "float64") -> np.ndarray:
    """Send ``answer`` through the check as the worker would."""
    header = {"shape": list(answer.shape), "precision": precision}
    return checked(header, bytearray(answer.astype("<f8").tobytes()), rows, classes)


@given(arrays(np.float64, st.integers(1, 20), elements=st.floats(0, 1)))
def test_true_probabilities_come_back_as_they_are(second: np.ndarray) -> None:
    answer = np.column_stack([1 - second, second])
    assert (check(answer, len(second), 2) == answer).all()


@given(arrays(np.float64, (3, 2), elements=st.floats(width=64)))
def test_whatever_is_accepted_is_within_0_and_1_and_sums_to_1(answer: np.ndarray) -> None:
    try:
        accepted = check(answer, 3, 2)
    except CandidateFailed:
        return
    assert ((accepted >= 0) & (accepted <= 1)).all()
    assert np.abs(accepted.sum(axis=1) - 1).max() <= 1e-5


def test_rounding_of_single_precision_is_forgiven_and_clipped() -> None:
    answer = np.array([[-2e-5, 1.00002]])
    assert check(answer, 1, 2, "float32").tolist() == [[0.0, 1.0]]
    with pytest.raises(CandidateFailed, match="outside 0 to 1"):
        check(answer, 1, 2, "float64")


@pytest.mark.parametrize("shape", [None, "8x2", [], [2, -2], [2.0, 2], [[2], 2]])
def test_a_shape_that_is_none_is_no_table(shape: object) -> None:
    with pytest.raises(CandidateFailed, match="no table of numbers"):
        checked({"shape": shape}, bytearray(32), 2, 2)


def test_a_body_of_another_size_than_announced_is_refused() -> None:
    with pytest.raises(CandidateFailed, match="not what it announced"):
        checked({"shape": [2, 2]}, bytearray(31), 2, 2)


def test_three_classes_pass_when_the_manifest_names_three() -> None:
    assert check(np.full((2, 3), 1 / 3), 2, 3).shape == (2, 3)
