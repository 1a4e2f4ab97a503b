"""Paired differences: by hand, against row resampling and statsmodels, under the null, and the words for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from statsmodels.stats.contingency_tables import mcnemar

from lookingglass.figures import Figure, undefined
from lookingglass.metrics import METRICS, Costs, distinguishable, evaluate_metrics, paired_difference
from lookingglass.metrics.catalogue import Scored
from lookingglass.metrics.compare import differences_of, mirrored
from lookingglass.metrics.ordered import Ordered
from tests.core.metrics.samples import Floats, Labels, draw, labelled_scores

COSTS = Costs(cost_fp=1.0, cost_fn=5.0)
WITH_MCNEMAR = {
    "accuracy",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
    "specificity",
    "selection_rate",
}


def two(seed: int, n: int, share: float = 0.3, gain: float = 0.0) -> tuple[Labels, Floats, Floats]:
    """Return labels and two candidates that see half of the same signal; the first a bit more of it by ``gain``."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(n) < share).astype(np.int8)
    seen = rng.normal(size=n) + y_true
    a, b = (seen + rng.normal(size=n) + extra * y_true for extra in (gain, 0.0))
    return y_true, 1 / (1 + np.exp(1 - a)), 1 / (1 + np.exp(1 - b))


@pytest.mark.parametrize("name", METRICS)
def test_the_difference_is_that_of_the_two_figures(name: str) -> None:
    y_true, a, b = two(1, 800, gain=0.5)
    figure = paired_difference(y_true, a, b, 0.4, 0.6, metrics=[name], costs=COSTS)[name]
    values = [evaluate_metrics(y_true, s, t, costs=COSTS)[name].value for s, t in ((a, 0.4), (b, 0.6))]
    assert values[0] is not None
    assert values[1] is not None
    assert figure.value == pytest.approx(values[0] - values[1], abs=1e-12)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low < figure.value < figure.high


@pytest.mark.parametrize("name", sorted(WITH_MCNEMAR))
def test_rates_have_the_exact_mcnemar_p_value_of_their_own_denominator(name: str) -> None:
    y_true, a, b = two(2, 300, gain=0.3)
    yes_a, yes_b = a >= 0.4, b >= 0.5
    rows = {
        "recall": y_true == 1,
        "false_negative_rate": y_true == 1,
        "false_positive_rate": y_true == 0,
        "specificity": y_true == 0,
    }.get(name, np.ones(300, dtype=bool))
    right_a, right_b = (yes if name == "selection_rate" else yes == (y_true == 1) for yes in (yes_a, yes_b))
    table = [
        [int((rows & (right_a == i) & (right_b == j)).sum()) for j in (True, False)] for i in (True, False)
    ]
    figure = paired_difference(y_true, a, b, 0.4, 0.5, metrics=[name])[name]
    assert figure.p_value == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert figure.n == rows.sum()
    assert figure.method == "bootstrap, p-value mcnemar"


def test_mcnemar_by_hand() -> None:
    # Of six positives the first candidate alone finds five, the second alone one: p = 14/64, difference 4/6.
    # On the two negatives they agree.
    y_true = [1, 1, 1, 1, 1, 1, 0, 0]
    a = [0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.9, 0.1]
    b = [0.1, 0.1, 0.1, 0.1, 0.1, 0.9, 0.9, 0.1]
    figures = paired_difference(y_true, a, b, 0.5, 0.5)
    assert figures["recall"].p_value == pytest.approx(14 / 64)
    assert figures["recall"].value == pytest.approx(4 / 6)
    assert figures["accuracy"].value == pytest.approx(4 / 8)
    assert (figures["specificity"].value, figures["specificity"].p_value) == (0.0, 1.0)
    assert "alike" in str(figures["specificity"].reason)


@pytest.mark.parametrize("name", METRICS)
def test_identical_candidates_differ_by_nothing(name: str) -> None:
    """Difference 0, p = 1, no interval of width zero, and the words say so."""
    y_true, y_score = draw(3, 400)
    figure = paired_difference(y_true, y_score, y_score, 0.5, 0.5, metrics=[name], costs=COSTS)[name]
    assert (figure.value, figure.p_value, figure.low, figure.high) == (0.0, 1.0, None, None)
    assert figure.reason
    assert distinguishable(figure) == "could be chance"


