"""A workspace is made from a file, step by step, and what cannot be is said where it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lookingglass.config import load_config
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, words
from tests.app.test_import_wizard import as_csv, labels, press, rows, upload
from tests.app.workspaces.steps import FIELD, PAGE

__all__ = ["rows"]


def begin(open_app: Open, data: bytes, name: str = "loans.csv") -> AppTest:
    """Open the wizard, upload a file and go to its second step."""
    app = open_app(PAGE)
    press(app, "Make a workspace from a file")
    upload(app, data, name)
    press(app, "Continue")
    return app


def test_a_workspace_is_made_from_a_file_and_opened(
    open_app: Open, demo: Path, rows: list[dict[str, str]]
) -> None:
    app = begin(open_app, as_csv(rows, ";"))
    app.text_input(key=f"{FIELD}title").set_value("Übersee-Kredite").run()
    assert app.text_input(key=f"{FIELD}folder").value == "ubersee-kredite"
    assert app.selectbox(key=f"{FIELD}label").value == "deny"
    assert app.selectbox(key=f"{FIELD}positive").value == "yes"
    app.text_input(key=f"{FIELD}unit").set_value("application")
    app.text_input(key=f"{FIELD}positive name").set_value("denied")
    app.multiselect(key=f"{FIELD}groups").set_value(["black"])
    app.multiselect(key=f"{FIELD}ignored").set_value(["uria"]).run()
    press(app, "Continue")
    assert "black is an input and a group, one of no, yes; empty cells form a group of their own." in words(
        app
    )
    assert "uria is left out." in words(app)
    press(app, "Continue")
    positives = sum(row["deny"] == "yes" for row in rows)
    assert f"loans.csv fits: 40 applications, {positives} of them labelled denied." in words(app)
    assert [b.label for b in app.button if b.proto.type == "primary"] == ["Make this workspace"]
    press(app, "Make this workspace")
    assert app.query_params["workspace"] == "ubersee-kredite"
    assert app.title[0].value == "Which candidate, and can we release it?"
    assert "Übersee-Kredite" in app.selectbox(key="choose workspace").options
    with open_workspace(demo / "ubersee-kredite") as ws:
        assert ws.test_set().examples == 40
        assert ws.config.groups == ["black"]
        assert "uria" not in ws.config.stored
    assert "Übersee-Kredite" in open_app(workspace="mortgage").selectbox(key="choose workspace").options
    assert not list(demo.glob(".ubersee*"))


def columns_table(app: AppTest) -> str:
    """Return the key of the table of columns that is shown."""
    return f"{FIELD}columns {app.session_state['kept new workspace'].given['columns opened']}"


def test_the_columns_are_corrected_and_stay_so_on_the_way_back(
    open_app: Open, demo: Path, rows: list[dict[str, str]]
) -> None:
    app = begin(open_app, as_csv(rows))
    app.text_input(key=f"{FIELD}title").set_value("Trial").run()
    press(app, "Continue")
    editor = columns_table(app)
    edits = {0: {"lowest": 0.0, "highest": 3.0}, 7: {"role": "input and group"}}
    app.session_state[editor] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    app.run()
    assert "dir is an input, a number from 0 up to 3; it may not be empty." in words(app)
    press(app, "Back")
    press(app, "Continue")
    assert "dir is an input, a number from 0 up to 3; it may not be empty." in words(app)
    press(app, "Continue")
    press(app, "Make this workspace")
    config = load_config(demo / "trial")
    assert (config.columns["dir"].min, config.columns["dir"].max) == (0.0, 3.0)
    assert config.groups == ["self"]


def test_a_correction_that_cannot_be_is_named_and_stays_to_be_mended(
    open_app: Open, rows: list[dict[str, str]]
) -> None:
    app = begin(open_app, as_csv(rows))
    app.text_input(key=f"{FIELD}title").set_value("Trial").run()
    press(app, "Continue")
    editor = columns_table(app)
    edits = {0: {"lowest": 5.0, "highest": 3.0}}
    app.session_state[editor] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    app.run()
    assert "dir: the lowest value 5 is above the highest 3." in words(app)
    assert next(button for button in app.button if button.label == "Continue").disabled
    edits = {0: {"lowest": 0.5, "highest": 3.0}}
    app.session_state[editor] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    app.run()
    press(app, "Continue")
    assert "loans.csv cannot be imported" in words(app), "the file is held to the corrected columns"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mortgage", "there is a folder mortgage already: choose another name."),
        ("Mortgage", "(as mortgage, which differs in capitals only)"),
        ("a/b", "cannot be the folder of a workspace"),
        ("../up", "cannot be the folder of a workspace"),
        (".hidden", "cannot be the folder of a workspace"),
        ("x" * 300, "cannot be the folder of a workspace"),
    ],
)
def test_a_folder_name_that_cannot_be_is_told_and_does_not_go_on(
    open_app: Open, rows: list[dict[str, str]], name: str, told: str
) -> None:
    app = begin(open_app, as_csv(rows))
    app.text_input(key=f"{FIELD}title").set_value("Trial").run()
    app.text_input(key=f"{FIELD}folder").set_value(name).run()
    press(app, "Continue")
    assert told in words(app)
    assert app.text_input(key=f"{FIELD}folder").value == name


def test_a_title_is_needed(open_app: Open, rows: list[dict[str, str]]) -> None:
    app = begin(open_app, as_csv(rows))
    press(app, "Continue")
    assert "A workspace needs a title" in words(app)


def test_what_was_given_survives_another_page_and_a_mended_file(
    open_app: Open, rows: list[dict[str, str]]
) -> None:
    app = begin(open_app, as_csv(rows))
    app.text_input(key=f"{FIELD}title").set_value("Trial").run()
    app.multiselect(key=f"{FIELD}groups").set_value(["black"]).run()
    app.switch_page("pages/overview.py").run()
    app.switch_page(PAGE).run()
    assert app.text_input(key=f"{FIELD}title").value == "Trial"
    press(app, "Choose another file")
    upload(app, as_csv(rows[:20]), "mended.csv")
    press(app, "Continue")
    assert app.text_input(key=f"{FIELD}title").value == "Trial"
    assert app.multiselect(key=f"{FIELD}groups").value == ["black"]
    press(app, "Leave without making one")
    assert "Make a workspace from a file" in labels(app)


def test_a_server_of_one_workspace_says_why_none_can_be_made(
    open_app: Open, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lookingglass.cli.dashboard import FOLDER_VARIABLE

    app = open_app(PAGE)
    monkeypatch.setenv(FOLDER_VARIABLE, str(demo / "mortgage"))
    app.run()
    assert app.button(key="make a workspace").disabled
    assert "started for one workspace" in "".join(str(caption.value) for caption in app.caption)
