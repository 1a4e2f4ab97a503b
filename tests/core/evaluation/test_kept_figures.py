"""Figures that outlive the process: believed only when the same code made them of the same scores and labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lookingglass as lg
from lookingglass.evaluation import evaluator as evaluator_module
from lookingglass.folders import KEPT_FIGURES
from lookingglass.testset import erase_example
from tests.core.evaluation.conftest import ANA, flip


def kept(ws: lg.Workspace) -> Path:
    return ws.home.folder / "scores" / KEPT_FIGURES


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


def spoil(told: dict[str, Any]) -> None:
    """Make every figure one that no data give, to see whether the file is believed."""
    for entry in told["entries"]:
        for figure in entry["figures"].values():
            figure["n"] = 123_456_789


def test_a_second_process_makes_no_figure_again(ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ws.leaderboard()
    monkeypatch.setattr(evaluator_module, "part_figures", None)
    monkeypatch.setattr(evaluator_module, "part_differences", None)
    with lg.open_workspace(ws.home.folder) as again:
        assert again.leaderboard(fresh=False).to_json() == first.to_json()
        for row, before in zip(again.leaderboard(fresh=False).rows, first.rows, strict=True):
            assert row.differences == before.differences
            assert row.evaluation.metrics == before.evaluation.metrics


def test_a_change_of_a_label_is_never_answered_with_what_was_kept(ws: lg.Workspace) -> None:
    ws.leaderboard()
    rewrite(kept(ws), spoil)
    flip(ws)
    with lg.open_workspace(ws.home.folder) as again:
        figures = again.evaluate().candidates[0].metrics
        assert all(figure.n != 123_456_789 for figure in figures.values())


def test_it_is_believed_only_when_the_same_code_made_it(ws: lg.Workspace) -> None:
    ws.leaderboard()
    rewrite(kept(ws), spoil)
    with lg.open_workspace(ws.home.folder) as again:
        assert again.leaderboard(fresh=False).rows[0].evaluation.metrics["accuracy"].n == 123_456_789
    rewrite(kept(ws), lambda told: told.update(made_by="another version"))
    with lg.open_workspace(ws.home.folder) as again:
        assert again.leaderboard(fresh=False).rows[0].evaluation.metrics["accuracy"].n == 200


@pytest.mark.parametrize("torn", [b"", b"{", b"[]", b'{"made_by": 1}', b"\xff", b'{"entries": [[]]}'])
def test_a_torn_file_is_as_good_as_none(ws: lg.Workspace, torn: bytes) -> None:
    before = ws.leaderboard().rows[0].evaluation.metrics
    kept(ws).write_bytes(torn)
    with lg.open_workspace(ws.home.folder) as again:
        assert again.leaderboard(fresh=False).rows[0].evaluation.metrics == before


@pytest.mark.parametrize(
    "entry",
    [
        {"key": ["x"], "figures": {}},
        {"key": [[1], [2]], "figures": {}},
        {"key": [{"content": "00"}, "samples"], "figures": {"recall": {"value": 1.0, "n": 3}}},
        {"key": [{"content": "zz"}, "samples"], "figures": {}},
    ],
)
def test_an_odd_entry_keeps_nothing_from_opening(ws: lg.Workspace, entry: dict[str, Any]) -> None:
    before = ws.leaderboard().rows[0].evaluation.metrics
    rewrite(kept(ws), lambda told: told["entries"].insert(0, entry))
    with lg.open_workspace(ws.home.folder) as again:
        assert again.leaderboard(fresh=False).rows[0].evaluation.metrics == before


def test_looking_at_an_old_version_leaves_what_is_kept(ws: lg.Workspace) -> None:
    ws.leaderboard()
    flip(ws)
    ws.leaderboard()
    before = kept(ws).read_bytes()
    ws.evaluate(1)
    assert kept(ws).read_bytes() == before


def test_it_holds_the_newest_version_alone(ws: lg.Workspace) -> None:
    ws.leaderboard()
    size = kept(ws).stat().st_size
    for _ in range(3):
        flip(ws)
        ws.leaderboard()
    assert kept(ws).stat().st_size < 1.2 * size


def test_erasing_an_example_takes_it_away(ws: lg.Workspace) -> None:
    ws.leaderboard()
    erase_example(ws.home, ws.test_set().ids[0], "it names somebody", ANA)
    assert not kept(ws).exists()
    assert [path.name for path in kept(ws).parent.iterdir() if path.is_file()] == []
