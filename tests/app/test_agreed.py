"""An agreed threshold is what every page judges by, as soon as it is recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.views.threshold.asked import Asked
from components.views.threshold.picture import held_to_by
from lookingglass.candidates import get_candidate
from lookingglass.charts import HeldTo
from lookingglass.decisions import NewDecision, agree
from lookingglass.ledger import Actor
from lookingglass.metrics.formulas import Costs, Settings
from lookingglass.thresholds.aims import Aim
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, words

AIM = Aim("cost_per_example", Settings(costs=Costs(cost_fp=1.0, cost_fn=5.0)))


def decide(demo: Path, name: str, threshold: float | None, aim: Aim = AIM) -> None:
    with open_workspace(demo / "mortgage") as ws:
        ws.evaluate()
        measured = ws.measured_at(name, threshold, aim.settings)
        fingerprint = get_candidate(ws.home, name).fingerprint
        agree(
            ws.home,
            NewDecision(name, fingerprint, measured, threshold, aim, ["ana"], "Because."),
            Actor("ana"),
        )


def test_the_overview_judges_each_at_its_own_threshold(open_app: Open, demo: Path) -> None:
    before = words(open_app())
    assert "of them, at the threshold 0.50" in before
    assert "(at the threshold 0.50)" in before
    decide(demo, "vendor-scores", 0.2)
    after = words(open_app())
    assert "of them, each at its own threshold: vendor-scores 0.20, all others 0.50" in after
    assert "(each at its own threshold: early-scorecard 0.50, vendor-scores 0.20)" in after
    assert "agreed the threshold 0.20 for vendor-scores on version 2 of the test set: Because." in after


def test_candidates_can_be_ranked_by_cost_once_costs_are_agreed(open_app: Open, demo: Path) -> None:
    assert "Cost per example" not in open_app().selectbox(key="choose rank").options
    decide(demo, "boosted", 0.15)
    app = open_app(workspace="mortgage", rank="cost_per_example")
    assert app.selectbox(key="choose rank").value == "cost_per_example"
    assert "lowest" in words(app)


def test_the_overview_says_for_which_share_in_real_use_its_figures_stand(open_app: Open, demo: Path) -> None:
    assert "in real use" not in words(open_app())
    decide(demo, "boosted", 0.15, Aim("f1", Settings(prevalence=0.2)))
    app = open_app(workspace="mortgage", rank="average_precision")
    assert "Worked out for 20.0\u202f% positives in real use, as agreed." in words(app)
    with open_workspace(demo / "mortgage") as ws:
        board = ws.leaderboard()
        row = next(row for row in board.rows if row.name == "boosted")
        under = ws.figures("boosted", 0.15, settings=Settings(prevalence=0.2))
    assert row.evaluation.metrics["average_precision"] == under["average_precision"]
    assert under["average_precision"] != ws.figures("boosted", 0.15)["average_precision"]


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ({}, "Each says denied from a score of 0.50."),
        ({"boosted": 0.2}, "Each says denied from a score of 0.20 or 0.50."),
        ({"boosted": None}, "Each says denied from a score of 0.50 or never."),
    ],
)
def test_an_opened_example_says_from_which_score_each_says_yes(
    open_app: Open, demo: Path, thresholds: dict[str, float | None], said: str
) -> None:
    for name, threshold in thresholds.items():
        decide(demo, name, threshold)
    with open_workspace(demo / "mortgage") as ws:
        example = ws.test_set().ids[0]
    assert said in words(open_app("pages/testset.py", example=example))


def test_the_picture_shows_the_strictest_limits_on_its_figure_and_what_was_agreed(demo: Path) -> None:
    limits = (
        "recall >= 0.7",
        "recall >= 0.8",
        "recall <= 0.9",
        "false_positive_rate <= 0.1",
        "recall >= 0.95 by black",
    )
    asked = Asked(requirements=limits)
    assert held_to_by(asked, "recall", None) == HeldTo(at_least=0.8, at_most=0.9)
    assert held_to_by(asked, "precision", None) == HeldTo()
    decide(demo, "boosted", 0.15)
    decide(demo, "vendor-scores", None)
    with open_workspace(demo / "mortgage") as ws:
        assert held_to_by(Asked(), "recall", ws.decision("boosted")) == HeldTo(agreed=0.15)
        assert held_to_by(Asked(), "recall", ws.decision("vendor-scores")) == HeldTo(agreed=float("inf"))
