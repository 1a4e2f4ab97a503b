"""Changing the test set on its page: what is typed is recorded once, or refused with its field and kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lookingglass.config import load_config, write_config
from lookingglass.creating import create_workspace
from lookingglass.testset import TestSet, edit_example, history, relabel, remove
from lookingglass.testset.example_history import example_history
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, words
from tests.core.evaluation.conftest import ANA

PAGE = "pages/testset.py"
VALUES = {"dir": 0.3, "hir": 0.2, "lvr": 0.7, "ccs": 1.0, "mcs": 2.0, "uria": 3.2}
CHOICES = {"pbcr": "no", "dmi": "yes", "self": "no", "single": "no", "comdominiom": "0", "black": "no"}


def press(app: AppTest, label: str) -> AppTest:
    """Press the button of this label."""
    found = [button for button in app.button if button.label.startswith(label)]
    assert found, (label, [button.label for button in app.button])
    found[0].click().run()
    assert not app.exception, app.exception
    return app


def latest(demo: Path) -> TestSet:
    """Return the latest version of the test set."""
    with open_workspace(demo / "mortgage") as ws:
        return ws.test_set()


def cell(demo: Path, example: str, column: str) -> object:
    """Return one value of the latest version."""
    now = latest(demo)
    return now.rows[column][now.position(example)]


def elsewhere(demo: Path, **values: object) -> None:
    """Change app-0002 as a colleague would."""
    with open_workspace(demo / "mortgage") as ws:
        edit_example(ws.home, "app-0002", values, note="checked the file", actor=ANA)


def field(app: AppTest, column: str) -> str:
    """Return the key of the form's field of this column."""
    every = [*app.number_input, *app.selectbox, *app.text_input, *app.multiselect]
    found = [
        one.key
        for one in every
        if one.key and one.key.split()[0] in ("edit", "add") and one.key.endswith(f" {column}")
    ]
    assert found, (column, [one.key for one in every])
    return str(found[0])


def fill(app: AppTest, **but: object) -> AppTest:
    """Fill the form that adds an example."""
    for name, value in {**VALUES, **CHOICES, **but}.items():
        if name in VALUES:
            app.number_input(key=field(app, name)).set_value(value)
        else:
            app.selectbox(key=field(app, name)).set_value(value)
    return app.run()


def test_an_opened_example_says_everything_about_it(open_served: Open, demo: Path) -> None:
    said = words(open_served(PAGE, example="app-0009"))
    assert "app-0009: yes (denied), sample" in said
    assert "models are right." in said
    for name in ("baseline", "boosted", "vendor-scores"):
        assert f'<th scope="row">{name}</th>' in said
    assert "✗ wrong" in said
    assert "✓ right" in said
    assert "imported it from testset.csv (version 1)" in said


def test_a_value_is_edited_shown_before_it_is_recorded_and_listed_at_once(
    open_served: Open, demo: Path
) -> None:
    app = open_served(PAGE, example="app-0002")
    assert next(button for button in app.button if button.key == "record example").disabled
    app.number_input(key=field(app, "lvr")).set_value(0.5).run()
    assert "lvr from 0.921875 to 0.5" in words(app)
    press(app, "Record the change")
    assert cell(demo, "app-0002", "lvr") == 0.5
    assert any("Recorded app-0002 as version 3" in toast.value.replace("\\", "") for toast in app.toast)
    assert "changed lvr from" in words(app)
    assert app.number_input(key=field(app, "lvr")).value == 0.5


def test_a_relabel_needs_its_reason(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, example="app-0002")
    app.selectbox(key=field(app, "@label")).set_value("yes").run()
    press(app, "Record the change")
    assert "A relabel needs a reason" in words(app)
    assert latest(demo).version == 2
    assert app.selectbox(key=field(app, "@label")).value == "yes"
    app.text_input(key=field(app, "why")).set_value("the letter says so").run()
    assert "A relabel needs a reason" not in words(app)
    press(app, "Record the change")
    with open_workspace(demo / "mortgage") as ws:
        last = history(ws.home)[-1]
        assert (last.version, last.action, last.note) == (3, "relabel", "the letter says so")
        assert example_history(ws.home, "app-0002")[-1].words == "changed deny from no to yes"


