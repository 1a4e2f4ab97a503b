"""A change costs the change: models are asked for exactly the inputs that they have not answered."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

import lookingglass as lg
from lookingglass.candidates import WorkerPool, add_scores, register, retire
from lookingglass.config import Limits
from lookingglass.evaluation.engine import Progress, Status
from lookingglass.testset import commit_import, edit_example, plan_import, relabel, remove
from lookingglass.workspace import open_workspace
from tests.core.evaluation.conftest import ANA, rows

MODELS = 2


def bring(ws: lg.Workspace, version: int | None = None) -> int:
    return ws.engine.bring_up_to_date(version).rows_scored


def import_rows(ws: lg.Workspace, tmp_path: Path, count: int, start: int) -> None:
    file = tmp_path / f"more-{start}.csv"
    rows(count, start=start).to_csv(file, index=False)
    commit_import(ws.home, plan_import(ws.home, file), ANA)


def test_the_first_evaluation_scores_every_row_once_a_model(ws: lg.Workspace) -> None:
    assert bring(ws) == 200 * MODELS
    assert bring(ws) == 0


def test_adding_20_rows_with_5_models_scores_exactly_100(
    ws: lg.Workspace, tmp_path: Path, model_files: dict[str, Path]
) -> None:
    for name in ("third", "fourth", "fifth"):
        register(ws.home, name, model_files[name], actor=ANA)
    bring(ws)
    import_rows(ws, tmp_path, 20, start=200)
    assert bring(ws) == 100
    assert bring(ws) == 0


def test_the_same_import_twice_changes_nothing_and_asks_no_model(ws: lg.Workspace, tmp_path: Path) -> None:
    bring(ws)
    head = ws.home.ledger.head()
    file = tmp_path / "again.csv"
    rows(200).to_csv(file, index=False)
    assert commit_import(ws.home, plan_import(ws.home, file), ANA) is None
    assert ws.home.ledger.head() == head
    assert bring(ws) == 0


def test_a_relabel_asks_no_model_and_moves_the_figures(ws: lg.Workspace) -> None:
    before = ws.evaluate()
    relabel(
        ws.home, "x-00000", "no" if before.test_set.y_true[0] else "yes", note="wrong at import", actor=ANA
    )
    after = ws.evaluate()
    assert after.version == before.version + 1
    assert after.model_rows_scored == 0
    assert after.candidates[1].metrics["roc_auc"] != before.candidates[1].metrics["roc_auc"]


def test_an_edited_input_is_scored_again_and_never_served_stale(ws: lg.Workspace) -> None:
    bring(ws)
    before = ws.scores("strong")[0]
    edit_example(ws.home, "x-00000", {"a": 9.0}, note="", actor=ANA)
    assert np.isnan(ws.scores("strong")[0])
    assert bring(ws) == MODELS
    assert ws.scores("strong")[0] != before
    edit_example(ws.home, "x-00000", {"a": float(rows(200)["a"][0])}, note="back", actor=ANA)
    assert bring(ws) == 0
    assert ws.scores("strong")[0] == before


def test_an_old_version_needs_no_new_scores_after_a_removal(ws: lg.Workspace) -> None:
    bring(ws)
    remove(ws.home, "x-00007", note="", actor=ANA)
    assert bring(ws) == 0
    assert bring(ws, version=1) == 0
    assert len(ws.scores("strong", version=1)) == 200
    assert len(ws.scores("strong")) == 199


def test_scores_are_the_models_own_answers(ws: lg.Workspace, model_files: dict[str, Path]) -> None:
    import skops.io

    bring(ws)
    model = skops.io.load(model_files["strong"])
    np.testing.assert_allclose(
        ws.scores("strong"), model.predict_proba(rows(200)[["a", "b"]])[:, 1], rtol=0, atol=1e-15
    )


def test_two_processes_worth_of_engines_score_a_row_once(ws: lg.Workspace) -> None:
    with open_workspace(ws.home.folder) as other:
        totals: list[int] = []
        threads = [threading.Thread(target=lambda one=one: totals.append(bring(one))) for one in (ws, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(totals) == 200 * MODELS


def test_predictions_are_missing_until_they_arrive(ws: lg.Workspace, tmp_path: Path) -> None:
    import_rows(ws, tmp_path, 1, start=200)
    told = ws.evaluate().candidate("told")
    assert told is not None
    assert (told.status, told.scored, told.examples) == ("incomplete", 200, 201)
    assert told.metrics["roc_auc"].value is None
    assert told.metrics["roc_auc"].reason == "1 of 201 samples have no score"
    more = tmp_path / "more.csv"
    more.write_text("example_id,score\nx-00200,0.5\n")
    add_scores(ws.home, "told", more, ANA)
    told = ws.evaluate().candidate("told")
    assert told is not None
    assert told.status == "complete"
    assert told.metrics["roc_auc"].n == 201


def test_a_cancel_stops_before_the_next_batch_and_keeps_what_was_answered(ws: lg.Workspace) -> None:
    cancelled = threading.Event()
    seen: list[Progress] = []

    def stop_at_first_answer(progress: Progress) -> None:
        seen.append(progress)
        if progress.done:
            cancelled.set()

    object.__setattr__(ws.home.config, "limits", Limits(batch_rows=50))
    run = ws.engine.bring_up_to_date(on_progress=stop_at_first_answer, cancelled=cancelled)
    assert Status.CANCELLED in {progress.status for progress in run.progress}
    assert 0 < run.rows_scored < 200 * MODELS
    assert run.rows_scored + bring(ws) == 200 * MODELS


def test_a_retired_candidate_is_not_asked_any_more(ws: lg.Workspace, tmp_path: Path) -> None:
    bring(ws)
    retire(ws.home, "weak", ANA, "superseded")
    import_rows(ws, tmp_path, 3, start=200)
    assert bring(ws) == 3
    assert "weak" not in {item.name for item in ws.evaluate().candidates}


def test_deleting_every_score_brings_the_same_scores_back(ws: lg.Workspace) -> None:
    import shutil

    bring(ws)
    before = ws.scores("weak").copy()
    shutil.rmtree(ws.home.folder / "scores")
    assert bring(ws) == 200 * MODELS
    np.testing.assert_array_equal(ws.scores("weak"), before)


def test_the_baseline_answers_the_prevalence_of_the_version_it_was_registered_on(
    ws: lg.Workspace, tmp_path: Path
) -> None:
    prevalence = float((rows(200)["outcome"] == "yes").mean())
    import_rows(ws, tmp_path, 50, start=200)
    np.testing.assert_allclose(ws.scores("baseline"), prevalence, rtol=0, atol=1e-12)


def test_a_predictions_file_that_was_changed_on_the_disk_is_not_believed(ws: lg.Workspace) -> None:
    """Figures never move without a recorded cause: what is not what was registered is that candidate's failure."""
    ws.evaluate()
    (sha,) = ws.candidate("told").files.values()
    file = ws.home.files.path(sha)
    text = file.read_text()
    file.chmod(0o644)
    file.write_text(text.replace("0.", "0.9"))
    with lg.open_workspace(ws.home.folder) as fresh:
        told = fresh.evaluate().candidate("told")
    assert told is not None
    assert (told.status, told.scored) == ("failed", 0)


