"""What choosing on the reported samples does: corrected figures, the range of choices and the flat zone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from lookingglass.errors import BadInput
from lookingglass.metrics import Costs, Settings
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.thresholds import Aim, Capacity, Choice, Honesty, Sample, choose, honesty, parse_requirement
from lookingglass.thresholds.optimism import corrected_figure
from lookingglass.thresholds.replicates import Binned, falling, smoothed
from tests.core.metrics.samples import Floats, Labels, draw, tied
from tests.core.thresholds.oracle import GivenGroups, cases

MONEY = Settings(costs=Costs(1, 5))


def chosen(sample: Sample, aim: Aim, groups: dict[str, GivenGroups] | None = None) -> tuple[Choice, Honesty]:
    choice = choose(sample, aim, groups or {})
    return choice, honesty(sample, choice, groups or {}, replicates=250)


def two_normals(seed: int, n: int) -> Sample:
    """Return 10 % positives whose score is normal, 1.5 standard deviations above that of the negatives."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(n) < 0.1).astype(np.int8)
    return Sample.of(y_true, rng.normal(size=n) + 1.5 * y_true)


def true_f1(threshold: float | None) -> float:
    """Return the F1 that a threshold has among all samples that could be drawn."""
    at = math.inf if threshold is None else threshold
    recall, false_positive_rate = (math.erfc((at - mean) / math.sqrt(2)) / 2 for mean in (1.5, 0.0))
    tp, fp = 0.1 * recall, 0.9 * false_positive_rate
    return 2 * tp / (tp + 0.1 + fp)


BEST = 1.4402
"""Where ``true_f1`` is highest."""


def test_the_best_of_the_model() -> None:
    grid = np.linspace(1, 3, 20_001)
    assert grid[np.argmax([true_f1(at) for at in grid])] == pytest.approx(BEST, abs=1e-3)


@pytest.mark.parametrize(
    ("n", "runs", "raw", "left"),
    [(200, 120, 0.085, 0.03), (1_000, 50, 0.032, 0.015), (10_000, 15, 0.006, 0.006)],
)
def test_the_optimism_of_max_f1_is_near_zero_after_correction(
    n: int, runs: int, raw: float, left: float
) -> None:
    before, after, covered, holds, ranges = [], [], 0, 0, 0
    for seed in range(runs):
        sample = two_normals(seed, n)
        choice, honest = chosen(sample, Aim("f1"))
        truth = true_f1(choice.threshold)
        figure = honest.corrected["f1"]
        assert choice.value is not None
        assert figure.value is not None
        assert figure.low is not None
        assert figure.high is not None
        before.append(choice.value - truth)
        after.append(figure.value - truth)
        covered += figure.low <= truth <= figure.high
        low, high = (math.inf if end is None else end for end in honest.flat_zone)
        holds += low <= BEST <= high
        low, high = (math.inf if end is None else end for end in honest.chosen)
        ranges += low <= BEST <= high
    error = float(np.std(before)) / math.sqrt(runs)
    assert np.mean(before) == pytest.approx(raw, abs=3 * error)
    assert abs(np.mean(after)) < left
    assert abs(np.mean(after)) < np.mean(before) / 2
    assert covered / runs >= 0.92, "coverage.py measures it with more runs"
    assert holds / runs >= 0.93, "the flat zone holds the threshold that is really best"
    assert ranges / runs >= 0.8


def test_an_interval_is_as_wide_as_its_farther_side_and_wider_where_much_was_taken_off() -> None:
    # Middle 95 % of the gains 0.1 .. 0.3: from 0.105 to 0.295, 0.095 about their mean of 0.2.
    gain = np.linspace(0.1, 0.3, 1_001)
    figure = corrected_figure(0.7, gain, 50, (0.0, 1.0), seed=0, replicates=1_001)
    half = 0.095 * math.sqrt(1 + 0.2**2 / (2 * gain.var()))
    assert (figure.value, figure.n) == (pytest.approx(0.5), 50)
    assert (figure.low, figure.high) == (pytest.approx(0.5 - half), pytest.approx(0.5 + half))
    skewed = corrected_figure(0.7, gain**4, 50, (-9.0, 9.0), seed=0, replicates=1_001)
    assert skewed.high is not None
    assert skewed.low is not None
    assert skewed.value is not None
    assert skewed.high - skewed.value == pytest.approx(skewed.value - skewed.low)
    assert corrected_figure(0.99, gain - 0.2, 50, (0.0, 1.0), seed=0, replicates=1_001).high == 1.0


