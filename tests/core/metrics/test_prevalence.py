"""Another share of positives in real use: by hand, and against scikit-learn with weighted samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from lookingglass.errors import BadInput
from lookingglass.metrics import (
    Costs,
    CountTable,
    Settings,
    distinguishable,
    evaluate_metrics,
    paired_difference,
)
from lookingglass.metrics.formulas import AT_THRESHOLD, WITHIN_CLASS, Cells, at_threshold, shifted
from lookingglass.metrics.losses import LOSSES
from tests.core.metrics.samples import Floats, Labels, draw, labelled_scores, tied

COSTS = Costs(cost_fp=1.0, cost_fn=5.0, gain_tp=2.0, gain_tn=0.5)

# From 0.5: TP 2, FN 2, FP 1, TN 5.
Y_TRUE = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
Y_SCORE = np.array([0.9, 0.6, 0.3, 0.2, 0.8, 0.4, 0.2, 0.1, 0.1, 0.0])


def weights(y_true: Labels, prevalence: float) -> Floats:
    """Return what each sample counts for, as scikit-learn takes it."""
    positives, n = int(y_true.sum()), len(y_true)
    return np.where(y_true == 1, n * prevalence / positives, n * (1 - prevalence) / (n - positives))


def test_by_hand() -> None:
    # With 20 % positives each positive counts 10 * 0.2 / 4 = 0.5, each negative 10 * 0.8 / 6 = 4/3.
    figures = evaluate_metrics(Y_TRUE, Y_SCORE, 0.5, costs=COSTS, beta=2, prevalence=0.2)
    expected = {
        "accuracy": (1 + 20 / 3) / 10,
        "precision": 1 / (1 + 4 / 3),
        "recall": 0.5,
        "false_positive_rate": 1 / 6,
        "selection_rate": (1 + 4 / 3) / 10,
        "balanced_accuracy": (0.5 + 5 / 6) / 2,
        "f1": 2 / (2 + 1 + 4 / 3),
        "f_beta": 5 / (5 + 4 + 4 / 3),
        "cost_per_example": (4 / 3 + 5 - 2 - 0.5 * 20 / 3) / 10,
    }
    for name, value in expected.items():
        assert figures[name].value == pytest.approx(value, abs=1e-14), name


def test_rates_within_a_class_stay_as_they_are_with_k_of_n() -> None:
    usual, shift = (
        evaluate_metrics(Y_TRUE, Y_SCORE, 0.5, costs=COSTS, prevalence=prevalence)
        for prevalence in (None, 0.05)
    )
    for name in AT_THRESHOLD:
        if name in WITHIN_CLASS:
            assert shift[name] == usual[name], name
        else:
            assert shift[name].value != usual[name].value, name
    assert (shift["recall"].k, shift["recall"].method) == (2, "wilson")
    for name in ("precision", "accuracy", "selection_rate"):
        figure = shift[name]
        assert (figure.k, figure.method) == (None, "bootstrap"), "a weighted share is not k of n"
    assert shift["precision"].n == 3


@given(labelled_scores(least=2), st.floats(0.001, 0.999), st.floats(0, 1))
@settings(deadline=None)
def test_it_is_scikit_learn_with_weighted_samples(
    data: tuple[Labels, Floats], prevalence: float, threshold: float
) -> None:
    y_true, y_score = data
    assume(0 < y_true.sum() < len(y_true))
    yes, weight = (y_score >= threshold).astype(np.int8), weights(y_true, prevalence)
    told = {"sample_weight": weight}
    expected = {
        "accuracy": sk.accuracy_score(y_true, yes, **told),
        "recall": sk.recall_score(y_true, yes, **told),
        "specificity": sk.recall_score(y_true, yes, pos_label=0, **told),
        "balanced_accuracy": sk.balanced_accuracy_score(y_true, yes, sample_weight=weight),
        "f1": sk.f1_score(y_true, yes, **told),
        "f_beta": sk.fbeta_score(y_true, yes, beta=0.5, **told),
        "selection_rate": float(weight @ yes) / len(y_true),
    }
    if yes.any():
        expected["precision"] = sk.precision_score(y_true, yes, **told)
    if 0 < yes.sum() < len(yes):
        expected["mcc"] = sk.matthews_corrcoef(y_true, yes, sample_weight=weight)
    figures = evaluate_metrics(
        y_true, y_score, threshold, beta=0.5, prevalence=prevalence, metrics=list(expected)
    )
    for name, value in expected.items():
        assert figures[name].value == pytest.approx(value, abs=1e-9), name


@given(labelled_scores(least=2), st.floats(0.001, 0.999))
@example((np.array([0, 1, 1], dtype=np.int8), np.full(3, 0.4)), 0.2)
@settings(deadline=None)
def test_the_whole_curve_is_scikit_learns(data: tuple[Labels, Floats], prevalence: float) -> None:
    y_true, y_score = data
    assume(0 < y_true.sum() < len(y_true))
    table, weight = CountTable.from_scores(y_true, y_score), weights(y_true, prevalence)
    cells = shifted(Cells.of(table), prevalence)
    tn, fp, fn, tp, thresholds = sk.confusion_matrix_at_thresholds(y_true, y_score, sample_weight=weight)
    np.testing.assert_array_equal(table.thresholds, thresholds)
    for name, expected in (("tp", tp), ("fp", fp), ("tn", tn), ("fn", fn)):
        np.testing.assert_allclose(getattr(cells, name), expected, atol=1e-9)
    told = Settings(prevalence=prevalence)
    precision, recall, at = sk.precision_recall_curve(y_true, y_score, sample_weight=weight)
    ours = at_threshold("precision", Cells.of(table), told)[::-1]
    np.testing.assert_allclose(ours[np.isin(table.thresholds[::-1], at)], precision[:-1], atol=1e-9)
    np.testing.assert_allclose(at_threshold("recall", Cells.of(table), told)[::-1], recall[:-1], atol=1e-9)
    fpr, tpr, _ = sk.roc_curve(y_true, y_score, sample_weight=weight, drop_intermediate=False)
    np.testing.assert_allclose(at_threshold("false_positive_rate", Cells.of(table), told), fpr[1:], atol=1e-9)
    np.testing.assert_allclose(at_threshold("recall", Cells.of(table), told), tpr[1:], atol=1e-9)


@given(labelled_scores(least=1))
@example((np.array([0, 1, 1], dtype=np.int8), np.full(3, 0.4)))
@settings(deadline=None)
def test_counts_at_every_threshold_are_scikit_learns(data: tuple[Labels, Floats]) -> None:
    y_true, y_score = data
    assume(0 < y_true.sum() < len(y_true))
    table = CountTable.from_scores(y_true, y_score)
    tn, fp, fn, tp, thresholds = sk.confusion_matrix_at_thresholds(y_true, y_score)
    np.testing.assert_array_equal(table.thresholds, thresholds)
    for ours, theirs in ((table.tp, tp), (table.fp, fp), (table.tn, tn), (table.fn, fn)):
        np.testing.assert_array_equal(ours, theirs)


FREE = ("average_precision", "brier", "log_loss")
"""What follows no threshold and yet the share of positives."""


def test_what_follows_no_threshold_by_hand() -> None:
    # Down to 0.9, 0.6, 0.3 and 0.2: recall 1/4, 2/4, 3/4, 4/4 and false positive rate 0, 1/6, 2/6, 3/6.
    # Precision at 20 % positives: 0.2 * recall / (0.2 * recall + 0.8 * false positive rate).
    figures = evaluate_metrics(Y_TRUE, Y_SCORE, 0.5, prevalence=0.2)
    steps = [(1 / 4, 0.0), (2 / 4, 1 / 6), (3 / 4, 2 / 6), (4 / 4, 3 / 6)]
    expected = sum(0.2 * tpr / (0.2 * tpr + 0.8 * fpr) / 4 for tpr, fpr in steps)
    assert figures["average_precision"].value == pytest.approx(expected, abs=1e-14)
    of_positives = (0.01 + 0.16 + 0.49 + 0.64) / 4
    of_negatives = (0.64 + 0.16 + 0.04 + 0.01 + 0.01 + 0.0) / 6
    brier = figures["brier"]
    assert brier.value == pytest.approx(0.2 * of_positives + 0.8 * of_negatives, abs=1e-14)
    errors = [
        float(np.std((Y_SCORE - Y_TRUE)[label == Y_TRUE] ** 2, ddof=1)) / math.sqrt(count)
        for label, count in ((1, 4), (0, 6))
    ]
    half = 1.959963984540054 * math.sqrt((0.2 * errors[0]) ** 2 + (0.8 * errors[1]) ** 2)
    assert (brier.high, brier.method) == (pytest.approx(brier.value + half), "normal, by class")
    assert figures["roc_auc"] == evaluate_metrics(Y_TRUE, Y_SCORE, 0.5)["roc_auc"]


@given(labelled_scores(least=2), st.floats(0.001, 0.999))
@example((np.array([0, 1, 1], dtype=np.int8), np.full(3, 0.4)), 0.2)
@settings(deadline=None)
def test_what_follows_no_threshold_is_scikit_learns_with_weighted_samples(
    data: tuple[Labels, Floats], prevalence: float
) -> None:
    y_true, y_score = data
    assume(0 < y_true.sum() < len(y_true))
    told = {"sample_weight": weights(y_true, prevalence)}
    expected = {
        "average_precision": sk.average_precision_score(y_true, y_score, **told),
        "brier": sk.brier_score_loss(y_true, y_score, **told),
        "log_loss": sk.log_loss(y_true, y_score, labels=[0, 1], **told),
        "roc_auc": sk.roc_auc_score(y_true, y_score, **told),
    }
    figures = evaluate_metrics(y_true, y_score, 0.5, metrics=list(expected), prevalence=prevalence)
    for name, value in expected.items():
        assert figures[name].value == pytest.approx(value, abs=1e-9), name
        if figures[name].low is not None:
            assert figures[name].low <= figures[name].value <= figures[name].high, name  # type: ignore[operator]  # an interval has both ends


def true_average_precision(prevalence: float, distance: float = 1.2) -> float:
    """Return what two normal classes this far apart have among all samples that could be drawn."""
    at = np.linspace(-8, 8 + distance, 200_001)
    tail = np.vectorize(lambda z: math.erfc(z / math.sqrt(2)) / 2)
    tpr, fpr = tail(at - distance), tail(at)
    precision = prevalence * tpr / (prevalence * tpr + (1 - prevalence) * fpr)
    return float(-np.trapezoid(precision, tpr))


def true_loss(name: str, prevalence: float, distance: float = 1.2) -> float:
    """Return the mean loss of the scores that ``draw`` makes, over all samples that could be drawn."""
    z = np.linspace(-9, 9, 100_001)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    means = []
    for label in (1, 0):
        score = 1 / (1 + np.exp(distance / 2 - z - distance * label))
        means.append(float(np.trapezoid(density * LOSSES[name](np.full(len(z), label, np.int8), score), z)))
    return prevalence * means[0] + (1 - prevalence) * means[1]


@pytest.mark.parametrize("name", FREE)
def test_an_interval_of_what_follows_no_threshold_covers_under_a_shift(name: str) -> None:
    truth = true_average_precision(0.1) if name == "average_precision" else true_loss(name, 0.1)
    covered = 0
    for seed in range(400):
        figure = evaluate_metrics(*draw(seed, 1_000, 0.4), 0.5, prevalence=0.1, metrics=[name])[name]
        assert figure.low is not None
        assert figure.high is not None
        covered += figure.low <= truth <= figure.high
    least = (
        0.87 if name == "average_precision" else 0.92
    )  # a strong shift: docs/metrics.md says what was measured
    assert least <= covered / 400 <= 0.98


@pytest.mark.parametrize("name", FREE)
def test_a_difference_of_what_follows_no_threshold_is_as_wide_as_resampled_rows(name: str) -> None:
    y_true, a = draw(1, 600, 0.4)
    b = 0.6 * a + 0.4 * draw(2, 600, 0.4)[1]
    figure = paired_difference(y_true, a, b, 0.5, 0.5, metrics=[name], prevalence=0.1)[name]
    each = [evaluate_metrics(y_true, s, 0.5, metrics=[name], prevalence=0.1)[name].value for s in (a, b)]
    assert figure.value == pytest.approx(each[0] - each[1], abs=1e-12)  # type: ignore[operator]  # both classes are there
    rng, found = np.random.default_rng(0), []
    for _ in range(300):
        rows = rng.integers(0, 600, 600)
        weight = weights(y_true[rows], 0.1)
        score = {"average_precision": sk.average_precision_score, "brier": sk.brier_score_loss}.get(
            name, sk.log_loss
        )
        one, other = (score(y_true[rows], s[rows], sample_weight=weight) for s in (a, b))
        found.append(one - other)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * np.std(found), rel=0.15)
    usual = paired_difference(y_true, a, b, 0.5, 0.5, metrics=[name])[name]
    assert usual.value != figure.value
    back = paired_difference(y_true, b, a, 0.5, 0.5, metrics=[name], prevalence=0.1)[name]
    assert back.value == pytest.approx(-figure.value)  # type: ignore[operator]  # it has a value


@pytest.mark.parametrize(
    ("labels", "scores", "reason"),
    [
        ([1, 0, 0], [0.7, 0.2, 0.4], "not estimable: one class has a single example"),
        ([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5], "not estimable: every example has the same loss"),
    ],
)
def test_a_weighted_loss_without_spread_has_no_interval(
    labels: list[int], scores: list[float], reason: str
) -> None:
    figure = evaluate_metrics(labels, scores, 0.5, metrics=["brier"], prevalence=0.3)["brier"]
    assert (figure.low, figure.high, figure.reason) == (None, None, reason)
    assert figure.value is not None


@pytest.mark.parametrize(("labels", "reason"), [([0, 0, 0], "no positives"), ([1, 1, 1], "no negatives")])
def test_a_missing_class_leaves_every_shifted_metric_undefined(labels: list[int], reason: str) -> None:
    figures = evaluate_metrics(labels, [0.1, 0.6, 0.9], 0.5, costs=COSTS, prevalence=0.3)
    for name in (*AT_THRESHOLD, *FREE):
        if name not in WITHIN_CLASS:
            assert figures[name].value is None, name
            assert figures[name].reason == reason, name
    differences = paired_difference(labels, [0.1, 0.6, 0.9], [0.1, 0.5, 0.9], 0.5, 0.5, prevalence=0.3)
    for name in FREE:
        assert (differences[name].value, differences[name].reason) == (None, reason), name


def test_the_samples_own_share_changes_nothing() -> None:
    y_true, y_score = draw(1, 400, 0.25)
    own = float(y_true.mean())
    usual, shift = (
        evaluate_metrics(y_true, y_score, 0.5, costs=COSTS, prevalence=prevalence)
        for prevalence in (None, own)
    )
    for name in (*AT_THRESHOLD, *FREE):
        assert shift[name].value == pytest.approx(usual[name].value), name


def test_an_interval_under_a_shift_covers() -> None:
    # A score of 0.5 stands where one class lies 0.6 above and the other 0.6 below: half of erfc(-+0.6 / sqrt(2)).
    recall, false_positive_rate = (math.erfc(end * 0.6 / math.sqrt(2)) / 2 for end in (-1, 1))
    truth = 0.1 * recall / (0.1 * recall + 0.9 * false_positive_rate)
    covered = 0
    for seed in range(300):
        sample = draw(seed, 1_000, 0.4)
        figure = evaluate_metrics(*sample, 0.5, prevalence=0.1, metrics=["precision"])["precision"]
        assert figure.low is not None
        assert figure.high is not None
        covered += figure.low <= truth <= figure.high
    assert 0.93 <= covered / 300 <= 0.98


@pytest.mark.parametrize("make", [draw, tied])
def test_a_paired_difference_follows_the_shift_and_has_no_mcnemar(make: object) -> None:
    y_true, a = make(1, 2_000)  # type: ignore[operator]  # both are makers
    _, noise = draw(2, 2_000)
    b = 0.7 * a + 0.3 * noise
    figures = paired_difference(y_true, a, b, 0.5, 0.5, prevalence=0.05)
    for name in ("accuracy", "precision", "recall"):
        each = [
            evaluate_metrics(y_true, side, 0.5, prevalence=0.05, metrics=[name])[name].value
            for side in (a, b)
        ]
        assert None not in each
        assert figures[name].value == pytest.approx(each[0] - each[1])  # type: ignore[operator]  # asserted above
    assert (figures["accuracy"].method, figures["accuracy"].p_value) == ("bootstrap", None)
    assert figures["recall"].p_value is not None
    assert distinguishable(figures["accuracy"]) in {"more than chance", "could be chance"}


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_a_share_that_leaves_a_class_out_is_refused(prevalence: float) -> None:
    with pytest.raises(BadInput, match="the share of positives in real use must lie between 0 and 1"):
        Settings(prevalence=prevalence)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ((float("nan"), 1.0), "the cost of a false positive .cost_fp. must be a number, not nan"),
        ((1.0, float("inf")), "the cost of a false negative .cost_fn. must be a number, not inf"),
        ((1.0, 1.0, float("nan")), "what a true positive brings .gain_tp. must be a number, not nan"),
        (
            (1e13, 1.0),
            "cost_fp. must be at most 1e.12, not 1e.13: count in a larger unit",
        ),
        ((-1.0, 1.0), "a false positive .* would pay better than a true negative"),
        ((1.0, 1.0, 0.0, -2.0), "a false positive .* would pay better than a true negative"),
        ((1.0, 1.0, -2.0), "a false negative .* would pay better than a true positive"),
        ((0.0, 0.0), "no mistake costs more than the right answer"),
        ((-1.0, 2.0, -2.0, 1.0), "no mistake costs more than the right answer"),
    ],
)
def test_costs_by_which_a_mistake_pays_are_refused(told: tuple[float, ...], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Costs(*told)


def test_costs_that_make_sense_are_taken() -> None:
    Costs(0.0, 1.0)
    Costs(1.0, 0.0)
    Costs(-1.0, 5.0, gain_tn=2.0)
    Costs(0.0, 0.0, gain_tp=1.0)
