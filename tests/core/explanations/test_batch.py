"""Many explanations: each kept as it is done, stopped and taken up again, and a dead worker ends nothing."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from pathlib import Path

import pytest

from lookingglass.errors import BadInput, CandidateFailed
from lookingglass.explanations import BatchProgress, ExplainSettings, explain_many
from lookingglass.explanations.batch import GIVE_UP
from lookingglass.workspace import Workspace, open_workspace


def quick(samples: int) -> ExplainSettings:
    return ExplainSettings(samples=samples, most_samples=samples, repeats=1)


def test_a_batch_gives_what_single_explanations_give_and_says_how_far_it_is(pictures: Workspace) -> None:
    ids = pictures.test_set().ids[:6]
    told: list[BatchProgress] = []
    batch = pictures.explain_many("marked", [*ids, ids[0]], quick(140), on_progress=told.append)
    assert [each.example_id for each in batch.explanations] == ids
    assert not batch.stopped
    assert batch.failed == {}
    assert batch.model_rows_scored == sum(each.model_rows_scored for each in batch.explanations) > 0
    assert [each.done for each in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1].seconds_left is None
    assert [each.seconds_left is not None for each in told] == [False, False, False, False, True, False]
    assert {each.first_made for each in told} == {told[0].seconds}
    assert pictures.explain("marked", ids[3], quick(140)) == batch.explanations[3].asked_again()
    again = pictures.explain_many("marked", ids, quick(140))
    assert again.model_rows_scored == 0
    assert [each.weights for each in again.explanations] == [each.weights for each in batch.explanations]


def test_the_time_left_goes_by_explanations_that_were_made_since_the_first() -> None:
    """Thirty seconds until processes had started and the first was made, then one every two seconds; ten were kept."""

    def after(made: int, failed: int = 0, kept: int = 10) -> float | None:
        seconds, done = 30.0 + 2.0 * (made - 1), kept + made + failed
        return BatchProgress("told", done, 100, kept, failed, seconds, 30.0 if made else None).seconds_left

    assert [after(made) for made in (0, 1, 4)] == [None, None, None], "too few to tell"
    assert after(5) == pytest.approx(2.0 * 85)
    assert after(30) == pytest.approx(2.0 * 60), "not the thirty seconds of the start again and again"
    assert after(5, kept=94) == pytest.approx(2.0)
    assert after(4, failed=20) is None, "what failed tells nothing of what is made"
    assert after(6, kept=94) is None, "all done"


def test_a_batch_that_is_stopped_is_taken_up_where_it_was(pictures: Workspace) -> None:
    ids, cancelled = pictures.test_set().ids[:8], threading.Event()

    def after_three(progress: BatchProgress) -> None:
        if progress.done == 3:
            cancelled.set()

    first = pictures.explain_many("clean", ids, quick(150), on_progress=after_three, cancelled=cancelled)
    assert first.stopped
    assert 3 <= len(first.explanations) < 8
    kept = pictures.kept_explanations("clean", settings=quick(150))
    assert kept == [each.asked_again() for each in first.explanations]
    assert pictures.kept_explanations("clean", [ids[7]], quick(150)) == []
    rest = pictures.explain_many("clean", ids, quick(150), processes=0)
    assert not rest.stopped
    assert len(rest.explanations) == 8
    free = [each.example_id for each in rest.explanations if not each.model_rows_scored]
    assert free == [each.example_id for each in first.explanations]


def test_a_worker_that_dies_in_the_middle_of_a_batch_is_started_again(pictures: Workspace) -> None:
    ids, killed = pictures.test_set().ids[:5], threading.Event()
    worker = pictures.engine.pool.get(pictures.home, pictures.candidate("marked"))

    def kill_once(progress: BatchProgress) -> None:
        if progress.done == 2 and worker.pid is not None:
            os.kill(worker.pid, signal.SIGKILL)
            killed.set()

    batch = explain_many(
        pictures.home,
        pictures.engine.pool,
        pictures.candidate("marked"),
        ids,
        quick(160),
        on_progress=kill_once,
        processes=0,
    )
    assert killed.is_set()
    assert batch.failed == {}
    assert len(batch.explanations) == 5


def test_processes_of_our_own_give_the_same_and_a_dead_one_is_started_again(pictures: Workspace) -> None:
    ids, killed = pictures.test_set().ids[:6], threading.Event()
    alone = pictures.explain_many("marked", ids, quick(170), processes=0)
    shutil.rmtree(pictures.home.folder / "explanations")

    def kill_once(progress: BatchProgress) -> None:
        helpers = [pid for pid in children() if b"explanations.helper" in command(pid)]
        if not killed.is_set() and helpers:
            os.kill(helpers[0], signal.SIGKILL)
            killed.set()

    asked = [*ids, "nobody"]
    batch = pictures.explain_many("marked", asked, quick(170), on_progress=kill_once, processes=1)
    assert killed.is_set()
    assert list(batch.failed) == ["nobody"]
    assert "there is no example 'nobody'" in batch.failed["nobody"]
    assert [each.asked_again() for each in batch.explanations] == [
        each.asked_again() for each in alone.explanations
    ]
    assert batch.model_rows_scored == alone.model_rows_scored
    assert not [pid for pid in children() if b"explanations.helper" in command(pid)], "they are gone"


def children() -> list[int]:
    """Return the ids of this process's own children."""
    told = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [int(pid) for path in told for pid in path.read_text().split()]


