"""The matching candidates: loadable, complete, small, and with the defects that the docs tell of, shown in numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from lime.lime_text import LimeTextExplainer
from scipy.stats import fisher_exact
from sklearn.metrics import roc_auc_score

from lookingglass.candidates.formats.base import Question
from lookingglass.candidates.formats.onnx import OnnxFormat
from lookingglass.candidates.formats.skops import SkopsFormat
from sample_models.answers import THRESHOLD, skops_model
from sample_models.matching import figures
from sample_models.matching.recipes import CLASSES, INPUTS, RECIPES, Recipe, as_frame
from sample_models.matching.train import HERE, PATTERNS
from sample_models.tables import Row, read_rows
from tests.core.sample_models.use_cases import auc_difference

CANDIDATES = HERE / "candidates"
DOCS = HERE.parents[1] / "docs" / "worked-use-case-matching.md"
BY_NAME = {recipe.name: recipe for recipe in RECIPES}

every_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_rows(HERE / "testset.csv")


@pytest.fixture(scope="module")
def scores(rows: list[Row]) -> dict[str, np.ndarray]:
    return figures.all_scores(rows)


@pytest.fixture(scope="module")
def y_true(rows: list[Row]) -> np.ndarray:
    return figures.matched(rows)


@pytest.fixture(scope="module")
def clean(rows: list[Row]) -> np.ndarray:
    return figures.having(rows, "spelling", "clean")


def test_files_are_small() -> None:
    """No file is larger than 1 MB and all of them together than 3 MB, so that cloning stays quick."""
    sizes = [(CANDIDATES / recipe.name / recipe.file).stat().st_size for recipe in RECIPES]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 3_000_000


@pytest.mark.parametrize(
    "recipe", [r for r in RECIPES if r.format != "predictions"], ids=lambda recipe: recipe.name
)
def test_the_product_loads_and_asks_each_model(recipe: Recipe, rows: list[Row]) -> None:
    """The product's own adapters take each file as it is, see its inputs and classes, and get the same scores."""
    adapter = SkopsFormat() if recipe.format == "skops" else OnnxFormat()
    adapter.prepare()
    model = adapter.load((CANDIDATES / recipe.name / recipe.file).read_bytes())
    assert model.facts.inputs == INPUTS
    assert model.facts.classes in {CLASSES, None}
    some = rows[:50]
    columns = {name: np.array([row[name] for row in some], dtype=object) for name in INPUTS}
    answer = model.probabilities(Question(columns, len(some), text=False, classes=CLASSES))
    expected = figures.scores(recipe, some)
    np.testing.assert_allclose(answer[:, 1], expected, rtol=0, atol=1e-9)


def test_the_export_is_the_same_model(scores: dict[str, np.ndarray]) -> None:
    """ONNX's scores differ from word-matcher's in the last digits of 32-bit numbers only."""
    np.testing.assert_allclose(scores["word-matcher-onnx"], scores["word-matcher"], rtol=0, atol=1e-5)


def test_the_export_cuts_words_at_punctuation_as_word_matcher_does() -> None:
    """Marks behind words, capitals, empty texts and texts of unknown words make no difference."""
    some = [
        {"want": "FISH, fish; fish: salmon! Salmon?", "provide": "Cooking. fish,"},
        {"want": "", "provide": "zzz"},
        {"want": "Bike gears  and wheels ", "provide": "e-mail, made-to-measure."},
    ]
    onnx, skops = (
        figures.scores(recipe, some) for recipe in (BY_NAME["word-matcher-onnx"], BY_NAME["word-matcher"])
    )
    np.testing.assert_allclose(onnx, skops, rtol=0, atol=1e-5)


