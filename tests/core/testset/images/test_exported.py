"""Images on their way out, and into another workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookingglass.home import Home
from lookingglass.testset import export, plan_import, read_version
from lookingglass.testset.images import canonical_image, read_image
from tests.core.testset.images.pictures import (
    PICTURE_TASK,
    PICTURES,
    WHOLE,
    import_,
    pixels,
    problems_of,
    saved,
    table,
)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_an_export_imported_again_changes_nothing(home: Home, tmp_path: Path, suffix: str) -> None:
    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    out = export(read_version(home), tmp_path / f"out.{suffix}")
    assert plan_import(home, out).changes_nothing


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_another_workspace_gets_the_images_with_an_export(
    home: Home, make_home: Callable[..., Home], tmp_path: Path, suffix: str
) -> None:
    import_(home, table(tmp_path, [WHOLE, saved(pixels(1))]))
    other = make_home("other", columns=PICTURES, task=PICTURE_TASK)
    import_(other, export(read_version(home), tmp_path / f"out.{suffix}"))
    assert read_version(other).rows["image"].to_list() == read_version(home).rows["image"].to_list()
    assert read_image(other.files, read_version(other).rows["image"][0]) == canonical_image(WHOLE).png


def test_another_workspace_is_told_that_csv_only_names_images(
    home: Home, make_home: Callable[..., Home], tmp_path: Path
) -> None:
    import_(home, table(tmp_path, [WHOLE]))
    other = make_home("other", columns=PICTURES, task=PICTURE_TASK)
    (told,) = problems_of(other, export(read_version(home), tmp_path / "out.csv"))
    assert "export with its images, as Parquet or JSON Lines" in told