@pytest.mark.parametrize("name", ["precision", "f1", "mcc", "cost_per_example", "accuracy", "recall"])
def test_the_interval_is_as_wide_as_resampling_rows_would_make_it(name: str) -> None:
    y_true, a, b = two(4, 500, gain=0.5)
    figure = paired_difference(y_true, a, b, 0.5, 0.5, metrics=[name], costs=COSTS)[name]
    rng, differences = np.random.default_rng(0), []
    for _ in range(400):
        rows = rng.integers(0, 500, 500)
        one, other = (
            evaluate_metrics(y_true[rows], s[rows], 0.5, metrics=[name], costs=COSTS)[name].value
            for s in (a, b)
        )
        assert one is not None
        assert other is not None
        differences.append(one - other)
    assert figure.low is not None
    assert figure.high is not None
    assert (figure.high - figure.low) == pytest.approx(2 * 1.96 * np.std(differences), rel=0.15)


@pytest.mark.parametrize("n", [600, 20_000], ids=["a cell a row", "joint bins"])
def test_average_precision_differs_exactly_and_as_widely_as_rows_would(n: int) -> None:
    y_true, a, b = two(5, n, 0.1, gain=0.5)
    figure = paired_difference(y_true, a, b, 0.5, 0.5, metrics=["average_precision"])["average_precision"]
    expected = average_precision_score(y_true, a) - average_precision_score(y_true, b)
    assert figure.value == pytest.approx(expected, abs=1e-12)
    rng, differences = np.random.default_rng(0), []
    for _ in range(150):
        rows = rng.integers(0, n, n)
        one, other = (average_precision_score(y_true[rows], s[rows]) for s in (a, b))
        differences.append(one - other)
    assert figure.low is not None
    assert figure.high is not None
    assert (figure.high - figure.low) == pytest.approx(2 * 1.96 * np.std(differences), rel=0.25)


@pytest.mark.parametrize("name", ["brier", "log_loss"])
def test_losses_are_paired_row_by_row(name: str) -> None:
    y_true, a, b = two(6, 400, gain=0.3)

    def each(score: Floats) -> Floats:
        right = np.where(y_true == 1, score, 1 - score)
        return (1 - right) ** 2 if name == "brier" else -np.log(right)

    differences = each(a) - each(b)
    figure = paired_difference(y_true, a, b, 0.5, 0.5, metrics=[name])[name]
    error = differences.std(ddof=1) / 20
    assert figure.value == pytest.approx(differences.mean())
    assert figure.high == pytest.approx(differences.mean() + 1.959964 * error)
    from scipy.stats import norm

    assert figure.p_value == pytest.approx(2 * norm.sf(abs(differences.mean() / error)))


@given(labelled_scores(least=1), st.sampled_from([None, 0.25, 0.5]))
@settings(max_examples=40, deadline=None)
def test_turning_the_pair_round_turns_the_sign(data: tuple[Labels, Floats], threshold: float | None) -> None:
    y_true, a = data
    b = a[::-1].copy()
    there = paired_difference(y_true, a, b, 0.5, threshold, costs=COSTS)
    back = paired_difference(y_true, b, a, threshold, 0.5, costs=COSTS)
    for name in METRICS:
        one, other = there[name], back[name]
        assert (one.value is None) == (other.value is None), name
        if one.value is None or other.value is None:
            assert one.reason
            continue
        assert one.value == pytest.approx(-other.value, abs=1e-12), name
        assert one.p_value == pytest.approx(other.p_value), name
        if one.low is None:
            assert one.reason
            assert other.low is None, name
        else:
            assert one.high is not None
            assert one.low <= one.value <= one.high, name


def test_undefined_stays_undefined_and_names_who_lacks_it() -> None:
    figures = paired_difference([0, 1, 1, 0], [0.9, 0.8, 0.1, 0.2], [0.1, 0.2, 0.3, 0.4], 0.5, None)
    assert (figures["precision"].value, figures["precision"].reason) == (
        None,
        "second candidate: nothing answered yes",
    )
    assert figures["cost_per_example"].reason == "no costs agreed"
    assert paired_difference([1, 1], [0.1, 0.9], [0.9, 0.9], 0.5, 0.5)["specificity"].reason == "no negatives"
    assert all(figure.value is None for figure in paired_difference([], [], [], 0.5, 0.5).values())
    assert (
        paired_difference([0, 1], [3, 4], [0.1, 0.2], 1, 1)["brier"].reason
        == "scores are not between 0 and 1"
    )


