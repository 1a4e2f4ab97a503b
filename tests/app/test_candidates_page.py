"""The page candidates says who is compared and in which state, and takes a model in without trusting a byte of it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from streamlit.testing.v1 import AppTest

from components.views.candidates import adding as adding_module
from components.views.candidates import isolation, listing
from lookingglass.candidates import IsolationLevel, get_candidate, list_candidates, register, retire
from lookingglass.config import Limits, load_config, write_config
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, wait_for_version, words
from tests.core.candidates.models import acting as hostile
from tests.core.evaluation.conftest import ANA

PAGE = "pages/candidates.py"
SAMPLES = Path("sample_models/mortgage/candidates")


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    """Give the page a file and wait, for a bounded time, until it was looked at."""
    app.file_uploader[0].set_value((name, data, "application/octet-stream")).run()
    return looked_at(app)


def looked_at(app: AppTest) -> AppTest:
    """Wait until no inspection is under way."""
    deadline = time.monotonic() + 120
    while app.get("status") or any("Looking at" in each.label for each in app.get("expander")):
        assert time.monotonic() < deadline, words(app)
        time.sleep(0.2)
        app.run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    """Press a button by its key."""
    (button,) = [each for each in app.button if each.key == key]
    button.click().run()
    assert not app.exception, app.exception
    return app


def is_disabled(app: AppTest, key: str) -> bool:
    """Whether a button can not be pressed."""
    (button,) = [each for each in app.button if each.key == key]
    return bool(button.disabled)


def cannot_register(app: AppTest) -> bool:
    """Whether nothing can be registered now: there is no button for it, or it cannot be pressed."""
    return all(each.disabled for each in app.button if each.key == "register candidate")


def field(app: AppTest, beginning: str) -> str:
    """Return the key of the text field whose key begins so."""
    return str(next(each.key for each in app.text_input if str(each.key).startswith(beginning)))


def model(**columns: str) -> bytes:
    """Return a small skops model of two of the workspace's columns, or of others."""
    import pandas as pd

    table = pd.DataFrame(
        {columns.get("one", "dir"): [0.1, 0.2, 0.3, 0.4], columns.get("two", "hir"): [1, 0, 1, 0]}
    )
    return bytes(skops.io.dumps(LogisticRegression().fit(table, ["no", "yes", "no", "yes"])))


def test_it_answers_who_is_compared_and_how_models_are_kept_apart(open_served: Open) -> None:
    app = open_served(PAGE)
    said = words(app)
    assert app.title[0].value == "Which models are we comparing, and where do they come from?"
    assert "6 candidates in 3 formats; every model runs isolated" in said
    assert "no network, no files, 2 GB memory." in said
    assert said.count("Complete") >= 6
    assert "from full-scorecard" in said
    assert "A model reaches no other machine and sends nothing anywhere." in said


def test_one_candidate_closer_comes_from_the_link(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, candidate="boosted-onnx")
    said = words(app)
    with open_workspace(demo / "mortgage") as ws:
        candidate = ws.candidate("boosted-onnx")
    assert app.selectbox(key="choose candidate").value == "boosted-onnx"
    assert f'title="{candidate.fingerprint}"' in said
    assert 'data-check="answers-trial-rows"' in said
    assert "It answered 5 rows of version 1" in said
    assert "<strong>boosted-onnx</strong>" in said
    assert "nobody" in words(open_served(PAGE, candidate="nobody"))


