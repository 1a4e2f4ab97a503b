"""The page Workspaces: every use case on the server, whole or not; renaming, making, each person in their own."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components import cache
from components.views.workspaces.listed import row_html
from lookingglass.config import load_config
from lookingglass.folders import CONFIG_FILE
from lookingglass.home import Home
from lookingglass.ledger import Actor
from lookingglass.listing import Listed
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, words
from tests.app.test_import_wizard import as_csv, labels, press, rows, upload

__all__ = ["rows"]
PAGE = "pages/workspaces.py"
FIELD = "new workspace: "


def retitle(folder: Path, title: str) -> None:
    """Give a workspace another title by hand."""
    path = folder / CONFIG_FILE
    path.write_text(
        re.sub(r'^title = ".*"$', f'title = "{title}"', path.read_text("utf-8"), flags=re.M), "utf-8"
    )


@pytest.fixture
def second(demo: Path) -> Path:
    """Put a second workspace beside the worked use case."""
    folder = demo / "loans"
    shutil.copytree(demo / "mortgage", folder)
    retitle(folder, "Car loans")
    return folder


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


def rename(app: AppTest, title: str) -> None:
    """Type another title and press the button."""
    field = next(field for field in app.text_input if field.label == "New title")
    field.set_value(title).run()
    press(app, "Rename")


def test_renaming_is_recorded_and_everybody_sees_the_new_title(
    open_app: Open, demo: Path, second: Path
) -> None:
    path = demo / "mortgage" / CONFIG_FILE
    path.write_text(f"# keep this remark\n{path.read_text('utf-8')}", "utf-8")
    other = open_app(workspace="loans")
    app = open_app(PAGE, workspace="mortgage")
    keeper = cache.open_cached(str(demo / "mortgage")).background()
    rename(app, "  Home   loans ")
    assert load_config(demo / "mortgage").title == "Home loans"
    assert "# keep this remark" in path.read_text("utf-8")
    assert "You are in **Home loans**" in words(app)
    other.run()
    assert "Home loans" in other.selectbox(key="choose workspace").options
    assert cache.open_cached(str(demo / "mortgage")).background() is keeper, "no need to open it anew"
    with open_workspace(demo / "mortgage") as ws:
        event = ws.home.ledger.events("workspace")[-1]
    assert (event.type, event.payload) == (
        "workspace_renamed",
        {"old": "Mortgage applications", "new": "Home loans"},
    )
    assert "renamed this workspace from Mortgage applications to Home loans" in words(
        open_app(workspace="mortgage")
    )


def test_the_same_title_changed_by_another_person_is_told(open_app: Open, demo: Path) -> None:
    app = open_app(PAGE)
    field = next(field for field in app.text_input if field.label == "New title")
    field.set_value("Mine").run()
    retitle(demo / "mortgage", "Theirs")
    press(app, "Rename")
    assert load_config(demo / "mortgage").title == "Theirs"
    assert "You are in **Theirs**" in words(app)


def test_who_may_not_rename_sees_why(open_app: Open, demo: Path) -> None:
    path = demo / "mortgage" / CONFIG_FILE
    path.write_text(path.read_text("utf-8").replace("[people]", '[people]\nvera = ["viewer"]'), "utf-8")
    app = open_app(PAGE)
    app.text_input(key="choose person").set_value("vera").run()
    button = next(button for button in app.button if button.label == "Rename")
    assert button.disabled
    assert "needs the role editor" in str(button.help).replace("\\", "")


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
    assert f"loans.csv fits: 40 applications, {positives} of them denied." in words(app)
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


def test_the_actor_of_a_change_is_the_person_of_the_session(open_app: Open, demo: Path) -> None:
    app = open_app(PAGE)
    app.text_input(key="choose person").set_value("carla").run()
    rename(app, "Renamed by Carla")
    with open_workspace(demo / "mortgage") as ws:
        assert ws.home.ledger.events("workspace")[-1].actor == Actor("carla").name


def test_a_change_of_the_columns_by_hand_is_told_and_can_be_stood_for(open_app: Open, demo: Path) -> None:
    app = open_app(workspace="mortgage")
    before = cache.open_cached(str(demo / "mortgage"))
    assert "changed by hand" not in words(app)
    path = demo / "mortgage" / CONFIG_FILE
    path.write_text(path.read_text("utf-8").replace("max = 3.0", "max = 4.0", 1), "utf-8")
    app.run()
    assert cache.open_cached(str(demo / "mortgage")) is not before, "opened anew with the changed columns"
    assert "workspace.toml was changed by hand since" in words(app)
    app.switch_page(PAGE).run()
    app.text_input(key="why workspace.toml was changed").set_value("higher ratios occur").run()
    press(app, "Record that this is meant")
    assert "changed by hand since" not in words(app)
    with open_workspace(demo / "mortgage") as ws:
        event = ws.home.ledger.events("workspace")[-1]
    assert (event.type, event.payload["note"]) == ("workspace_configured", "higher ratios occur")


def test_a_half_typed_workspace_toml_is_told_and_mended_without_restart(open_app: Open, demo: Path) -> None:
    path = demo / "mortgage" / CONFIG_FILE
    text = path.read_text("utf-8")
    app = open_app(workspace="mortgage")
    path.write_text(text[:200], "utf-8")
    app.run()
    assert "This workspace cannot be shown." in words(app)
    path.write_text(text, "utf-8")
    app.run()
    assert "Which candidate" in words(app)


def test_a_workspace_that_can_only_be_read_says_so_and_offers_no_writing(
    open_app: Open, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk refuses is tested in tests/faults; here, what the pages then show."""
    told = "This workspace can be looked at and not changed: the folder mortgage can only be read."
    app = open_app(workspace="mortgage")
    monkeypatch.setattr(Home, "read_only", property(lambda _home: told))
    app.run()
    assert told in words(app)
    app.switch_page(PAGE).run()
    assert next(button for button in app.button if button.label == "Rename").disabled