def test_tags_and_problems_are_attached(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, example="app-0002")
    problem = app.multiselect(key=field(app, "@problems"))
    problem.set_value([problem.options[0]]).run()
    press(app, "Record the change")
    assert cell(demo, "app-0002", "@problems").to_list() == ["Refused insurance once, no longer needs it"]  # type: ignore[attr-defined]  # a series


def test_a_value_that_does_not_fit_is_named_and_kept(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, example="app-0002")
    app.number_input(key=field(app, "lvr")).set_value(0.5)
    app.multiselect(key=field(app, "@tags")).set_value(["one;two"]).run()
    press(app, "Record the change")
    told = "@tags of app-0002: "
    assert told in words(app)
    assert "holds a semicolon" in words(app)
    assert latest(demo).version == 2
    assert app.number_input(key=field(app, "lvr")).value == 0.5
    app.run()
    assert told in words(app)
    app.multiselect(key=field(app, "@tags")).set_value(["one"]).run()
    assert told not in words(app)
    press(app, "Record the change")
    assert cell(demo, "app-0002", "lvr") == 0.5


def test_a_number_that_may_be_missing_can_be_emptied_and_a_word_in_it_is_refused(
    open_served: Open, demo: Path
) -> None:
    config = load_config(demo / "mortgage")
    columns = {**config.columns, "lvr": config.columns["lvr"].model_copy(update={"missing": "keep"})}
    write_config(demo / "mortgage", config.model_copy(update={"columns": columns}))
    app = open_served(PAGE, example="app-0002")
    app.text_input(key=field(app, "lvr")).set_value("much").run()
    press(app, "Record the change")
    assert "lvr of app-0002: 'much' is not a number." in words(app)
    app.text_input(key=field(app, "lvr")).set_value("").run()
    press(app, "Record the change")
    assert cell(demo, "app-0002", "lvr") is None


def test_an_example_is_removed_with_reason_and_confirmation(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, example="app-0002")
    assert next(button for button in app.button if button.key == "remove example").disabled
    app.checkbox(key="remove app-0002 sure").set_value(True).run()
    press(app, "Remove it")
    assert "A removal needs a reason" in words(app)
    app.text_input(key="remove app-0002 why").set_value("entered twice").run()
    press(app, "Remove it")
    assert "app-0002" not in latest(demo).ids
    assert "example" not in app.query_params
    assert "app-0002" not in list(app.dataframe[0].value["id"])


def test_an_unknown_example_in_the_link_says_so(open_served: Open) -> None:
    app = open_served(PAGE, example="app-9999")
    assert "There is no example app-9999 in version 2" in words(app)
    press(app, "Back to the list")
    assert len(app.dataframe) == 1


def test_an_old_version_is_read_only_and_says_so(open_served: Open) -> None:
    app = open_served(PAGE, example="app-0002", version="1")
    assert "Version 1 is not the latest, so it can only be looked at" in words(app)
    assert app.number_input(key=field(app, "lvr")).disabled
    for view in ("add", "table"):
        assert "Version 1 is not the latest" in words(open_served(PAGE, view=view, version="1"))


def test_without_the_role_the_buttons_say_why(open_served: Open, demo: Path) -> None:
    config = load_config(demo / "mortgage")
    write_config(demo / "mortgage", config.model_copy(update={"people": {"bo": ("viewer",)}}))
    app = open_served(PAGE, example="app-0002")
    assert "may not change examples: that needs the role editor" in words(app)
    assert next(button for button in app.button if button.key == "record example").disabled
    app = open_served(PAGE, view="add")
    assert "may not change examples" in words(app)
    assert next(button for button in app.button if button.key == "add example").disabled


def two_editors(open_served: Open, demo: Path, **theirs: object) -> AppTest:
    """Open app-0002, type another lvr, let ana change it meanwhile, and record."""
    app = open_served(PAGE, example="app-0002")
    app.number_input(key=field(app, "lvr")).set_value(0.5).run()
    elsewhere(demo, **theirs)
    app.run()
    assert "Just now: ana changed" in words(app)
    assert app.number_input(key=field(app, "lvr")).value == 0.5
    return press(app, "Record the change")