def test_a_good_model_is_looked_at_and_registered_with_what_the_form_says(
    open_served: Open, demo: Path
) -> None:
    app = upload(
        open_served(PAGE), "boosted 2.skops", (SAMPLES / "full-scorecard" / "model.skops").read_bytes()
    )
    said = words(app)
    with open_workspace(demo / "mortgage") as ws:
        assert "boosted-2" not in [each.name for each in ws.candidates]  # nothing is recorded by looking
    assert app.text_input(key=field(app, "name ")).value == "boosted-2"
    inputs = next(each for each in app.multiselect if str(each.key).startswith("inputs "))
    assert inputs.value[:2] == ["dir", "hir"]
    assert 'data-check="loads-in-isolation"' in said
    assert "full-scorecard is the same model" in said
    assert "This will be recorded: " in said
    assert "registers boosted-2: skops file" in said
    app.text_input(key=field(app, "change ")).set_value("the same again").run()
    parent = next(
        each for each in app.selectbox if str(each.key).startswith("parent ") and "skops" not in str(each.key)
    )
    parent.set_value("full-scorecard").run()
    press(app, "register candidate")
    with open_workspace(demo / "mortgage") as ws:
        candidate = ws.candidate("boosted-2")
    assert (candidate.manifest.change, candidate.manifest.parent) == ("the same again", "full-scorecard")
    assert "answers-trial-rows" in [check.code for check in candidate.checks]
    assert any("boosted-2 is registered" in str(each.value).replace("\\", "") for each in app.toast)
    assert not [each for each in app.button if each.key == "register candidate"]
    assert app.selectbox(key="choose candidate").value == "boosted-2"
    wait_until(app, "7 candidates in 3 formats; every model runs isolated")


def wait_until(app: AppTest, sentence: str) -> None:
    """Wait, for a bounded time, until the page says something."""
    deadline = time.monotonic() + 60
    while sentence not in words(app):
        assert time.monotonic() < deadline, words(app)
        time.sleep(0.2)
        app.run()


def bad_files() -> dict[str, tuple[str, bytes, str]]:
    """Return file name, content and the sentence on the page."""
    scores = b"example_id,score\n" + b"".join(f"x{n},0.5\n".encode() for n in range(3000))
    return {
        "nothing": ("model.skops", b"", "model.skops is empty: choose the file again"),
        "not a model": ("model.onnx", b"hello", "model.onnx is not an ONNX file"),
        "unknown": ("model.pt", b"torch", "model.pt is of no known format"),
        "other columns": ("m.skops", model(one="income"), "m.skops wants columns income that the workspace"),
        "binary in the middle": (
            "p.csv",
            scores[:9000] + b"\x00\xff",
            "neither Parquet nor UTF-8 text from line",
        ),
        "text in the middle": (
            "p.csv",
            scores.replace(b"x1500,0.5", b"x1500,half"),
            "row 1,501, column score",
        ),
    }


@pytest.mark.parametrize("case", list(bad_files()))
def test_a_bad_file_is_one_sentence_in_its_place_and_nothing_is_recorded(
    open_served: Open, demo: Path, case: str
) -> None:
    name, data, sentence = bad_files()[case]
    app = open_served(PAGE)
    with open_workspace(demo / "mortgage") as ws:
        head = ws.home.ledger.head()
    upload(app, name, data)
    assert sentence in words(app)
    assert cannot_register(app)
    assert "6 candidates in 3 formats" in words(app)
    with open_workspace(demo / "mortgage") as ws:
        assert ws.home.ledger.head() == head


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("boosted", "The name boosted is taken: ana registered it on "),
        ("a/b", "'a/b' cannot be the name of a candidate: use at most 64 letters"),
        ("x" * 300, "cannot be the name of a candidate"),
        ("", "'' cannot be the name of a candidate"),
        ("a\x07b", "cannot be the name of a candidate"),
        ("[x](https://elsewhere.example)", "cannot be the name of a candidate"),
    ],
)
def test_a_name_that_cannot_be_one_is_said_beside_its_field(
    open_served: Open, name: str, sentence: str
) -> None:
    app = upload(open_served(PAGE), "p.csv", scores_of_everybody())
    assert not cannot_register(app)
    app.text_input(key=field(app, "name ")).set_value(name).run()
    assert sentence in words(app)
    assert cannot_register(app)


def scores_of_everybody() -> bytes:
    """Return a predictions file for the worked use case's first examples."""
    ids = [
        line.split(",", 1)[0] for line in Path("sample_models/mortgage/testset.csv").read_text().splitlines()
    ]
    return "\n".join(["example_id,score", *(f"{each},0.25" for each in ids[1:200])]).encode()


def test_a_changed_order_of_columns_must_be_tried_before_it_can_be_registered(open_served: Open) -> None:
    app = upload(open_served(PAGE), "m.skops", model())
    inputs = next(each for each in app.multiselect if str(each.key).startswith("inputs "))
    assert inputs.value == ["dir", "hir"]
    inputs.set_value(["hir", "dir"]).run()
    assert "Nothing is registered before it was tried like that" in words(app)
    assert not [each for each in app.button if each.key == "register candidate"]
    looked_at(press(app, "inspect candidate again"))
    assert "m.skops wants its columns in the order dir, hir; the manifest names hir, dir" in words(app)
    assert cannot_register(app)


