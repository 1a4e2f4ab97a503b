"""Reasons over many predictions: background batches that everybody on the server shares, and what they add up to."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.registry import TOP
from components.views.explanations import jobs
from components.views.explanations.many import progress_words
from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.evaluation.browse import Filters
from lookingglass.explanations import ExplainSettings
from lookingglass.explanations.batch import GIVE_UP
from lookingglass.workspace import open_workspace
from tests.app.conftest import wait_for_version, words

PAGE = "pages/explanations.py"
QUICK = ExplainSettings(samples=200, most_samples=200, repeats=1)


def asked_of(folder: Path, candidate: str, count: int) -> jobs.Asked:
    """Return the question about the first typical examples of the first version, as the page asks it."""
    with open_workspace(folder) as ws:
        ids = ws.pick(candidate, "typical", 1, filters=Filters(origin="sample"), limit=count).ids
        return jobs.Asked(str(folder), candidate, ws.candidate(candidate).fingerprint, ids, 1)


def reached(job: jobs.Job, done: int) -> None:
    """Wait, for a bounded time, until a job has looked at so many."""
    deadline = time.monotonic() + 60
    while job.done < done and not job.ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert job.done >= done, (job.stage, job.trouble)


def test_a_batch_is_shared_stopped_and_costs_only_what_is_left_when_it_goes_on(
    digits: Path, tmp_path: Path
) -> None:
    with open_workspace(shutil.copytree(digits / "digits", tmp_path / "whole")) as ws:
        ids = asked_of(digits / "digits", "marked", 12).ids
        whole = ws.explain_many("marked", ids, QUICK, 1, processes=0).model_rows_scored
    asked = asked_of(digits / "digits", "marked", 12)
    with open_workspace(digits / "digits") as ws:
        job = jobs.start(asked, QUICK)
        assert jobs.start(asked, QUICK) is job, "another session sees the same batch"
        assert jobs.find(asked) is job
    # the workspace that was open when it began is closed by now: it goes on with its own
    behind = jobs.start(asked_of(digits / "digits", "clean", 12), QUICK)
    reached(job, 5)  # the first, and enough after it to tell the time left
    assert behind.stage == "waiting"
    assert progress_words(behind) == "clean: waiting until the explanations before these are done"
    behind.cancel()
    assert re.fullmatch(r"marked: \d+ of 12 explained, about .* left", progress_words(job))
    job.cancel()
    assert job.wait(60)
    assert behind.wait(60)
    assert (job.stage, behind.stage, behind.rows_scored) == ("stopped", "stopped", None)
    with open_workspace(digits / "digits") as ws:
        kept = len(ws.kept_explanations("marked", asked.ids, QUICK, 1))
    assert 5 <= kept < 12
    rest = jobs.start(asked, QUICK)
    assert rest is not job
    assert rest.wait(60)
    assert (rest.stage, rest.done) == ("done", 12)
    assert (job.rows_scored or 0) + (rest.rows_scored or 0) == whole
    assert (job.rows_scored or 0) > 0
    assert (rest.rows_scored or 0) > 0


def test_a_batch_without_its_workspace_or_its_model_says_so_in_a_sentence(
    digits: Path, tmp_path: Path
) -> None:
    gone = jobs.start(jobs.Asked(str(tmp_path / "gone"), "marked", "sha256:0", ("a",), 1))
    assert gone.wait(60)
    assert gone.stage == "failed"
    assert gone.trouble is not None
    assert "gone" in gone.trouble
    asked = asked_of(digits / "digits", "marked", 1)
    other = jobs.start(jobs.Asked(asked.folder, "clean", asked.fingerprint, asked.ids, 1))
    assert other.wait(60)
    assert other.trouble is not None
    assert "is another model now" in other.trouble


@pytest.fixture
def open_many(monkeypatch: pytest.MonkeyPatch, served_before: None) -> Iterator[Callable[..., AppTest]]:
    """Return a function that opens the view on a workspace; each explanation asks as little as it can."""
    monkeypatch.setattr("lookingglass.explanations.asking.DEFAULTS", QUICK)

    def open_it(folder: Path, workspace: str, **query: str) -> AppTest:
        monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
        wait_for_version(folder, 1, workspace)
        app = AppTest.from_file(str(TOP / "app.py"), default_timeout=60)
        app.run()
        app.switch_page(PAGE)
        for name, value in {"workspace": workspace, "view": "many", "version": "1", **query}.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    yield open_it
    st.cache_resource.clear()


def first_words(app: AppTest) -> list[str]:
    """Return the first words of the table of reasons, in its order."""
    table = next(each.proto.body for each in app.get("html") if "How often it pushes" in each.proto.body)
    return [each.strip().casefold() for each in re.findall(r'<th scope="row">([^<]*)<', table)]


def explained(app: AppTest, asked: jobs.Asked) -> AppTest:
    """Press the button that explains and wait for its batch."""
    app.button(key=f"explain many {asked.candidate}").click().run()
    job = jobs.find(asked)
    assert job is not None
    assert job.wait(120)
    assert job.stage == "done", job.trouble
    return app.run()


def test_the_planted_word_is_named_first_and_beside_the_clean_candidate_against_it(
    matching: Path, open_many: Callable[..., AppTest]
) -> None:
    folder = matching / "matching"
    app = open_many(matching, "matching", candidate="early-matcher", beside="word-matcher", many="20")
    assert "Nothing is explained of these yet." in words(app)
    labels = [
        button.label.replace("\\", "") for button in app.button if (button.key or "").startswith("explain")
    ]
    assert labels == [f"Explain 20 typical pairs under {name}" for name in ("early-matcher", "word-matcher")]
    explained(app, asked_of(folder, "early-matcher", 20))
    assert "financial" in first_words(app)[:3]
    said = words(app)
    assert (
        "This rests on 20 explanations of 20 chosen, a sample drawn at random without test patterns, "
        "which speaks for all pairs." in said
    )
    assert re.search(r"to matched in \d+ of 20", said)
    assert re.search(r"wrong in \d+ of the 20 that have a label", said)
    assert "Nothing that early-matcher is explained on is explained under word-matcher yet" in said
    assert [each.key for each in app.button if (each.key or "").startswith("explain")] == [
        "explain many word-matcher"
    ]
    explained(app, asked_of(folder, "word-matcher", 20))
    said = words(app)
    assert "Mean points over the 20 pairs that both were explained on" in said
    table = next(each.proto.body for each in app.get("html") if "Mean points over" in each.proto.body)
    assert "financial" in [each.casefold() for each in re.findall(r'<th scope="row">([^<]*)<', table)][:3]
    look = next(button for button in app.button if (button.key or "").startswith("look at"))
    look.click().run()
    assert "view" not in app.query_params
    assert app.subheader[0].value.replace("\\", "") == look.key.removeprefix("look at ")
    clean = open_many(matching, "matching", candidate="word-matcher", many="20")
    assert "financial" not in first_words(clean)[:3], "the control"


def test_images_have_an_average_map_and_picked_ones_speak_for_themselves_alone(
    digits: Path, open_many: Callable[..., AppTest]
) -> None:
    with open_workspace(digits / "digits") as ws:
        typical = ws.pick("marked", "typical", 1, filters=Filters(origin="sample"), limit=20).ids
        near = ws.pick("marked", "nearest", 1, limit=20).ids
        far = [each for each in typical if each not in near]
        for example in (*far[:4], next(each for each in near if each not in typical)):
            ws.explain("marked", example, version=1)
    app = open_many(digits, "digits", candidate="marked", many="20")
    said = words(app)
    assert (
        "This rests on 4 explanations so far, of 20 chosen, a sample drawn at random without test patterns; "
        "it speaks for all digits once all" in said
    )
    assert said.count("aspect-ratio: 1") == 16, "the regions of the average map"
    assert "Explain the 16 that are left under marked" in [
        button.label.replace("\\", "") for button in app.button
    ]
    app = open_many(digits, "digits", candidate="marked", many="20", over="nearest")
    said = words(app)
    assert "they were picked, so it does not speak for all digits." in said
    assert "One explanation says nothing of others: explain more." in said


def test_a_link_that_names_no_such_kind_shows_the_usual_one(
    matching: Path, open_many: Callable[..., AppTest]
) -> None:
    app = open_many(matching, "matching", candidate="word-matcher", over="no such kind", many="7")
    assert "Explain 50 typical pairs under word-matcher" in [
        button.label.replace("\\", "") for button in app.button
    ]


def asked_wrong_no(digits: Path) -> jobs.Asked:
    """Return the question about the digits wrongly called three, as the page asks it."""
    with open_workspace(digits / "digits") as ws:
        ids = ws.pick("marked", "wrong no", 1, limit=20).ids
        return jobs.Asked(str(digits / "digits"), "marked", ws.candidate("marked").fingerprint, ids, 1)


def damaged(digits: Path, kept_as: str) -> None:
    """Put something else into one stored file."""
    (file,) = (digits / "digits" / "files").rglob(kept_as)
    file.chmod(0o600)
    file.write_bytes(b"damaged")


def test_what_could_not_be_explained_says_why_and_nothing_is_counted(
    digits: Path, open_many: Callable[..., AppTest]
) -> None:
    """One image is damaged that the ground of all others is measured on."""
    app = open_many(digits, "digits", candidate="marked", many="20", over="wrong no")
    asked = asked_wrong_no(digits)
    with open_workspace(digits / "digits") as ws:
        damaged(digits, ws.test_set(1).rows["image"][0].removeprefix("sha256:"))
    explained(app, asked)
    said, count = words(app), len(asked.ids)
    assert (
        f"marked: {count} could not be explained and are not counted; the first is {asked.ids[0]}: " in said
    )
    assert "put it back from a backup." in said
    assert str(digits) not in said
    assert "Nothing is explained of these yet." in said
    assert f"Explain {count} digits wrongly called three under marked" in [
        button.label.replace("\\", "") for button in app.button
    ]


def test_a_damaged_model_ends_its_batch_after_a_few_and_nothing_is_counted(
    digits: Path, open_many: Callable[..., AppTest]
) -> None:
    app = open_many(digits, "digits", candidate="marked", many="20", over="wrong no")
    asked = asked_wrong_no(digits)
    with open_workspace(digits / "digits") as ws:
        (kept_as,) = ws.candidate("marked").files.values()
    damaged(digits, kept_as)
    app.button(key="explain many marked").click().run()
    job = jobs.find(asked)
    assert job is not None
    assert job.wait(60)
    assert (job.stage, job.done) == ("failed", GIVE_UP)
    assert len(asked.ids) > GIVE_UP
    app.run()
    said = words(app)
    assert (
        "marked: it could not answer several times in a row, so the rest was not asked: marked could not be"
        in said
    )
    assert f"put it back from a backup. 0 of {len(asked.ids)} are explained and kept." in said
    assert str(digits) not in said
    assert "Nothing is explained of these yet." in said
    assert f"Explain {len(asked.ids)} digits wrongly called three under marked" in [
        button.label.replace("\\", "") for button in app.button
    ]
