"""The leaderboard ranks by one metric, compares in pairs on one version, and says what is only chance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

import lookingglass as lg
from lookingglass.candidates import add_scores, register
from lookingglass.creating import create_workspace_from_file
from lookingglass.errors import BadInput
from lookingglass.evaluation.engine import Run
from lookingglass.evaluation.evaluate import ScoredSet, part_differences
from lookingglass.evaluation.scores import Failure
from lookingglass.testset import add_example, edit_example, relabel
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


def test_two_that_stand_alike_share_the_place(ws: lg.Workspace, tmp_path: Path) -> None:
    import skops.io

    twin = tmp_path / "twin.skops"
    model = skops.io.load(ws.home.files.path(next(iter(ws.candidate("strong").files.values()))))
    model.verbose = 1  # another file, the same answers
    skops.io.dump(model, twin)
    register(ws.home, "twin", twin, actor=ANA)
    assert ws.leaderboard().sentence.startswith(
        "No candidate leads: strong and twin share the highest AUC, 0."
    )


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


def test_a_test_set_without_positives_is_said_to_be_the_reason(tmp_path: Path) -> None:
    """Every candidate answered everything, so "no complete evaluation" would send people looking in the wrong place."""
    data, told = tmp_path / "data.csv", tmp_path / "told.csv"
    data.write_text("example_id,a,outcome\nx,1,yes\ny,2,no\nz,3,no\n")
    told.write_text("example_id,score\nx,0.1\ny,0.2\nz,0.3\n")
    with create_workspace_from_file(tmp_path / "ws", data, label="outcome", positive="yes", actor=ANA) as ws:
        register(ws.home, "told", told, actor=ANA)
        relabel(ws.home, "x", "no", note="", actor=ANA)
        sentence = ws.leaderboard().sentence
    assert (
        sentence
        == "No candidate can be ranked by AUC on this version: no positives among the labelled samples."
    )


def test_a_version_that_undoes_another_is_shown_under_its_own_number(ws: lg.Workspace) -> None:
    """Version 3 holds what version 1 held, so both have one digest; a board is still of the version asked for."""
    ws.leaderboard()
    flip(ws)
    flip(ws)
    assert ws.test_set(3).digest == ws.test_set(1).digest
    assert ws.leaderboard().evaluation.version == 3
    assert ws.leaderboard(version=1).evaluation.version == 1


def test_a_board_is_of_the_version_that_was_scored_when_another_arrives_meanwhile(
    ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring = ws.engine.bring_up_to_date

    def overtaken(*args: Any, **kwargs: Any) -> Run:
        run = bring(*args, **kwargs)
        flip(ws)
        return run

    monkeypatch.setattr(ws.engine, "bring_up_to_date", overtaken)
    assert ws.leaderboard().evaluation.version == 1


def test_a_candidate_that_failed_neither_leads_nor_stands_before_the_others(ws: lg.Workspace) -> None:
    """It answered every sample and failed over a new test pattern; its row says so and the sentence names another."""
    ws.evaluate()
    add_example(
        ws.home,
        {"a": 1.0, "b": 1.0, "group": "red"},
        label="yes",
        id="odd",
        note="",
        actor=ANA,
        origin="pattern",
    )
    strong = ws.candidate("strong").fingerprint
    ws.engine.store.write_failure(strong, Failure(ws.test_set().digest, 2, "the model raised X", "now"))
    ws.engine.bring_up_to_date()
    board = ws.leaderboard(fresh=False)
    assert [row.name for row in board.rows] == ["weak", "told", "strong", "baseline"]
    assert board.rows[2].evaluation.status == "failed"
    assert "strong" not in board.sentence


def test_a_curve_follows_the_scores_and_not_only_the_digest(ws: lg.Workspace, tmp_path: Path) -> None:
    """An input edited and edited back has its digest again, but for a predictions file it is a new input."""
    before = ws.curve("told").thresholds.tolist()
    edit_example(ws.home, "x-00000", {"a": 9.0}, note="", actor=ANA)
    edit_example(ws.home, "x-00000", {"a": float(rows(200)["a"][0])}, note="back", actor=ANA)
    more = tmp_path / "more.csv"
    more.write_text("example_id,score\nx-00000,0.9999999\n")
    add_scores(ws.home, "told", more, ANA)
    assert ws.test_set(3).digest == ws.test_set(1).digest
    assert 0.9999999 in ws.curve("told", 3).thresholds.tolist()
    assert ws.curve("told", 1).thresholds.tolist() == before
