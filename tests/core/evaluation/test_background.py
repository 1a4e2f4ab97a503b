"""The keeper evaluates by itself whenever the ledger moves, can be stopped, and survives what it meets."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lookingglass as lg
from lookingglass.candidates import Candidate, register
from lookingglass.config import Limits
from lookingglass.errors import NotSaved
from lookingglass.evaluation import background
from lookingglass.evaluation import evaluator as evaluator_module
from lookingglass.evaluation.background import Keeper, KeeperState
from lookingglass.evaluation.engine import Run, Status
from lookingglass.home import Home
from lookingglass.testset import edit_example
from tests.core.evaluation.conftest import ANA, flip
from tests.core.evaluation.test_engine import import_rows


@pytest.fixture
def keeper(ws: lg.Workspace) -> Keeper:
    return ws.background()


def wait(keeper: Keeper, until: Callable[[KeeperState], bool]) -> KeeperState:
    """Return the first state for which ``until`` holds; fail after a bounded time."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = keeper.state()
        if until(state):
            return state
        time.sleep(0.02)
    raise AssertionError(f"the keeper never got there: {keeper.state()}")


def test_it_evaluates_what_is_there_and_then_follows_changes_made_elsewhere(
    ws: lg.Workspace, keeper: Keeper, tmp_path: Path
) -> None:
    first = wait(keeper, lambda state: state.version == 1 and state.target is None)
    assert first.head == ws.home.ledger.head()[0]
    with lg.open_workspace(ws.home.folder) as elsewhere:
        import_rows(elsewhere, tmp_path, 20, start=200)
    second = wait(keeper, lambda state: state.version == 2 and state.target is None)
    assert {item.candidate: item.status for item in second.progress} == {
        "baseline": Status.COMPLETE,
        "strong": Status.COMPLETE,
        "weak": Status.COMPLETE,
        "told": Status.INCOMPLETE,
    }
    assert ws.engine.bring_up_to_date().rows_scored == 0


def test_a_new_candidate_is_evaluated_without_a_new_version(
    ws: lg.Workspace, keeper: Keeper, model_files: dict[str, Path]
) -> None:
    before = wait(keeper, lambda state: state.version == 1 and state.target is None)
    register(ws.home, "third", model_files["third"], actor=ANA)
    after = wait(keeper, lambda state: state.head > before.head and state.target is None)
    assert "third" in {item.candidate for item in after.progress}
    assert after.version == 1


def test_figures_are_ready_when_the_version_is(ws: lg.Workspace, keeper: Keeper) -> None:
    wait(keeper, lambda state: state.version == 1 and state.target is None)
    flip(ws)
    wait(keeper, lambda state: state.head == ws.home.ledger.head()[0])
    board = ws.leaderboard(fresh=False)
    assert board.evaluation.version == keeper.state().version


def test_cancel_stops_and_resume_goes_on(ws: lg.Workspace, tmp_path: Path) -> None:
    object.__setattr__(ws.home.config, "limits", Limits(batch_rows=1))
    keeper = ws.background()
    wait(keeper, lambda state: any(item.done for item in state.progress))
    keeper.cancel()
    stopped = wait(keeper, lambda state: state.cancelled)
    assert stopped.version == 0
    assert Status.CANCELLED in {item.status for item in stopped.progress}
    keeper.resume()
    assert wait(keeper, lambda state: state.version == 1).cancelled is False


