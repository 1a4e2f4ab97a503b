"""Calibration of slices: a perfectly calibrated model sits in its own null band, and one that is off does not."""

from __future__ import annotations

import numpy as np
import pytest

from lookingglass.fairness.calibration import Bins, CalibrationFigure, calibration_errors, means
from lookingglass.metrics.intervals import Z95


def of(y_true: np.ndarray, y_score: np.ndarray) -> CalibrationFigure:
    codes = np.zeros(len(y_true), dtype=np.int16)
    (found,) = calibration_errors(Bins.of(codes, 1, y_true.astype(np.int8), y_score))
    assert isinstance(found, CalibrationFigure)
    return found


def test_by_hand() -> None:
    y_score = np.array([0.05, 0.05, 0.95, 1.0])
    found = of(np.array([0, 1, 1, 1]), y_score)
    assert found.value == pytest.approx((abs(0.1 - 1) + abs(1.95 - 2)) / 4)
    assert found.low is None
    assert found.to_json()["perfect"] == found.perfect


def test_a_perfect_model_shows_an_error_too_as_large_as_was_promised() -> None:
    """The error of models that are calibrated by construction lies below ``perfect_high`` in about 95 of 100 cases."""
    rng = np.random.default_rng(1)
    below, errors, promised = 0, [], []
    for _ in range(400):
        y_score = rng.beta(1, 3, 100)
        found = of(rng.uniform(size=100) < y_score, y_score)
        errors.append(found.value)
        promised.append(found.perfect)
        below += (found.value or 0.0) <= found.perfect_high
    assert 0.92 <= below / 400 <= 0.99
    assert np.mean(errors) == pytest.approx(np.mean(promised), rel=0.05)


def test_a_model_that_is_off_lies_above_its_band() -> None:
    rng = np.random.default_rng(2)
    y_score = rng.uniform(size=2_000)
    found = of(rng.uniform(size=2_000) < y_score**2, y_score)
    assert (found.value or 0.0) > found.perfect_high


def test_in_the_large_is_the_mean_difference_with_its_interval() -> None:
    rng = np.random.default_rng(3)
    y_score, codes = rng.uniform(size=300), np.repeat([0, 1], [200, 100])
    y_true = (rng.uniform(size=300) < 0.4).astype(np.int8)
    scores, gaps = means(codes, 2, y_true, y_score)
    for place in (0, 1):
        inside = codes == place
        difference = y_score[inside] - y_true[inside]
        half = Z95 * difference.std(ddof=1) / np.sqrt(inside.sum())
        assert gaps[place].value == pytest.approx(difference.mean())
        assert gaps[place].high == pytest.approx(difference.mean() + half)
        assert scores[place].value == pytest.approx(y_score[inside].mean())


def test_one_example_and_equal_scores_have_no_interval() -> None:
    scores, gaps = means(
        np.array([0, 1, 1]), 3, np.array([1, 0, 0], dtype=np.int8), np.array([0.5, 0.2, 0.2])
    )
    assert scores[0].reason == "not estimable: a single example"
    assert (gaps[1].value, gaps[1].reason) == (0.2, "not estimable: every example has the same value")
    assert gaps[2].reason == "no examples"
