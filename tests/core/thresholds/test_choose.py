"""Choosing a threshold: exact at every distinct score, with requirements, groups, capacity and costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings

from lookingglass.errors import BadInput
from lookingglass.metrics import Costs, Counts, Settings
from lookingglass.thresholds import (
    Aim,
    Capacity,
    Choice,
    Requirement,
    Sample,
    choose,
    parse_capacity,
    parse_requirement,
)
from tests.core.metrics.samples import Floats, Labels, draw, tied
from tests.core.thresholds.oracle import Everything, GivenGroups, cases

# 0.9 +, 0.8 -, 0.7 + +, 0.6 -, 0.4 - -, 0.3 +, 0.1 - -: four positives, six negatives.
Y_TRUE = np.array([1, 0, 1, 1, 0, 0, 0, 1, 0, 0])
Y_SCORE = np.array([0.9, 0.8, 0.7, 0.7, 0.6, 0.4, 0.4, 0.3, 0.1, 0.1])


def hand(goal: str, *requirements: str, capacity: str | None = None, **told: float | Costs) -> Choice:
    aim = Aim(
        goal,
        Settings(**told),  # type: ignore[arg-type]  # each test passes what Settings takes
        tuple(parse_requirement(text) for text in requirements),
        parse_capacity(capacity) if capacity else None,
    )
    return choose(Sample.of(Y_TRUE, Y_SCORE), aim)


def test_the_best_f1_by_hand() -> None:
    # From 0.7: TP 3, FP 1, FN 1: F1 = 6/8. From 0.3: TP 4, FP 4: 8/12. From 0.9: 2/5.
    choice = hand("f1")
    assert (choice.feasible, choice.threshold, choice.counts) == (True, 0.7, Counts(3, 1, 5, 1))
    assert choice.value == 0.75


def test_costs_by_hand() -> None:
    # Missing one costs 5, a false alarm 1. From 0.3: FP 4, FN 0: 4. From 0.7: FP 1, FN 1: 6. Everybody: 6. Nobody: 20.
    choice = hand("cost_per_example", costs=Costs(cost_fp=1, cost_fn=5))
    assert (choice.threshold, choice.value) == (0.3, 0.4)
    # A false alarm at 5, a miss at 1: nobody 4, from 0.9: FN 3: 3.
    choice = hand("cost_per_example", costs=Costs(cost_fp=5, cost_fn=1))
    assert (choice.threshold, choice.value) == (0.9, 0.3)
    # A find brings 2, and a false alarm costs 10: from 0.9: 3 - 2 = 1 against 4 for nobody.
    choice = hand("cost_per_example", costs=Costs(cost_fp=10, cost_fn=1, gain_tp=2))
    assert (choice.threshold, choice.value) == (0.9, pytest.approx(0.1))


def test_answering_nobody_is_a_possible_answer() -> None:
    choice = choose(
        Sample.of([0, 1, 0, 0], [0.9, 0.5, 0.4, 0.2]),
        Aim("cost_per_example", Settings(costs=Costs(cost_fp=3, cost_fn=1))),
    )
    assert (choice.feasible, choice.threshold, choice.counts) == (True, None, Counts(0, 0, 3, 1))
    assert choice.value == 0.25


def test_of_equally_good_thresholds_the_highest_is_taken() -> None:
    # A miss and a false alarm cost the same: from 0.7 and from 0.9 and ... : FP + FN is 2 from 0.7 alone.
    assert hand("accuracy").threshold == 0.7
    tie = choose(Sample.of([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2]), Aim("accuracy"))
    assert tie.threshold == 0.8, "0.8 and 0.4 are both right in 3 of 4"
    # 0.1 + 0.2 is not 0.3 in floating point: from 0.9 the costs are 3 * 0.1, from 0.5 they are 0.3.
    sample = Sample.of([1, 1, 1, 1, 0], [0.9, 0.5, 0.5, 0.5, 0.5])
    cost = choose(sample, Aim("cost_per_example", Settings(costs=Costs(cost_fp=0.3, cost_fn=0.1))))
    assert cost.threshold == 0.9


def test_a_requirement_met_to_the_last_case_is_met() -> None:
    # From 0.7 recall is 3/4 and the false positive rate 1/6; from 0.3 they are 4/4 and 4/6.
    assert hand("precision", "recall >= 0.75").threshold == 0.7
    assert hand("precision", "recall >= 0.7500001").threshold == 0.3
    assert hand("recall", "false_positive_rate <= 0.5").threshold == 0.7
    assert hand("recall", f"false_positive_rate <= {4 / 6!r}").threshold == 0.3
    for n in (10, 49, 998):  # k/n >= bound as written, for every k
        labels, scores = np.ones(n), np.linspace(1, 0, n)
        for k in range(1, n, max(1, n // 9)):
            choice = choose(
                Sample.of(labels, scores),
                Aim("selection_rate", requirements=(Requirement("recall", "<=", k / n),)),
            )
            assert choice.counts is not None
            assert choice.counts.tp == k


def test_a_capacity_never_splits_a_tie() -> None:
    assert hand("selection_rate", capacity="10%").threshold == 0.9
    assert hand("selection_rate", capacity="20%").threshold == 0.8
    # Two share 0.7, so three of ten cannot be answered.
    assert hand("selection_rate", capacity="30%").threshold == 0.8
    assert hand("selection_rate", capacity="3").threshold == 0.8
    assert hand("selection_rate", capacity="40%").threshold == 0.7
    assert hand("recall", capacity="100%").threshold == 0.3, "the highest of those that find all"
    assert hand("selection_rate", capacity="100%").threshold == 0.1
    nobody = choose(Sample.of([1, 0], [0.5, 0.5]), Aim("selection_rate", capacity=Capacity(count=1)))
    assert (nobody.feasible, nobody.threshold) == (True, None)


def test_a_capacity_of_a_volume_is_a_share() -> None:
    at = Aim("selection_rate", capacity=parse_capacity("2,000", volume=10_000))
    assert choose(Sample.of(Y_TRUE, Y_SCORE), at).threshold == 0.8


def test_contradictory_requirements_say_which_and_what_comes_nearest() -> None:
    choice = hand("f1", "recall >= 0.9", "selection_rate <= 10%")
    assert (choice.feasible, choice.threshold, choice.counts, choice.value) == (False, None, None, None)
    assert choice.binding == ("recall >= 0.9", "selection_rate <= 0.1")
    nearest = choice.nearest
    assert nearest is not None
    # Shortfalls (recall, selection): nobody 0.9, 0; 0.9: 0.65, 0; 0.8: 0.65, 0.1; 0.7: 0.15, 0.3; 0.6: 0.15, 0.4.
    assert (nearest.threshold, nearest.counts) == (0.7, Counts(3, 1, 5, 1))
    assert [(item.rule, item.group, item.value, item.bound) for item in nearest.shortfalls] == [
        ("recall >= 0.9", None, 0.75, 0.9),
        ("selection_rate <= 0.1", None, 0.4, 0.1),
    ]


def test_one_requirement_that_nothing_meets_binds_alone() -> None:
    choice = hand("f1", "precision >= 0.8", "recall >= 0.5", "selection_rate <= 0.9", capacity="50%")
    # Only from 0.9 is precision 1, and there recall is 0.25; without either there is a choice.
    assert choice.binding == ("precision >= 0.8", "recall >= 0.5")
    alone = hand("recall", "f1 >= 0.8", "selection_rate <= 0.9")
    assert alone.binding == ("f1 >= 0.8",)
    both = hand("recall", "f1 >= 0.8", "precision >= 1", "recall >= 0.9")
    assert set(both.binding) == {"f1 >= 0.8", "precision >= 1.0", "recall >= 0.9"}, "missed where nearest"


def test_a_capacity_binds_too() -> None:
    choice = hand("f1", "recall >= 0.5", capacity="2")
    assert choice.binding == ("recall >= 0.5", "answering at most 2")
    assert choice.nearest is not None
    assert choice.nearest.threshold == 0.7, (
        "both are short by about as much: 0.25 of recall, or 2 of 10 cases"
    )
    (over,) = choice.nearest.shortfalls
    assert (over.rule, over.value, over.bound) == ("answering at most 2", 4.0, 2.0)


def test_a_requirement_by_group_holds_in_every_group_missing_values_too() -> None:
    codes = np.array([0, 1, 0, 1, 1, 0, 2, 1, 2, 0], dtype=np.int32)
    column = GivenGroups(("a", "b", "missing"), codes)
    aim = Aim("recall", requirements=(parse_requirement("false_positive_rate <= 0.4 by area"),))
    # From 0.6: group a has negatives at 0.4 and 0.1, b at 0.8 and 0.6, missing at 0.4 and 0.1: b is at 2/2.
    choice = choose(Sample.of(Y_TRUE, Y_SCORE), aim, {"area": column})
    assert (choice.threshold, choice.counts) == (0.9, Counts(1, 0, 6, 3))
    # Without b's first negative: it still has one at 0.6 (1/1), so 0.7 it is.
    label = np.where(np.arange(10) == 1, 1, Y_TRUE)
    assert choose(Sample.of(label, Y_SCORE), aim, {"area": column}).threshold == 0.7
    infeasible = choose(
        Sample.of(Y_TRUE, Y_SCORE),
        Aim("recall", requirements=(*aim.requirements, parse_requirement("recall >= 1"))),
        {"area": column},
    )
    assert infeasible.nearest is not None
    (first, *_) = infeasible.nearest.shortfalls
    assert (first.rule, first.group) == ("false_positive_rate <= 0.4 by area", "b")


def test_the_nearest_point_names_the_group_that_falls_short_most() -> None:
    codes = np.array([0, 1, 0, 1, 1, 0, 2, 1, 2, 0], dtype=np.int32)
    aim = Aim("f1", requirements=(parse_requirement("recall >= 0.9 by area"),), capacity=Capacity(share=0.4))
    choice = choose(Sample.of(Y_TRUE, Y_SCORE), aim, {"area": GivenGroups(("a", "b", "missing"), codes)})
    assert choice.binding == ("recall >= 0.9 by area", "answering at most 40%")
    assert choice.nearest is not None
    # From 0.7: both of a's positives, one of b's two, so 0.4 short. From 0.3 eight of ten are answered: 0.4 too many.
    assert choice.nearest.threshold == 0.7
    (short,) = choice.nearest.shortfalls
    assert (short.rule, short.group, short.value) == ("recall >= 0.9 by area", "b", 0.5)


def test_a_group_without_any_case_is_left_out_and_named() -> None:
    codes = np.array([0, 1, 0, 0, 1, 1, 1, 0, 1, 1], dtype=np.int32)  # group a: all four positives
    aim = Aim("recall", requirements=(parse_requirement("false_positive_rate <= 0.2 by area"),))
    choice = choose(Sample.of(Y_TRUE, Y_SCORE), aim, {"area": GivenGroups(("a", "b"), codes)})
    assert choice.threshold == 0.7
    assert "area = a is left out of 'false_positive_rate <= 0.2 by area': no negatives." in choice.notes
    assert any(note.startswith("area = b has only 6 negatives") for note in choice.notes)
    nobody_left = choose(
        Sample.of([1, 1], [0.2, 0.4]),
        Aim("recall", requirements=aim.requirements),
        {"area": GivenGroups(("a",), codes[:1].repeat(2))},
    )
    assert not nobody_left.feasible


@given(cases())
@settings(deadline=None, max_examples=200)
def test_no_threshold_is_better_than_the_one_chosen(
    case: tuple[Labels, Floats, Aim, Mapping[str, GivenGroups]],
) -> None:
    y_true, y_score, aim, groups = case
    every = Everything(y_true, y_score, groups)
    sample = Sample.of(y_true, y_score)
    if all(every.value(aim.goal, at, aim.settings) is None for at in every.thresholds):
        with pytest.raises(BadInput, match=r"has no value at any threshold: no (positives|negatives)"):
            choose(sample, aim, groups)
        return
    feasible, threshold, value = every.best(aim)
    choice = choose(sample, aim, groups)
    assert (choice.feasible, choice.threshold) == (feasible, threshold)
    if feasible:
        assert choice.counts == Counts(*map(int, every.cells(threshold)))
        assert value is not None
        assert choice.value == pytest.approx(float(value), abs=1e-12)
    else:
        assert choice.binding
        assert set(choice.binding) <= {item.text() for item in aim.requirements} | {
            f"answering at most {aim.capacity.text()}" if aim.capacity else ""
        }


@pytest.mark.parametrize("make", [draw, tied])
@pytest.mark.parametrize("goal", ["f1", "mcc", "balanced_accuracy"])
def test_it_is_the_best_of_a_large_sample_too(goal: str, make: object) -> None:
    from sklearn.metrics import balanced_accuracy_score, f1_score, matthews_corrcoef

    oracle = {"f1": f1_score, "mcc": matthews_corrcoef, "balanced_accuracy": balanced_accuracy_score}[goal]
    y_true, y_score = make(5, 400)  # type: ignore[operator]  # both are makers
    choice = choose(Sample.of(y_true, y_score), Aim(goal))
    scores = np.unique(y_score)
    values = np.array([oracle(y_true, y_score >= at) for at in scores])
    assert choice.value == pytest.approx(values.max(), abs=1e-12)
    assert choice.threshold == scores[np.flatnonzero(values >= values.max() - 1e-12).max()]


@pytest.mark.parametrize(
    ("y_true", "y_score", "goal", "message"),
    [
        ([], [], "f1", "there are no labelled samples to choose a threshold on: add labels first."),
        (
            [0, 0, 0],
            [0.1, 0.2, 0.3],
            "f1",
            "f1 has no value at any threshold: no positives among the 3 labelled samples. "
            "Add labelled positives, or choose another goal.",
        ),
        (
            [1, 1, 1],
            [0.1, 0.2, 0.3],
            "balanced_accuracy",
            "balanced_accuracy has no value at any threshold: no negatives among the 3 labelled samples. "
            "Add labelled negatives, or choose another goal.",
        ),
    ],
)
def test_what_cannot_be_chosen_says_why(
    y_true: list[int], y_score: list[float], goal: str, message: str
) -> None:
    with pytest.raises(BadInput) as refused:
        choose(Sample.of(y_true, y_score), Aim(goal))
    assert str(refused.value) == message


def test_notes_tell_what_to_know() -> None:
    flat = choose(Sample.of([0, 1, 0], [0.4, 0.4, 0.4]), Aim("f1"))
    assert flat.threshold == 0.4, "everybody: F1 = 2/4"
    assert flat.notes == (
        "There is only 1 positive among the labelled samples: figures on so few say little.",
        "There are only 2 negatives among the labelled samples: figures on so few say little.",
        "All scores are equal: the only answers are yes to everybody and yes to nobody.",
    )
    alone = choose(
        Sample.of(np.zeros(12), np.arange(12)), Aim("cost_per_example", Settings(costs=Costs(1, 5)))
    )
    assert (alone.threshold, alone.value) == (None, 0.0)
    assert alone.notes == (
        "There are no positives among the 12 labelled samples: half of the picture is missing.",
    )


def test_an_unknown_group_column_and_one_with_too_many_groups_are_refused() -> None:
    aim = Aim("f1", requirements=(parse_requirement("recall >= 0.5 by colour"),))
    with pytest.raises(
        BadInput, match=r"there is no group column 'colour' for 'recall >= 0.5 by colour': there are none"
    ):
        choose(Sample.of(Y_TRUE, Y_SCORE), aim)
    many = GivenGroups(tuple(str(number) for number in range(51)), np.zeros(10, dtype=np.int32))
    with pytest.raises(BadInput, match="colour has 51 groups, more than 50"):
        choose(Sample.of(Y_TRUE, Y_SCORE), aim, {"colour": many})