def test_a_pickle_is_refused_until_an_admin_approves_it_and_its_hanging_is_a_sentence(
    open_served: Open, demo: Path
) -> None:
    hurry(demo, batch_seconds=1.0)

    def hang(table: object) -> object:
        import time

        time.sleep(1000)

    app = upload(open_served(PAGE), "old.joblib", hostile(hang, feature_names_in_=["dir"]))
    assert "old.joblib is a pickle, a program that could do anything" in words(app)
    (approve,) = [str(each.key) for each in app.button if str(each.key).startswith("approve ")]
    press(app, approve)
    assert "An approval needs a reason" in words(app)
    app.text_input(key=field(app, "reason ")).set_value("bo wrote it").run()
    looked_at(press(app, approve))
    assert "no answer within 1 s" in words(app)
    assert cannot_register(app)
    assert "6 candidates in 3 formats" in words(app)


def hurry(demo: Path, **limits: float) -> None:
    """Give the workspace's workers less time."""
    config = load_config(demo / "mortgage")
    write_config(demo / "mortgage", config.model_copy(update={"limits": Limits(**limits)}))  # type: ignore[arg-type]  # numbers all


def test_whoever_may_not_is_told_so_and_every_button_says_it(open_served: Open, demo: Path) -> None:
    config = load_config(demo / "mortgage")
    write_config(
        demo / "mortgage", config.model_copy(update={"people": {"bo": ("viewer",), "eva": ("editor",)}})
    )
    app = open_served(PAGE, candidate="vendor-scores")
    app.text_input(key="choose person").set_value("bo").run()
    said = words(app)
    assert "bo may not register a candidate: that needs the role editor" in said
    assert "bo may not retire a candidate" in said
    assert "bo may not describe a candidate" in said
    assert "bo may not bring predictions" in said
    assert all(each.disabled for each in app.file_uploader)
    assert is_disabled(app, "retire candidate")
    app.text_input(key="choose person").set_value("eva").run()
    upload(app, "old.joblib", b"\x80\x04N.")
    assert "eva may not approve a model file: that needs the role admin" in words(app)


def test_what_is_said_about_a_candidate_can_be_changed(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, candidate="boosted")
    app.text_input(key=field(app, "description boosted")).set_value("**boosted** trees")
    save = next(each for each in app.button if "Save what is said" in each.label)
    save.click().run()
    assert not app.exception
    with open_workspace(demo / "mortgage") as ws:
        assert ws.candidate("boosted").manifest.description == "**boosted** trees"
        assert ws.candidate("boosted").manifest.parent == "full-scorecard"
    assert "**boosted** trees" in words(app)
    app.selectbox(key=next(str(e.key) for e in app.selectbox if str(e.key).startswith("parent "))).set_value(
        "boosted-onnx"
    )
    next(each for each in app.button if "Save what is said" in each.label).click().run()
    assert "boosted cannot have come from boosted-onnx, which came from boosted" in words(app)


def test_retiring_wants_a_reason_and_a_confirmation(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, candidate="early-scorecard")
    assert is_disabled(app, "retire candidate")
    app.checkbox(key="sure to retire early-scorecard").check().run()
    press(app, "retire candidate")
    assert "Say why: it is recorded with your name." in words(app)
    app.text_input(key="why retire early-scorecard").set_value("superseded").run()
    press(app, "retire candidate")
    with open_workspace(demo / "mortgage") as ws:
        assert get_candidate(ws.home, "early-scorecard").retired_because == "superseded"
    said = words(app)
    assert "5 candidates in 3 formats" in said
    assert "Retired: superseded" in said
    assert "Retired: superseded" in words(open_served(PAGE, candidate="early-scorecard"))


