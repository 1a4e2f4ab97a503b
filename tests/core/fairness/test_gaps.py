"""The largest gap beside its permutation null, and four fifths beside its exact test: noise is no finding."""

from __future__ import annotations

import numpy as np
import pytest
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from scipy.stats import fisher_exact

from lookingglass.fairness import FourFifths, Gap, Slice, SliceFigures, four_fifths, gaps
from lookingglass.fairness.gaps import EQUALISED_ODDS, permuted
from lookingglass.metrics.counts import Counts
from tests.core.fairness.made import Cells, examples, tables


def made(groups: dict[str, Cells]) -> list[SliceFigures]:
    return [SliceFigures(Slice((("g", name),)), Counts(*cells), 0, {}, ()) for name, cells in groups.items()]


GROUPS: dict[str, Cells] = {"a": (30, 10, 90, 20), "b": (20, 30, 80, 20), "c": (25, 5, 60, 15)}


def by_name(found: tuple[Gap, ...]) -> dict[str, Gap]:
    return {gap.metric: gap for gap in found}


def test_by_hand_and_equal_to_fairlearn_on_the_rows() -> None:
    found = by_name(gaps(made(GROUPS)))
    names, y_true, y_score = examples(dict(GROUPS))
    rows = {"y_true": y_true, "y_pred": (y_score >= 0.5).astype(int), "sensitive_features": names.to_numpy()}
    selection, odds = found["selection_rate"], found[EQUALISED_ODDS]
    assert selection.figure.value == pytest.approx(50 / 150 - 40 / 150)
    assert selection.figure.value == pytest.approx(demographic_parity_difference(**rows))
    assert selection.highest is not None
    assert selection.highest.to_json() == {"g": "b"}
    assert odds.figure.value == pytest.approx(equalized_odds_difference(**rows))
    assert odds.figure.value == pytest.approx(30 / 110 - 5 / 65)
    assert odds.highest is not None
    assert odds.highest.to_json() == {"g": "b"}
    assert "larger of the gaps in recall and in false positive rate" in odds.name
    assert found["recall"].name == "equal opportunity difference"


def test_the_gap_has_no_interval_and_its_null_beside_it() -> None:
    gap = by_name(gaps(made(GROUPS)))["recall"]
    assert (gap.figure.low, gap.figure.high) == (None, None)
    assert gap.figure.reason == "no interval: compare it with what identical groups show"
    assert gap.usual is not None
    assert gap.usual_high is not None
    assert 0 < gap.usual < gap.usual_high
    assert gap.to_json()["gap"]["p_value"] == gap.figure.p_value
    assert by_name(gaps(made(GROUPS)))["recall"] == gap
    alone = by_name(gaps(made(GROUPS), metrics=("recall",)))
    assert alone == {"recall": gap}


def test_shuffling_counts_is_shuffling_the_labels_of_rows() -> None:
    """The draw of counts has the distribution of the largest gap when group labels of single rows are shuffled."""
    rng = np.random.default_rng(4)
    groups, hits = np.repeat([0, 1, 2], [30, 50, 20]), np.arange(100) < 35
    shuffled = []
    for _ in range(4_000):
        order = rng.permutation(groups)
        rates = np.bincount(order[hits], minlength=3) / [30, 50, 20]
        shuffled.append(rates.max() - rates.min())
    drawn = permuted(35, [30, 50, 20], 0, 4_000)
    mine = drawn.max(axis=1) - drawn.min(axis=1)
    assert mine.mean() == pytest.approx(np.mean(shuffled), rel=0.03)
    assert np.quantile(mine, 0.95) == pytest.approx(np.quantile(shuffled, 0.95), rel=0.05)
    assert (drawn * [30, 50, 20]).sum(axis=1) == pytest.approx(np.full(4_000, 35.0))


@pytest.mark.parametrize("metric", ["recall", "selection_rate", EQUALISED_ODDS])
def test_six_identical_groups_of_100_alarm_in_about_5_of_100_cases(metric: str) -> None:
    rng = np.random.default_rng(6)
    alarms, runs = 0, 400
    asked = ("recall", "false_positive_rate") if metric == EQUALISED_ODDS else (metric,)
    for _ in range(runs):
        cells = rng.multinomial(100, [0.25, 0.15, 0.4, 0.2], size=6).tolist()
        found = by_name(
            gaps(made({str(n): tuple(four) for n, four in enumerate(cells)}), metrics=asked, replicates=400)
        )
        p_value = found[metric].figure.p_value
        assert p_value is not None
        alarms += p_value <= 0.05
    assert 0.02 <= alarms / runs <= 0.085