@pytest.mark.parametrize("name", ["strong", "lost"])
def test_a_candidate_whose_file_was_lost_fails_and_the_others_go_on(
    ws: lg.Workspace, name: str, tmp_path: Path, pool: WorkerPool
) -> None:
    """A model or a predictions file that is gone from the disk is that candidate's result, until it is put back."""
    told = tmp_path / "lost.csv"
    told.write_text("example_id,score\n" + "".join(f"x-{row:05d},0.{row:03d}5\n" for row in range(200)))
    register(ws.home, "lost", told, actor=ANA)
    (sha,) = ws.candidate(name).files.values()
    file = ws.home.files.path(sha)
    before = file.read_bytes()
    file.unlink()
    warm = None if name == "strong" else pool  # a model that is warm would answer without its file
    with lg.open_workspace(ws.home.folder, pool=warm) as fresh:
        result = {item.name: item for item in fresh.evaluate().candidates}
        assert (result[name].status, result[name].scored) == ("failed", 0)
        assert "is missing" in (result[name].error or "")
        assert result["weak"].status == "complete"
        file.write_bytes(before)
        again = {item.name: item.status for item in fresh.evaluate(retry_failed=True).candidates}
        assert again[name] == "complete"


def test_a_cancel_is_heard_while_another_process_holds_a_candidate(ws: lg.Workspace) -> None:
    lease = ws.engine.store.candidate_folder(ws.candidate("strong").fingerprint) / "lease"
    cancelled = threading.Event()
    cancelled.set()
    with FileLock(str(lease)):
        run = ws.engine.bring_up_to_date(cancelled=cancelled)
    assert {progress.candidate: progress.status for progress in run.progress}["strong"] is Status.CANCELLED
