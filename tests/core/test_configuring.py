"""Another title and a change by hand: the ledger knows, the file keeps its comments, nothing is written by halves."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookingglass import config as config_module
from lookingglass.config import load_config
from lookingglass.configuring import changed_by_hand, rename_workspace, stand_for_configuration
from lookingglass.creating import create_workspace
from lookingglass.errors import BadInput, Conflict, NotAllowed, NotSaved
from lookingglass.folders import CONFIG_FILE
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.listing import describe_workspace
from tests.core.test_home import make_workspace

ANA = Actor("ana")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Make a workspace with a remark in its workspace.toml."""
    config = load_config(make_workspace(tmp_path / "sketch"))
    create_workspace(tmp_path / "ws", config, actor=ANA).close()
    path = tmp_path / "ws" / CONFIG_FILE
    path.write_text(f"# a remark\n{path.read_text('utf-8')}", "utf-8")
    return open_home(tmp_path / "ws")


def test_renaming_writes_the_file_with_its_comments_and_one_event(home: Home) -> None:
    config = rename_workspace(home, "  Car\n loans ", ANA, seen="loans", key="k1")
    assert config.title == load_config(home.folder).title == "Car loans"
    assert (home.folder / CONFIG_FILE).read_text("utf-8").startswith("# a remark\n")
    event = home.ledger.events("workspace")[-1]
    assert (event.type, event.payload) == ("workspace_renamed", {"old": "loans", "new": "Car loans"})
    rename_workspace(home, "Car loans", ANA, seen="loans", key="k1")
    assert len(home.ledger.events("workspace")) == 2, "the same request again changes nothing"


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "odd\u202etitle"])
def test_a_title_that_cannot_be_is_refused(home: Home, title: str) -> None:
    with pytest.raises(BadInput):
        rename_workspace(home, title, ANA)
    assert len(home.ledger.events()) == 1


def test_whoever_saw_an_older_title_is_told(home: Home) -> None:
    rename_workspace(home, "Car loans", Actor("bo"), seen="loans")
    with pytest.raises(Conflict, match="it is Car loans now"):
        rename_workspace(home, "Boats", ANA, seen="loans")


def test_a_viewer_may_not_rename(home: Home) -> None:
    home.ledger.let_act({"vera": ("viewer",)})
    people = Home(
        home.folder, home.config.model_copy(update={"people": {"vera": ("viewer",)}}), home.ledger, home.files
    )
    with pytest.raises(NotAllowed, match="vera may not rename the workspace"):
        rename_workspace(people, "Boats", Actor("vera"))


def test_a_file_that_cannot_be_written_is_left_as_it_was(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (home.folder / CONFIG_FILE).read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(config_module.os, "fsync", full)
    with pytest.raises(NotSaved, match=r"no space left on device\. It is as it was"):
        rename_workspace(home, "Boats", ANA)
    assert (home.folder / CONFIG_FILE).read_bytes() == before
    assert len(home.ledger.events()) == 1
    assert sorted(path.name for path in home.folder.glob(".workspace*")) == []


def test_a_change_of_the_columns_by_hand_is_told_until_somebody_stands_for_it(home: Home) -> None:
    assert changed_by_hand(home) is None
    path = home.folder / CONFIG_FILE
    path.write_text(path.read_text("utf-8") + '\n[columns.age]\nrole = "feature"\ntype = "number"\n', "utf-8")
    again = open_home(home.folder)
    found = changed_by_hand(again)
    assert found is not None
    assert "workspace.toml was changed by hand since" in found.words
    event = stand_for_configuration(again, ANA, note="age is given now", key="k")
    assert event.type == "workspace_configured"
    assert event.payload["note"] == "age is given now"
    assert changed_by_hand(again) is None
    assert stand_for_configuration(again, ANA, note="age is given now", key="k") == event
    with pytest.raises(BadInput, match="nothing to record"):
        stand_for_configuration(again, ANA)


def test_a_new_title_is_no_change_of_what_data_mean(home: Home) -> None:
    rename_workspace(home, "Car loans", ANA)
    assert changed_by_hand(open_home(home.folder)) is None


def test_describing_a_workspace_makes_nothing_in_its_folder(tmp_path: Path) -> None:
    folder = make_workspace(tmp_path / "ws")
    listed = describe_workspace(folder)
    assert "has a workspace.toml and no ledger" in str(listed.trouble)
    assert [path.name for path in folder.iterdir()] == [CONFIG_FILE]
