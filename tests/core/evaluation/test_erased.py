"""After an erasure every figure of every version can still be made, without the example and without asking a model."""

from __future__ import annotations

import numpy as np
import polars as pl

import lookingglass as lg
from lookingglass.home import open_home
from lookingglass.ledger.verify import verify
from lookingglass.testset import erase_example, relabel
from tests.core.evaluation.conftest import ANA

GONE = "x-00003"


def test_figures_of_all_versions_come_back_without_the_example(ws: lg.Workspace) -> None:
    ws.evaluate()
    relabel(ws.home, "x-00007", "yes", actor=ANA)
    relabel(ws.home, "x-00007", "no", actor=ANA)
    latest = ws.test_set().version
    before = {version: ws.evaluate(version) for version in (1, latest)}
    kept = {version: ws.scores("strong", version) for version in (1, latest)}
    ws.leaderboard(version=1)
    place = ws.test_set(1).position(GONE)
    other = open_home(ws.home.folder)
    try:
        erase_example(other, GONE, "asked for", ANA)
    finally:
        other.close()
    for version in (1, latest, latest + 1):
        evaluation = ws.evaluate(version)
        assert evaluation.model_rows_scored == 0
        assert [item.status for item in evaluation.candidates] == ["complete"] * len(evaluation.candidates)
        assert [item.scored for item in evaluation.candidates] == [199] * len(evaluation.candidates)
        assert GONE not in evaluation.test_set.ids
        assert ws.leaderboard(version=version).evaluation.test_set.examples == 199
        told = evaluation.to_json()["test_set"]
        assert (told["examples"], told.get("erased")) == (199, 1 if version <= latest else None)
        assert len(ws.groups("strong", "group", version=version)) == 2
        assert ws.curve("strong", version) is not None
        if version in kept:
            assert np.array_equal(ws.scores("strong", version), np.delete(kept[version], place))
            assert evaluation.test_set.digest == before[version].test_set.digest
    assert ws.effects(latest + 1) is not None
    assert ws.effects(latest, 1) is not None
    assert verify(ws.home.folder).ok


def test_a_workspace_that_is_opened_later_knows_no_score_of_it(ws: lg.Workspace) -> None:
    ws.evaluate()
    input_id = ws.test_set().rows.row(ws.test_set().position(GONE), named=True)["@input_id"]
    erase_example(ws.home, GONE, "asked for", ANA)
    with lg.open_workspace(ws.home.folder) as again:
        for candidate in again.candidates:
            for path in again.engine.store.files(candidate.fingerprint):
                assert input_id not in path.read_bytes()
                assert input_id not in pl.read_parquet(path)["@input_id"].to_list()
        assert again.evaluate().model_rows_scored == 0
