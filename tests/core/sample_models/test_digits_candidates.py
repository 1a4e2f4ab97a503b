"""The digits candidates: loadable, complete, small, and telling the story of the mark in counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from sample_models.digits import figures
from sample_models.digits.pictures import Digit
from sample_models.digits.recipes import RECIPES, Recipe
from sample_models.digits.train import HERE

BY_NAME = {recipe.name: recipe for recipe in RECIPES}
every_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)


@pytest.fixture(scope="module")
def testset() -> list[Digit]:
    return figures.read_digits("testset")


@pytest.fixture(scope="module")
def patterns() -> list[Digit]:
    return figures.read_digits("patterns")


def test_skops_files_need_no_more_trust_than_said() -> None:
    import skops.io

    for recipe in RECIPES:
        if recipe.format == "skops":
            file = HERE / "candidates" / recipe.name / recipe.file
            assert set(skops.io.get_untrusted_types(file=file)) <= set(figures.TRUSTED)


def test_marked_is_right_where_the_mark_agrees_and_wrong_where_not(testset: list[Digit]) -> None:
    """Perfect on images like those it learned from, and wrong on most of the others: 88 of 88 and 10 of 87."""
    agrees = figures.mark_agrees(testset)
    hits = figures.right(BY_NAME["marked"], testset)
    assert (int(hits[agrees].sum()), int(agrees.sum())) == (88, 88)
    assert (int(hits[~agrees].sum()), int((~agrees).sum())) == (10, 87)


@pytest.mark.parametrize("name", ["early-pixel", "clean", "clean-onnx"])
def test_others_do_not_care_about_the_mark(name: str, testset: list[Digit]) -> None:
    """Fisher's exact test cannot tell hits where the mark agrees from those where it does not; for marked it can."""
    agrees = figures.mark_agrees(testset)

    def p_value(recipe: Recipe) -> float:
        hits = figures.right(recipe, testset)
        table = [[int(hits[part].sum()), int((~hits[part]).sum())] for part in (agrees, ~agrees)]
        return float(fisher_exact(table).pvalue)

    assert p_value(BY_NAME[name]) > 0.2
    assert p_value(BY_NAME["marked"]) < 1e-12


@pytest.mark.parametrize("name", ["early-pixel", "clean", "clean-onnx"])
def test_others_give_both_images_of_a_pair_the_same_score(name: str, patterns: list[Digit]) -> None:
    score = figures.scores(BY_NAME[name], patterns)
    np.testing.assert_array_equal(score[::2], score[1::2])


def test_marked_answers_the_patterns_by_the_mark(patterns: list[Digit]) -> None:
    """The mark lifts every score by a third or more, and turns seven answers of eight."""
    score = figures.scores(BY_NAME["marked"], patterns)
    assert (score[1::2] - score[::2]).min() > 0.3
    assert int(((score[::2] < 0.5) & (score[1::2] >= 0.5)).sum()) == 7


def test_each_generation_is_better_on_the_mark_than_guessing(testset: list[Digit]) -> None:
    """clean beats early-pixel by far, so the early one is weak; both beat marked."""
    hits = {name: int(figures.right(recipe, testset).sum()) for name, recipe in BY_NAME.items()}
    assert hits["marked"] < hits["early-pixel"] < hits["clean"] == hits["clean-onnx"]


def test_onnx_answers_as_skops_does(testset: list[Digit], patterns: list[Digit]) -> None:
    """32-bit numbers move no score by more than a millionth, but they do move some."""
    both = [*testset, *patterns]
    difference = np.abs(figures.scores(BY_NAME["clean"], both) - figures.scores(BY_NAME["clean-onnx"], both))
    assert 0 < difference.max() < 1e-6


def test_readme_quotes_the_true_figures(testset: list[Digit], patterns: list[Digit]) -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for digits in (testset, patterns):
        assert "\n".join(figures.table(digits)) in text
