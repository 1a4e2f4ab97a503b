"""Every metric of the catalogue: by hand, against scikit-learn, and the promises that all of them keep."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.figures import Figure
from lookingglass.metrics import METRICS, Costs, evaluate_metrics
from lookingglass.metrics.intervals import Z95, wilson
from lookingglass.vocabulary import METRIC_WORDS
from tests.core.metrics.samples import Floats, Labels, draw, labelled_scores, tied

COSTS = Costs(cost_fp=1.0, cost_fn=5.0, gain_tp=2.0, gain_tn=0.5)

# Labels and scores, answered yes from 0.5:  1: 0.9 yes, 0.6 yes, 0.3 no, 0.5 yes;  0: 0.8 yes, 0.4 no, 0.2 no, 0.1 no,
# 0.7 yes, 0.0 no.   TP = 3, FN = 1, FP = 2, TN = 4.
Y_TRUE = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
Y_SCORE = np.array([0.9, 0.6, 0.3, 0.5, 0.8, 0.4, 0.2, 0.1, 0.7, 0.0])

BY_HAND: dict[str, float] = {
    # Wins over the six negatives: 0.9 beats 6, 0.6 and 0.5 beat 4, 0.3 beats 3: 17 of 24.
    "roc_auc": 17 / 24,
    # Descending: 1 0 0 1 1 0 1 ...: precision at the positives is 1/1, 2/4, 3/5, 4/7.
    "average_precision": (1 + 2 / 4 + 3 / 5 + 4 / 7) / 4,
    "accuracy": 7 / 10,
    "balanced_accuracy": (3 / 4 + 4 / 6) / 2,
    "precision": 3 / 5,
    "recall": 3 / 4,
    "false_positive_rate": 2 / 6,
    "false_negative_rate": 1 / 4,
    "specificity": 4 / 6,
    "selection_rate": 5 / 10,
    "f1": 2 * 3 / (2 * 3 + 2 + 1),
    # beta = 2: (1 + 4) TP / ((1 + 4) TP + 4 FN + FP)
    "f_beta": 15 / (15 + 4 + 2),
    # (TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN))
    "mcc": (12 - 2) / math.sqrt(5 * 4 * 6 * 5),
    # Squares: 0.01 + 0.16 + 0.49 + 0.25 + 0.64 + 0.16 + 0.04 + 0.01 + 0.49 + 0
    "brier": 2.25 / 10,
    # The true labels were given 0.9, 0.6, 0.3, 0.5 and 0.2, 0.6, 0.8, 0.9, 0.3, 1.
    "log_loss": -math.log(0.9 * 0.6 * 0.3 * 0.5 * 0.2 * 0.6 * 0.8 * 0.9 * 0.3) / 10,
    # 1 * 2 + 5 * 1 - 2 * 3 - 0.5 * 4, over 10
    "cost_per_example": -1 / 10,
}

ORACLES: dict[str, Callable[[Labels, Floats, Labels], float]] = {
    "roc_auc": lambda y, score, _: sk.roc_auc_score(y, score),
    "average_precision": lambda y, score, _: sk.average_precision_score(y, score),
    "accuracy": lambda y, _, yes: sk.accuracy_score(y, yes),
    "balanced_accuracy": lambda y, _, yes: sk.balanced_accuracy_score(y, yes),
    "precision": lambda y, _, yes: sk.precision_score(y, yes),
    "recall": lambda y, _, yes: sk.recall_score(y, yes),
    "false_positive_rate": lambda y, _, yes: sk.recall_score(1 - y, yes),
    "false_negative_rate": lambda y, _, yes: sk.recall_score(y, 1 - yes),
    "specificity": lambda y, _, yes: sk.recall_score(y, yes, pos_label=0),
    "selection_rate": lambda y, _, yes: float(yes.mean()),
    "f1": lambda y, _, yes: sk.f1_score(y, yes),
    "f_beta": lambda y, _, yes: sk.fbeta_score(y, yes, beta=2),
    "mcc": lambda y, _, yes: sk.matthews_corrcoef(y, yes),
    "brier": lambda y, score, _: sk.brier_score_loss(y, score),
    "log_loss": lambda y, score, _: sk.log_loss(y, score),
    "cost_per_example": lambda y, _, yes: float(
        (sk.confusion_matrix(y, yes) * np.array([[-0.5, 1.0], [5.0, -2.0]])).sum() / len(y)
    ),
}

AGREED_NAMES = (
    "roc_auc average_precision accuracy balanced_accuracy precision recall false_positive_rate false_negative_rate "
    "specificity selection_rate f1 f_beta mcc brier log_loss cost_per_example"
)


def test_the_catalogue_has_the_agreed_names_in_order_each_with_words_and_tests() -> None:
    assert list(METRICS) == AGREED_NAMES.split()
    assert list(METRICS) == list(METRIC_WORDS) == list(BY_HAND) == list(ORACLES)
    assert all(name == metric.name for name, metric in METRICS.items())


def test_what_needs_a_threshold_says_so() -> None:
    free = {name for name, metric in METRICS.items() if not metric.needs_threshold}
    assert free == {"roc_auc", "average_precision", "brier", "log_loss"}
    y_true, y_score = draw(1, 300)
    one, other = (evaluate_metrics(y_true, y_score, at, costs=COSTS) for at in (0.4, 0.6))
    assert free == {name for name in METRICS if one[name] == other[name]}


@pytest.mark.parametrize("name", METRICS)
def test_by_hand(name: str) -> None:
    figure = evaluate_metrics(Y_TRUE, Y_SCORE, 0.5, metrics=[name], beta=2.0, costs=COSTS)[name]
    # The score of exactly 0 on a negative is clipped to machine epsilon, which moves log loss by 2e-17.
    assert figure.value == pytest.approx(BY_HAND[name], abs=1e-12)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("make", [draw, tied])
def test_agrees_with_scikit_learn(name: str, make: Callable[[int, int], tuple[Labels, Floats]]) -> None:
    y_true, y_score = make(3, 2_000)
    for threshold in (0.2, 0.5, 0.7):
        figure = evaluate_metrics(y_true, y_score, threshold, metrics=[name], beta=2.0, costs=COSTS)[name]
        expected = ORACLES[name](y_true, y_score, (y_score >= threshold).astype(np.int8))
        assert figure.value == pytest.approx(expected, abs=1e-12)


def test_certain_and_wrong_scores_are_clipped_as_scikit_learn_does() -> None:
    y_true, y_score = np.array([0, 1, 1]), np.array([1.0, 0.0, 1.0])
    figure = evaluate_metrics(y_true, y_score, 0.5)["log_loss"]
    assert figure.value == pytest.approx(sk.log_loss(y_true, y_score))
    assert figure.value == pytest.approx(2 * 36.0437 / 3, abs=1e-4)


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.kind == "rate"])
def test_a_rate_carries_k_of_n_and_wilsons_interval(name: str) -> None:
    figure = evaluate_metrics(Y_TRUE, Y_SCORE, 0.5)[name]
    k, n = {
        "accuracy": (7, 10),
        "precision": (3, 5),
        "recall": (3, 4),
        "false_positive_rate": (2, 6),
        "false_negative_rate": (1, 4),
        "specificity": (4, 6),
        "selection_rate": (5, 10),
    }[name]
    assert (figure.k, figure.n, figure.method) == (k, n, "wilson")
    assert (figure.low, figure.high) == wilson(k, n)


def test_losses_have_the_normal_interval_of_a_mean() -> None:
    y_true, y_score = draw(5, 400)
    figure = evaluate_metrics(y_true, y_score, 0.5)["brier"]
    losses = (y_score - y_true) ** 2
    assert figure.method == "normal"
    assert figure.high == pytest.approx(losses.mean() + Z95 * losses.std(ddof=1) / 20)


@pytest.mark.parametrize(("name", "share"), [("brier", 0.1), ("brier", 0.3), ("log_loss", 0.3)])
def test_the_interval_of_a_loss_covers_the_truth_in_95_of_100(name: str, share: float) -> None:
    truth = evaluate_metrics(*draw(1, 2_000_000, share), 0.5, metrics=[name])[name].value
    assert truth is not None
    figures = [evaluate_metrics(*draw(seed, 400, share), 0.5, metrics=[name])[name] for seed in range(1_500)]
    covered = [f.low is not None and f.high is not None and f.low <= truth <= f.high for f in figures]
    assert 0.93 <= np.mean(covered) <= 0.97


REASONS: dict[str, dict[str, str]] = {
    # what there is -> the metrics without value, and why
    "no examples": dict.fromkeys(METRICS, "no examples"),
    "no positives": dict.fromkeys(
        [
            "roc_auc",
            "average_precision",
            "recall",
            "false_negative_rate",
            "balanced_accuracy",
            "f1",
            "f_beta",
            "mcc",
        ],
        "no positives",
    ),
    "no negatives": dict.fromkeys(
        ["roc_auc", "average_precision", "false_positive_rate", "specificity", "balanced_accuracy", "mcc"],
        "no negatives",
    ),
    "nobody answered yes": {"precision": "nothing answered yes", "mcc": "nothing answered yes"},
    "everybody answered yes": {"mcc": "everything answered yes"},
}
SITUATIONS: dict[str, tuple[list[int], list[float], float | None]] = {
    "no examples": ([], [], 0.5),
    "no positives": ([0, 0, 0], [0.1, 0.6, 0.7], 0.5),
    "no negatives": ([1, 1, 1], [0.1, 0.6, 0.7], 0.5),
    "nobody answered yes": ([0, 1, 1], [0.1, 0.6, 0.7], None),
    "everybody answered yes": ([0, 1, 1], [0.1, 0.6, 0.7], 0.0),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_undefined_is_a_value_of_its_own_with_its_reason(situation: str) -> None:
    figures = evaluate_metrics(*SITUATIONS[situation], costs=COSTS)
    missing = {name: figure.reason for name, figure in figures.items() if figure.value is None}
    assert missing == REASONS[situation]
    assert list(figures) == list(METRICS), "never dropped from a table"
    assert all(figures[name].low is None and figures[name].high is None for name in missing)


def test_without_costs_there_is_no_cost() -> None:
    figure = evaluate_metrics(Y_TRUE, Y_SCORE, 0.5)["cost_per_example"]
    assert (figure.value, figure.reason) == (None, "no costs agreed")
    assert evaluate_metrics([], [], 0.5)["cost_per_example"].reason == "no costs agreed"


def test_scores_that_are_no_probabilities_have_no_loss_but_can_be_ranked() -> None:
    figures = evaluate_metrics([0, 1, 1, 0], [-3.0, 2.0, 1.5, 1.7], 0.5)
    assert figures["brier"].reason == figures["log_loss"].reason == "scores are not between 0 and 1"
    assert figures["roc_auc"].value == 0.75


def test_the_baseline_that_answers_the_same_for_everybody() -> None:
    """All scores equal: AUC 0.5 without interval, average precision the share of positives, the rest as it is."""
    figures = evaluate_metrics(Y_TRUE, np.full(10, 0.4), 0.5)
    assert (figures["roc_auc"].value, figures["roc_auc"].low) == (0.5, None)
    assert figures["roc_auc"].reason == "all scores equal"
    assert figures["average_precision"].value == pytest.approx(0.4)
    assert figures["brier"].value == pytest.approx(0.24)


def test_a_perfect_candidate_has_no_interval_of_width_zero() -> None:
    figures = evaluate_metrics([0, 0, 1, 1, 1], [0.0, 0.0, 1.0, 1.0, 1.0], 0.5)
    for name, figure in figures.items():
        if figure.value is not None:
            assert figure.low is None or figure.low < figure.high, name  # type: ignore[operator] - high is set with low
    assert (figures["f1"].value, figures["f1"].low) == (1.0, None)
    assert "same value" in str(figures["f1"].reason)
    assert "same loss" in str(figures["brier"].reason)
    assert "single example" in str(evaluate_metrics([1], [0.5], 0.5)["brier"].reason)


def same(one: Figure, other: Figure) -> bool:
    """Whether two figures agree but for the order in which floating-point numbers were added."""
    numbers = [(one.value, other.value), (one.low, other.low), (one.high, other.high)]
    alike = all(a == b if a is None or b is None else math.isclose(a, b, abs_tol=1e-9) for a, b in numbers)
    return alike and (one.n, one.k, one.reason, one.method) == (other.n, other.k, other.reason, other.method)


THRESHOLDS = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 1.0]))


@given(labelled_scores(), THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_every_metric_is_blind_to_the_order_of_rows(
    data: tuple[Labels, Floats], threshold: float | None
) -> None:
    y_true, y_score = data
    order = np.random.default_rng(1).permutation(len(y_true))
    one = evaluate_metrics(y_true, y_score, threshold, costs=COSTS)
    other = evaluate_metrics(y_true[order], y_score[order], threshold, costs=COSTS)
    assert {name for name in METRICS if not same(one[name], other[name])} == set()


@given(labelled_scores(least=1), THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_every_interval_holds_its_estimate_and_undefined_has_a_reason(
    data: tuple[Labels, Floats], threshold: float | None
) -> None:
    for name, figure in evaluate_metrics(*data, threshold, costs=COSTS).items():
        if figure.value is None or figure.low is None:
            assert figure.reason, name
        else:
            assert figure.high is not None
            assert figure.low <= figure.value <= figure.high, name
            assert figure.low < figure.high, name


@given(labelled_scores(least=2), THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_recoding_the_classes_turns_each_rate_into_its_twin(
    data: tuple[Labels, Floats], threshold: float | None
) -> None:
    """The other class as the positive one, scores turned round: recall becomes specificity, AUC and MCC stay."""
    y_true, y_score = data
    at = 2.0 if threshold is None else threshold
    mirrored = evaluate_metrics(1 - y_true, -y_score, float(np.nextafter(-at, 1)), beta=1.0)
    straight = evaluate_metrics(y_true, y_score, threshold)
    for name, twin in [
        ("recall", "specificity"),
        ("specificity", "recall"),
        ("false_positive_rate", "false_negative_rate"),
        ("accuracy", "accuracy"),
        ("roc_auc", "roc_auc"),
        ("mcc", "mcc"),
        ("balanced_accuracy", "balanced_accuracy"),
    ]:
        assert straight[name].value == pytest.approx(mirrored[twin].value, abs=1e-12), name


def test_the_same_seed_gives_the_same_figures_and_the_seed_travels_with_them() -> None:
    y_true, y_score = draw(9, 300)
    one, again, other = (evaluate_metrics(y_true, y_score, 0.5, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one["f1"].value == other["f1"].value
    assert one["f1"].low != other["f1"].low
    assert one["f1"].to_json()["seed"] == 1
    assert "seed" not in one["recall"].to_json()


def test_a_million_rows_do_not_overflow() -> None:
    y_true = np.tile(np.array([0, 0, 1, 1], np.int8), 250_000)
    y_score = np.tile([0.1, 0.6, 0.4, 0.9], 250_000)
    names = ["mcc", "roc_auc", "accuracy"]
    figures = evaluate_metrics(y_true, y_score, 0.5, metrics=names)
    # TP = FP = TN = FN, so answers are unrelated to labels; wins: 0.4 beats one of two kinds, 0.9 both: 3 of 4.
    assert [figures[name].value for name in names] == [0.0, 0.75, 0.5]


def test_only_the_metrics_asked_for_and_no_unknown_one() -> None:
    assert list(evaluate_metrics(Y_TRUE, Y_SCORE, 0.5, metrics=["recall", "brier"])) == ["recall", "brier"]
    with pytest.raises(ValueError, match=r"no metric 'f2': choose from roc_auc"):
        evaluate_metrics(Y_TRUE, Y_SCORE, 0.5, metrics=["f2"])


@pytest.mark.parametrize("beta", [0.0, -1.0, float("nan"), float("inf")])
def test_a_beta_that_is_no_weight_is_refused(beta: float) -> None:
    with pytest.raises(ValueError, match="beta"):
        evaluate_metrics(Y_TRUE, Y_SCORE, 0.5, beta=beta)
