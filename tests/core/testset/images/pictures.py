"""Small pictures, good and bad, and tables that hold them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from lookingglass.config import Column, Task
from lookingglass.errors import ImportRejected
from lookingglass.home import Home
from lookingglass.testset import commit_import, plan_import, read_version
from lookingglass.testset.image_cells import data_address
from tests.core.testset.conftest import ANA

PICTURES = {
    "example_id": Column(role=("id",), type="text"),
    "image": Column(role=("image",), type="image", size=(8, 8), channels=1),
    "label": Column(role=("label",), type="category", values=("no", "yes")),
}

PICTURE_TASK = Task(kind="image", label="label", positive="yes")


def pixels(seed: int = 0, height: int = 8, width: int = 8, channels: int = 1) -> np.ndarray:
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def saved(image: Any, kind: str = "PNG", **options: Any) -> bytes:
    """Return an image (or an array) as Pillow writes it."""
    out = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG whose header announces a huge image; its data would not even be that large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def table(folder: Path, cells: list[Any], name: str = "t.parquet") -> Path:
    """Write a table of images with the ids e0, e1, ... and the labels no, yes, no, ..."""
    frame = pl.DataFrame(
        {
            "example_id": [f"e{at}" for at in range(len(cells))],
            "image": cells,
            "label": ["yes" if at % 2 else "no" for at in range(len(cells))],
        }
    )
    path = folder / name
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def problems_of(home: Home, path: Path) -> list[str]:
    """Return what is wrong with a file, and hold it to having changed nothing."""
    with pytest.raises(ImportRejected) as caught:
        plan_import(home, path)
    assert read_version(home).version == 0
    assert home.files.is_empty()
    return [str(problem) for problem in caught.value.problems]


def import_(home: Home, path: Path) -> Any:
    return commit_import(home, plan_import(home, path), ANA)


WHOLE = saved(pixels())


def data_address_of(image: np.ndarray) -> str:
    return data_address(saved(image, compress_level=1))