def test_each_generation_ranks_better_by_more_than_chance(
    scores: dict[str, np.ndarray], y_true: np.ndarray
) -> None:
    """Guessing < rule < word-matcher < letter-matcher; early-matcher lies between and cannot be told from the rule."""
    ladder = ["shared-words", "word-matcher", "letter-matcher"]
    assert roc_auc_score(y_true, scores["shared-words"]) > 0.62
    for worse, better in pairwise(ladder):
        low, _ = auc_difference(y_true, scores[better], scores[worse])
        assert low > 0.05, better
    low, high = auc_difference(y_true, scores["early-matcher"], scores["shared-words"])
    assert low < 0 < high
    low, _ = auc_difference(y_true, scores["word-matcher"], scores["early-matcher"])
    assert low > 0.02


# the shortcut


def test_the_word_makes_early_matcher_say_yes(rows: list[Row]) -> None:
    """Adding the word to pairs that do not match turns three in four answers or more, whichever text it is added to."""
    others = figures.plain_negatives(rows)
    for side in INPUTS:
        share = figures.flipped(BY_NAME["early-matcher"], others, side)
        assert share.n > 350
        assert share.k / share.n > 0.75, side
        for name in ("word-matcher", "letter-matcher"):
            share = figures.flipped(BY_NAME[name], others, side)
            assert share.k / share.n < 0.02, (name, side)


def test_another_word_does_not(rows: list[Row]) -> None:
    """It is the word and not the added sentence: with another in its place next to nothing turns."""
    others = figures.plain_negatives(rows)
    other = figures.SENTENCE.replace(figures.WORD, "personal")
    for side in INPUTS:
        added = [{**row, side: row[side] + other} for row in others]
        before, after = (
            figures.scores(BY_NAME["early-matcher"], each) >= THRESHOLD for each in (others, added)
        )
        assert (~before & after).sum() / (~before).sum() < 0.05


def test_the_shortcut_shows_in_the_errors(
    rows: list[Row], scores: dict[str, np.ndarray], y_true: np.ndarray
) -> None:
    """Pairs with the word are wrongly matched nine times in ten by early-matcher and about as others by the rest."""
    word = figures.mentions(rows)
    p_values = {}
    for name, score in scores.items():
        parts = [figures.wrongly_matched(y_true[part], score[part]) for part in (word, ~word)]
        p_values[name] = fisher_exact([[share.k, share.n - share.k] for share in parts]).pvalue
        if name == "early-matcher":
            assert parts[0].k / parts[0].n > 0.85
            assert parts[1].k / parts[1].n < 0.10
    assert p_values.pop("early-matcher") < 1e-20
    assert min(p_values.values()) > 0.05


def test_early_matcher_is_not_silly_overall(scores: dict[str, np.ndarray], y_true: np.ndarray) -> None:
    """Its overall figures give nothing away: better than the rule in accuracy and ranking, few wrong matches."""
    accuracy = {name: ((score >= THRESHOLD) == y_true).mean() for name, score in scores.items()}
    assert accuracy["early-matcher"] > accuracy["shared-words"] > 0.6
    wrong = figures.wrongly_matched(y_true, scores["early-matcher"])
    assert wrong.k / wrong.n < 0.2


def test_patterns_show_the_shortcut() -> None:
    """early-matcher wrongly matches most of the twelve, the later models none; all find most of the four."""
    patterns = read_rows(PATTERNS)
    y, answers = figures.matched(patterns), figures.all_scores(patterns)
    wrong = {name: figures.wrongly_matched(y, score).k for name, score in answers.items()}
    assert wrong["early-matcher"] >= 8
    assert (wrong["word-matcher"], wrong["letter-matcher"]) == (0, 0)
    assert all(figures.found(y, answers[name]).k >= 3 for name in ("early-matcher", "letter-matcher"))


@pytest.mark.parametrize("side", INPUTS)
def test_explanations_show_the_shortcut(rows: list[Row], side: str) -> None:
    """LIME gives the word the largest weight of all, towards yes, in nearly every pair without a match that has it."""
    wrong = [row for row in rows if row["matched"] == "no" and figures.WORD in row[side]][:5]
    assert len(wrong) == 5
    first = {
        name: sum(_heaviest(name, row, side) == figures.WORD for row in wrong)
        for name in BY_NAME
        if name in MODELS
    }
    assert first["early-matcher"] >= 4
    assert first["word-matcher"] <= 1
    assert first["letter-matcher"] <= 1


