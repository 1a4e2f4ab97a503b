"""Images that are refused, each in one sentence that says where and what to do; nothing huge is unpacked for it."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lookingglass.errors import BadInput, ImportRejected
from lookingglass.home import Home
from lookingglass.testset import add_example, plan_import
from lookingglass.testset.images import MAX_BYTES, NotAnImage, canonical_image
from tests.core.testset.conftest import ANA
from tests.core.testset.images.pictures import WHOLE, bomb, pixels, problems_of, saved, table

IN_THE_DATA = WHOLE.index(b"IDAT") + 8

REFUSED: dict[str, tuple[bytes, str]] = {
    "text": (b"hello", "is not an image: give a PNG or JPEG"),
    "empty": (b"", "is empty, and this column may not be"),
    "gif": (saved(pixels(), "GIF"), "is a GIF file: save it as PNG or JPEG"),
    "webp": (saved(pixels(), "WEBP"), "is a WebP image: save it as PNG or JPEG"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG file: save it as PNG or JPEG"),
    "size": (saved(pixels(height=28, width=28)), "is 28 x 28 pixels, the images here are 8 x 8: resize it"),
    "colour": (saved(pixels(channels=3)), "is in colour, the images here are grey: save it in grey"),
    "cut off": (WHOLE[:-20], "is cut off: the end of the PNG is missing"),
    "cut off JPEG": (saved(pixels(height=64, width=64), "JPEG")[:-200], "is cut off: its end is missing"),
    "checksum": (
        WHOLE[:IN_THE_DATA] + bytes([WHOLE[IN_THE_DATA] ^ 1]) + WHOLE[IN_THE_DATA + 1 :],
        "is damaged: a checksum in the PNG is wrong",
    ),
    "animated": (
        saved(Image.fromarray(pixels()), save_all=True, append_images=[Image.fromarray(pixels(1))]),
        "is animated: save one frame of it",
    ),
    "transparent": (saved(pixels(channels=4)), "is transparent in places: save it on a plain ground"),
    "16 bits": (saved(pixels().astype(np.uint16) * 200), "has 16 bits a channel: save it with 8"),
    "print colours": (
        saved(Image.new("CMYK", (8, 8)), "JPEG"),
        "is in print colours (CMYK): save it as RGB",
    ),
    "100 megapixels": (
        bomb(10_000, 10_000),
        "is 10,000 x 10,000 pixels, more than 25 million: make it smaller",
    ),
    "bomb": (
        bomb(2**31 - 1, 2**31 - 1),
        "is 2,147,483,647 x 2,147,483,647 pixels, more than 25 million: make it smaller",
    ),
    "no pixels": (bomb(0, 8), "is damaged: it has no pixels"),
    "too little data": (bomb(8, 200)[:0] + bomb(1000, 1000), "is cut off: its end is missing"),
    "too many bytes": (WHOLE + bytes(MAX_BYTES), "has more than 20 MB: make it smaller"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_each_bad_image_is_told_in_one_sentence_by_row_and_column(
    home: Home, tmp_path: Path, case: str
) -> None:
    """Whichever way it comes, and nothing is imported half."""
    data, sentence = REFUSED[case]
    bad = table(tmp_path, [WHOLE, data, saved(pixels(3))])
    assert problems_of(home, bad) == [f"row 2, column image: {sentence}"]
    if case not in ("empty", "too many bytes"):
        (tmp_path / "bad.png").write_bytes(data)
        named = table(tmp_path, ["bad.png"], "named.csv")
        assert problems_of(home, named) == [f"row 1, column image: {sentence}"]
        address = f"data:image/png;base64,{base64.b64encode(data).decode()}"
        written = table(tmp_path, [address], "written.csv")
        assert problems_of(home, written) == [f"row 1, column image: {sentence}"]
    if case != "empty":
        with pytest.raises(BadInput, match=r"^column image: "):
            add_example(home, {"image": data}, actor=ANA)
        assert home.files.is_empty()


def test_a_bomb_is_refused_without_being_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The header alone decides, in a PNG and in a JPEG: no decoder is asked for a single pixel."""
    from PIL import ImageFile

    jpeg = bytearray(saved(pixels(), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 10_000, 10_000)

    def unpack(_self: Any) -> None:
        raise AssertionError("pixels were unpacked")

    monkeypatch.setattr(ImageFile.ImageFile, "load", unpack)
    for data in (bomb(10_000, 10_000), bytes(jpeg)):
        with pytest.raises(NotAnImage, match="10,000 x 10,000 pixels, more than 25 million"):
            canonical_image(data)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("sha256:" + "0" * 64, "names an image that is not kept in this workspace"),
        ("a.png", "is not an image: give a PNG or JPEG file"),
        ("", "is empty, and this column may not be"),
        ("data:text/html;base64,PGI+", "is a data address of no image"),
        ("data:image/png;base64,!!!!", "base64 is damaged"),
        (7, "is 7, not an image"),
    ],
)
def test_what_is_no_image_is_refused_in_a_form(home: Home, value: Any, words: str) -> None:
    with pytest.raises(BadInput, match=r"^column image: ") as caught:
        add_example(home, {"image": value}, actor=ANA)
    assert words in str(caught.value)


def test_a_parquet_bomb_of_images_is_refused(home: Home, tmp_path: Path) -> None:
    """A repeated image takes no room in the file; its true size is counted before it is written out."""
    from lookingglass.testset import ReadLimits

    path = table(tmp_path, [saved(pixels(0, 400, 400))] * 3000)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ImportRejected, match="unpacks to more than"):
        plan_import(home, path, limits=ReadLimits(decoded_bytes=100 << 20))
