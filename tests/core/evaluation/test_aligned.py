"""Scores that are carried from version to version are those that reading every score file gives."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lookingglass as lg
from lookingglass.candidates import Candidate
from lookingglass.evaluation import scores as scores_module
from lookingglass.evaluation.aligned import AlignedScores
from lookingglass.evaluation.scores import ScoreStore, read_scores
from lookingglass.testset import (
    TestSet,
    add_example,
    commit_import,
    edit_example,
    plan_import,
    relabel,
    remove,
)
from tests.core.evaluation.conftest import ANA, flip, rows

VALUES = (0.25, 0.5, 9.0)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "edit", "relabel", "remove", "import", "score", "score some", "merge", "old", "forget"]
        ),
        st.integers(0, 9),
        st.sampled_from(VALUES),
    ),
    min_size=4,
    max_size=14,
)


def answer(input_ids: pl.Series) -> np.ndarray:
    """Return what a model would say: any function of the input."""
    yes = np.array([int.from_bytes(each[4:12], "big") / 2**64 for each in input_ids])
    return np.column_stack([1 - yes, yes])


def score(store: ScoreStore, candidate: Candidate, test_set: TestSet, now: np.ndarray, some: int = 0) -> None:
    missing = np.flatnonzero(np.isnan(now))[some:]
    if len(missing):
        ids = test_set.rows["@input_id"].gather(missing)
        store.write(candidate.fingerprint, ids, answer(ids))


def change(ws: lg.Workspace, what: str, row: int, value: float, scratch: Path) -> None:
    test_set = ws.test_set()
    example = f"x-{row:05d}"
    there = example in set(test_set.ids)
    if what == "add" and not there:
        add_example(ws.home, {"a": value, "b": value, "group": "red"}, label="yes", id=example, actor=ANA)
    elif what == "edit" and there:
        edit_example(ws.home, example, {"a": value}, note="", actor=ANA)
    elif what == "relabel" and there:
        flip(ws, example)
    elif what == "remove" and there:
        remove(ws.home, example, note="", actor=ANA)
    elif what == "import":
        file = scratch / "more.csv"
        frame = rows(8, start=row)
        frame["a"] = value
        frame.to_csv(file, index=False)
        commit_import(ws.home, plan_import(ws.home, file), ANA)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_any_run_of_changes_gives_what_reading_everything_gives(
    steps: list[tuple[str, int, float]], prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    shutil.copytree(prepared, folder / "ws")
    scores_module_most = scores_module.MOST_SMALL
    scores_module.MOST_SMALL = 2
    try:
        with lg.open_workspace(folder / "ws") as ws:
            candidate, told = ws.candidate("strong"), ws.candidate("told")
            store = ws.engine.store
            kept = AlignedScores(ws.home, store)
            for what, row, value in steps:
                change(ws, what, row, value, folder)
                version = 1 if what == "old" else None
                if what == "forget":
                    kept = AlignedScores(ws.home, store)
                test_set = ws.test_set(version)
                now = kept.scores(candidate, test_set)
                if what.startswith("score"):
                    score(store, candidate, test_set, now, 100 if what == "score some" else 0)
                if what == "merge" and (merged := store.merge_small(candidate.fingerprint)):
                    kept.merged(candidate.fingerprint, *merged)
                again = kept.scores(candidate, test_set)
                np.testing.assert_array_equal(
                    again, store.aligned(candidate.fingerprint, test_set.rows["@input_id"], 1)
                )
                answered = ~np.isnan(again)
                np.testing.assert_array_equal(
                    again[answered], answer(test_set.rows["@input_id"])[answered, 1]
                )
                np.testing.assert_array_equal(
                    kept.scores(told, test_set), AlignedScores(ws.home, store).scores(told, test_set)
                )
    finally:
        scores_module.MOST_SMALL = scores_module_most
        shutil.rmtree(folder)


@pytest.fixture
def kept(ws: lg.Workspace) -> AlignedScores:
    """Scores of candidate strong on version 1, all there and read once."""
    candidate, test_set = ws.candidate("strong"), ws.test_set()
    found = AlignedScores(ws.home, ws.engine.store)
    score(ws.engine.store, candidate, test_set, found.scores(candidate, test_set))
    assert not np.isnan(found.scores(candidate, test_set)).any()
    return found


def test_a_change_reads_no_old_file_and_looks_up_what_changed(ws: lg.Workspace, kept: AlignedScores) -> None:
    candidate = ws.candidate("strong")
    before = kept.counters.files_read, kept.counters.rows_looked_up
    for number in range(20):
        add_example(ws.home, {"a": 0.1 * number, "b": 0.0, "group": "red"}, label="yes", actor=ANA)
    test_set = ws.test_set()
    assert np.isnan(kept.scores(candidate, test_set)).sum() == 20
    assert (kept.counters.files_read, kept.counters.rows_looked_up) == before
    score(ws.engine.store, candidate, test_set, kept.scores(candidate, test_set))
    rows_before = kept.counters.rows_read
    assert not np.isnan(kept.scores(candidate, test_set)).any()
    assert kept.counters.rows_read - rows_before == 20
    assert kept.counters.rows_looked_up - before[1] == 20


def test_a_relabel_reads_nothing_and_looks_nothing_up(ws: lg.Workspace, kept: AlignedScores) -> None:
    counted = (kept.counters.files_read, kept.counters.rows_looked_up)
    relabel(ws.home, "x-00003", None, note="", actor=ANA)
    kept.scores(ws.candidate("strong"), ws.test_set())
    assert (kept.counters.files_read, kept.counters.rows_looked_up) == counted


def test_the_same_version_gives_the_same_array_and_nobody_can_write_into_it(
    ws: lg.Workspace, kept: AlignedScores
) -> None:
    one = kept.scores(ws.candidate("strong"), ws.test_set())
    assert kept.scores(ws.candidate("strong"), ws.test_set()) is one
    with pytest.raises(ValueError, match="read-only"):
        one[0] = 0.5


def test_small_files_are_put_together_and_a_reader_that_listed_them_before_looks_again(
    ws: lg.Workspace, kept: AlignedScores, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, candidate = ws.engine.store, ws.candidate("strong")
    for number in range(scores_module.MOST_SMALL):
        edit_example(ws.home, "x-00001", {"a": float(number)}, note="", actor=ANA)
        score(store, candidate, ws.test_set(), kept.scores(candidate, ws.test_set()))
    listed = store.files(candidate.fingerprint)
    assert len(listed) == scores_module.MOST_SMALL + 1
    merged = store.merge_small(candidate.fingerprint)
    assert merged is not None
    assert store.files(candidate.fingerprint) == (merged[1],)
    assert store.merge_small(candidate.fingerprint) is None
    with pytest.raises(scores_module.ScoreFileGone):
        read_scores(listed, ["@input_id", "p1"])
    listings = iter([listed])
    monkeypatch.setattr(
        type(store),
        "files",
        lambda self, name: next(listings, tuple(sorted(self._place(name).glob("*.parquet")))),
    )
    fresh = AlignedScores(ws.home, store)
    np.testing.assert_array_equal(
        fresh.scores(candidate, ws.test_set()), answer(ws.test_set().rows["@input_id"])[:, 1]
    )


def test_the_engine_puts_small_files_together(ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores_module, "MOST_SMALL", 3)
    for number in range(4):
        edit_example(ws.home, "x-00001", {"a": float(number)}, note="", actor=ANA)
        ws.engine.bring_up_to_date()
    files = ws.engine.store.files(ws.candidate("strong").fingerprint)
    assert len(files) == 2
    read = ws.engine.aligned.counters.files_read
    edit_example(ws.home, "x-00001", {"a": 0.0}, note="back to what was answered before", actor=ANA)
    assert ws.engine.bring_up_to_date().rows_scored == 0
    assert ws.engine.aligned.counters.files_read - read == 4
