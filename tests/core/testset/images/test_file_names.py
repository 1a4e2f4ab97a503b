"""File names in a table of images lead into the folder of the table and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lookingglass.errors import BadInput
from lookingglass.home import Home
from lookingglass.testset import plan_import, read_version
from tests.core.testset.images.pictures import WHOLE, import_, problems_of, table


def test_file_names_lead_into_the_folder_of_the_table_only(home: Home, tmp_path: Path) -> None:
    """Up, out by a link, absolute, a device, a pipe, an address: each is refused by name, and nobody waits."""
    place = tmp_path / "upload"
    place.mkdir()
    (tmp_path / "secret.png").write_bytes(WHOLE)
    (place / "link.png").symlink_to(tmp_path / "secret.png")
    (place / "null.png").symlink_to("/dev/zero")
    (place / "folder.png").mkdir()
    os.mkfifo(place / "pipe.png")
    (place / "loop.png").symlink_to(place / "loop.png")
    cells = [
        "../secret.png",
        str(tmp_path / "secret.png"),
        "link.png",
        "null.png",
        "pipe.png",
        "folder.png",
        "loop.png",
        "none.png",
        "http://example.org/a.png",
        "a\\b.png",
        "a/../../secret.png",
    ]
    told = problems_of(home, table(place, cells, "t.csv"))
    assert len(told) == len(cells)
    for words, part in zip(told, ["leads into"] * 2 + ["leads out"] * 2, strict=False):
        assert part in words
    assert "'pipe.png' is not a file" in told[4]
    assert "there is no file 'none.png' beside the table" in told[7]
    assert "is an address, and nothing is fetched" in told[8]
    assert not any(str(tmp_path) in words for words in [*told[:1], *told[2:]])


def test_a_link_inside_the_folder_is_followed(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(WHOLE)
    (tmp_path / "b.png").symlink_to("a.png")
    import_(home, table(tmp_path, ["b.png"], "t.csv"))
    assert read_version(home).examples == 1


def test_images_can_lie_in_another_folder_that_is_named(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "a.png").write_bytes(WHOLE)
    path = table(tmp_path, ["a.png"], "t.csv")
    assert plan_import(home, path, images=folder).added == 1
    with pytest.raises(BadInput, match="is not a folder"):
        plan_import(home, path, images=tmp_path / "nowhere")