def test_it_is_the_same_again_and_another_seed_tells_another_story() -> None:
    sample = two_normals(1, 500)
    choice = choose(sample, Aim("f1"))
    assert honesty(sample, choice) == honesty(sample, choice)
    assert honesty(sample, choice, seed=3) != honesty(sample, choice)
    assert honesty(sample, choice, seed=3).seed == 3
    assert honesty(sample, choice).replicates == 1_000
    told = json.loads(json.dumps(honesty(sample, choice).to_json(), allow_nan=False))
    assert told["optimism_corrected"]["f1"]["method"] == "bootstrap, choice made anew"
    assert told["optimism_corrected"]["f1"]["seed"] == 0


def test_every_metric_is_corrected_and_undefined_stays_undefined() -> None:
    _, honest = chosen(two_normals(1, 800), Aim("f1"))
    assert set(honest.corrected) == set(AT_THRESHOLD)
    assert honest.corrected["cost_per_example"].reason == "no costs agreed"
    for name in set(AT_THRESHOLD) - {"cost_per_example"}:
        figure = honest.corrected[name]
        assert figure.value is not None
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= figure.value <= figure.high
    nobody = Aim("cost_per_example", Settings(costs=Costs(99, 1)))
    choice, honest = chosen(Sample.of(*tied(1, 100)), nobody)
    assert choice.threshold is None
    assert honest.corrected["precision"].value is None
    assert honest.corrected["precision"].reason == "nothing answered yes"


def test_without_a_choice_there_is_nothing_to_correct() -> None:
    sample = two_normals(1, 300)
    with pytest.raises(ValueError, match="nothing was chosen"):
        honesty(
            sample,
            choose(
                sample,
                Aim("f1", requirements=(parse_requirement("precision>=1"), parse_requirement("recall>=1"))),
            ),
        )


def test_a_perfect_score_is_hardly_corrected() -> None:
    y_true = np.repeat([0, 1], 100)
    choice, honest = chosen(Sample.of(y_true, np.arange(200.0)), Aim("f1"))
    assert choice.value == 1.0
    # A replicate without the lowest positives chooses above them, and would miss them.
    assert honest.corrected["f1"].value == pytest.approx(0.9975, abs=1e-3)
    assert honest.corrected["f1"].high == 1.0
    assert honest.chosen[0] == 100.0


def test_the_flat_zone_keeps_the_requirements_and_holds_the_choice() -> None:
    sample = two_normals(4, 3_000)
    free, loose = chosen(sample, Aim("cost_per_example", MONEY))
    aim = Aim("cost_per_example", MONEY, (parse_requirement("recall >= 0.8"),))
    bound, tight = chosen(sample, aim)
    assert free.threshold is not None
    assert bound.threshold is not None
    for choice, honest in ((free, loose), (bound, tight)):
        low, high = honest.flat_zone
        assert low is not None
        assert high is not None
        assert choice.threshold is not None
        assert low <= choice.threshold <= high
    at = sample.table.at(tight.flat_zone[1])
    assert at.tp / (at.tp + at.fn) >= 0.8
    looser = sample.table.at(loose.flat_zone[1])
    assert looser.tp / (looser.tp + looser.fn) < 0.8, "else this shows nothing"


def test_more_samples_narrow_the_flat_zone_and_the_range_of_choices() -> None:
    widths = []
    for n in (500, 5_000, 50_000):
        found = []
        for seed in range(4):
            _, honest = chosen(two_normals(seed, n), Aim("f1"))
            (low, high), (first, last) = honest.flat_zone, honest.chosen
            assert None not in (low, high, first, last)
            found.append((high - low, last - first))  # type: ignore[operator]  # asserted above
        widths.append(np.mean(found, axis=0))
    assert (widths[0] > widths[1]).all()
    assert (widths[1] > widths[2]).all()