def test_equalised_odds_is_held_against_the_larger_of_both_gaps_by_chance() -> None:
    """Many positives and few negatives: chance shows in the false positive rate, and the null of both must hold it."""
    few_negatives = {str(n): (500, 10, 10, 500) for n in range(4)}
    few_positives = {str(n): (10, 500, 500, 10) for n in range(4)}
    for groups in (few_negatives, few_positives):
        found = by_name(gaps(made(groups)))
        both, one, other = (
            found[name].usual_high for name in (EQUALISED_ODDS, "recall", "false_positive_rate")
        )
        assert both is not None
        assert one is not None
        assert other is not None
        assert both >= max(one, other)
        assert max(one, other) > 5 * min(one, other)


def test_a_real_gap_is_found() -> None:
    p_value = by_name(gaps(made({"a": (80, 5, 95, 20), "b": (50, 5, 95, 50)})))["recall"].figure.p_value
    assert p_value is not None
    assert p_value < 0.01


def test_one_group_and_groups_without_cases_have_no_gap() -> None:
    (only,) = gaps(made({"a": (30, 10, 90, 20)}), metrics=("recall",))
    assert (only.figure.value, only.figure.reason) == (None, "fewer than two groups can be compared")
    found = by_name(gaps(made({"a": (30, 10, 90, 20), "b": (0, 10, 90, 0), "c": (4, 10, 90, 4)})))
    assert found["recall"].figure.value is None
    assert (found["recall"].compared, found["recall"].not_compared) == (1, 2)
    assert found[EQUALISED_ODDS].figure.reason == "recall: fewer than two groups can be compared"
    assert found["false_positive_rate"].figure.value == 0.0


def test_an_empty_denominator_moves_no_gap() -> None:
    """fairlearn takes 0/0 for 0: four examples without a positive move its difference. Ours leaves them out."""
    groups = {"a": (46, 20, 80, 54), "b": (50, 20, 80, 50)}
    with_few = {**groups, "few": (0, 2, 2, 0)}
    names, y_true, y_score = examples(dict(with_few))
    theirs = equalized_odds_difference(
        y_true, (y_score >= 0.5).astype(int), sensitive_features=names.to_numpy()
    )
    assert theirs == pytest.approx(0.5)
    ours = by_name(gaps(made(with_few)))[EQUALISED_ODDS]
    assert ours.figure.value == pytest.approx(0.04)


def told(found: FourFifths) -> list[tuple[str, bool]]:
    return [(line.slice.to_json()["g"], line.below) for line in found.lines]


def test_four_fifths_by_hand_for_either_answer() -> None:
    """Selection: a 40 of 100, b 30 of 100, c 33 of 100. Those answered no: 60, 70, 67."""
    groups = {"a": (20, 20, 40, 20), "b": (15, 15, 50, 20), "c": (20, 13, 47, 20)}
    yes, no = (four_fifths(made(groups), answer) for answer in ("yes", "no"))
    assert yes.highest is not None
    assert yes.highest.to_json() == {"g": "a"}
    assert told(yes) == [("b", True), ("c", False)]
    assert yes.lines[0].ratio.value == pytest.approx(0.75)
    exact = fisher_exact([[30, 70], [40, 60]]).pvalue
    assert yes.lines[0].p_value == pytest.approx(min(1.0, 2 * exact))
    assert (yes.below, no.below) == (True, False)
    assert no.lines[0].ratio.value == pytest.approx(60 / 70)
    assert "US employment law" in yes.to_json()["rule"]


def test_exactly_four_fifths_is_not_below() -> None:
    assert told(four_fifths(made({"a": (25, 25, 25, 25), "b": (20, 20, 30, 30)}), "yes")) == [("b", False)]


def test_identical_groups_fail_four_fifths_as_often_as_is_told() -> None:
    """Six identical groups of 100 fail in most cases: the rule alone is no evidence, so the chance stands beside it."""
    rng = np.random.default_rng(8)
    failed, chance, exact = [], [], 0
    for _ in range(300):
        yes = rng.binomial(100, 0.4, 6).tolist()
        found = four_fifths(
            made({str(n): (k, 0, 100 - k, 0) for n, k in enumerate(yes)}), "yes", replicates=300
        )
        failed.append(found.below)
        chance.append(found.chance_of_failing)
        exact += any(line.p_value <= 0.05 for line in found.lines)
    assert np.mean(failed) == pytest.approx(np.mean(chance), abs=0.06)
    assert np.mean(failed) > 0.4
    assert exact / 300 <= 0.12


def test_four_fifths_of_nothing_says_why() -> None:
    assert four_fifths(made({"a": (20, 0, 20, 0)}), "yes").reason == "fewer than two groups can be compared"
    nobody = four_fifths(made({"a": (0, 0, 20, 9), "b": (0, 0, 20, 9)}), "yes")
    assert nobody.reason == "nobody was answered yes"
    assert nobody.to_json()["below"] is None


def test_gaps_of_real_slices_come_from_their_counts() -> None:
    figures = tables(dict(GROUPS)).figures(0.5)
    assert by_name(gaps(figures))["recall"].figure.value == by_name(gaps(made(GROUPS)))["recall"].figure.value