@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "f1", "recall", "brier"])
def test_equally_good_candidates_alarm_in_about_one_of_twenty(name: str) -> None:
    """The null: two candidates that differ by noise only. McNemar is exact and so alarms a little less often."""
    runs = 300
    verdicts = [
        distinguishable(paired_difference(*two(seed, 300), 0.5, 0.5, metrics=[name], seed=seed)[name])
        for seed in range(runs)
    ]
    assert set(verdicts) <= {"more than chance", "could be chance"}
    assert 0.005 <= verdicts.count("more than chance") / runs <= 0.085


@pytest.mark.parametrize("name", ["f1", "average_precision"])
def test_the_interval_of_a_difference_covers_the_truth(name: str) -> None:
    big = two(0, 2_000_000, gain=0.5)
    truth = (
        paired_difference(*big, 0.5, 0.5, metrics=["f1"])["f1"].value
        if name == "f1"
        else average_precision_score(big[0], big[1]) - average_precision_score(big[0], big[2])
    )
    assert truth is not None
    covered = []
    for seed in range(1, 301):
        figure = paired_difference(*two(seed, 300, gain=0.5), 0.5, 0.5, metrics=[name], seed=seed)[name]
        assert figure.low is not None
        assert figure.high is not None
        covered.append(figure.low <= truth <= figure.high)
    assert 0.925 <= np.mean(covered) <= 0.975, "the band is that of 300 runs"


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure(0.02, 100, 0.01, 0.03, "delong, paired", p_value=0.001), "more than chance"),
        (Figure(-0.02, 100, -0.03, -0.01, "bootstrap"), "more than chance"),
        (Figure(0.02, 100, -0.01, 0.05, "bootstrap"), "could be chance"),
        (Figure(0.02, 100, 0.0, 0.05, "bootstrap"), "could be chance"),
        (Figure(0.02, 100, 0.001, 0.05, "bootstrap, p-value mcnemar", p_value=0.06), "could be chance"),
        (Figure(0.02, 100, -0.001, 0.05, "bootstrap, p-value mcnemar", p_value=0.04), "could be chance"),
        (Figure(0.0, 100, p_value=1.0, reason="alike"), "could be chance"),
        (Figure(1.0, 4, reason="not estimable"), "cannot tell"),
        (undefined("no positives"), "cannot tell"),
    ],
)
def test_a_difference_is_more_than_chance_only_when_everything_says_so(figure: Figure, words: str) -> None:
    assert distinguishable(figure) == words


@pytest.mark.parametrize("name", METRICS)
def test_one_candidate_may_be_a_side_of_many_pairs_and_b_minus_a_is_the_mirror_of_a_minus_b(
    name: str,
) -> None:
    y_true, a, b = two(11, 900, gain=0.4)
    direct = paired_difference(y_true, a, b, 0.4, 0.6, metrics=[name], costs=None)[name]
    sides = [Scored(Ordered(y_true, scores), at) for scores, at in ((a, 0.4), (b, 0.6))]
    for side in sides:
        side.rows.prepare()
        assert "table" not in side.rows.__dict__, "what is larger than all that is kept of it"
    assert differences_of(*sides, [name])[name] == direct
    back = mirrored(direct)
    if direct.value is None:
        assert back == direct
        return
    assert (back.value, back.low, back.high) == (-direct.value, -direct.high, -direct.low)
    assert (back.p_value, back.n, back.method) == (direct.p_value, direct.n, direct.method)
    assert mirrored(back) == direct


def test_a_mirrored_reason_names_the_other_candidate() -> None:
    figure = undefined("first candidate: nothing answered yes", 10)
    assert mirrored(figure).reason == "second candidate: nothing answered yes"
    both = undefined("first candidate: no positives; second candidate: nothing answered yes", 10)
    assert mirrored(both).reason == "first candidate: nothing answered yes; second candidate: no positives"
    assert mirrored(undefined("no costs agreed", 10)).reason == "no costs agreed"
