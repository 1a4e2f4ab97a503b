"""Questions of a threshold session count samples alone, and test patterns too where they are told to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lookingglass as lg
from lookingglass.metrics.formulas import Costs, Settings
from lookingglass.thresholds import Aim


@pytest.fixture
def ws(demo: Path) -> lg.Workspace:
    """The worked use case: 1,192 samples and 12 test patterns."""
    with lg.open_workspace(demo / "mortgage") as opened:
        opened.evaluate()
        return opened


def test_all_origins_are_the_examples_as_they_lie_there(ws: lg.Workspace) -> None:
    samples, every = ws.counting("sample"), ws.counting("all")
    test_set, scores = ws.test_set(), ws.scores("boosted")
    for asked, chosen in ((samples, test_set.is_sample), (every, np.ones(1204, dtype=bool))):
        y_true, y_score = test_set.y_true[chosen], scores[chosen]
        counts = asked.curve("boosted", always=(0.3,))
        row = counts.counts(counts.index_of(0.3))
        assert row.n == chosen.sum()
        assert row.tp == int(((y_score >= 0.3) & (y_true == 1)).sum())
        assert asked.figures("boosted", 0.3)["recall"].k == row.tp
        assert sum(group.n for group in asked.groups("boosted", "black", 0.3)) == chosen.sum()
        assert (
            sum(
                int(group.tp[counts.index_of(0.3)])
                for group in asked.group_counts("boosted", "black", counts)
            )
            == row.tp
        )
    assert samples is ws


def test_the_choice_and_the_costs_count_what_they_are_told_to(ws: lg.Workspace) -> None:
    aim = Aim("cost_per_example", Settings(costs=Costs(1, 5)))
    every = ws.counting("all")
    for asked, n in ((ws, 1192), (every, 1204)):
        chosen = asked.choose("boosted", aim)
        assert chosen.choice.counts is not None
        assert chosen.choice.counts.n == n
        board = asked.best_costs(aim)
        assert {row.cost.n for row in board.rows if row.cost is not None} == {n}
        assert asked.best_band("boosted", aim.settings, 0.2).counts.n == n
    assert every.choose("boosted", aim).digest == ws.test_set().digest
