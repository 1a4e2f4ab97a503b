"""History, comparison, effects and downloads of the page testset, in every state that a person can meet."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from components import cache
from components.registry import TOP
from components.views.testset import VIEWS, compare, export
from components.views.testset import effects as effects_view
from components.views.testset import history as history_view
from lookingglass.candidates import retire
from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.evaluation.background import Keeper
from lookingglass.evaluation.browse import Filters
from lookingglass.evaluation.changes import Changes
from lookingglass.evaluation.effects import Effect, Effects
from lookingglass.figures import Figure, undefined
from lookingglass.ledger import Actor
from lookingglass.testset import (
    Diff,
    DiffRow,
    VersionInfo,
    edit_example,
    plan_import,
    relabel,
    remove,
)
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, compared, wait_for_version, words

PAGE = "pages/testset.py"
ANA = Actor("ana")


def relabelled(demo: Path, count: int = 1, *, start: int = 0, note: str = "checked the file") -> list[str]:
    """Relabel some samples, each as a version of its own, and return their ids."""
    done = []
    with open_workspace(demo / "mortgage") as ws:
        for _ in range(count):
            test_set = ws.test_set()
            name = test_set.ids[start + len(done)]
            label = "no" if test_set.y_true[start + len(done)] == 1 else "yes"
            relabel(ws.home, name, label, note=note, actor=ANA)
            done.append(name)
    return done


def buttons(app: AppTest) -> dict[str, Any]:
    return {button.key: button for button in app.button}


def test_the_last_change_says_what_it_did_to_every_candidate(open_app: Open, demo: Path) -> None:
    relabelled(demo)
    wait_for_version(demo, 3)
    said = words(open_app(PAGE))
    assert "What that did to the" in said
    assert "boosted" in said[said.index("What that did to the") :]
    assert "baseline" not in said[said.index("What that did to the") :].split("</div>")[0]


def test_a_change_of_patterns_says_how_many_are_answered_rightly(open_app: Open) -> None:
    """Version 2 of the worked use case brought its patterns, which never move the figures of samples."""
    said = words(open_app(PAGE, version="2"))
    assert "No figure on samples moves. Patterns answered rightly, all of them new: " in said
    assert "boosted 12 of 12; boosted-onnx 12 of 12" in said


def test_while_candidates_are_evaluated_it_says_so_and_then_fills_in(
    open_app: Open, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(PAGE)
    real = Keeper.state
    held = cache.open_cached(str(demo / "mortgage")).background().state()
    monkeypatch.setattr(Keeper, "state", lambda _self: held)
    name = relabelled(demo)[0]
    app.run()
    said = words(app)
    assert f"relabelled {name}" in said
    assert "Every candidate is being evaluated on version 3" in "".join(item.value for item in app.caption)
    assert "What that did to the" not in said
    monkeypatch.setattr(Keeper, "state", real)
    wait_for_version(demo, 3)
    app.run()
    assert "What that did to the" in words(app)


def test_effects_that_take_long_do_not_hold_up_the_page(
    open_app: Open, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relabelled(demo)
    wait_for_version(demo, 3)
    go = threading.Event()
    real = Changes.effects

    def slow(self: Changes, *args: Any, **kwargs: Any) -> Effects:
        go.wait(30)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Changes, "effects", slow)
    app = open_app(PAGE)
    assert "is being worked out" in "".join(item.value for item in app.caption)
    go.set()
    for _ in range(20):
        app.run()
        if "What that did to the" in words(app):
            break
    assert "What that did to the" in words(app)


def test_the_history_tells_every_version_in_plain_words(open_app: Open, demo: Path) -> None:
    name = relabelled(demo, note="the <b>file</b> said so")[0]
    wait_for_version(demo, 3)
    app = open_app(PAGE, view="history")
    said = words(app)
    assert "Newest first: all 3 versions." in "".join(item.value for item in app.caption)
    assert f"relabelled {name} from " in said
    assert "Reason: the &lt;b&gt;file&lt;/b&gt; said so" in said
    assert "imported " in said
    assert "(1 changed)" in said
    assert said.index(">Version 3<") < said.index(">Version 2<") < said.index(">Version 1<")
    assert "(shown here)" in said
    assert "UTC" in said
    assert 'title="sha256:' in said


def test_a_version_opens_to_its_effect_on_every_candidate(open_app: Open, demo: Path) -> None:
    relabelled(demo)
    wait_for_version(demo, 3)
    app = open_app(PAGE, view="history")
    assert '<th scope="col">Difference</th>' not in words(app)
    app.session_state["effect of version 3"] = True
    app.run()
    assert not app.exception
    said = words(app)
    assert '<th scope="col">Difference</th>' in said
    assert "AUC on the labelled samples" in said
    assert "one of them differs" in said
    assert said.count('<th scope="row">') == 6


def test_thousands_of_versions_are_paged(open_app: Open, demo: Path) -> None:
    relabelled(demo, 11)
    wait_for_version(demo, 13)
    app = open_app(PAGE, view="history")
    assert "versions 13 to 4 of 13" in "".join(item.value for item in app.caption)
    assert buttons(app)["newer versions"].disabled
    buttons(app)["older versions"].click().run()
    assert not app.exception
    assert app.query_params["versions"] == "2"
    assert "versions 3 to 1 of 13" in "".join(item.value for item in app.caption)
    assert buttons(app)["older versions"].disabled
    buttons(app)["newer versions"].click().run()
    assert "versions 13 to 4 of 13" in "".join(item.value for item in app.caption)
    far = open_app(PAGE, view="history", versions="99")
    assert "versions 3 to 1 of 13" in "".join(item.value for item in far.caption)


def test_without_versions_history_and_comparison_say_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lookingglass.config import WorkspaceConfig
    from lookingglass.creating import create_workspace

    config = WorkspaceConfig.model_validate(
        {
            "name": "empty",
            "task": {"kind": "tabular", "label": "outcome", "positive": "yes"},
            "columns": {
                "outcome": {"role": "label", "type": "category", "values": ["no", "yes"]},
                "a": {"role": "feature", "type": "number"},
            },
        }
    )
    create_workspace(tmp_path / "empty", config, actor=ANA).close()
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    for view, told in (
        ("history", "Nothing has happened here yet."),
        ("compare", "no versions to compare yet"),
    ):
        app = AppTest.from_file(str(TOP / "app.py"), default_timeout=60).run()
        app.switch_page(PAGE)
        app.query_params["view"] = view
        app.run()
        assert not app.exception, app.exception
        assert told in words(app)


def test_one_version_alone_is_compared_with_nothing(open_app: Open, demo: Path, tmp_path: Path) -> None:
    app = open_app(PAGE, view="compare", to="1", **{"from": "0"})
    said = words(app)
    assert "From nothing to version 1:" in said
    assert "examples added." in said
    assert "Cell by cell" in said
    assert "What it did to each candidate" not in said
    assert "The first 500 of " in "".join(item.value for item in app.caption)
    assert compared(app).shape[0] == 500


def test_any_two_versions_are_compared_cell_by_cell(open_app: Open, demo: Path) -> None:
    name = relabelled(demo)[0]
    with open_workspace(demo / "mortgage") as ws:
        for gone in (
            "boosted",
            "boosted-blind",
            "boosted-onnx",
        ):  # fewer models to ask about the edited example
            retire(ws.home, gone, ANA, "another project")
        edit_example(ws.home, ws.test_set().ids[5], {"dir": 0.77}, note="a typing mistake", actor=Actor("bo"))
        remove(ws.home, ws.test_set().ids[9], note="twice", actor=ANA)
    wait_for_version(demo, 5)
    app = open_app(PAGE, view="compare", to="5", **{"from": "2"})
    said = words(app)
    assert "From version 2 to version 5: 1 example removed, 1 relabelled and 1 edited." in said
    assert "What it did to each candidate" in said
    assert said.count('<th scope="row">') == 3
    frame = compared(app).set_index("Column")
    edited = frame.loc["dir"]
    assert (edited["After"], edited["Who"], edited["Why"]) == ("0.77", "bo", "a typing mistake")
    assert name in set(frame["Example"])
    assert "twice" in set(frame["Why"])


def test_the_choice_of_versions_goes_into_the_link(open_app: Open, demo: Path) -> None:
    relabelled(demo, 2)
    wait_for_version(demo, 4)
    app = open_app(PAGE, view="compare")
    assert app.selectbox(key="choose from").value == "3"
    assert app.selectbox(key="choose to").value == "4"
    app.selectbox(key="choose from").set_value("1").run()
    app.selectbox(key="choose to").set_value("2").run()
    assert not app.exception
    assert (app.query_params["from"], app.query_params["to"]) == ("1", "2")
    assert "From version 1 to version 2" in words(app)
    app.selectbox(key="choose to").set_value("1").run()
    assert "Both are version 1: choose two different ones." in words(app)
    wrong = open_app(PAGE, view="compare", to="77")
    assert "The link names version 77, which is not here; version 4 is shown instead." in words(wrong)


def test_versions_that_hold_the_same_examples_say_so(open_app: Open, demo: Path) -> None:
    name = relabelled(demo)[0]
    with open_workspace(demo / "mortgage") as ws:
        label = "yes" if ws.test_set(2).y_true[ws.test_set().position(name)] == 1 else "no"
        relabel(ws.home, name, label, note="back again", actor=ANA)
    wait_for_version(demo, 4)
    app = open_app(PAGE, view="compare", to="4", **{"from": "2"})
    said = words(app)
    assert "Versions 2 and 4 hold the same examples." in said
    assert "unchanged" in said
    assert "Cell by cell" not in said


def test_a_comparison_that_takes_long_does_not_hold_up_the_page(
    open_app: Open, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    real = compare.diff

    def slow(*args: Any, **kwargs: Any) -> Diff:
        go.wait(30)
        return real(*args, **kwargs)

    monkeypatch.setattr(compare, "diff", slow)
    app = open_app(PAGE, view="compare", to="2", **{"from": "1"})
    assert "Versions 1 and 2 are being compared" in "".join(item.value for item in app.caption)
    go.set()
    for _ in range(20):
        app.run()
        if "From version 1 to version 2" in words(app):
            break
    assert "From version 1 to version 2" in words(app)


def test_a_version_of_which_content_was_erased_says_so() -> None:
    info = VersionInfo(
        3, 1, "2026-11-21T08:00:00+00:00", "ana", "", "add", 1, 0, 0, 9, "sha256:0", "", "added x", 2
    )
    html = history_view.entry_html(info, "application", shown=False)
    assert "Content of 2 examples was erased since." in html
    assert "erased since" not in history_view.entry_html(replace(info, erased=0), "application", shown=False)


def test_versions_with_erased_content_say_so() -> None:
    """Told by the versions themselves: what was erased cannot be compared any more."""
    whole, some = SimpleNamespace(version=1, erased=()), SimpleNamespace(version=2, erased=("x-1",))
    assert compare.erased_words(whole, some) == [  # type: ignore[arg-type] # stands for a version with a tombstone
        "1 example of version 2 was erased since, so nothing of it is compared here."
    ]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_version_is_downloaded_as_it_can_be_imported_again(demo: Path, tmp_path: Path, suffix: str) -> None:
    with open_workspace(demo / "mortgage") as ws:
        path = tmp_path / f"again{suffix}"
        path.write_bytes(export.maker(ws, 2, suffix)())
        plan = plan_import(ws.home, path)
        assert (plan.added, plan.changed) == (0, 0)
        assert plan.unchanged == ws.test_set().examples


def test_what_the_filters_leave_is_downloaded_and_only_when_asked_for(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, served_before: None
) -> None:
    made: list[str] = []
    real = export.export

    def counted(test_set: Any, out: Path) -> Path:
        made.append(out.name)
        return real(test_set, out)

    monkeypatch.setattr(export, "export", counted)
    app = open_app(PAGE, origin="pattern")
    assert not app.get("download_button")
    assert "Download what the filters leave of version 2" in [box.label for box in app.expander]
    assert made == []
    app.button(key="download .parquet").click().run()
    assert made == ["examples.parquet"]
    (ready,) = app.get("download_button")
    assert "mortgage\\-version\\-2\\-filtered\\.parquet" in ready.proto.label
    ws = cache.open_cached(str(next(iter(cache.workspace_folders().values()))))
    filters = Filters(origin="pattern")
    frame = pl.read_parquet(io.BytesIO(export.maker(ws, 2, ".parquet", filters)()))
    assert set(frame["@origin"]) == {"pattern"}
    assert frame.height == int((~ws.test_set(2).is_sample).sum())


def test_a_download_is_named_after_workspace_and_version() -> None:
    assert export.file_name("mortgage", 4, ".csv") == "mortgage-version-4.csv"
    assert export.file_name("mortgage", 4, ".csv", filtered=True) == "mortgage-version-4-filtered.csv"


def test_differences_are_downloaded_whole_and_safe_for_a_spreadsheet() -> None:
    row = DiffRow("x-1", "edited", "text", "a" * 90, "=1+1", "ana", "2026-11-21T08:00:00+00:00", "why")
    tagged = DiffRow("x-1", "tagged", "@tags", [], ["b", "c"], "ana", "2026-11-21T08:00:00+00:00", "")
    made = export.difference_maker(lambda: Diff(1, 2, (row, tagged), 2, {}), ".csv")().decode()
    assert "a" * 90 in made
    assert "'=1+1" in made
    assert "b, c" in made
    told = export.difference_maker(lambda: Diff(1, 2, (row,), 1, {}), ".jsonl")().decode()
    assert '"new": "=1+1"' in told


def test_the_tables_words_and_names_are_escaped() -> None:
    nasty = "<img src=x onerror=alert(1)>"
    half = Figure(0.5, 10)
    failed = Effect(nasty, 1, "roc_auc", "failed", half, half, undefined("x"), half, half, False, nasty)
    gone = Effect(
        nasty, 2, "roc_auc", "undefined", half, undefined(nasty), undefined(nasty), half, half, False
    )
    effects = Effects(1, 2, "roc_auc", 3, 10, 10, (failed, gone))
    info = VersionInfo(
        1, 1, "2026-11-21T08:00:00+00:00", nasty, "", "add", 1, 0, 0, 1, "sha256:0", nasty, nasty
    )
    for html in (
        effects_view.effects_html(effects),
        effects_view.sentence_html(effects),
        history_view.entry_html(info, nasty, shown=True),
    ):
        assert "<img" not in html
        assert "&lt;img" in html


def test_the_registry_names_the_views() -> None:
    assert {"browse", "history", "compare"} <= set(VIEWS)