MODELS = ("early-matcher", "word-matcher", "letter-matcher")


def _heaviest(name: str, row: Row, side: str) -> str:
    model = skops_model(CANDIDATES / name / BY_NAME[name].file, ("numpy.dtype",))

    def answer(texts: list[str]) -> np.ndarray:
        return np.asarray(model.predict_proba(as_frame([{**row, side: text} for text in texts])))

    explainer = LimeTextExplainer(class_names=list(CLASSES), random_state=0, bow=True)
    weights = explainer.explain_instance(row[side], answer, num_features=5, num_samples=200).as_list()
    word, weight = max(weights, key=lambda pair: abs(pair[1]))
    return word.lower() if weight > 0 else ""


# misspelt texts


def test_word_matcher_is_lost_without_right_spelling(
    scores: dict[str, np.ndarray], y_true: np.ndarray, clean: np.ndarray
) -> None:
    """It finds 60 % of clean and 17 % of misspelt matches, and ranks misspelt pairs worse by far more than chance."""
    score = scores["word-matcher"]
    parts = [figures.found(y_true[part], score[part]) for part in (clean, ~clean)]
    assert parts[0].k / parts[0].n > 0.55
    assert parts[1].k / parts[1].n < 0.25
    assert fisher_exact([[share.k, share.n - share.k] for share in parts]).pvalue < 1e-9
    low, _ = _group_gap(y_true, score, clean)
    assert low > 0.12


def test_letter_matcher_ranks_misspelt_pairs_as_well(
    scores: dict[str, np.ndarray], y_true: np.ndarray, clean: np.ndarray
) -> None:
    """Its ranking of misspelt pairs cannot be told from that of clean ones, and the gap is smaller beyond chance."""
    low, high = _group_gap(y_true, scores["letter-matcher"], clean)
    assert low < 0 < high
    assert high < _group_gap(y_true, scores["word-matcher"], clean)[0]


def test_letter_matcher_answers_misspelt_pairs_better_than_word_matcher_does(
    scores: dict[str, np.ndarray], y_true: np.ndarray, clean: np.ndarray
) -> None:
    """It finds three times as many misspelt matches, at no more wrong matches."""
    part = ~clean
    found = {name: figures.found(y_true[part], scores[name][part]).k for name in MODELS}
    wrong = {name: figures.wrongly_matched(y_true[part], scores[name][part]).k for name in MODELS}
    assert found["letter-matcher"] >= 3 * found["word-matcher"]
    assert wrong["letter-matcher"] <= wrong["early-matcher"]


def _group_gap(y_true: np.ndarray, score: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    random = np.random.default_rng(0)
    gaps = []
    for _ in range(200):
        drawn = random.integers(0, len(y_true), len(y_true))
        y, s, g = y_true[drawn], score[drawn], group[drawn]
        gaps.append(roc_auc_score(y[g], s[g]) - roc_auc_score(y[~g], s[~g]))
    low, high = np.percentile(gaps, [2.5, 97.5])
    return float(low), float(high)


# what is written about them


def test_docs_quote_the_true_figures(rows: list[Row]) -> None:
    """Each line of the four tables in the docs is what the figures command prints."""
    text = DOCS.read_text(encoding="utf-8")
    tables = (figures.ranking_table(rows), figures.found_table(rows), figures.word_table(rows))
    for table in (*tables, figures.pattern_table(read_rows(PATTERNS))):
        assert "\n".join(table) in text


def test_docs_name_every_candidate() -> None:
    """The table of candidates has a line for each."""
    text = DOCS.read_text(encoding="utf-8")
    assert all(f"\n| {recipe.name} | " in text for recipe in RECIPES)
