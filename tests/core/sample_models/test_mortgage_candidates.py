"""The mortgage candidates: loadable, complete, small, and telling the story that the docs tell."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact
from sklearn.metrics import roc_auc_score

from sample_models.answers import THRESHOLD
from sample_models.mortgage import figures
from sample_models.mortgage.recipes import GROUPS, RECIPES, Recipe
from sample_models.mortgage.train import HERE, PATTERNS
from sample_models.tables import ID_COLUMN, Row, read_rows
from tests.core.sample_models.use_cases import auc_difference

CANDIDATES = HERE / "candidates"
DOCS = HERE.parents[1] / "docs" / "worked-use-case.md"
ONNX_TOLERANCE = 1e-6

every_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_rows(HERE / "testset.csv")


@pytest.fixture(scope="module")
def scores(rows: list[Row]) -> dict[str, np.ndarray]:
    return figures.all_scores(rows)


@pytest.fixture(scope="module")
def y_true(rows: list[Row]) -> np.ndarray:
    return figures.denied(rows)


@pytest.fixture(scope="module")
def black(rows: list[Row]) -> np.ndarray:
    return np.array([row["black"] == "yes" for row in rows])


@pytest.mark.parametrize(
    "recipe", [r for r in RECIPES if r.format == "skops"], ids=lambda recipe: recipe.name
)
def test_skops_files_need_no_more_trust_than_said(recipe: Recipe) -> None:
    """Each archive is deflated and asks only for the two types that the README names."""
    import skops.io

    path = CANDIDATES / recipe.name / recipe.file
    assert set(skops.io.get_untrusted_types(file=path)) <= set(figures.TRUSTED)
    with zipfile.ZipFile(path) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}


def test_blind_candidate_never_sees_a_group_column(rows: list[Row], scores: dict[str, np.ndarray]) -> None:
    """Turning every group column round changes no score of boosted-blind, and does change boosted's."""
    turned = [{**row, **{name: "no" if row[name] == "yes" else "yes" for name in GROUPS}} for row in rows]
    again = figures.all_scores(turned)
    np.testing.assert_array_equal(again["boosted-blind"], scores["boosted-blind"])
    assert np.abs(again["boosted"] - scores["boosted"]).max() > 0.01


def test_onnx_answers_as_skops_does(rows: list[Row], scores: dict[str, np.ndarray]) -> None:
    """32-bit numbers move no score by more than a millionth, the incomplete row's included, but they do move some."""
    difference = np.abs(scores["boosted"] - scores["boosted-onnx"])
    assert rows[-1][ID_COLUMN] == "app-2381"
    assert 0 < difference.max() < ONNX_TOLERANCE
    patterns = figures.all_scores(read_rows(PATTERNS))
    assert np.abs(patterns["boosted"] - patterns["boosted-onnx"]).max() < ONNX_TOLERANCE


@every_recipe
def test_scores_are_probabilities(recipe: Recipe, scores: dict[str, np.ndarray]) -> None:
    """Every row of the test set, the incomplete one included, gets a finite score from 0 to 1."""
    score = scores[recipe.name]
    assert score.shape == (1192,)
    assert np.isfinite(score).all()
    assert ((score >= 0) & (score <= 1)).all()


def test_vendor_scores_cover_test_set_and_patterns_once(rows: list[Row]) -> None:
    """The predictions file names each example of the test set and each pattern exactly once, and nothing else."""
    ids = [row[ID_COLUMN] for row in read_rows(CANDIDATES / "vendor-scores" / "predictions.csv")]
    assert ids == [row[ID_COLUMN] for row in [*rows, *read_rows(PATTERNS)]]


def test_old_model_ranks_worse_by_more_than_chance(scores: dict[str, np.ndarray], y_true: np.ndarray) -> None:
    """early-scorecard beats guessing and each later candidate beats it: 95 % bootstrap intervals exclude 0."""
    assert 0.6 < roc_auc_score(y_true, scores["early-scorecard"]) < 0.75
    for name in ("full-scorecard", "boosted", "boosted-onnx", "boosted-blind", "vendor-scores"):
        low, _ = auc_difference(y_true, scores[name], scores["early-scorecard"])
        assert low > 0.05, name


def test_no_later_model_leads_by_more_than_chance(scores: dict[str, np.ndarray], y_true: np.ndarray) -> None:
    """The leader cannot be told from full-scorecard, boosted or boosted-blind: the intervals hold 0."""
    for name in ("full-scorecard", "boosted", "boosted-blind"):
        low, high = auc_difference(y_true, scores["vendor-scores"], scores[name])
        assert low < 0 < high, name


def test_better_model_is_not_better_for_everyone(
    scores: dict[str, np.ndarray], y_true: np.ndarray, black: np.ndarray
) -> None:
    """At 0.5 the groups are alike under early-scorecard and far apart under boosted, for black applicants' worse."""
    p_values = {}
    for name in ("early-scorecard", "boosted"):
        groups = [figures.wrongly_denied(y_true[part], scores[name][part]) for part in (black, ~black)]
        p_values[name] = fisher_exact([[share.k, share.n - share.k] for share in groups]).pvalue
        assert groups[0].k / groups[0].n > groups[1].k / groups[1].n
    assert p_values["early-scorecard"] > 0.05
    assert p_values["boosted"] < 1e-6


def test_not_looking_helps_by_no_more_than_chance(
    scores: dict[str, np.ndarray], y_true: np.ndarray, black: np.ndarray
) -> None:
    """boosted-blind wrongly refuses fewer black applicants than boosted, but McNemar's exact test cannot tell."""
    approved = black & ~y_true
    seeing, blind = (scores[name][approved] >= THRESHOLD for name in ("boosted", "boosted-blind"))
    only_seeing, only_blind = int((seeing & ~blind).sum()), int((~seeing & blind).sum())
    assert only_seeing > only_blind
    assert binomtest(only_seeing, only_seeing + only_blind).pvalue > 0.05


def test_docs_quote_the_true_figures(rows: list[Row]) -> None:
    """Each line of the three tables in docs/worked-use-case.md is what the figures command prints."""
    text = DOCS.read_text(encoding="utf-8")
    patterns = read_rows(PATTERNS)
    for table in (figures.ranking_table(rows), figures.error_table(rows), figures.pattern_table(patterns)):
        assert "\n".join(table) in text


def test_docs_name_every_candidate() -> None:
    """The table of candidates has a line for each."""
    text = DOCS.read_text(encoding="utf-8")
    assert all(f"\n| {recipe.name} | " in text for recipe in RECIPES)


def test_sentences_of_the_docs_hold(scores: dict[str, np.ndarray], y_true: np.ndarray) -> None:
    """Counts that the docs put into sentences: denials foreseen, patterns nearly refused, pairs answered apart."""
    foreseen = {name: int((score[y_true] >= THRESHOLD).sum()) for name, score in scores.items()}
    assert (foreseen["early-scorecard"], foreseen["boosted"], int(y_true.sum())) == (6, 47, 143)
    boosted = figures.all_scores(read_rows(PATTERNS))["boosted"]
    assert int(((boosted[:8] > 0.4) & (boosted[:8] < 0.5)).sum()) == 7
    full = figures.all_scores(read_rows(PATTERNS))["full-scorecard"] >= THRESHOLD
    assert int((full[:3] != full[3:6]).sum()) == 1
