"""Which columns of a data file hold images, and of what size: every image is looked at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from lookingglass.config import Column
from lookingglass.errors import BadInput, one_line
from lookingglass.testset.checked_bytes import ReadLimits
from lookingglass.testset.image_cells import SUFFIXES, ImageIntake, Pictures
from lookingglass.testset.images import NotAnImage, Picture, size_in_words, stored_name
from lookingglass.testset.problems_found import ProblemList
from lookingglass.testset.tables import Cells, open_table


@dataclass
class _Look:
    """The first image of a column, and whether one is in colour."""

    first: Picture | None = None
    first_row: int = 0
    colour: bool = False


def propose_images(
    path: Path,
    columns: Iterable[str],
    *,
    delimiter: str | None = None,
    limits: ReadLimits | None = None,
    images: Path | None = None,
    file: str | None = None,
) -> dict[str, Column]:
    """Return those of ``columns`` that hold images, declared with the size that all of them have.

    A column holds images when each of its cells is bytes, a data address, or a file name that ends like an image's.

    Args:
        images: the folder in which file names are looked up, the table's own when None.
        file: what to call the file in messages, its own name when None.

    Raises:
        BadInput: no column holds images.
        ImportRejected: with each cell that is no image, or is of another size than the first one of its column.
    """
    called = file or path.name
    problems = ProblemList(called)
    wanted = {name for name in columns if _holds_images(path, name, delimiter, limits, called)}
    if not wanted:
        raise BadInput(
            f"{called} has no column of images: they are bytes (Parquet), data addresses (data:image/png;base64,…), "
            f"or names of files beside the table that end in {', '.join(SUFFIXES)}."
        )
    intake = ImageIntake(None, Pictures.beside(path) if images is None else Pictures(images))
    looks = {name: _Look() for name in sorted(wanted)}
    table = open_table(path, problems, delimiter=delimiter, limits=limits, images=True)
    for batch in table.batches(lambda name: name in wanted):
        for name, look in looks.items():
            for row, cell in zip(batch.rows.tolist(), batch.columns.get(name, ()), strict=False):
                try:
                    _take(look, row, cell, intake)
                except NotAnImage as error:
                    problems.add(str(error), row=row, column=name)
    problems.raise_if_any()
    return {
        name: Column(
            role=("image",),
            type="image",
            size=(look.first.height, look.first.width),
            channels=3 if look.colour else 1,
        )
        for name, look in looks.items()
        if look.first is not None
    }


def refuse_bytes(file: str, looks: Mapping[str, str], images: Iterable[str]) -> None:
    """Refuse columns of bytes that are no images. Raises ImportRejected."""
    problems = ProblemList(file)
    for name, look in looks.items():
        if look == "bytes" and name not in images:
            problems.add(
                "holds bytes, which cannot be read: write text, numbers, or true and false "
                "(images need the kind image)",
                column=name,
            )
    problems.raise_if_any()


def _take(look: _Look, row: int, cell: Any, intake: ImageIntake) -> None:
    if cell is None or cell == "" or cell == b"":
        raise NotAnImage("is empty, and an image may not be missing")
    picture = intake.look(cell)
    look.colour |= picture.channels == 3
    if look.first is None:
        look.first, look.first_row = picture, row
        return
    if (picture.height, picture.width) != (look.first.height, look.first.width):
        raise NotAnImage(
            f"is {size_in_words(picture.height, picture.width)}, the one in row {look.first_row:,} is "
            f"{size_in_words(look.first.height, look.first.width).removesuffix(' pixels')}: resize one of them"
        )


def _holds_images(path: Path, name: str, delimiter: str | None, limits: ReadLimits | None, file: str) -> bool:
    """Whether a column's first cells say that it holds images; what the rest is, is told cell by cell."""
    table = open_table(path, ProblemList(file), delimiter=delimiter, limits=limits, images=True)
    for batch in table.batches(lambda column: column == name):
        cells: Cells = batch.columns.get(name, [])
        present = [cell for cell in cells if cell is not None and cell != ""]
        if isinstance(cells, pl.Series) and cells.dtype not in (pl.String, pl.Binary):
            return False
        if present:
            return all(_looks_like_image(cell) for cell in present)
    return False


def _looks_like_image(cell: Any) -> bool:
    if isinstance(cell, bytes):
        return True
    if not isinstance(cell, str):
        return False
    return (
        cell[:11].lower() == "data:image/" or cell.lower().endswith(SUFFIXES) or stored_name(cell) is not None
    )


def images_in_words(column: Column) -> str:
    """Return ``an image of 8 x 8 pixels, grey``."""
    height, width = column.size or (0, 0)
    return one_line(
        f"an image of {size_in_words(height, width)}, {'in colour' if column.channels == 3 else 'grey'}"
    )
