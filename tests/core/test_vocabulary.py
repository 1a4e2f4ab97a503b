"""The words on screen: complete, and true of the numbers they describe."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from lookingglass.metrics import METRICS, Costs, evaluate_metrics
from lookingglass.vocabulary import METRIC_WORDS, WORDS

DOCS = Path(__file__).parents[2] / "docs"


def sections(page: str) -> dict[str, str]:
    """Return the text under each second-level heading of a docs page."""
    parts = re.split(r"^## (.+)$", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip((name.strip("`") for name in parts[1::2]), parts[2::2], strict=True))


def test_every_metric_has_words_and_every_word_a_metric() -> None:
    assert list(METRIC_WORDS) == list(METRICS)
    labels = [words.label for words in METRIC_WORDS.values()]
    assert len(set(labels)) == len(labels), "two metrics of one name could not be told apart"


@pytest.mark.parametrize("name", METRICS)
def test_words_are_whole_sentences(name: str) -> None:
    words = METRIC_WORDS[name]
    assert words.question.endswith("?")
    assert words.definition.endswith(".")
    assert words.hides.endswith(".")
    assert len(words.label) <= 20


@pytest.mark.parametrize("name", METRICS)
def test_the_best_value_and_direction_are_those_of_a_candidate_without_mistakes(name: str) -> None:
    """A perfect candidate reaches the best value; one that is wrong everywhere is worse in the named direction."""
    words, y_true = METRIC_WORDS[name], np.array([0, 0, 1, 1, 1])
    costs = Costs(cost_fp=1.0, cost_fn=1.0)
    right = evaluate_metrics(y_true, y_true.astype(float), 0.5, costs=costs)[name].value
    wrong = evaluate_metrics(y_true, 1.0 - y_true, 0.5, costs=costs)[name].value
    assert right is not None
    assert wrong is not None
    if words.direction == "neither":
        assert words.best is None
        return
    assert right > wrong if words.direction == "higher" else right < wrong
    if words.best is not None:
        assert right == pytest.approx(words.best, abs=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_the_unit_of_a_rate_is_rate_and_of_nothing_else(name: str) -> None:
    assert (METRIC_WORDS[name].unit == "rate") == (METRICS[name].kind == "rate")


@pytest.mark.parametrize("name", METRICS)
def test_the_docs_have_a_section_with_formula_source_interval_and_what_it_hides(name: str) -> None:
    text = sections("metrics.md")[name]
    for part in ("**Formula.**", "**Source.**", "**Interval.**", "**Undefined.**", "**Hides.**"):
        assert part in text, f"docs/metrics.md says nothing of {part} under {name}"


@pytest.mark.parametrize("word", WORDS)
def test_every_word_on_screen_is_in_the_glossary(word: str) -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    assert f"**{word}**" in text
    assert WORDS[word].endswith(".")
