"""The AUC and DeLong's variance: against every pair compared one by one, in known cases and in simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import norm, rankdata
from sklearn.metrics import roc_auc_score

from lookingglass.metrics.counts import CountTable
from lookingglass.metrics.delong import auc_delong, auc_value, auc_variance, paired_delong, placements
from tests.core.metrics.samples import Floats, Labels, Maker, draw, labelled_scores, tied


def brute_force(y_true: Labels, *scores: Floats) -> tuple[Floats, Floats]:
    """Return AUCs and their covariance matrix by comparing every positive with every negative: O(nm)."""
    v10, v01 = [], []
    for score in scores:
        x, y = score[y_true == 1][:, None], score[y_true == 0][None, :]
        wins = (x > y) + 0.5 * (x == y)
        v10.append(wins.mean(axis=1))
        v01.append(wins.mean(axis=0))
    covariance = np.atleast_2d(np.cov(v10)) / len(v10[0]) + np.atleast_2d(np.cov(v01)) / len(v01[0])
    return np.array([one.mean() for one in v10]), covariance


def test_a_case_by_hand() -> None:
    # positives 0.8, 0.4; negatives 0.6, 0.4, 0.2. Wins of 0.8: 3 of 3; of 0.4: 0 + 1/2 + 1 = 1.5 of 3.
    # AUC = 4.5 / 6 = 0.75. V10 = 1, 1/2: S10 = 1/8. V01 (0.6, 0.4, 0.2) = 1/2, 3/4, 1: S01 = 1/16.
    # Var = 1/8/2 + 1/16/3 = 1/12.
    table = CountTable.from_scores([1, 1, 0, 0, 0], [0.8, 0.4, 0.6, 0.4, 0.2])
    assert auc_value(table) == 0.75
    assert auc_variance(table) == pytest.approx(1 / 12)
    auc, right = placements(np.array([1, 1, 0, 0, 0], np.int8), np.array([0.8, 0.4, 0.6, 0.4, 0.2]))
    assert auc == 0.75
    assert right.tolist() == [1, 0.5, 0.5, 0.75, 1]


@pytest.mark.parametrize("make", [draw, tied])
@pytest.mark.parametrize("n", [20, 300])
def test_value_and_variance_agree_with_brute_force(make: Maker, n: int) -> None:
    y_true, a = make(n, n)
    _, b = make(n + 1, n)
    b = (a + b) / 2
    aucs, covariance = brute_force(y_true, a, b)
    table = CountTable.from_scores(y_true, a)
    assert auc_value(table) == pytest.approx(aucs[0], abs=1e-14)
    assert auc_variance(table) == pytest.approx(covariance[0, 0], rel=1e-10)
    figure = paired_delong(y_true, a, b)
    error = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert figure.value == pytest.approx(aucs[0] - aucs[1], abs=1e-14)
    assert figure.p_value == pytest.approx(2 * norm.sf(abs(aucs[0] - aucs[1]) / error), rel=1e-8)
    assert figure.low is not None
    assert figure.low == pytest.approx(aucs[0] - aucs[1] - norm.ppf(0.975) * error, abs=1e-10)


def test_placements_agree_with_the_midranks_of_scipy() -> None:
    """V10 = (Tz - Tx)/n and V01 = 1 - (Tz - Ty)/m, with T the midrank within all, positives, negatives."""
    y_true, y_score = tied(7, 500)
    positive = y_true == 1
    both = rankdata(y_score)
    v10 = (both[positive] - rankdata(y_score[positive])) / (~positive).sum()
    v01 = 1 - (both[~positive] - rankdata(y_score[~positive])) / positive.sum()
    _, right = placements(y_true, y_score)
    np.testing.assert_allclose(right[positive], v10, atol=1e-14)
    np.testing.assert_allclose(right[~positive], v01, atol=1e-14)


@given(labelled_scores(least=2))
def test_the_value_agrees_with_scikit_learn_and_lies_in_its_interval(data: tuple[Labels, Floats]) -> None:
    y_true, y_score = data
    figure = auc_delong(CountTable.from_scores(y_true, y_score))
    if len(set(y_true.tolist())) < 2:
        assert figure.value is None
        assert figure.reason in {"no positives", "no negatives"}
        return
    assert figure.value == pytest.approx(roc_auc_score(y_true, y_score), abs=1e-14)
    assert figure.n == len(y_true)
    if figure.low is None:
        assert figure.reason
    else:
        assert figure.high is not None
        assert 0 < figure.low < figure.value < figure.high < 1


@given(labelled_scores(least=2))
def test_an_increasing_recode_of_the_scores_changes_nothing(data: tuple[Labels, Floats]) -> None:
    y_true, y_score = data
    ranks = np.unique(y_score, return_inverse=True)[1].astype(np.float64) ** 3
    assert auc_delong(CountTable.from_scores(y_true, y_score)) == auc_delong(
        CountTable.from_scores(y_true, ranks)
    )


@given(labelled_scores(least=2))
def test_swapping_classes_and_turning_scores_round_changes_nothing(data: tuple[Labels, Floats]) -> None:
    y_true, y_score = data
    one = auc_delong(CountTable.from_scores(y_true, y_score))
    other = auc_delong(CountTable.from_scores(1 - y_true, -y_score))
    assert (one.value is None) == (other.value is None)
    if one.value is not None:
        assert other.value == pytest.approx(one.value, abs=1e-14)
        assert (one.low is None) == (other.low is None)


def test_perfect_and_reversed_rankings_are_not_estimable() -> None:
    for scores, auc in (([0.1, 0.2, 0.8, 0.9], 1.0), ([0.9, 0.8, 0.2, 0.1], 0.0)):
        figure = auc_delong(CountTable.from_scores([0, 0, 1, 1], scores))
        assert (figure.value, figure.low, figure.high, figure.reason) == (auc, None, None, "not estimable")


def test_all_scores_equal_is_one_half_without_interval() -> None:
    figure = auc_delong(CountTable.from_scores([0, 1, 1], [0.12, 0.12, 0.12]))
    assert (figure.value, figure.low, figure.reason) == (0.5, None, "all scores equal")


def test_a_single_positive_gives_a_value_without_interval() -> None:
    figure = auc_delong(CountTable.from_scores([0, 1, 0], [0.1, 0.2, 0.3]))
    assert (figure.value, figure.low) == (0.5, None)
    assert "single example" in str(figure.reason)
    assert "single example" in str(paired_delong([0, 1, 0], [0.1, 0.2, 0.3], [0.3, 0.2, 0.4]).reason)


def test_the_plain_interval_far_from_the_ends_and_the_logit_scale_near_them() -> None:
    far = auc_delong(CountTable.from_scores(*draw(1, 5_000)))
    assert far.method == "delong"
    assert far.value is not None
    assert far.low is not None
    assert far.high is not None
    assert far.high - far.value == pytest.approx(far.value - far.low)
    near = auc_delong(CountTable.from_scores(*draw(1, 60, 0.5, 3.5)))
    assert near.method == "delong on the logit scale"
    assert near.value is not None
    assert near.low is not None
    assert near.high is not None
    assert near.value < near.high < 1
    assert near.value - near.low > near.high - near.value, "longer on the side where there is room"


def test_identical_candidates_differ_by_nothing_with_p_1() -> None:
    y_true, y_score = tied(4, 200)
    for other in (y_score, y_score / 2, y_score**3):
        figure = paired_delong(y_true, y_score, other)
        assert (figure.value, figure.p_value, figure.low, figure.high) == (0.0, 1.0, None, None)
        assert figure.reason == "the two rank every example alike"


def test_best_against_worst_has_a_value_and_no_p_value() -> None:
    figure = paired_delong([0, 0, 1, 1], [1, 2, 3, 4], [4, 3, 2, 1])
    assert (figure.value, figure.low, figure.p_value, figure.reason) == (1.0, None, None, "not estimable")


def test_a_missing_class_leaves_the_difference_undefined() -> None:
    assert paired_delong([1, 1], [0.1, 0.2], [0.2, 0.1]).to_json() == {
        "value": None,
        "reason": "no negatives",
        "n": 2,
    }
    assert paired_delong([], [], []).reason == "no examples"


@pytest.mark.parametrize(("n", "share"), [(200, 0.1), (200, 0.3), (1_000, 0.1), (1_000, 0.5), (10_000, 0.3)])
def test_delong_covers_the_truth_in_95_of_100(n: int, share: float) -> None:
    truth = norm.cdf(1.2 / math.sqrt(2))
    covered = []
    for seed in range(1_500 if n < 10_000 else 600):
        figure = auc_delong(CountTable.from_scores(*draw(seed, n, share)))
        assert figure.low is not None
        assert figure.high is not None
        covered.append(figure.low <= truth <= figure.high)
    assert 0.93 <= np.mean(covered) <= 0.97


def test_equally_good_candidates_alarm_in_one_of_twenty() -> None:
    p_values = []
    for seed in range(1_500):
        rng = np.random.default_rng(seed)
        y_true = (rng.random(300) < 0.3).astype(np.int8)
        shared = rng.normal(size=300) + y_true
        figure = paired_delong(y_true, shared + rng.normal(size=300), shared + rng.normal(size=300))
        p_values.append(figure.p_value)
    assert 0.03 < np.mean(np.array(p_values) < 0.05) < 0.07