def test_a_candidate_lacks_answers_until_further_predictions_come(
    open_served: Open, demo: Path, tmp_path: Path
) -> None:
    with open_workspace(demo / "mortgage") as ws:
        ids = list(ws.test_set().ids)
        part, rest = tmp_path / "part.csv", ids[-12:]
        part.write_text("\n".join(["example_id,score", *(f"{each},0.5" for each in ids[:-12])]))
        register(ws.home, "partly", part, actor=ANA)
    app = open_served(PAGE, candidate="partly")
    wait_until(app, "7 candidates in 3 formats; partly lacks 12 answers; every model runs isolated")
    assert "Incomplete: 1,192 of 1,204 answered, 12 missing" in words(app)
    rows = "\n".join(["example_id,score", *(f"{each},0.5" for each in rest)])
    app.file_uploader[1].set_value(("more.csv", rows.encode(), "text/csv")).run()
    press(app, "add predictions")
    assert any("12 of 12 scores are new." in str(each.value).replace("\\", "") for each in app.toast)
    wait_until(app, "7 candidates in 3 formats; every model runs isolated")


def test_a_failed_candidate_says_why_and_can_be_asked_again(open_served: Open, demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        (sha,) = ws.candidate("vendor-scores").files.values()
        place = ws.home.files.path(sha)
        kept = place.read_bytes()
        place.unlink()
    app = open_served(PAGE, candidate="vendor-scores")
    assert "vendor-scores failed" in words(app)
    assert "Failed: " in words(app)
    place.write_bytes(kept)
    press(app, "ask again")
    wait_until(app, "6 candidates in 3 formats; every model runs isolated")


def test_without_candidates_it_says_what_to_do(open_served: Open, demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        for candidate in ws.candidates:
            retire(ws.home, candidate.name, ANA)
    said = words(open_served(PAGE))
    assert "No candidates yet." in said or "Retired: 6" in said


def test_words_of_people_are_shown_as_they_are(open_served: Open, demo: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(scores_of_everybody())
    with open_workspace(demo / "mortgage") as ws:
        register(ws.home, "n" * 64, path, change="<img src=x onerror=alert(1)>", parent="boosted", actor=ANA)
    app = open_served(PAGE, candidate="n" * 64)
    wait_for_version(demo, 2)
    said = words(app.run())
    assert "<img src=x" not in said
    assert "&lt;img src=x onerror=alert(1)&gt;" in said


def test_each_missing_measure_says_what_follows() -> None:
    """A system that offers nothing is said to offer nothing, measure by measure."""
    limits = Limits()
    nothing = IsolationLevel(files=False, network=False, processes=False, memory=False)
    partly = IsolationLevel(files=False, network=True, processes=True, memory=True)
    html = isolation.measures_html(isolation.measures(nothing, limits))
    assert html.count("✗ no") == 4
    assert html.count("take models only from people you trust") == 4
    assert "take them only from people you trust" in isolation.isolation_words(nothing, limits)
    assert "no network, 2 GB memory, but see below" in isolation.isolation_words(partly, limits)


def test_forty_candidates_and_a_deep_family_stay_readable(demo: Path) -> None:
    """Names stay whole, and the tree is not indented off a phone's screen."""
    with open_workspace(demo / "mortgage") as ws:
        (first, *_) = list_candidates(ws.home)
    chain = [(first, depth) for depth in range(40)]
    html = listing.family_tree_html(chain)
    assert html.count("<li") == 40
    indents = [float(rem) for rem in re.findall(r"padding:0\.2rem 0 0\.2rem ([\d.]+)rem", html)]
    assert len(indents) == 40
    assert max(indents) == pytest.approx(6 * 1.1 + listing.HANGING)


def test_the_cap_of_an_upload_is_told_beside_it(open_served: Open) -> None:
    said = "\n".join(str(each.value) for each in open_served(PAGE).caption)
    assert f"At most {adding_module.LARGEST_MB} MB" in said


def test_an_inspection_that_ends_while_the_page_is_drawn_swallows_no_click() -> None:
    """The run that draws may be the answer to a click further down: it goes on to its end, and looks again later."""

    def page() -> None:
        import streamlit as st

        from components.views.candidates import adding
        from components.views.candidates.jobs import Job

        job = Job()
        job.future.set_result(None)  # type: ignore[arg-type] # only that it is done matters here
        adding._watch(job, "model.skops")
        st.text("what stands below is drawn")

    app = AppTest.from_function(page, default_timeout=20).run()
    assert [each.value for each in app.text] == ["what stands below is drawn"]
