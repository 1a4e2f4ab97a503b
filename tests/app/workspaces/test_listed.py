"""The page Workspaces lists every use case on the server, whole or not, and each person is in their own."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from components.views.workspaces.listed import row_html
from lookingglass.folders import CONFIG_FILE
from lookingglass.listing import Listed
from tests.app.conftest import Open, words
from tests.app.workspaces.steps import PAGE


def test_it_lists_what_each_workspace_is_about(open_app: Open, second: Path) -> None:
    said = words(open_app(PAGE, workspace="mortgage"))
    assert "You are in **Mortgage applications**, one of 2 workspaces on this server." in said
    assert said.count("1,204 examples on version 2 of the test set, 6 candidates") == 2
    assert "folder loans · table, one example is one application" in said
    assert "folder mortgage · table, one example is one application · the one you are in" in said
    assert "last change by ana" in said


@pytest.fixture(params=["half-written", "no-tables", "cut-off", "newer", "unknown-key", "by-hand", "torn"])
def broken(request: pytest.FixtureRequest, demo: Path) -> tuple[Path, str]:
    """Put a folder beside the worked use case that is no whole workspace; what is said of it."""
    folder = Path(shutil.copytree(demo / "mortgage", demo / "zz-broken"))
    config = folder / CONFIG_FILE
    text = config.read_text("utf-8")
    ledger = folder / "ledger.db"
    if request.param in {"half-written", "no-tables", "by-hand"}:
        for file in folder.glob("ledger.db*"):
            file.unlink()
    if request.param == "half-written":
        told = "ledger.db is missing, but the files it spoke of"
    elif request.param == "no-tables":
        connection = sqlite3.connect(ledger)
        connection.executescript("CREATE TABLE x (y); DROP TABLE x;")
        connection.close()
        told = "is a database without any table"
    elif request.param == "cut-off":
        config.write_text(text[: len(text) // 2 + 3], "utf-8")
        told = "workspace.toml"
    elif request.param == "newer":
        connection = sqlite3.connect(ledger)
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE about SET value = '99' WHERE name = 'schema_version'")
        connection.commit()
        connection.close()
        told = "was written by a newer Looking Glass"
    elif request.param == "unknown-key":
        config.write_text(f'explainers = "new"\n{text}', "utf-8")
        told = (
            "explainers: this key is not known here; it may be misspelt, or be one of a newer Looking Glass."
        )
    elif request.param == "by-hand":
        for name in ("files", "scores", "candidates"):
            shutil.rmtree(folder / name, ignore_errors=True)
        told = "has a workspace.toml and no ledger"
    else:
        ledger.write_bytes(b"no database at all" * 1000)
        told = "is damaged"
    return folder, told


def test_a_folder_that_is_no_whole_workspace_is_told_and_leaves_the_others_alone(
    open_app: Open, broken: tuple[Path, str]
) -> None:
    folder, told = broken
    before = sorted(path.name for path in folder.iterdir())
    said = words(open_app(PAGE, workspace="mortgage"))
    assert told in said
    assert "1,204 examples on version 2" in said
    assert "This workspace cannot be shown." not in said
    opened = words(open_app(workspace="zz-broken"))
    assert "This workspace cannot be shown." in opened
    assert told in opened
    assert "Which candidate" in words(open_app(workspace="mortgage"))
    after = sorted(path.name for path in folder.iterdir() if not path.name.startswith("ledger.db-"))
    assert after == [name for name in before if not name.startswith("ledger.db-")], "looking made something"


def test_without_a_workspace_in_the_link_the_first_that_can_be_read_opens(open_app: Open, demo: Path) -> None:
    (demo / "aa").mkdir()
    (demo / "aa" / CONFIG_FILE).write_text("[[", "utf-8")
    assert open_app().selectbox(key="choose workspace").value == "mortgage"


def test_a_folder_that_vanishes_while_it_is_open_is_told(open_app: Open, second: Path) -> None:
    app = open_app(workspace="loans")
    shutil.rmtree(second)
    app.run()
    assert not app.exception
    assert "There is no workspace named loans." in words(app)
    app = open_app(PAGE, workspace="mortgage")
    assert "the only workspace on this server" in words(app)


def test_two_people_are_each_in_their_own_workspace(open_app: Open, second: Path) -> None:
    one, two = open_app(workspace="mortgage"), open_app(workspace="loans")
    two.text_input(key="choose person").set_value("bo").run()
    one.run()
    assert one.selectbox(key="choose workspace").value == "mortgage"
    assert two.selectbox(key="choose workspace").value == "loans"
    assert one.text_input(key="choose person").value != "bo"
    two.selectbox(key="choose workspace").set_value("mortgage").run()
    one.selectbox(key="choose workspace").set_value("loans").run()
    assert (one.query_params["workspace"], two.query_params["workspace"]) == ("loans", "mortgage")


def test_names_and_messages_in_the_list_are_shown_and_not_acted_upon() -> None:
    html = row_html(
        Listed("<b>x", "t", trouble="<script>alert(1)</script>", read_only="<i>no</i>"), is_current=False
    )
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_the_list_is_searched_and_leafed_through_when_it_is_long(
    open_app: Open, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        folder = demo / f"more-{number:02}"
        folder.mkdir()
        shutil.copy(demo / "mortgage" / CONFIG_FILE, folder)
    app = open_app(PAGE)
    assert "folder more-18" in words(app)
    assert "folder more-22" not in words(app)
    app.text_input(key="workspaces find").set_value("more-22").run()
    assert "folder more-22" in words(app)
    assert "folder more-18" not in words(app)
