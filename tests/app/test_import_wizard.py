"""The import wizard, step by step: what a file would do is seen before it does, and what was given is never lost."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.views.import_wizard.preview import SHOWN_ROWS, first_rows_of, image_columns
from lookingglass.config import load_config
from lookingglass.creating import create_workspace
from lookingglass.ledger import Actor
from lookingglass.testset import commit_import, plan_import
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, problems, words
from tests.core.evaluation.conftest import ANA
from tests.demo import samples_folder

Rows = list[dict[str, str]]
PRIMARY = "import into mortgage: "


@pytest.fixture
def rows() -> Rows:
    """The first forty rows of the worked use case's test set."""
    with (samples_folder() / "mortgage" / "testset.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[:40]


def as_csv(rows: Rows, delimiter: str = ",") -> bytes:
    """Return rows as the bytes of a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.fixture
def wizard(open_app: Open) -> Callable[..., AppTest]:
    """Open the wizard on the page Test set, with a file uploaded if wanted."""

    def begin(data: bytes | None = None, name: str = "new.csv") -> AppTest:
        app = open_app("pages/testset.py", view="import")
        if data is not None:
            upload(app, data, name)
        return app

    return begin


def upload(app: AppTest, data: bytes, name: str = "new.csv") -> None:
    """Put a file into the uploader that the page shows."""
    app.file_uploader[0].set_value((name, data, "text/csv")).run()
    assert not app.exception, app.exception


def press(app: AppTest, label: str) -> None:
    """Press the button with this label."""
    next(button for button in app.button if button.label.startswith(label)).click().run()
    assert not app.exception, app.exception


def labels(app: AppTest) -> list[str]:
    """Return the labels of the page's buttons."""
    return [button.label for button in app.button]


def changed(rows: Rows) -> Rows:
    """Return two new rows, one changed row, and one as it is."""
    return [
        {**rows[0], "example_id": "new-1"},
        {**rows[1], "example_id": "new-2"},
        {**rows[2], "lvr": "0.95"},
        rows[3],
    ]


def test_it_says_what_would_change_before_it_does(
    wizard: Callable[..., AppTest], rows: Rows, demo: Path
) -> None:
    app = wizard(as_csv(changed(rows)))
    assert "new.csv, " in words(app)
    press(app, "See what it would do")
    said = words(app)
    assert f"new.csv would add 2 examples, change 1 ({rows[2]['example_id']}: lvr" in said
    assert "leave 1 as it is." in said
    assert "makes version 3 with 1,206 examples. New ones count as drawn from real use, from new.csv." in said
    assert [button.label for button in app.button if button.proto.type == "primary"] == ["Import 3 examples"]
    press(app, "Import 3 examples")
    assert "Version 3: new.csv added 2 examples, changed 1" in words(app)
    with open_workspace(demo / "mortgage") as ws:
        assert ws.test_set().version == 3
        assert {"new-1", "new-2"} <= set(ws.test_set().ids)


def test_problems_are_listed_by_row_and_column_and_the_mended_file_goes_in(
    wizard: Callable[..., AppTest], rows: Rows
) -> None:
    wrong = [{**row, "example_id": f"new-{at}", "lvr": "much"} for at, row in enumerate(rows)]
    app = wizard(as_csv(wrong), "mistakes.csv")
    app.text_input(key=f"{PRIMARY}note").set_value("asked for by the branch").run()
    press(app, "See what it would do")
    assert "mistakes.csv cannot be imported: 40 problems." in words(app)
    listed = problems(app)
    assert [row for row, _, _ in listed] == [str(row) for row in range(1, 21)]
    assert {column for _, column, _ in listed} == {"lvr"}
    assert "The first 20 of 40 problems; 20 more are counted" in "".join(str(c.value) for c in app.caption)
    assert not [button for button in app.button if button.proto.type == "primary"]
    upload(app, as_csv([{**row, "lvr": "0.5"} for row in wrong]), "mended.csv")
    assert "mended.csv would add 40" in words(app)
    assert 'with your note "asked for by the branch"' in words(app)
    press(app, "Import 40 examples")
    assert "Version 3: mended.csv added 40" in words(app)


def test_the_same_file_twice_changes_nothing_and_offers_no_import(
    wizard: Callable[..., AppTest], rows: Rows
) -> None:
    app = wizard(as_csv(rows))
    press(app, "See what it would do")
    assert "new.csv changes nothing: all 40 rows are in the test set already." in words(app)
    assert not [label for label in labels(app) if label.startswith("Import ")]


def test_what_is_typed_just_before_going_on_is_kept(wizard: Callable[..., AppTest], rows: Rows) -> None:
    """The field's last words and the click come to the server together, so the field is never drawn with them."""
    app = wizard(as_csv(changed(rows)))
    app.text_input(key=f"{PRIMARY}note").set_value("asked for by the branch")
    press(app, "See what it would do")
    assert 'with your note "asked for by the branch"' in words(app)
    press(app, "Back")
    assert app.text_input(key=f"{PRIMARY}note").value == "asked for by the branch"


def test_back_keeps_what_was_given(wizard: Callable[..., AppTest], rows: Rows) -> None:
    app = wizard(as_csv(changed(rows)))
    app.radio(key=f"{PRIMARY}origin").set_value("pattern").run()
    app.text_input(key=f"{PRIMARY}source").set_value("complaints of May").run()
    press(app, "See what it would do")
    assert "New ones count as written to describe a problem, from complaints of May." in words(app)
    press(app, "Back")
    assert app.radio(key=f"{PRIMARY}origin").value == "pattern"
    assert app.text_input(key=f"{PRIMARY}source").value == "complaints of May"
    app.text_input(key=f"{PRIMARY}source").set_value("complaints of June").run()
    app.text_input(key=f"{PRIMARY}source").set_value("complaints of July").run()
    press(app, "See what it would do")
    assert "from complaints of July." in words(app)


@pytest.mark.parametrize(("sign", "called"), [(";", "semicolon"), ("\t", "tab")])
def test_another_separator_is_proposed_and_can_be_changed(
    wizard: Callable[..., AppTest], rows: Rows, sign: str, called: str
) -> None:
    app = wizard(as_csv(changed(rows), sign))
    assert app.selectbox(key=f"{PRIMARY}delimiter").value == sign
    press(app, "See what it would do")
    assert "would add 2 examples, change 1" in words(app)
    press(app, "Back")
    app.selectbox(key=f"{PRIMARY}delimiter").set_value(",").run()
    press(app, "See what it would do")
    assert "the header line is one column" in problems(app)[0][2]


def test_what_another_person_changed_meanwhile_is_told_and_planned_again(
    wizard: Callable[..., AppTest], rows: Rows, demo: Path, tmp_path: Path
) -> None:
    """The plan was made on version 2; a colleague imports the same examples before it is confirmed."""
    app = wizard(as_csv(changed(rows)))
    press(app, "See what it would do")
    other = tmp_path / "other.csv"
    other.write_bytes(as_csv([{**rows[2], "lvr": "0.11"}]))
    with open_workspace(demo / "mortgage") as ws:
        commit_import(ws.home, plan_import(ws.home, other), Actor("bo"))
    press(app, "Import 3 examples")
    said = words(app)
    assert "bo changed examples of new.csv" in said
    assert "0.11 -> 0.95" in said
    press(app, "Import 3 examples")
    assert "Version 4: new.csv added 2 examples, changed 1" in words(app)


def test_who_may_not_import_sees_why_before_pressing(
    wizard: Callable[..., AppTest], rows: Rows, demo: Path
) -> None:
    path = demo / "mortgage" / "workspace.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[people]", '[people]\nvera = ["viewer"]'), encoding="utf-8")
    app = wizard(as_csv(changed(rows)))
    app.text_input(key="choose person").set_value("vera").run()
    press(app, "See what it would do")
    button = next(button for button in app.button if button.label == "Import 3 examples")
    assert button.disabled
    told = str(button.help).replace("\\", "").replace("\u2060", "")
    assert "vera may not import examples: that needs the role editor" in told


