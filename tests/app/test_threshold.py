"""The threshold page says in people what a threshold does, and its figures are those of the core at that threshold."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookingglass.candidates import retire
from lookingglass.testset import commit_import, plan_import
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, wait_for_version, words
from tests.core.evaluation.conftest import ANA

PAGE = "pages/threshold.py"


def test_it_says_what_the_usual_threshold_does_to_1000_applications(open_app: Open) -> None:
    app = open_app(PAGE)
    said = words(app)
    assert app.title[0].value == "Where do we put the threshold?"
    # vendor-scores at 0.5: 13 false positives and 94 false negatives among 1,192 applications.
    assert "At 0.50, of 1,000 applications 11 are wrongly denied and 79 wrongly approved." in said
    assert "13 of 1,049" in said


def test_candidate_and_threshold_come_from_the_link(open_app: Open, demo: Path) -> None:
    app = open_app(PAGE, candidate="boosted", threshold="0.2")
    said = words(app)
    with open_workspace(demo / "mortgage") as ws:
        recall = ws.figures("boosted", 0.2)["recall"]
    assert app.selectbox(key="choose candidate").value == "boosted"
    assert f"{recall.k} of {recall.n}" in said
    assert "At 0.20, of 1,000" in said


def test_answer_nobody_is_a_threshold_too(open_app: Open) -> None:
    said = words(open_app(PAGE, threshold="inf"))
    assert "0 are wrongly denied and 120 wrongly approved" in said


@pytest.mark.parametrize("bad", ["nan", "high", ""])
def test_a_threshold_that_is_no_number_is_said_so(open_app: Open, bad: str) -> None:
    app = open_app(PAGE, threshold=bad)
    assert "which cannot be read" in words(app)
    assert "At 0.50, of 1,000" in words(app)


def test_a_candidate_that_is_not_complete_says_how_many_scores_are_missing(
    open_app: Open, demo: Path
) -> None:
    app = open_app()
    with open_workspace(demo / "mortgage") as ws:
        for candidate in ws.candidates:
            if candidate.name not in (
                "vendor-scores",
                "early-scorecard",
            ):  # one model is asked about the new row
                retire(ws.home, candidate.name, ANA, "another project")
        header, first = (Path("sample_models/mortgage/testset.csv").read_text().splitlines())[:2]
        row = demo / "one.csv"
        row.write_text(f"{header}\nnew-1,{first.split(',', 1)[1]}\n")
        commit_import(ws.home, plan_import(ws.home, row), ANA)
    wait_for_version(demo, 3)
    app.query_params["candidate"] = "vendor-scores"
    app.query_params["version"] = "3"
    app.switch_page(PAGE).run()
    assert not app.exception
    assert "1 of 1,193 samples have no score on version 3" in words(app)


def test_a_candidate_that_failed_says_why_and_not_that_scores_are_missing(open_app: Open, demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        (sha,) = ws.candidate("vendor-scores").files.values()
        ws.home.files.path(sha).unlink()
    said = words(open_app(PAGE, candidate="vendor-scores"))
    assert "vendor-scores failed: " in said
    assert "is missing: put it back from a backup" in said


def _retire_all(demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        for candidate in ws.candidates:
            if candidate.manifest.format != "baseline":
                retire(ws.home, candidate.name, ANA, "another project")


def test_a_retired_candidate_that_the_link_names_is_shown_where_no_other_is_left(
    open_app: Open, demo: Path
) -> None:
    _retire_all(demo)
    said = words(open_app(PAGE, candidate="vendor-scores"))
    assert "vendor-scores was retired since; it is shown because the link names it." in " ".join(said.split())
    assert "At 0.50, of 1,000 applications 11 are wrongly denied" in said


def test_without_a_link_it_says_that_every_candidate_is_retired(open_app: Open, demo: Path) -> None:
    _retire_all(demo)
    said = words(open_app(PAGE))
    assert "Every candidate is retired." in said
    assert "No candidate is ready" not in said
