"""Images in a workspace: kept once, named by the events that bring them, read by those who ask, verified."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookingglass.config import Column, WorkspaceConfig
from lookingglass.errors import BadInput, Damaged, NotFound
from lookingglass.home import Home
from lookingglass.ledger.verify import verify
from lookingglass.testset import add_example, commit_import, edit_example, plan_import, read_version, relabel
from lookingglass.testset.images import canonical_image, read_image
from lookingglass.workspace import Workspace
from tests.core.testset.conftest import ANA
from tests.core.testset.images.pictures import (
    PICTURE_TASK,
    PICTURES,
    WHOLE,
    data_address_of,
    import_,
    pixels,
    saved,
    table,
)


def test_planning_keeps_nothing_and_committing_keeps_each_image_once(home: Home, tmp_path: Path) -> None:
    path = table(tmp_path, [WHOLE, saved(pixels(1)), WHOLE])
    plan = plan_import(home, path)
    assert home.files.is_empty()
    event = commit_import(home, plan, ANA)
    assert event is not None
    cells = read_version(home).rows.get_column("image").to_list()
    assert event.payload["files"] == sorted({cell.removeprefix("sha256:") for cell in cells})
    assert len(event.payload["files"]) == 2
    assert cells[0] == cells[2]
    assert read_image(home.files, cells[0]) == canonical_image(WHOLE).png


def test_same_pixels_again_change_nothing_and_a_changed_pixel_changes_the_input(
    home: Home, tmp_path: Path
) -> None:
    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    before = read_version(home).rows
    again = table(tmp_path, [data_address_of(pixels()), data_address_of(pixels(1))], "again.csv")
    assert plan_import(home, again).changes_nothing
    other = pixels()
    other[0, 0] ^= 1
    import_(home, table(tmp_path, [saved(other), saved(pixels(1))]))
    after = read_version(home).rows
    same = (before["@input_id"] == after["@input_id"]).to_list()
    assert same == [False, True]


def test_relabelling_keeps_the_input_and_names_no_file(home: Home, tmp_path: Path) -> None:
    import_(home, table(tmp_path, [WHOLE]))
    before = read_version(home).rows["@input_id"].to_list()
    event = relabel(home, "e0", "yes", actor=ANA)
    assert event is not None
    assert "files" not in event.payload
    assert read_version(home).rows["@input_id"].to_list() == before


def test_an_example_can_be_added_and_edited_with_an_image(home: Home) -> None:
    """As bytes, as a data address, and by the name of a kept one; the events name what is new."""
    first = add_example(home, {"image": WHOLE}, label="no", actor=ANA)
    name = read_version(home).rows["image"][0]
    assert first.payload["files"] == [name.removeprefix("sha256:")]
    second = add_example(home, {"image": name}, label="no", actor=ANA)
    assert "files" not in second.payload
    edited = edit_example(home, "pattern-000001", {"image": data_address_of(pixels(5))}, actor=ANA)
    assert edited is not None
    assert len(edited.payload["files"]) == 1
    assert edit_example(home, "pattern-000001", {"image": saved(pixels(5))}, actor=ANA) is None


def test_other_files_of_the_workspace_cannot_be_named_as_images(home: Home) -> None:
    """A cell that names a model or a part of the test set shows nothing of it."""
    sha = home.files.add_bytes(b"a model that nobody may read")
    with pytest.raises(NotFound, match="names no image"):
        Workspace(home).image(f"sha256:{sha}")
    with pytest.raises(BadInput, match="not kept in this workspace"):
        add_example(home, {"image": f"sha256:{sha}"}, actor=ANA)


def test_verifying_notices_an_image_that_is_missing_or_was_changed(home: Home, tmp_path: Path) -> None:
    import_(home, table(tmp_path, [WHOLE]))
    assert verify(home.folder).ok
    name = read_version(home).rows["image"][0]
    path = home.files.path(name.removeprefix("sha256:"))
    path.chmod(0o644)
    path.write_bytes(canonical_image(saved(pixels(9))).png)
    assert [finding.code for finding in verify(home.folder).findings] == ["file-changed"]
    with pytest.raises(Damaged):
        Workspace(home).image(name)
    path.unlink()
    assert [finding.code for finding in verify(home.folder).findings] == ["file-missing"]


def test_only_the_rows_asked_for_are_read(home: Home, tmp_path: Path) -> None:
    """Another image may be gone; the model gets the one that it is asked about."""
    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    test_set = read_version(home)
    home.files.path(test_set.rows["image"][1].removeprefix("sha256:")).unlink()
    given = test_set.inputs(["image"], [0]).column("image").to_pylist()
    assert given == [canonical_image(WHOLE).png]
    with pytest.raises(Damaged):
        test_set.inputs(["image"], [1])


def test_a_moved_workspace_reads_its_own_images(home: Home, tmp_path: Path) -> None:
    import_(home, table(tmp_path, [WHOLE]))
    read_version(home)
    home.ledger.close()
    home.folder.rename(tmp_path / "moved")
    from lookingglass.home import open_home

    moved = open_home(tmp_path / "moved")
    assert read_version(moved).inputs(["image"]).num_rows == 1
    moved.close()


def test_large_images_are_sent_to_models_a_few_at_a_time() -> None:
    """No question holds more than 16 million numbers, and one image is always sent."""
    large = Column(role=("image",), type="image", size=(1000, 1000), channels=3)
    huge = Column(role=("image",), type="image", size=(5000, 5000), channels=3)
    for column, rows in ((PICTURES["image"], 4096), (large, 5), (huge, 1)):
        config = WorkspaceConfig(name="small", task=PICTURE_TASK, columns={**PICTURES, "image": column})
        assert config.batch_rows(["image"]) == rows


def test_several_images_are_edited_in_one_event(home: Home, tmp_path: Path) -> None:
    """A table edit takes images as every other way in does, and names each that is none."""
    from lookingglass.errors import EditsRejected
    from lookingglass.testset.table_edits import edit_many

    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    first = read_version(home).rows["image"][0]
    event = edit_many(home, {"e1": {"image": first}, "e0": {"image": saved(pixels(4))}}, actor=ANA)
    assert event is not None
    assert len(event.payload["files"]) == 1
    with pytest.raises(EditsRejected) as caught:
        edit_many(home, {"e0": {"image": b"no"}, "e1": {"image": saved(pixels(0, 9, 9))}}, actor=ANA)
    assert "is not an image" in str(caught.value)


def test_a_kept_image_can_be_named_only_where_it_fits(make_home: Callable[..., Home], tmp_path: Path) -> None:
    """Its name is no way around the size and the kind that another column declares."""
    columns = {
        **PICTURES,
        "small": Column(role=("image",), type="image", size=(4, 4), channels=1),
        "colour": Column(role=("image",), type="image", size=(8, 8), channels=3),
    }
    home = make_home(columns=columns, task=PICTURE_TASK)
    values = {
        "image": saved(pixels(0)),
        "small": saved(pixels(1, 4, 4)),
        "colour": saved(pixels(2, channels=3)),
    }
    add_example(home, values, label="no", id="a", actor=ANA)
    name = read_version(home).rows.item(0, "image")
    with pytest.raises(
        BadInput, match=r"column small: is 8 x 8 pixels, the images here are 4 x 4: resize it"
    ):
        edit_example(home, "a", {"small": name}, actor=ANA)
    with pytest.raises(BadInput, match=r"column colour: names an image of another kind"):
        edit_example(home, "a", {"colour": name}, actor=ANA)
    assert read_version(home).version == 1