def command(pid: int) -> bytes:
    """Return the command line of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_an_example_that_is_not_there_fails_alone(pictures: Workspace) -> None:
    ids = pictures.test_set().ids[:2]
    batch = pictures.explain_many("marked", [ids[0], "nobody", ids[1]], quick(140))
    assert [each.example_id for each in batch.explanations] == ids
    assert list(batch.failed) == ["nobody"]
    assert "there is no example 'nobody'" in batch.failed["nobody"]


def test_a_batch_under_a_damaged_model_ends_after_a_few(built_digits: Path, tmp_path: Path) -> None:
    with open_workspace(shutil.copytree(built_digits / "digits", tmp_path / "digits")) as ws:
        ids = ws.test_set().ids[:6]
        (kept_as,) = ws.candidate("marked").files.values()
        path = ws.home.files.path(kept_as)
        path.chmod(0o600)
        path.write_bytes(b"damaged")
        with pytest.raises(CandidateFailed, match=r"^marked could not be explained: .*from a backup\.$"):
            ws.explain("marked", ids[0], quick(140))
        for processes in (0, 1):
            batch = ws.explain_many("marked", ids, quick(140), processes=processes)
            assert (batch.stopped, batch.explanations, list(batch.failed)) == (True, (), ids[:GIVE_UP])
            assert all(reason.endswith("put it back from a backup.") for reason in batch.failed.values())


def test_examples_whose_image_is_damaged_fail_alone(built_digits: Path, tmp_path: Path) -> None:
    """More of them than a batch gives up after, none among those that the ground is measured on."""
    with open_workspace(shutil.copytree(built_digits / "digits", tmp_path / "digits")) as ws:
        rows = ws.test_set().rows
        patterns = rows.filter(rows["@origin"] == "pattern").head(GIVE_UP + 1)
        for image in patterns["image"]:
            path = ws.home.files.path(image.removeprefix("sha256:"))
            path.chmod(0o600)
            path.write_bytes(b"damaged")
        ids = [*patterns["@id"], rows["@id"][0]]
        batch = ws.explain_many("clean-onnx", ids, quick(140), processes=0)
        assert (batch.stopped, list(batch.failed)) == (False, ids[:-1])
        assert [each.example_id for each in batch.explanations] == ids[-1:]


def test_a_candidate_without_a_model_is_refused_before_anything_is_tried(rows: Workspace) -> None:
    with pytest.raises(BadInput, match="vendor-scores is a file of predictions"):
        rows.explain_many("vendor-scores", rows.test_set().ids[:GIVE_UP])
