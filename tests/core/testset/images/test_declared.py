"""Size and colour of a column of images: proposed from the images, declared, written down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lookingglass.config import Column, WorkspaceConfig, dump_config, parse_config
from lookingglass.creating import create_workspace_from_file
from lookingglass.errors import BadInput, ImportRejected
from lookingglass.testset import describe_schema, propose_schema
from lookingglass.testset.image_cells import data_address
from tests.core.testset.conftest import ANA
from tests.core.testset.images.pictures import PICTURE_TASK, PICTURES, WHOLE, pixels, saved, table


@pytest.mark.parametrize("way", ["bytes", "addresses", "names"])
def test_size_and_colour_are_proposed_from_the_images(tmp_path: Path, way: str) -> None:
    images = [saved(pixels(at, 6, 9, 3)) for at in range(4)]
    for at, data in enumerate(images):
        (tmp_path / f"{at}.PNG").write_bytes(data)
    cells = {
        "bytes": images,
        "addresses": [data_address(data) for data in images],
        "names": [f"{at}.PNG" for at in range(4)],
    }[way]
    path = table(tmp_path, cells, "t.parquet" if way == "bytes" else "t.csv")
    config = propose_schema(path, name="small", label="label", positive="yes", kind="image")
    column = config.columns["image"]
    assert (column.role, column.type, column.size, column.channels) == (("image",), "image", (6, 9), 3)
    assert any("an image of 9 x 6 pixels, in colour" in line for line in describe_schema(config))
    with create_workspace_from_file(
        tmp_path / "ws", path, label="label", positive="yes", kind="image", actor=ANA
    ) as ws:
        assert ws.test_set().examples == 4


def test_images_of_different_sizes_propose_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, [WHOLE, saved(pixels(0, 9, 8)), b"no image"])
    with pytest.raises(ImportRejected) as caught:
        propose_schema(path, name="small", label="label", positive="yes", kind="image")
    assert [str(problem) for problem in caught.value.problems] == [
        "row 2, column image: is 8 x 9 pixels, the one in row 1 is 8 x 8: resize one of them",
        "row 3, column image: is not an image: give a PNG or JPEG",
    ]


def test_a_file_without_images_says_what_images_are(tmp_path: Path) -> None:
    path = table(tmp_path, ["a", "b"], "t.csv")
    with pytest.raises(BadInput, match="has no column of images: they are bytes"):
        propose_schema(path, name="small", label="label", positive="yes", kind="image")


def test_bytes_stay_refused_where_there_are_no_images(tmp_path: Path, file: Callable[..., Path]) -> None:
    path = table(tmp_path, [WHOLE])
    with pytest.raises(ImportRejected, match="column image: holds bytes, which cannot be read"):
        propose_schema(path, name="small", label="label", positive="no")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": None}, r"needs size = \[height, width\]"),
        ({"channels": None}, "needs size"),
        ({"type": "text"}, "go together"),
        ({"role": ("image", "group")}, "no other role"),
        ({"missing": "keep"}, "may be missing"),
        ({"size": (0, 8)}, "greater than or equal to 1"),
        ({"channels": 2}, "1 or 3"),
    ],
)
def test_a_wrong_declaration_is_told(change: dict[str, Any], words: str) -> None:
    declared = {"role": ("image",), "type": "image", "size": (8, 8), "channels": 1}
    with pytest.raises(ValueError, match=words):
        Column.model_validate({**declared, **change})


def test_a_declaration_survives_being_written() -> None:
    config = WorkspaceConfig(name="small", task=PICTURE_TASK, columns=PICTURES)
    assert parse_config(dump_config(config), "small").columns["image"] == PICTURES["image"]
