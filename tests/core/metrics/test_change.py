"""What a change of the test set does to a metric: by hand, against resampled examples, in simulation, and its edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lookingglass.figures import Figure
from lookingglass.metrics import METRICS, Costs, distinguishable, evaluate_metrics
from lookingglass.metrics.change import FEWEST, Side, differing, metric_change
from lookingglass.metrics.counts import CountTable
from lookingglass.metrics.delong import auc_variance, paired_delong
from lookingglass.metrics.formulas import Settings
from tests.core.metrics.samples import Floats, Labels, draw

COSTS = Settings(costs=Costs(cost_fp=1.0, cost_fn=5.0))
KINDS = ("relabel", "grow", "remove", "edit")


def side(y_true: list[int] | Labels, y_score: list[float] | Floats, place: list[int] | None = None) -> Side:
    labels = np.asarray(y_true, dtype=np.int8)
    at = np.arange(len(labels)) if place is None else np.asarray(place)
    return Side(labels, np.asarray(y_score, dtype=np.float64), at, 0.5, COSTS)


def changed(rng: np.random.Generator, n: int, kind: str, share: float) -> tuple[Side, Side]:
    """Draw ``n`` examples and change them in one way, which depends on label and score as real changes do."""
    y_true = (rng.random(n) < 0.3).astype(np.int8)
    y_score = 1 / (1 + np.exp(0.6 - rng.normal(size=n) - 1.2 * y_true))
    old, new, labels, scores = np.ones(n, bool), np.ones(n, bool), y_true.copy(), y_score.copy()
    if kind == "relabel":
        flip = rng.random(n) < 2 * share * np.abs(y_true - y_score)
        labels[flip] = 1 - labels[flip]
    elif kind == "grow":
        old = rng.random(n) > share
    elif kind == "remove":
        new = rng.random(n) > 2 * share * y_score
    else:
        moved = rng.random(n) < share
        scores[moved] = np.clip(scores[moved] + rng.normal(size=moved.sum()) * 0.2 + 0.05, 0, 1)
    place = np.arange(n)
    return (
        Side(y_true[old], y_score[old], place[old], 0.5, COSTS),
        Side(labels[new], scores[new], place[new], 0.5, COSTS),
    )


def test_accuracy_by_hand() -> None:
    # Before: six examples, four answered rightly. After: six more, all rightly; the six old ones stay.
    # Terms before: 1 - 4/6 = 1/3 (right) or -2/3 (wrong), over 6; after: 1 - 10/12 = 1/6 or -5/6, over 12.
    # d: right old 1/72 - 1/18 = -3/72 four times; wrong old -5/72 + 1/9 = 3/72 twice; new 1/72 six times.
    before = side([1, 1, 0, 0, 1, 0], [0.9, 0.9, 0.1, 0.1, 0.1, 0.9])
    after = side([1, 1, 0, 0, 1, 0] + [1] * 6, [0.9, 0.9, 0.1, 0.1, 0.1, 0.9] + [0.9] * 6)
    figure = metric_change("accuracy", before, after)
    error = math.sqrt((6 * 3**2 + 6 * 1**2) / 72**2)
    assert figure.value == pytest.approx(10 / 12 - 4 / 6)
    assert figure.n == 12
    assert figure.low is not None
    assert figure.low == pytest.approx(1 / 6 - 1.959963984540054 * error, abs=1e-6)
    assert figure.high == pytest.approx(1 / 6 + 1.959963984540054 * error, abs=1e-6)
    assert distinguishable(figure) == "could be chance"


def test_the_same_examples_scored_twice_are_compared_as_paired_delong_does() -> None:
    y_true, one = draw(1, 500)
    other = np.clip(one + np.random.default_rng(2).normal(size=500) * 0.1, 0, 1)
    figure, expected = (
        metric_change("roc_auc", side(y_true, one), side(y_true, other)),
        paired_delong(y_true, other, one),
    )
    for name in ("value", "low", "high", "p_value"):
        assert getattr(figure, name) == pytest.approx(getattr(expected, name), abs=1e-12)


def test_versions_without_a_common_example_are_compared_as_independent_ones() -> None:
    (y_one, one), (y_two, two) = draw(3, 400), draw(4, 600)
    figure = metric_change("roc_auc", side(y_one, one), side(y_two, two, list(range(400, 1000))))
    variances = [auc_variance(CountTable.from_scores(*both)) for both in ((y_one, one), (y_two, two))]
    assert figure.low is not None
    assert figure.high is not None
    assert figure.high - figure.low == pytest.approx(
        2 * 1.959963984540054 * math.sqrt(sum(variances)), rel=1e-9
    )
    assert figure.n == 1000


@pytest.mark.parametrize("name", ["brier", "log_loss", "precision", "average_precision"])
def test_another_share_of_positives_shifts_both_versions(name: str) -> None:
    told = Settings(prevalence=0.05)
    (y_one, one), (y_two, two) = draw(3, 400), draw(4, 600)
    place = np.arange(1000)
    before, after = Side(y_one, one, place[:400], 0.5, told), Side(y_two, two, place[400:], 0.5, told)
    figure = metric_change(name, before, after)
    found = [
        evaluate_metrics(side.y_true, side.y_score, 0.5, metrics=[name], prevalence=0.05)[name]
        for side in (before, after)
    ]
    assert figure.value == pytest.approx(found[1].value - found[0].value, abs=1e-12)  # type: ignore[operator]  # both classes are there
    if name == "average_precision":
        return
    assert figure.low is not None
    assert figure.high is not None
    # Without a common example the two variances add.
    halves = [(each.high - each.low) / 2 for each in found]  # type: ignore[operator]  # an interval has both ends
    exact = name != "precision"
    assert (figure.high - figure.low) / 2 == pytest.approx(math.hypot(*halves), rel=1e-9 if exact else 0.1)


@pytest.mark.parametrize("name", METRICS)
def test_the_value_is_that_of_the_two_figures(name: str) -> None:
    before, after = changed(np.random.default_rng(5), 800, "relabel", 0.1)
    figure = metric_change(name, before, after)
    values = [
        evaluate_metrics(one.y_true, one.y_score, 0.5, metrics=[name], costs=COSTS.costs)[name].value
        for one in (before, after)
    ]
    assert values[0] is not None
    assert values[1] is not None
    assert figure.value == pytest.approx(values[1] - values[0], abs=1e-12)
    if name == "average_precision":
        assert (figure.low, figure.reason) == (None, "not estimable: no method for this metric")
        assert distinguishable(figure) == "cannot tell"
    elif name == "selection_rate":
        assert figure.reason, "labels changed and scores did not, so nobody is answered otherwise"
    else:
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < figure.value < figure.high


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["roc_auc", "recall", "f1", "mcc", "brier", "cost_per_example"])
def test_the_interval_is_as_wide_as_resampling_examples_would_make_it(name: str, kind: str) -> None:
    """Draw examples with replacement: those that a version does not hold stay out of it, whatever else is drawn."""
    before, after = changed(np.random.default_rng(6), 600, kind, 0.2)
    rng, differences = np.random.default_rng(7), []
    for _ in range(300):
        times = np.bincount(rng.integers(0, 600, 600), minlength=600)
        values = []
        for one in (before, after):
            rows = np.repeat(np.arange(len(one.place)), times[one.place])
            figure = metric_change(name, one, _again(one, rows))
            assert figure.value is not None
            values.append(figure.value + _value(name, one))
        differences.append(values[1] - values[0])
    figure = metric_change(name, before, after)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * np.std(differences), rel=0.15)


def _again(one: Side, rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Side:
    """Return rows drawn again, as examples of their own."""
    place = np.arange(len(rows)) + int(one.place.max()) + 1
    return Side(one.y_true[rows], one.y_score[rows], place, one.threshold, one.settings)


def _value(name: str, one: Side) -> float:
    value = evaluate_metrics(one.y_true, one.y_score, 0.5, metrics=[name], costs=COSTS.costs)[name].value
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("kind", "share", "n"),
    [
        ("relabel", 0.05, 1000),
        ("relabel", 0.2, 200),
        ("grow", 0.5, 200),
        ("remove", 0.1, 200),
        ("edit", 0.3, 200),
    ],
)
@pytest.mark.parametrize("name", ["roc_auc", "accuracy", "f1"])
def test_a_95_percent_interval_holds_the_true_difference_95_times_in_100(
    name: str, kind: str, share: float, n: int
) -> None:
    true = metric_change(name, *changed(np.random.default_rng(99), 400_000, kind, share)).value
    assert true is not None
    rng, held, given = np.random.default_rng(1), 0, 0
    for _ in range(300):
        figure = metric_change(name, *changed(rng, n, kind, share))
        if figure.low is not None and figure.high is not None:
            given += 1
            held += figure.low <= true <= figure.high
    assert given >= 280
    assert 0.91 <= held / given <= 0.985


def test_a_change_that_changes_nothing_on_average_is_called_more_than_chance_one_time_in_twenty() -> None:
    """Examples that come at random move the figure, and only noise is behind it."""
    rng = np.random.default_rng(8)
    verdicts = [
        distinguishable(metric_change("roc_auc", *changed(rng, 400, "grow", 0.5))) for _ in range(400)
    ]
    assert 0.02 <= verdicts.count("more than chance") / 400 <= 0.08


def test_nothing_changed_is_no_difference() -> None:
    y_true, y_score = draw(9, 100)
    figure = metric_change("roc_auc", side(y_true, y_score), side(y_true, y_score))
    assert (figure.value, figure.low, figure.p_value) == (0.0, None, 1.0)
    assert figure.reason == "both versions hold the same examples with the same labels and scores"
    assert distinguishable(figure) == "could be chance"


@pytest.mark.parametrize("count", range(1, FEWEST))
def test_a_few_examples_alone_are_never_more_than_chance(count: int) -> None:
    y_true, y_score = draw(10, 300)
    labels = y_true.copy()
    worst = np.argsort(-np.abs(y_true - y_score))[:count]
    labels[worst] = 1 - labels[worst]
    figure = metric_change("roc_auc", side(y_true, y_score), side(labels, y_score))
    assert figure.value is not None
    assert figure.value > 0
    assert (figure.low, figure.high) == (None, None)
    assert figure.p_value is not None
    assert figure.p_value >= 2.0 ** (1 - count)
    expected = "a single example differs" if count == 1 else f"only {count} examples differ"
    assert figure.reason == f"{expected}, too few for an interval"
    assert distinguishable(figure) == "could be chance"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (side([], []), side([0, 1], [0.1, 0.9]), "before: no examples"),
        (side([0, 0], [0.1, 0.9]), side([0, 1], [0.1, 0.9]), "before: no positives"),
        (side([0, 1], [0.1, 0.9]), side([1, 1], [0.1, 0.9]), "after: no negatives"),
        (side([0, 0], [0.1, 0.9]), side([0, 0, 0], [0.1, 0.9, 0.2]), "no positives"),
        (side([0, 0], [0.1, 0.9]), side([1, 1], [0.1, 0.9]), "before: no positives; after: no negatives"),
    ],
)
def test_without_a_value_on_a_side_the_difference_is_undefined(
    before: Side, after: Side, reason: str
) -> None:
    figure = metric_change("roc_auc", before, after)
    assert (figure.value, figure.reason) == (None, reason)


@pytest.mark.parametrize(
    ("scores", "labels", "reason"),
    [
        ([0.1] * 6 + [0.9] * 6, [0] * 6 + [1] * 6, "not estimable: a ranking without a mistake"),
        ([0.4] * 12, [0, 1] * 6, "all scores equal"),
        ([0.1, 0.9] * 6, [0] * 11 + [1], "not estimable: one class has a single example"),
    ],
)
def test_what_has_no_interval_says_why(scores: list[float], labels: list[int], reason: str) -> None:
    before = side(labels[::-1] if reason != "all scores equal" else labels, scores[::-1], list(range(12, 24)))
    figure = metric_change("roc_auc", before, side(labels, scores))
    assert (figure.low, figure.high, figure.reason) == (None, None, reason)
    assert distinguishable(figure) == "cannot tell"


def test_a_loss_is_undefined_for_scores_that_are_no_probabilities() -> None:
    figure = metric_change("brier", side([0, 1], [0.1, 1.9]), side([0, 1], [0.1, 0.9]))
    assert figure == Figure(None, 2, reason="before: scores are not between 0 and 1")


def test_examples_that_differ_are_counted_over_both_versions() -> None:
    before = side([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], [0, 1, 2, 3])
    after = side([0, 0, 0, 1], [0.1, 0.2, 0.35, 0.5], [0, 1, 2, 4])
    assert differing(before, after) == 4  # relabelled, scored anew, gone, come
    assert differing(before, before) == 0