def test_an_error_of_the_workspace_is_told_in_a_sentence_and_the_keeper_lives_on(
    ws: lg.Workspace, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(keeper, lambda state: state.version == 1 and state.target is None)
    with monkeypatch.context() as patch:
        patch.setattr(ws.engine, "bring_up_to_date", _explode)
        flip(ws)
        broken = wait(keeper, lambda state: state.error is not None)
    assert broken.error == "the disk is full: make room."
    keeper.resume()
    assert wait(keeper, lambda state: state.error is None and state.target is None).version > 1


def _explode(*_arguments: object, **_options: object) -> None:
    from lookingglass.errors import Damaged

    raise Damaged("the disk is full: make room.")


def test_an_error_is_tried_again_and_goes_away(ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk that has room again needs neither a change of the test set nor a restart."""
    monkeypatch.setattr(background, "RETRY_SECONDS", 0.05)
    bring, full = ws.engine.bring_up_to_date, threading.Event()
    full.set()

    def sometimes(*args: Any, **kwargs: Any) -> Run:
        if full.is_set():
            raise NotSaved("Scores could not be kept: no space left on device.")
        return bring(*args, **kwargs)

    monkeypatch.setattr(ws.engine, "bring_up_to_date", sometimes)
    keeper = ws.background()
    wait(keeper, lambda state: state.error is not None and state.target is None)
    full.clear()
    state = wait(keeper, lambda state: state.version == 1 and state.target is None)
    assert state.error is None


def test_closing_in_the_middle_of_a_question_blames_no_candidate(
    prepared: Path, place: Path, tmp_path: Path
) -> None:
    """A workspace that is closed while a model is asked ends at once, and the next one finds nothing failed."""
    folder = shutil.copytree(prepared, tmp_path / "ws")
    ws = lg.open_workspace(folder)
    object.__setattr__(ws.home.config, "limits", Limits(batch_rows=10))
    asked = threading.Event()
    running = threading.Thread(
        target=ws.engine.bring_up_to_date,
        kwargs={"on_progress": lambda progress: asked.set() if progress.done else None},
    )
    running.start()
    assert asked.wait(60)
    ws.close()
    running.join(60)
    assert not running.is_alive()
    assert not list((folder / "scores").glob("*/failed-*"))


def test_an_older_version_that_a_page_asks_for_is_evaluated_for_later_candidates_too(
    ws: lg.Workspace, keeper: Keeper, model_files: dict[str, Path]
) -> None:
    """A link to an old version shows what every candidate says of it, also those that came later."""
    edit_example(ws.home, "x-00000", {"a": 5.0}, note="", actor=ANA)
    register(ws.home, "third", model_files["third"], actor=ANA)
    wait(keeper, lambda state: state.version == 2 and state.target is None and len(state.progress) == 5)
    assert np.isnan(ws.scores("third", version=1)).sum() == 1
    keeper.want(1)
    done = wait(keeper, lambda state: state.also == (1,) and state.target is None)
    assert done.version == 2
    assert not np.isnan(ws.scores("third", version=1)).any()
    keeper.want(1)
    keeper.want(2)
    time.sleep(0.1)
    assert keeper.state() == done


def test_every_pair_is_compared_ahead_so_that_another_reference_costs_nothing(
    ws: lg.Workspace, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(keeper, lambda state: state.version == 1 and state.target is None)
    made = ws._derived._evaluator._differences
    deadline = time.monotonic() + 60
    while len(made) < 12 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(made) == 12  # four candidates: each pair with what depends on thresholds, and what does not
    monkeypatch.setattr(evaluator_module, "part_differences", None)
    for reference in ("baseline", "strong", "weak", "told"):
        board = ws.leaderboard(reference=reference, fresh=False)
        assert {row.name for row in board.rows if row.differences} == {
            "baseline",
            "strong",
            "weak",
            "told",
        } - {reference}


@pytest.mark.parametrize(("said", "ready"), [(None, ["baseline", "strong", "weak", "told"]), ("no", [])])
def test_models_and_figures_are_made_ready_ahead_unless_the_environment_says_no(
    ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch, said: str | None, ready: list[str]
) -> None:
    monkeypatch.delenv(background.AHEAD_VARIABLE, raising=False)
    if said is not None:
        monkeypatch.setenv(background.AHEAD_VARIABLE, said)
    monkeypatch.setattr(background, "AFTER_SECONDS", 0)
    look, looked = Keeper._look, threading.Event()

    def look_and_tell(self: Keeper) -> None:
        look(self)
        looked.set()

    monkeypatch.setattr(Keeper, "_look", look_and_tell)
    warm, warmed, ahead = ws.engine.pool.warm, [], []

    def warm_and_note(home: Home, candidates: Iterable[Candidate]) -> None:
        warm(home, candidates := list(candidates))
        warmed.extend(each.name for each in candidates)

    monkeypatch.setattr(ws.engine.pool, "warm", warm_and_note)
    keeper = Keeper(ws.engine, lambda _version: None, lambda version, _stop: ahead.append(version))
    try:
        assert looked.wait(60)
        assert keeper.state().version == 1
    finally:
        keeper.close()
    assert sorted(warmed) == sorted(ready)
    assert ahead == ([1] if ready else [])
