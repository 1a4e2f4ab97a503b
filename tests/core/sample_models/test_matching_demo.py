"""The matching workspace that `lookingglass demo` makes: the product's figures are those computed without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lookingglass as lg
from lookingglass.ledger import Actor
from lookingglass.testset import add_example
from sample_models.matching import figures
from sample_models.matching.recipes import RECIPES
from sample_models.matching.train import HERE, PATTERNS
from sample_models.tables import read_rows


def test_each_candidate_is_scored_as_outside_the_product(built_matching: Path) -> None:
    """Isolated workers get the two texts in the right order and give the scores that the files give elsewhere."""
    rows = {row["example_id"]: row for row in [*read_rows(HERE / "testset.csv"), *read_rows(PATTERNS)]}
    with lg.open_workspace(built_matching / "matching") as ws:
        test_set = ws.test_set()
        expected = figures.all_scores([rows[each] for each in test_set.ids])
        assert [each.name for each in ws.candidates] == ["baseline", *(recipe.name for recipe in RECIPES)]
        for name, scores in expected.items():
            np.testing.assert_allclose(ws.scores(name), scores, rtol=0, atol=1e-9, err_msg=name)


def test_leaderboard_tells_the_story(built_matching: Path) -> None:
    """Letters before words before the early model before the rule before the baseline, on samples alone."""
    with lg.open_workspace(built_matching / "matching") as ws:
        board = ws.leaderboard(reference="word-matcher")
        order = [row.name for row in board.rows if row.name != "word-matcher-onnx"]
        assert order == ["letter-matcher", "word-matcher", "early-matcher", "shared-words", "baseline"]
        best = next(item for item in ws.evaluate().candidates if item.name == "letter-matcher")
        assert best.metrics["roc_auc"].value == pytest.approx(0.902, abs=0.005)
        assert best.metrics["roc_auc"].n == 800


def test_a_new_pair_is_scored_by_every_model_and_waits_for_the_rule(matching: Path) -> None:
    """Of a pair added in a copy, the four models give a score at once; the predictions file has none for it."""
    with lg.open_workspace(matching / "matching") as ws:
        ws.evaluate()
        add_example(
            ws.home,
            {
                "want": "I want to learn the trumpet.",
                "provide": "I can provide financial advice.",
                "area": "arts and music",
                "region": "british",
                "spelling": "clean",
                "shared_words": "no",
            },
            label="no",
            actor=Actor("ana"),
        )
        after = ws.evaluate()
        status = {item.name: item.status for item in after.candidates}
        assert after.model_rows_scored == 4
        assert status.pop("shared-words") == "incomplete"
        assert set(status.values()) == {"complete"}