def test_answering_nobody_may_lie_in_the_flat_zone() -> None:
    rng = np.random.default_rng(0)
    useless = Sample.of((rng.random(300) < 0.1).astype(np.int8), rng.random(300))
    choice, honest = chosen(useless, Aim("cost_per_example", Settings(costs=Costs(1, 8))))
    assert honest.flat_zone[1] is None
    assert choice.feasible


def test_requirements_by_group_are_kept_in_every_replicate() -> None:
    y_true, y_score = draw(1, 4_000)
    codes = np.random.default_rng(2).integers(0, 3, 4_000).astype(np.int32)
    groups = {"area": GivenGroups(("a", "b", "c"), codes)}
    aim = Aim("recall", requirements=(parse_requirement("false_positive_rate <= 20% by area"),))
    sample = Sample.of(y_true, y_score)
    choice, honest = chosen(sample, aim, groups)
    state = int(sample.table.rows_at(choice.threshold or 0))
    binned = Binned.of(sample, groups, 0, 50).including(sample, state)
    whole, parts = binned.cells(), binned.parts({aim.requirements[0]: (0, 1, 2)})[aim.requirements[0]]
    assert len(parts) == 3
    for name in ("tp", "fp", "tn", "fn"):
        np.testing.assert_allclose(sum(getattr(part, name) for part in parts), getattr(whole, name))
    by_hand = choose(sample, Aim("recall", requirements=(parse_requirement("false_positive_rate <= 20%"),)))
    assert choice.threshold is not None
    assert by_hand.threshold is not None
    assert choice.threshold > by_hand.threshold, "the worst group decides"
    assert honest.share_infeasible == 0.0
    raw, corrected = choice.value, honest.corrected["recall"].value
    assert raw is not None
    assert corrected is not None
    assert raw == pytest.approx(corrected, abs=0.03)


def test_two_columns_of_groups_cross() -> None:
    y_true, y_score = draw(1, 500)
    rng = np.random.default_rng(3)
    codes = [rng.integers(0, count, 500).astype(np.int32) for count in (2, 3)]
    groups = {"one": GivenGroups(("a", "b"), codes[0]), "two": GivenGroups(("c", "d", "e"), codes[1])}
    sample = Sample.of(y_true, y_score)
    binned = Binned.of(sample, groups, 0, 20).including(sample, 7)
    for column, given_codes in zip(groups, codes, strict=True):
        for code in range(len(groups[column].values)):
            expected = np.bincount(y_true[given_codes == code], minlength=2)
            found = binned.source[0][..., binned.group_of[column] == code].sum(axis=(0, 2))
            np.testing.assert_allclose(found, expected)


def test_replicates_where_nothing_is_feasible_are_left_out_and_counted() -> None:
    sample = two_normals(3, 200)
    best = choose(sample, Aim("precision", requirements=(parse_requirement("recall>=0.3"),))).value
    assert best is not None
    aim = Aim(
        "f1", requirements=(parse_requirement("recall>=0.3"), parse_requirement(f"precision>={best!r}"))
    )
    choice, honest = chosen(sample, aim)
    assert choice.feasible
    assert honest.share_infeasible > 0.2
    assert honest.corrected["f1"].value is None
    assert honest.corrected["f1"].reason == "not estimable: undefined or without a choice in many replicates"


@pytest.mark.parametrize("make", [draw, tied])
def test_a_capacity_and_another_prevalence_hold_in_replicates_too(make: object) -> None:
    sample = Sample.of(*make(2, 2_000))  # type: ignore[operator]  # both are makers
    aim = Aim("selection_rate", Settings(prevalence=0.05), capacity=Capacity(share=0.2))
    choice, honest = chosen(sample, aim)
    value = honest.corrected["selection_rate"].value
    assert choice.value is not None
    assert value is not None
    assert choice.value <= 0.2
    assert value == pytest.approx(choice.value, abs=0.02)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40))
