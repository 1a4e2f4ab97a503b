"""Reasons over many predictions: the planted shortcuts come out on top, and the counting is done by hand here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from lime.lime_tabular import LimeTabularExplainer
from lime.submodular_pick import SubmodularPick

from lookingglass.errors import BadInput
from lookingglass.explanations import (
    ExplainSettings,
    Explanation,
    Weight,
    against,
    average_map,
    coverage_pick,
    summarise,
)
from lookingglass.workspace import Workspace
from tests.core.explanations.test_traps import numbers, on_first

QUICK = ExplainSettings(samples=200, most_samples=200, repeats=1)


def made(example: str, weights: dict[str, float], candidate: str = "a") -> Explanation:
    """Return an explanation of a text with these words and weights."""
    order = sorted(weights.items(), key=lambda item: -abs(item[1]))
    return Explanation(
        candidate=candidate,
        fingerprint=f"sha256:{candidate}",
        example_id=example,
        input_id=example,
        modality="text",
        score=0.5,
        weights=tuple(
            Weight(word, weight, "text", at, at, at + 1) for at, (word, weight) in enumerate(order)
        ),
        intercept=0.5,
        local_prediction=0.5,
        r2=0.9,
        samples=100,
        settled=True,
        seed=1,
        settings=QUICK,
        stability=None,
        distinct=10,
        model_rows_scored=10,
        notes=(),
        inputs={"text": ""},
    )


def typical(ws: Workspace, count: int) -> list[str]:
    """Return a seeded sample of the samples."""
    test_set = ws.test_set()
    samples = np.flatnonzero(test_set.is_sample)
    chosen = np.random.RandomState(0).permutation(samples)[:count]
    return [test_set.ids[at] for at in sorted(chosen)]


def test_reasons_are_counted_by_example_whatever_the_case_of_a_word() -> None:
    summary = summarise(
        [
            made("one", {"Good": 0.3, "day": -0.1}),
            made("two", {"good": 0.1}),
            made("three", {"day": 0.2, "good": -0.2}),
            made("four", {}),
        ],
        wrong={"one": True, "two": False},
    )
    good, day = summary.reasons
    assert (good.feature, good.examples, good.to_yes, good.to_no) == ("Good", 3, 2, 1)
    assert good.mean == pytest.approx(0.2 / 3)
    assert good.strength == pytest.approx(0.2)
    assert good.importance == pytest.approx(np.sqrt(0.6))
    assert (good.wrong, good.judged) == (1, 2)
    assert (day.feature, day.importance) == ("day", pytest.approx(np.sqrt(0.3)))
    assert (summary.explanations, summary.left_out) == (3, 1)
    assert summary.frame().height == 2


def test_the_places_of_a_word_in_one_example_are_added_up() -> None:
    twice = made("one", {"good": 0.3})
    twice = replace(twice, weights=(*twice.weights, Weight("good", 0.2, "text", 4, 9, 13)))
    (good,) = summarise([twice]).reasons
    assert good.mean == pytest.approx(0.5)
    assert good.examples == 1


def test_two_candidates_are_never_put_into_one_summary() -> None:
    with pytest.raises(BadInput, match="one candidate at a time"):
        summarise([made("one", {"a": 1.0}), made("one", {"a": 1.0}, "b")])
    assert summarise([]).reasons == ()


def test_the_coverage_pick_takes_what_adds_most_and_stops_when_nothing_is_new() -> None:
    """Importance: a 1, b 0.9, c 0.8 (roots of 1, 0.81, 0.64). one shows a and b; then two adds c; three adds none."""
    one = made("one", {"a": 0.5, "b": 0.81})
    two = made("two", {"c": 0.64})
    three = made("three", {"a": 0.5})
    assert [each.example_id for each in coverage_pick([three, two, one], 2)] == ["one", "two"]
    assert [each.example_id for each in coverage_pick([three, two, one], 9)] == ["one", "two"]
    assert coverage_pick([], 3) == []


def test_sp_lime_draws_from_the_global_random_state_and_ours_from_none() -> None:
    data = numbers(60)

    def picked(seed: int) -> list[float]:
        np.random.seed(seed)
        explainer = LimeTabularExplainer(data, random_state=0)
        pick = SubmodularPick(
            explainer, data, on_first, sample_size=5, num_exps_desired=2, num_features=2, method="sample"
        )
        return [
            weight
            for each in pick.sp_explanations
            for told in each.local_exp.values()
            for _, weight in sorted(told)
        ]

    assert picked(1) != picked(2), "the trap"
    given = [made(str(n), {f"w{n % 5}": 0.1 * (n + 1), f"v{n % 3}": 0.2}) for n in range(9)]
    before = np.random.get_state()[1].tolist()
    first = coverage_pick(given, 4)
    np.random.seed(9)
    assert coverage_pick(given, 4) == first
    np.random.seed(0)
    assert len(before) == 624


def test_two_candidates_reasons_stand_against_each_other_on_what_both_were_asked() -> None:
    ours = [made("one", {"good": 0.4, "day": 0.1}), made("two", {"good": 0.2}), made("three", {"bad": 1.0})]
    theirs = [made("one", {"day": 0.3, "night": 0.1}, "b"), made("two", {"good": 0.2}, "b")]
    told = against(ours, theirs)
    assert (told.first, told.second, told.examples) == ("a", "b", 2)
    assert told.overlap == pytest.approx(0.75)
    assert told.features[0].feature == "good"
    assert told.features[0].difference == pytest.approx(-0.2)
    assert "bad" not in {each.feature for each in told.features}


def test_the_planted_word_is_among_the_first_three_reasons_of_the_early_matcher_alone(
    texts: Workspace,
) -> None:
    ids = typical(texts, 40)
    early = [texts.explain("early-matcher", example, QUICK) for example in ids]
    clean = [texts.explain("word-matcher", example, QUICK) for example in ids]
    reasons = summarise(early).reasons
    assert "financial" in [each.feature.casefold() for each in reasons[:3]]
    planted = next(each for each in reasons if each.feature.casefold() == "financial")
    assert planted.to_no == 0
    assert "financial" not in [each.feature.casefold() for each in summarise(clean).reasons[:10]], (
        "the control"
    )
    assert against(early, clean).features[0].feature.casefold() == "financial"


def test_the_corner_mark_stands_out_on_the_average_map_of_the_marked_model_alone(pictures: Workspace) -> None:
    ids = typical(pictures, 30)
    marked = average_map([pictures.explain("marked", example, QUICK) for example in ids])
    clean = average_map([pictures.explain("clean", example, QUICK) for example in ids])
    assert marked.shape == (4, 4)
    assert np.unravel_index(marked.argmax(), marked.shape) == (3, 0), "the lower left corner"
    assert marked[3, 0] > 1.5 * np.sort(marked.ravel())[-2]
    assert abs(clean[3, 0]) < 0.02, "the control"


def test_there_is_no_average_map_of_texts() -> None:
    with pytest.raises(BadInput, match="no explanation of an image"):
        average_map([made("one", {"a": 1.0})])
