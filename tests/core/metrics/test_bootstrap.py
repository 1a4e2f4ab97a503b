"""The bootstrap on counts: distributed as resampled rows are, repeatable, honest where it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from lookingglass.metrics import evaluate_metrics
from lookingglass.metrics.bootstrap import ResampledFigure, average_precision, percentile_figure, resample
from lookingglass.metrics.counts import CountTable
from tests.core.metrics.samples import Floats, Labels, draw, labelled_scores


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(0, 5))
@settings(max_examples=40)
def test_every_replicate_has_as_many_rows_as_the_sample(cells: list[int], seed: int) -> None:
    drawn = resample(np.array(cells), seed, replicates=20)
    assert drawn.shape == (20, len(cells))
    assert (drawn >= 0).all()
    assert (drawn.sum(axis=1) == sum(cells)).all()
    assert (drawn[:, np.array(cells) == 0] == 0).all(), "what was never seen is never drawn"
    assert (drawn == resample(np.array(cells), seed, replicates=20)).all(), "same seed, same replicates"


def test_another_seed_gives_other_replicates() -> None:
    cells = np.array([30, 40, 50])
    assert (resample(cells, 1) != resample(cells, 2)).any()


@pytest.mark.parametrize("repeat", [1, 100], ids=["rows drawn", "cells drawn"])
def test_replicates_have_the_mean_and_covariance_of_a_multinomial(repeat: int) -> None:
    """Mean n p, covariance n (diag(p) - p p'), whichever of the two ways of drawing is taken."""
    cells = np.array([1, 2, 3, 4]) * repeat
    drawn = resample(cells, 5, replicates=40_000)
    n, p = cells.sum(), cells / cells.sum()
    np.testing.assert_allclose(drawn.mean(axis=0), cells, rtol=0.02)
    expected = n * (np.diag(p) - np.outer(p, p))
    np.testing.assert_allclose(np.cov(drawn.T), expected, atol=0.04 * n * 0.25)


def test_drawing_rows_in_portions_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = np.ones(50, dtype=np.int64)
    whole = resample(cells, 3, replicates=10)
    monkeypatch.setattr("lookingglass.metrics.bootstrap._DRAWS_AT_ONCE", 120)
    assert (resample(cells, 3, replicates=10) == whole).all()


def test_the_interval_is_the_middle_95_per_cent_and_names_its_seed() -> None:
    figure = percentile_figure(500.0, np.arange(1_001.0), 7, seed=42)
    assert isinstance(figure, ResampledFigure)
    assert (figure.low, figure.high, figure.n, figure.method) == (25.0, 975.0, 7, "bootstrap")
    assert figure.to_json()["seed"] == 42
    assert figure.to_json()["replicates"] == 1_001


def test_the_interval_is_widened_to_hold_the_estimate() -> None:
    figure = percentile_figure(2_000.0, np.arange(1_001.0), 7, seed=0)
    assert (figure.low, figure.high) == (25.0, 2_000.0)
    figure = percentile_figure(-5.0, np.arange(1_001.0), 7, seed=0)
    assert (figure.low, figure.high) == (-5.0, 975.0)


def test_many_undefined_or_only_equal_replicates_give_no_interval() -> None:
    replicates = np.arange(100.0)
    replicates[:5] = np.nan
    assert percentile_figure(50.0, replicates, 7, seed=0).low is not None, "five of a hundred are left out"
    replicates[5] = np.nan
    figure = percentile_figure(50.0, replicates, 7, seed=0)
    assert (figure.value, figure.low) == (50.0, None)
    assert "undefined" in str(figure.reason)
    assert "same value" in str(percentile_figure(1.0, np.ones(100), 7, seed=0).reason)


def test_average_precision_by_hand() -> None:
    # From the top: score 1 holds 1 positive; score 2 holds 1 positive and 1 negative; score 3 a negative.
    # AP = 1/2 * 1/1 + 1/2 * 2/3 = 5/6.
    assert average_precision(np.array([1, 1, 0]), np.array([0, 1, 1])) == pytest.approx(5 / 6)
    assert np.isnan(average_precision(np.array([0, 0]), np.array([1, 1])))
    assert average_precision(np.array([0, 2]), np.array([0, 0])) == 1.0, (
        "an empty bin at the top is no trouble"
    )


@given(labelled_scores(least=1))
def test_average_precision_agrees_with_scikit_learn(data: tuple[Labels, Floats]) -> None:
    y_true, y_score = data
    if y_true.any():
        value = average_precision(*CountTable.from_scores(y_true, y_score).per_score())
        assert value == pytest.approx(average_precision_score(y_true, y_score), abs=1e-13)


def test_average_precision_stays_exact_when_its_interval_uses_bins() -> None:
    y_true, y_score = draw(1, 30_000, 0.05)
    figure = evaluate_metrics(y_true, y_score, 0.5, metrics=["average_precision"])["average_precision"]
    assert figure.value == pytest.approx(average_precision_score(y_true, y_score), abs=1e-13)
    assert figure.low is not None
    assert figure.high is not None
    rng = np.random.default_rng(0)
    rows = [rng.integers(0, len(y_true), len(y_true)) for _ in range(150)]
    by_rows = np.std([average_precision_score(y_true[one], y_score[one]) for one in rows])
    assert (figure.high - figure.low) / (2 * 1.96) == pytest.approx(by_rows, rel=0.2), (
        "as wide as rows would make it"
    )


def f1_truth(share: float, distance: float) -> float:
    """Return F1 at score 0.5, half way between the two classes: recall = specificity = Phi(distance / 2)."""
    from scipy.stats import norm

    right = float(norm.cdf(distance / 2))
    tp, fp, fn = share * right, (1 - share) * (1 - right), share * (1 - right)
    return 2 * tp / (2 * tp + fp + fn)


@pytest.mark.parametrize(("n", "share"), [(200, 0.1), (200, 0.5), (1_000, 0.1), (1_000, 0.3), (10_000, 0.3)])
def test_the_bootstrap_of_f1_covers_the_truth_in_95_of_100(n: int, share: float) -> None:
    covered = []
    for seed in range(1_200):
        y_true, y_score = draw(seed, n, share)
        figure = evaluate_metrics(y_true, y_score, 0.5, metrics=["f1"], seed=seed)["f1"]
        assert figure.low is not None
        assert figure.high is not None
        covered.append(figure.low <= f1_truth(share, 1.2) <= figure.high)
    assert 0.93 <= np.mean(covered) <= 0.97


def test_coarse_bins_do_not_shift_the_interval_of_average_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """With eight bins the binned curve has another average precision; the interval stays around the exact one."""
    monkeypatch.setattr("lookingglass.metrics.bootstrap.MOST_BINS", 8)
    figure = evaluate_metrics(*draw(1, 20_000, 0.05), 0.5, metrics=["average_precision"])["average_precision"]
    assert figure.value is not None
    assert figure.low is not None
    assert figure.high is not None
    assert 0.5 < (figure.high - figure.value) / (figure.value - figure.low) < 2
