"""A workspace's title is changed by those who may; everybody sees it, and who did it is recorded."""

from __future__ import annotations

from pathlib import Path

from components import cache
from lookingglass.config import load_config
from lookingglass.folders import CONFIG_FILE
from lookingglass.ledger import Actor
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, words
from tests.app.test_import_wizard import press
from tests.app.workspaces.steps import PAGE, rename, retitle


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
    said = " ".join(each.value for each in app.caption)
    assert "needs the role editor" in said.replace("\\", "")


def test_the_actor_of_a_change_is_the_person_of_the_session(open_app: Open, demo: Path) -> None:
    app = open_app(PAGE)
    app.text_input(key="choose person").set_value("carla").run()
    rename(app, "Renamed by Carla")
    with open_workspace(demo / "mortgage") as ws:
        assert ws.home.ledger.events("workspace")[-1].actor == Actor("carla").name