def test_the_second_editor_sees_both_versions_and_writes_theirs_over(open_served: Open, demo: Path) -> None:
    app = two_editors(open_served, demo, lvr=0.25, dir=0.125)
    said = words(app)
    assert "Somebody else changed it while you did" in said
    assert "ana changed" in said
    for column, value in (("As you opened it", "0.921875"), ("Theirs", "0.25"), ("Yours", "0.5")):
        assert f'data-label="{column}">{value}' in said
    assert 'data-label="Theirs">0.125' in said
    assert "Choose for lvr of app-0002." in said
    app.segmented_control[-1].set_value("mine").run()
    press(app, "Write mine over theirs")
    assert cell(demo, "app-0002", "lvr") == 0.5
    assert cell(demo, "app-0002", "dir") == 0.125
    assert app.number_input(key=field(app, "lvr")).value == 0.5


def test_the_second_editor_may_keep_theirs(open_served: Open, demo: Path) -> None:
    app = two_editors(open_served, demo, lvr=0.25)
    press(app, "Keep theirs, give up mine")
    assert cell(demo, "app-0002", "lvr") == 0.25
    assert latest(demo).version == 3
    assert app.number_input(key=field(app, "lvr")).value == 0.25


def test_what_was_typed_survives_that_the_example_was_removed(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, example="app-0002")
    app.number_input(key=field(app, "lvr")).set_value(0.5).run()
    with open_workspace(demo / "mortgage") as ws:
        remove(ws.home, "app-0002", note="twice", actor=ANA)
    app.run()
    assert "ana removed app-0002" in words(app)
    press(app, "Record the change")
    app.checkbox(key="again app-0002").set_value(True).run()
    press(app, "Write mine over theirs")
    assert cell(demo, "app-0002", "lvr") == 0.5


def test_somebody_elses_change_of_another_example_leaves_the_form_alone(
    open_served: Open, demo: Path
) -> None:
    app = open_served(PAGE, example="app-0003")
    app.number_input(key=field(app, "lvr")).set_value(0.5).run()
    elsewhere(demo, lvr=0.25)
    app.run()
    assert "Just now" not in words(app)
    press(app, "Record the change")
    assert (cell(demo, "app-0003", "lvr"), cell(demo, "app-0002", "lvr")) == (0.5, 0.25)


def test_a_pattern_is_added_and_another_like_it(open_served: Open, demo: Path) -> None:
    app = fill(open_served(PAGE, view="add"))
    app.selectbox(key=field(app, "@label")).set_value("no")
    app.text_input(key=field(app, "why")).set_value("a self-employed widow").run()
    press(app, "Add the example")
    now = latest(demo)
    added = now.ids[-1]
    assert (now.version, now.rows["@origin"][-1], now.rows["@label"][-1]) == (3, "pattern", "no")
    assert f"Added {added}" in words(app)
    assert app.number_input(key=field(app, "lvr")).value is None
    press(app, "Add another like this one")
    assert app.number_input(key=field(app, "lvr")).value == 0.7
    assert app.selectbox(key=field(app, "dmi")).value == "yes"
    app.number_input(key=field(app, "lvr")).set_value(0.8).run()
    press(app, "Add the example")
    assert latest(demo).rows["lvr"][-1] == 0.8
    press(app, "Open it")
    assert app.query_params["example"] == latest(demo).ids[-1]
    assert "view" not in app.query_params


def test_a_pattern_that_does_not_fit_names_its_fields_and_keeps_the_rest(
    open_served: Open, demo: Path
) -> None:
    app = fill(open_served(PAGE, view="add"), lvr=None, dir=None)
    app.text_input(key=field(app, "id")).set_value("app-0001").run()
    press(app, "Add the example")
    said = words(app)
    assert "Give a value for dir and lvr: they may not be empty." in said
    app.number_input(key=field(app, "lvr")).set_value(0.7)
    app.number_input(key=field(app, "dir")).set_value(0.3).run()
    press(app, "Add the example")
    assert "there is already an example 'app-0001'" in words(app)
    assert app.number_input(key=field(app, "hir")).value == 0.2
    assert latest(demo).version == 2


