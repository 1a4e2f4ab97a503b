"""Images on the page Test set, as a person brings them: in the form, in another one, and many in a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.registry import TOP
from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.creating import create_workspace
from lookingglass.testset import TestSet, commit_import, plan_import
from lookingglass.testset.images import canonical_image
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, problems, words
from tests.app.test_testset_edit import field, press
from tests.core.testset.conftest import ANA, config
from tests.core.testset.images.pictures import PICTURE_TASK, PICTURES, pixels, saved, table

PAGE = "pages/testset.py"
WRONG_SIZE = "is 9 x 8 pixels, the images here are 8 x 8: resize it"


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with one workspace of three grey images of 8 x 8 pixels, e0, e1 and e2."""
    folder = tmp_path / "workspaces"
    made = create_workspace(
        folder / "pictures", config(name="pictures", columns=PICTURES, task=PICTURE_TASK), actor=ANA
    )
    with made as ws:
        commit_import(
            ws.home, plan_import(ws.home, table(tmp_path, [saved(pixels(at)) for at in range(3)])), ANA
        )
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    yield folder / "pictures"
    st.cache_resource.clear()


@pytest.fixture
def page(pictures: Path, served_before: None) -> Open:
    """Return a function that opens the page Test set with these query parameters."""

    def open_it(**query: str) -> AppTest:
        app = AppTest.from_file(str(TOP / "app.py"), default_timeout=60).run()
        app.switch_page(PAGE)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_it


def latest(pictures: Path) -> TestSet:
    with open_workspace(pictures) as ws:
        return ws.test_set()


def kept(pictures: Path, example: str) -> bytes:
    """Return the image that an example has now."""
    with open_workspace(pictures) as ws:
        now = ws.test_set()
        return ws.image(now.rows["image"][now.position(example)])


def give(app: AppTest, data: bytes, name: str = "scan.png") -> AppTest:
    """Put an image into the form's uploader."""
    (uploader,) = app.file_uploader
    uploader.set_value((name, data, "image/png")).run()
    assert not app.exception, app.exception
    return app


def test_an_example_gets_another_image_in_its_form(page: Open, pictures: Path) -> None:
    """The new image is kept as its pixels, the old one stays in the version before."""
    app = give(page(example="e1"), saved(pixels(7), optimize=True))
    press(app, "Record the change")
    assert kept(pictures, "e1") == canonical_image(saved(pixels(7))).png
    assert latest(pictures).version == 2
    with open_workspace(pictures) as ws:
        before = ws.test_set(1)
        assert ws.image(before.rows["image"][1]) == canonical_image(saved(pixels(1))).png


@pytest.mark.parametrize(
    ("data", "told"),
    [(saved(pixels(7, 8, 9)), WRONG_SIZE), (b"GIF89a", "is a GIF file: save it as PNG or JPEG")],
)
def test_what_is_no_fitting_image_is_told_and_nothing_is_recorded(
    page: Open, pictures: Path, data: bytes, told: str
) -> None:
    app = give(page(example="e1"), data)
    press(app, "Record the change")
    assert told in words(app)
    assert latest(pictures).version == 1


def test_an_example_is_added_with_its_image_and_another_like_it(page: Open, pictures: Path) -> None:
    """The one added like it has the same image until it is given its own."""
    app = give(page(view="add"), saved(pixels(8)))
    app.selectbox(key=field(app, "@label")).set_value("yes").run()
    press(app, "Add the example")
    first = latest(pictures).ids[-1]
    assert kept(pictures, first) == canonical_image(saved(pixels(8))).png
    press(app, "Add another like this one")
    press(app, "Add the example")
    now = latest(pictures)
    assert (now.version, now.examples) == (3, 5)
    assert kept(pictures, now.ids[-1]) == canonical_image(saved(pixels(8))).png


def test_an_example_without_its_image_is_not_added(page: Open, pictures: Path) -> None:
    app = press(page(view="add"), "Add the example")
    assert "Give a value for image: it may not be empty." in words(app)
    assert latest(pictures).version == 1


def zipped(cells: list[str], **files: bytes) -> bytes:
    """Return a zip of a table that names images, and the images."""
    rows = pl.DataFrame(
        {"example_id": [f"z{at}" for at in range(len(cells))], "image": cells, "label": ["no"] * len(cells)}
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("batch/data.csv", rows.write_csv())
        for name, data in files.items():
            archive.writestr(f"batch/{name}.png", data)
    return out.getvalue()


def test_a_zip_of_a_table_and_its_images_goes_in_through_the_wizard(page: Open, pictures: Path) -> None:
    app = page(view="import")
    data = zipped(["one.png", "two.png"], one=saved(pixels(11)), two=saved(pixels(12)))
    app.file_uploader[0].set_value(("batch.zip", data, "application/zip")).run()
    assert not app.exception, app.exception
    press(app, "See what it would do")
    assert "batch.zip would add 2 examples" in words(app)
    assert latest(pictures).version == 1
    press(app, "Import 2 examples")
    assert latest(pictures).ids[-2:] == ["z0", "z1"]
    assert kept(pictures, "z1") == canonical_image(saved(pixels(12))).png


def test_each_bad_image_of_a_zip_is_named_by_row_and_column(page: Open, pictures: Path) -> None:
    app = page(view="import")
    data = zipped(["one.png", "absent.png", "../one.png"], one=saved(pixels(11, 8, 9)))
    app.file_uploader[0].set_value(("batch.zip", data, "application/zip")).run()
    press(app, "See what it would do")
    assert "batch.zip cannot be imported: 3 problems." in words(app)
    listed = problems(app)
    assert [(row, column) for row, column, _ in listed] == [("1", "image"), ("2", "image"), ("3", "image")]
    said = " ".join(told for _, _, told in listed)
    assert WRONG_SIZE in said
    assert "there is no file 'absent.png' beside the table" in said
    assert latest(pictures).version == 1