@settings(deadline=None)
def test_shares_never_rise_and_fit_best(bins: list[tuple[int, int]]) -> None:
    positives = np.array([one for one, _ in bins])
    sizes = np.array([one + other for one, other in bins], dtype=np.float64)
    ours = falling(positives, sizes)
    assert (np.diff(ours[sizes > 0]) <= 1e-12).all()
    occupied = sizes > 0
    if occupied.any():
        share = positives[occupied] / sizes[occupied]
        expected = isotonic_regression(share, sample_weight=sizes[occupied], increasing=False)
        np.testing.assert_allclose(ours[occupied], expected, atol=1e-12)
    counts = np.stack([sizes.astype(np.int64) - positives, positives], axis=1)[..., None]
    made = smoothed(counts)
    np.testing.assert_allclose(made.sum(axis=(0, 2)), counts.sum(axis=(0, 2)), atol=1e-9)
    np.testing.assert_allclose(made.sum(axis=1), counts.sum(axis=1), atol=1e-9)
    assert (made >= 0).all()


def test_replicates_choose_among_at_most_512_bins_that_include_the_choice() -> None:
    sample = two_normals(1, 20_000)
    for state in (0, 1, 777, 20_000):
        binned = Binned.of(sample, {}, 0, 2).including(sample, state)
        assert state in binned.states
        assert len(binned.states) <= 513
        assert binned.states[0] == 0
        assert binned.states[-1] == len(sample.table.thresholds)
        assert binned.drawn.sum(axis=(1, 2, 3)).tolist() == [20_000, 20_000]


def test_a_further_state_parts_its_bin_as_if_it_had_been_there_before() -> None:
    """Each half of the bin gets its share of what was drawn into it, of both labels and in every group."""
    y_true, y_score = draw(1, 6_000)
    codes = np.random.default_rng(2).integers(0, 2, 6_000).astype(np.int32)
    sample = Sample.of(y_true, y_score)
    binned = Binned.of(sample, {"area": GivenGroups(("a", "b"), codes)}, 0, 4_000)
    state = int(binned.states[300] + binned.states[301]) // 2
    assert state not in binned.states
    parted = binned.including(sample, state)
    upper, lower = parted.drawn[:, 300], parted.drawn[:, 301]
    np.testing.assert_array_equal(upper + lower, binned.drawn[:, 300])
    np.testing.assert_array_equal(
        np.delete(parted.drawn, [300, 301], axis=1), np.delete(binned.drawn, 300, axis=1)
    )
    np.testing.assert_allclose(parted.source[0, 300] + parted.source[0, 301], binned.source[0, 300])
    rows = sample.order[::-1][sample.ends[binned.states[300]] : sample.ends[state]]
    np.testing.assert_allclose(parted.source[0, 300].sum(axis=0), np.bincount(codes[rows], minlength=2))
    np.testing.assert_allclose(upper.mean(axis=0), parted.source[0, 300], atol=0.15)
    np.testing.assert_allclose(lower.mean(axis=0), parted.source[0, 301], atol=0.15)


@given(cases())
@settings(deadline=None, max_examples=150)
def test_whatever_is_chosen_is_told_without_contradiction(
    case: tuple[Labels, Floats, Aim, Mapping[str, GivenGroups]],
) -> None:
    y_true, y_score, aim, groups = case
    sample = Sample.of(y_true, y_score)
    try:
        choice = choose(sample, aim, groups)
    except BadInput:
        return
    if not choice.feasible:
        return
    honest = honesty(sample, choice, groups, replicates=40)
    json.dumps(honest.to_json(), allow_nan=False)
    at = math.inf if choice.threshold is None else choice.threshold
    low, high = (math.inf if end is None else end for end in honest.flat_zone)
    assert low <= at <= high
    first, last = (math.inf if end is None else end for end in honest.chosen)
    assert first <= last
    assert 0.0 <= honest.share_infeasible <= 1.0
    for figure in honest.corrected.values():
        assert figure.value is not None or figure.reason
        if figure.value is not None and figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high