def edit_table(app: AppTest, edits: dict[int, dict[str, object]]) -> AppTest:
    """Leave edits in the table, as the browser sends them."""
    name = str(app.data_editor[0].key)
    app.session_state[name] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    return app.run()


def test_a_table_is_recorded_as_one_version(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, view="table")
    edit_table(app, {0: {"lvr": 0.5, "dir": 0.25}, 1: {"@tags": "seen; odd"}})
    assert "app-0001: lvr from 0.8 to 0.5; dir from 0.221000003814697 to 0.25" in words(app)
    press(app, "Record 3 changes to 2 examples")
    assert latest(demo).version == 3
    assert cell(demo, "app-0001", "lvr") == 0.5
    assert cell(demo, "app-0002", "@tags").to_list() == ["odd", "seen"]  # type: ignore[attr-defined]  # a series
    assert "Will be recorded" not in words(app)


def test_a_bad_cell_is_named_and_the_other_edits_stay(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, view="table")
    edits: dict[int, dict[str, object]] = {0: {"lvr": 9, "dir": 0.25}, 1: {"ccs": None}}
    edit_table(app, edits)
    press(app, "Record 3 changes to 2 examples")
    said = words(app)
    assert "lvr of app-0001: 9 is above the largest allowed, 2." in said
    assert "ccs of app-0002: is empty, and this column may not be." in said
    assert "everything you typed is kept" in said
    assert "dir from 0.221000003814697 to 0.25" in said
    assert latest(demo).version == 2
    edit_table(app, {0: {"lvr": 1, "dir": 0.25}})
    assert "9 is above" not in words(app)
    press(app, "Record 2 changes to 1 example")
    assert cell(demo, "app-0001", "lvr") == 1.0


def test_a_relabel_in_the_table_needs_its_reason(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, view="table")
    edit_table(app, {0: {"@label": "yes"}})
    press(app, "Record 1 change to 1 example")
    assert "A relabel needs a reason" in words(app)
    assert latest(demo).version == 2


def test_a_table_whose_row_somebody_changed_shows_both(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, view="table")
    edit_table(app, {0: {"lvr": 0.5}, 1: {"lvr": 0.75}})
    elsewhere(demo, lvr=0.25)
    app.run()
    assert "Just now others changed app-0002" in words(app)
    press(app, "Record 2 changes to 2 examples")
    assert "Somebody else changed it while you did" in words(app)
    assert latest(demo).version == 3
    app.segmented_control[-1].set_value("theirs").run()
    press(app, "Write mine over theirs")
    assert (cell(demo, "app-0001", "lvr"), cell(demo, "app-0002", "lvr")) == (0.5, 0.25)


def test_an_empty_test_set_says_what_to_do(open_served: Open, demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        config = ws.config
    create_workspace(demo / "empty", config.model_copy(update={"name": "empty"}), actor=ANA).close()
    app = open_served(PAGE, workspace="empty")
    assert "No examples yet." in words(app)
    assert "There are no examples to edit yet" in words(open_served(PAGE, workspace="empty", view="table"))
    app = fill(open_served(PAGE, workspace="empty", view="add"))
    press(app, "Add the example")
    with open_workspace(demo / "empty") as ws:
        assert ws.test_set().examples == 1


def test_relabelling_elsewhere_shows_in_the_list_at_once(open_served: Open, demo: Path) -> None:
    app = open_served(PAGE, q="app-0002")
    with open_workspace(demo / "mortgage") as ws:
        relabel(ws.home, "app-0002", "yes", note="checked", actor=ANA)
    app.run()
    assert list(app.dataframe[0].value["deny"]) == ["yes"]


@pytest.mark.parametrize("view", ["browse", "add", "table"])
def test_every_view_opens_by_its_link(open_served: Open, view: str) -> None:
    assert not open_served(PAGE, view=view).error
