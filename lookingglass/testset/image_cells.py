"""Cells of image columns on their way in: bytes, data addresses, file names or kept images, each checked against the
size that its column declares. Nothing is kept in the workspace until an import is committed.

File names are data: they are looked up in one folder and lead nowhere else.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
import tempfile
import threading
import weakref
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
import polars as pl

from lookingglass.config import Column, WorkspaceConfig
from lookingglass.errors import BadInput, Damaged, NotFound, one_line
from lookingglass.files import FileStore
from lookingglass.testset.cells import Converted, Fault
from lookingglass.testset.images import (
    MAX_BYTES,
    PREFIX,
    NotAnImage,
    Picture,
    canonical_image,
    read_image,
    size_in_words,
    size_of,
    stored_name,
    with_channels,
)
from lookingglass.testset.problems_found import KEPT

SUFFIXES = (".png", ".jpg", ".jpeg")
_DATA_ADDRESS = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
_IN_MEMORY = 32 << 20


class Pictures:
    """Where the file names of an import lead: one folder. ``None`` stands for nowhere.

    Args:
        place: the folder; a name that leads out of it is refused.
    """

    def __init__(self, place: Path | None) -> None:
        if place is not None and not place.is_dir():
            raise BadInput(f"{place} is not a folder: name the one that holds the images.")
        self._folder = None if place is None else place.resolve()

    @classmethod
    def beside(cls, table: Path) -> Pictures:
        """Return the folder in which a table lies."""
        return cls(table.parent if table.parent.is_dir() else None)

    def read(self, name: str) -> bytes:
        """Return the bytes of the file of this name. Raises NotAnImage when there is no such file in here."""
        shown = one_line(repr(name), 80)
        if _ADDRESS.match(name):
            raise NotAnImage(f"{shown} is an address, and nothing is fetched: give the image itself")
        parts = PurePosixPath(name).parts
        if not name.isprintable() or "\\" in name or not parts or name.startswith("/") or ".." in parts:
            raise NotAnImage(f"{shown} is no file name that leads into the folder of the images")
        if self._folder is None:
            raise NotAnImage(f"{shown} is not an image: give a PNG or JPEG file")
        return self._from_folder(self._folder, name, shown)

    @staticmethod
    def _from_folder(folder: Path, name: str, shown: str) -> bytes:
        try:
            path = (folder / name).resolve()
            if not path.is_relative_to(folder):
                raise NotAnImage(f"{shown} leads out of the folder of the images")
            handle = os.open(
                path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
            )  # a pipe must not make us wait
        except FileNotFoundError:
            raise NotAnImage(f"there is no file {shown} beside the table") from None
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "it links to itself"
            raise NotAnImage(f"the file {shown} cannot be read ({reason.lower()})") from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise NotAnImage(f"{shown} is not a file")
        with os.fdopen(handle, "rb") as file:
            return file.read(MAX_BYTES + 1)


class ImageIntake:
    """Turns the cells of image columns into the text that is stored, and holds new images until they are kept.

    Args:
        files: where kept images lie; None when there is no workspace yet.
        pictures: where file names lead.
    """

    def __init__(self, files: FileStore | None, pictures: Pictures | None = None) -> None:
        self._files = files
        self._pictures = pictures or Pictures(None)
        self._held: dict[str, tuple[int, int]] = {}
        self._spool: IO[bytes] | None = None
        self._lock = threading.Lock()

    def convert(self, name: str, column: Column, cells: pl.Series | Iterable[Any]) -> Converted:
        """Return ``sha256:...`` for each cell, and a fault for each that is no image of the declared size."""
        texts: list[str | None] = []
        bad: list[int] = []
        messages: list[str] = []
        for at, cell in enumerate(cells):
            try:
                texts.append(self.take(cell, column))
            except NotAnImage as error:
                texts.append(None)
                bad.append(at)
                if len(messages) < KEPT:
                    messages.append(str(error))
        faults = (Fault(np.asarray(bad, dtype=np.int64), tuple(messages)),) if bad else ()
        return Converted(pl.Series(name, texts, dtype=pl.String), faults)

    def take(self, cell: Any, column: Column) -> str:
        """Return the stored text of one cell, and hold its image if it is new. Raises NotAnImage."""
        if cell is None or cell == "" or cell == b"":
            raise NotAnImage("is empty, and this column may not be")
        kept = self._kept(cell)
        if kept is not None:
            self._check(column, *kept)
            return str(cell)
        picture = self.look(cell)
        self._check(column, picture.height, picture.width, picture.channels, picture)
        fitting = with_channels(picture, column.channels or picture.channels)
        if fitting is None:
            raise NotAnImage("is in colour, the images here are grey: save it in grey")
        self._hold(fitting)
        return fitting.name

    def look(self, cell: Any) -> Picture:
        """Return the image that a cell brings (bytes, a data address, or a file name). Raises NotAnImage."""
        if isinstance(cell, bytes | bytearray | memoryview):
            return canonical_image(bytes(cell))
        if not isinstance(cell, str):
            raise NotAnImage(f"is {one_line(repr(cell), 40)}, not an image: give a PNG or JPEG")
        if cell[:5].lower() == "data:":
            return canonical_image(_from_data_address(cell))
        if stored_name(cell):
            raise NotAnImage(
                "names an image that is not kept in this workspace: export with its images, as Parquet or JSON Lines"
            )
        return canonical_image(self._pictures.read(cell))

    def keep(self, files: FileStore, shas: Collection[str]) -> None:
        """Write those of the held images that ``shas`` names into ``files``; the others must be there.

        Raises:
            NotSaved: one cannot be written.
            BadInput: one was named, not brought, and is no longer there.
        """
        for sha in shas:
            if sha not in self._held and not files.has(sha):
                raise BadInput(
                    f"the image {PREFIX}{sha[:12]}… was erased meanwhile: give the image itself. Nothing was changed."
                )
            data = self._read_held(sha)
            if data is not None:
                files.add_bytes(data)

    def png(self, cell: str) -> bytes:
        """Return the image that a converted cell stands for, held or kept, to show it before it is imported.

        Raises:
            NotFound, Damaged: it is neither held nor kept any more.
        """
        held = self._read_held(cell.removeprefix(PREFIX))
        if held is not None:
            return held
        if self._files is None:
            raise NotFound("The image is not kept yet.")
        return read_image(self._files, cell)

    def _read_held(self, sha: str) -> bytes | None:
        if sha not in self._held or self._spool is None:
            return None
        start, length = self._held[sha]
        with self._lock:
            self._spool.seek(start)
            return self._spool.read(length)

    def _kept(self, cell: Any) -> tuple[int, int, int] | None:
        if self._files is None or stored_name(cell) is None:
            return None
        try:
            return size_of(read_image(self._files, cell))
        except (NotFound, Damaged):
            return None

    def _check(
        self, column: Column, height: int, width: int, channels: int, picture: Picture | None = None
    ) -> None:
        if column.size is not None and column.size != (height, width):
            raise NotAnImage(
                f"is {size_in_words(height, width)}, the images here are "
                f"{size_in_words(*column.size).removesuffix(' pixels')}: resize it"
            )
        if picture is None and column.channels not in (None, channels):
            raise NotAnImage("names an image of another kind (grey or colour) than this column holds")

    def _hold(self, picture: Picture) -> None:
        if picture.sha in self._held:
            return
        with self._lock:
            if self._spool is None:
                self._spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with this object
                weakref.finalize(self, self._spool.close)
            start = self._spool.seek(0, os.SEEK_END)
            self._spool.write(picture.png)
            self._held[picture.sha] = (start, len(picture.png))


def _from_data_address(text: str) -> bytes:
    start = _DATA_ADDRESS.match(text)
    if start is None:
        raise NotAnImage(
            "is a data address of no image: write data:image/png;base64, and the image in base64"
        )
    if len(text) > start.end() + 4 * (MAX_BYTES // 3 + 2):
        raise NotAnImage(f"has more than {MAX_BYTES // 1_000_000} MB: make it smaller")
    try:
        return base64.b64decode(text[start.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise NotAnImage("is a data address whose base64 is damaged: write it again") from None


def file_bytes(text: str) -> str | bytes:
    """Return what a person typed for an image: the bytes of the file of that name. Other ways stay as they are.

    Only for people who may read the file themselves, such as on the command line.

    Raises:
        BadInput: there is no such file, or it cannot be read.
    """
    if not text or stored_name(text) or text[:5].lower() == "data:":
        return text
    path = Path(text)
    if not path.is_file():
        raise BadInput(f"there is no image file {one_line(text, 200)}: give the name of a PNG or JPEG file.")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None


def image_columns(config: WorkspaceConfig) -> dict[str, Column]:
    """Return the stored columns that hold images."""
    return {name: column for name, column in config.stored.items() if column.type == "image"}


def images_in(rows: pl.DataFrame, config: WorkspaceConfig) -> set[str]:
    """Return the SHA-256 (64 digits) of every image that ``rows`` name."""
    names = [rows.get_column(name) for name in image_columns(config) if name in rows.columns]
    return {sha for cells in names for text in cells.unique() if (sha := stored_name(text))}


def new_images(rows: pl.DataFrame, before: pl.DataFrame, config: WorkspaceConfig) -> list[str]:
    """Return the images that ``rows`` name and ``before`` does not, sorted: what an event says under ``files``."""
    named = images_in(rows, config)
    texts = [PREFIX + sha for sha in named]
    for name in image_columns(config) if named else ():
        cells = before.get_column(name)
        named -= images_in(before.filter(cells.is_in(texts)), config)
    return sorted(named)


def with_images(
    rows: pl.DataFrame, config: WorkspaceConfig, files: FileStore | None, *, as_text: bool = False
) -> pl.DataFrame:
    """Return ``rows`` with PNG bytes (data addresses ``as_text``) in place of the names of images.

    Raises:
        Damaged: an image is missing or was changed.
    """
    columns = [name for name in image_columns(config) if name in rows.columns]
    if not columns or files is None:
        return rows
    changed = []
    for name in columns:
        data: list[Any] = [
            None if cell is None else read_image(files, cell) for cell in rows.get_column(name)
        ]
        if as_text:
            data = [None if png is None else data_address(png) for png in data]
        changed.append(pl.Series(name, data, dtype=pl.String if as_text else pl.Binary))
    return rows.with_columns(changed)


def data_address(png: bytes) -> str:
    """Return a PNG as the text that a JSON file or an HTML page can carry."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def taken_values(intake: ImageIntake, values: Mapping[str, Any], config: WorkspaceConfig) -> dict[str, Any]:
    """Return ``values`` of one example with each image held by ``intake`` and named instead.

    An image comes as PNG or JPEG bytes, a data address, or the name of a kept one; never as a file name.

    Raises:
        BadInput: a value is no image of the declared size; the message names the column.
    """
    columns = image_columns(config)
    done = dict(values)
    for name in columns.keys() & values.keys():
        try:
            done[name] = intake.take(values[name], columns[name])
        except NotAnImage as error:
            raise BadInput(f"column {name}: {error}.") from None
    return done
