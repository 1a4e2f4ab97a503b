"""What somebody does to a workspace's folder by hand is told, and mended or stood for without a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from components import cache
from lookingglass.folders import CONFIG_FILE
from lookingglass.home import Home
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, words
from tests.app.test_import_wizard import press
from tests.app.workspaces.steps import PAGE


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
    for page, view, label in (
        ("pages/testset.py", "add", "Add the example"),
        ("pages/testset.py", "table", "Record the changes"),
    ):
        app.query_params["view"] = view
        app.switch_page(page).run()
        assert next(button for button in app.button if button.label == label).disabled, label
    app.switch_page("pages/candidates.py").run()
    assert app.file_uploader[0].disabled