BAD: dict[str, tuple[str, bytes, str]] = {
    "nothing": ("empty.csv", b"", "it is empty"),
    "header only": ("head.csv", b"example_id,deny\n", "this column is missing"),
    "not UTF-8": ("old.csv", "example_id;name\n1;Zo\xeb\n".encode("latin-1"), "UTF-8"),
    "turns binary": ("odd.csv", b"example_id,deny\nx,yes\n" + bytes(range(1, 256)) * 50, ""),
    "torn gzip": ("torn.csv.gz", gzip.compress(b"example_id,deny\n" * 9999)[:-20], ""),
    "no Parquet": ("odd.parquet", b"PAR1" + b"x" * 500 + b"PAR1", "not a readable Parquet file"),
    "no zip": ("odd.zip", b"PK\x03\x04" + b"x" * 100, "cannot be unpacked"),
    "2,001 columns": ("wide.csv", ",".join(f"c{n}" for n in range(2001)).encode() + b"\n", "2,001 columns"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_used_is_one_sentence_with_the_way_out(
    wizard: Callable[..., AppTest], case: str
) -> None:
    name, data, told = BAD[case]
    app = wizard(data, name)
    if any(label.startswith("See what") for label in labels(app)):
        press(app, "See what it would do")
    said = words(app) + "".join(str(frame.value) for frame in app.dataframe)
    assert app.error, said
    assert told in said
    assert app.file_uploader, "a mended file can be uploaded"


def test_numbers_that_become_text_late_are_named_by_their_row(
    wizard: Callable[..., AppTest], rows: Rows
) -> None:
    many = [{**rows[0], "example_id": f"n{at}"} for at in range(30_000)]
    many[29_000]["uria"] = "three"
    app = wizard(as_csv(many))
    press(app, "See what it would do")
    assert [row for row, _, _ in problems(app)] == ["29,001"]


def test_duplicate_ids_and_wrong_columns_are_named(wizard: Callable[..., AppTest], rows: Rows) -> None:
    app = wizard(as_csv([{**rows[0], "example_id": "twice"}, {**rows[1], "example_id": "twice"}]))
    press(app, "See what it would do")
    assert problems(app) == [("2", "example_id", "the id 'twice' is already used in row 1")]
    upload(app, as_csv([{**rows[0], "colour": "red"}]))
    ((row, column, told),) = problems(app)
    assert (row, column) == ("all", "colour")
    assert told.startswith("is not a column of this workspace")


def test_the_upload_lies_once_on_disk_and_goes_when_it_is_done(
    wizard: Callable[..., AppTest], rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    app = wizard(as_csv(changed(rows)), "../../etc/passwd.csv")
    (kept,) = tmp_path.glob("looking-glass-upload-*")
    assert [path.name for path in kept.iterdir()] == ["table.csv"]
    upload_again = as_csv(rows)
    press(app, "Choose another file")
    assert not list(tmp_path.glob("looking-glass-upload-*"))
    upload(app, upload_again)
    assert len(list(tmp_path.glob("looking-glass-upload-*"))) == 1


def test_the_demo_configuration_is_what_the_tests_think(demo: Path) -> None:
    assert load_config(demo / "mortgage").task.id == "example_id"


def test_images_of_a_file_are_shown_as_pictures_before_and_after_they_are_kept(tmp_path: Path) -> None:
    source = samples_folder() / "digits"
    with create_workspace(tmp_path / "digits", load_config(source), actor=ANA) as ws:
        assert image_columns(ws.config) == ["image"]
        for _ in range(2):
            plan = plan_import(ws.home, source / "testset.csv")
            shown = [row["image"] for row in first_rows_of(plan, ws.config)]
            assert len(shown) == SHOWN_ROWS
            assert all(cell.startswith("data:image/png;base64,") for cell in shown)
            commit_import(ws.home, plan, ANA)
