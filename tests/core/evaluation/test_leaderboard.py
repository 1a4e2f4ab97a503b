"""The leaderboard ranks by one metric, compares in pairs on one version, and says what is only chance."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

import lookingglass as lg
from lookingglass.candidates import register
from lookingglass.errors import BadInput
from lookingglass.evaluation.evaluate import ScoredSet, part_differences
from tests.core.evaluation.conftest import ANA, flip, rows


def test_candidates_stand_best_first_and_the_baseline_last(ws: lg.Workspace) -> None:
    board = ws.leaderboard()
    assert [row.name for row in board.rows] == ["strong", "weak", "told", "baseline"]
    assert board.reference == "baseline"
    strong = board.rows[0].evaluation.metrics["roc_auc"]
    y_true = (rows(200)["outcome"] == "yes").astype(int)
    assert strong.value == pytest.approx(roc_auc_score(y_true, ws.scores("strong")), abs=1e-12)
    assert board.rows[0].differences["roc_auc"].value == pytest.approx(strong.value - 0.5, abs=1e-12)
    assert board.rows[-1].differences == {}


def test_a_candidate_that_guesses_is_not_distinguishable_from_the_baseline(ws: lg.Workspace) -> None:
    warnings = {row.name: row.warning for row in ws.leaderboard().rows}
    assert warnings["told"] == "not distinguishable from the baseline"
    assert warnings["strong"] is None
    assert warnings["baseline"] is None


def test_a_candidate_that_ranks_backwards_is_said_to_be_worse(ws: lg.Workspace, tmp_path: Path) -> None:
    truth = rows(200)
    backwards = tmp_path / "backwards.csv"
    pd.DataFrame(
        {"example_id": truth["example_id"], "score": truth["outcome"].map({"yes": 0.2, "no": 0.8})}
    ).to_csv(backwards, index=False)
    register(ws.home, "backwards", backwards, actor=ANA)
    warnings = {row.name: row.warning for row in ws.leaderboard().rows}
    assert warnings["backwards"] == "worse than the baseline"


def test_the_sentence_names_the_leader_and_whether_the_lead_is_more_than_noise(ws: lg.Workspace) -> None:
    sentence = ws.leaderboard().sentence
    assert sentence.startswith("strong leads with the highest AUC, 0.")
    assert "; its lead over weak, +0." in sentence
    assert sentence.endswith(", is more than chance.")


def test_a_lead_within_noise_is_not_called_a_lead(ws: lg.Workspace, model_files: dict[str, Path]) -> None:
    register(ws.home, "third", model_files["third"], actor=ANA)
    sentence = ws.leaderboard().sentence
    assert sentence.startswith("No candidate leads by more than chance: ")
    assert sentence.endswith(", could be chance.")


def test_another_reference_and_metric_are_taken_and_unknown_ones_refused(ws: lg.Workspace) -> None:
    board = ws.leaderboard(reference="weak", metric="brier")
    assert board.reference == "weak"
    assert set(board.rows[0].differences) == set(board.rows[0].evaluation.metrics)
    with pytest.raises(BadInput, match="there is no candidate 'nobody' to compare with: choose one of"):
        ws.leaderboard(reference="nobody")
    with pytest.raises(BadInput, match="there is no metric 'acuracy': choose one of roc_auc"):
        ws.leaderboard(metric="acuracy")


def test_figures_of_different_versions_are_never_compared(ws: lg.Workspace) -> None:
    ws.evaluate()
    candidate = ws.candidate("strong")
    first = ScoredSet(candidate, ws.test_set(), ws.scores("strong"))
    flip(ws)
    second = ScoredSet(candidate, ws.test_set(), ws.scores("strong"))
    with pytest.raises(ValueError, match="different test-set versions"):
        part_differences(first, second, 0.5, 0.5)


def test_patterns_are_told_apart_from_samples(ws: lg.Workspace) -> None:
    from lookingglass.testset import add_example

    before = ws.evaluate().candidate("strong")
    add_example(
        ws.home,
        {"a": 3.0, "b": 3.0, "group": "red"},
        label="no",
        id="p-1",
        tags=[],
        problems=[],
        note="",
        actor=ANA,
    )
    after = ws.evaluate().candidate("strong")
    assert before is not None
    assert after is not None
    assert after.metrics == before.metrics
    assert before.patterns["accuracy"].value is None
    assert (after.patterns["accuracy"].k, after.patterns["accuracy"].n) == (0, 1)


def test_json_and_text_say_the_same(ws: lg.Workspace) -> None:
    board = ws.leaderboard()
    data = board.to_json()
    assert data["sentence"] in board.text()
    assert [row["name"] for row in data["rows"]] == [row.name for row in board.rows]
    frame = board.frame()
    assert frame.height == 4 * 2 * 16
    assert set(frame["part"]) == {"samples", "patterns"}
    assert frame["candidate"].unique(maintain_order=True).to_list() == [row.name for row in board.rows]
    samples = frame.filter(pl.col("part") == "samples")
    (strong,) = samples.filter(candidate="strong", metric="brier").to_dicts()
    assert strong["difference"] == board.rows[0].differences["brier"].value
    assert frame.filter(pl.col("candidate") == "baseline")["difference"].null_count() == 2 * 16
