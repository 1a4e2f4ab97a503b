"""The overview answers "which candidate", with its uncertainty, on one version, and says what happened lately."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lookingglass.errors import Damaged
from lookingglass.testset import relabel
from lookingglass.workspace import Workspace, open_workspace
from tests.app.conftest import Open, wait_for_version, words
from tests.core.evaluation.conftest import ANA


def test_it_answers_first_and_shows_every_candidate_with_its_interval(open_app: Open) -> None:
    app = open_app()
    assert app.title[0].value == "Which candidate, and can we release it?"
    said = words(app)
    assert (
        "No candidate leads by more than chance: vendor-scores has the highest AUC, 0.844 (0.800–0.880)"
        in said
    )
    for name in ("early-scorecard", "full-scorecard", "boosted", "boosted-onnx", "boosted-blind", "baseline"):
        assert f">{name}</th>" in said or f"{name}<" in said
    assert "Test-set version 2, labelled samples." in said
    assert "opened the problem" in said


def test_the_better_model_is_shown_not_to_be_better_for_everyone(open_app: Open) -> None:
    said = words(open_app())
    assert "black: yes" in said
    assert "11 of 122" in said
    assert "2 of 927" in said
    assert "1 of 122" in said


def test_ranking_by_another_metric_and_reference_goes_into_the_link(open_app: Open) -> None:
    app = open_app()
    app.selectbox(key="choose rank").set_value("brier").run()
    app.selectbox(key="choose reference").set_value("full-scorecard").run()
    assert not app.exception
    assert app.query_params["rank"] == "brier"
    assert app.query_params["reference"] == "full-scorecard"
    assert "against full-scorecard" in words(app)
    assert "lowest Brier score" in words(app)


def test_a_link_opens_what_its_sender_saw(open_app: Open) -> None:
    app = open_app(workspace="mortgage", version="1", rank="brier", reference="boosted")
    assert app.selectbox(key="choose rank").value == "brier"
    assert app.selectbox(key="choose reference").value == "boosted"
    assert app.selectbox(key="choose version").value == "1"
    assert "Test-set version 1, labelled samples." in words(app)


def test_a_link_that_cannot_be_read_says_so_and_shows_the_usual(open_app: Open) -> None:
    app = open_app(version="soon", rank="acuracy")
    said = words(app)
    assert "The link says version=soon, which cannot be read" in said
    assert "names the metric acuracy, which is not here" in said
    assert app.selectbox(key="choose rank").value == "roc_auc"


def test_the_name_in_a_link_is_shown_and_not_acted_upon(open_app: Open) -> None:
    title = open_app(workspace="[look](https://elsewhere.example)").title[0].value
    assert "](" not in title


def test_an_unknown_workspace_or_version_is_one_sentence(open_app: Open) -> None:
    assert "There is no workspace named nowhere." in words(open_app(workspace="nowhere"))
    assert "version 99" in words(open_app(version="99"))


def test_the_hint_can_be_closed_and_never_comes_back(open_app: Open, demo: Path) -> None:
    app = open_app()
    assert "First five minutes" in words(app)
    app.button(key="first-minutes-close").click().run()
    assert "First five minutes" not in words(app)
    assert "First five minutes" not in words(open_app())


def test_a_change_made_elsewhere_shows_on_the_next_look(open_app: Open, demo: Path) -> None:
    app = open_app()
    with open_workspace(demo / "mortgage") as elsewhere:
        test_set = elsewhere.test_set()
        relabel(
            elsewhere.home, test_set.ids[0], "no" if test_set.y_true[0] else "yes", note="checked", actor=ANA
        )
    wait_for_version(demo, 3)
    app.run()
    assert "Test-set version 3, labelled samples." in words(app)
    assert "relabelled" in words(app)


def test_without_workspaces_it_says_what_to_do(open_app: Open, demo: Path) -> None:
    app = open_app()
    shutil.rmtree(demo / "mortgage")
    app.run()
    assert "There is no workspace here yet." in words(app)
    assert "lookingglass demo" in words(app)


def test_damage_met_while_a_page_is_drawn_is_one_sentence(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object, **__: object) -> None:
        raise Damaged("files/ab/abcd is missing: put it back from a backup.")

    monkeypatch.setattr(Workspace, "happenings", damaged)
    assert "files/ab/abcd is missing: put it back from a backup." in words(open_app())
