"""Images as they are kept: eight-bit grey or colour PNG, written so that the same pixels always give the same bytes.

Turns PNG and JPEG bytes that somebody brings into that form, with limits checked before a pixel is unpacked. Knows
nothing of tables, columns or ledgers; ``image_cells`` brings the two together.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lookingglass.canonical import sha256_hex
from lookingglass.errors import BadInput, NotFound
from lookingglass.files import FileStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_BYTES = 20_000_000
MAX_PIXELS = 25_000_000
PREFIX = "sha256:"
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
_NAME = re.compile(r"sha256:([0-9a-f]{64})")
_STORED_BLOCK = 65_535
_OTHERS = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"II*\x00", "a TIFF"),
    (b"MM\x00*", "a TIFF"),
    (b"%PDF", "a PDF"),
    (b"<svg", "an SVG"),
)


class NotAnImage(BadInput):
    """Bytes that cannot be kept as an image; the text completes "row 7, column image: ..."."""


@dataclass(frozen=True)
class Picture:
    """One image as it is kept.

    Attributes:
        png: the canonical PNG bytes, whose SHA-256 is ``sha``.
        height, width: in pixels. ``channels``: 1 grey, 3 red, green and blue.
    """

    png: bytes
    sha: str
    height: int
    width: int
    channels: int

    @property
    def name(self) -> str:
        """The text that stands for it in a cell: ``sha256:`` and 64 hexadecimal digits."""
        return PREFIX + self.sha


def stored_name(value: object) -> str | None:
    """Return the 64 digits of a cell that names a kept image, None for any other value."""
    found = _NAME.fullmatch(value) if isinstance(value, str) else None
    return found.group(1) if found else None


def read_image(files: FileStore, value: object) -> bytes:
    """Return the PNG bytes that the cell ``value`` names.

    Raises:
        NotFound: the value names no image.
        Damaged: the file is missing or was changed.
    """
    sha = stored_name(value)
    data = files.read(sha) if sha is not None else b""
    if not data.startswith(PNG_MAGIC):
        raise NotFound(f"{str(value)[:80]!r} names no image of this workspace.")
    return data


def size_of(png: bytes) -> tuple[int, int, int]:
    """Return height, width and channels of a PNG that was kept here."""
    width, height, _, colour = struct.unpack(">IIBB", png[16:26])
    return height, width, 3 if colour == 2 else 1


def size_in_words(height: int, width: int) -> str:
    """Return a size as people say it, width first: ``640 x 480 pixels``."""
    return f"{width:,} x {height:,} pixels"


def canonical_image(data: bytes) -> Picture:
    """Return PNG or JPEG bytes as the image that is kept: its pixels, upright, without any metadata.

    Grey stays grey and colour stays colour. A palette and one, two or four bits a pixel become eight bits; a
    transparency that nowhere shows is left out.

    Raises:
        NotAnImage: anything else, told in one sentence. More than 20 MB or 25 million pixels is refused by the header.
    """
    if len(data) > MAX_BYTES:
        raise NotAnImage(f"has more than {MAX_BYTES // 1_000_000} MB: make it smaller")
    if data.startswith(PNG_MAGIC):
        _check_png(data)
    elif not data.startswith(JPEG_MAGIC):
        raise NotAnImage(_what_it_is(data))
    return picture_of(_pixels(data))


def picture_of(pixels: NDArray[np.uint8]) -> Picture:
    """Return an array of shape (height, width) or (height, width, 3), uint8, as the image that is kept."""
    height, width = int(pixels.shape[0]), int(pixels.shape[1])
    channels = 1 if pixels.ndim == 2 else 3
    png = _encoded(pixels, height, width, channels)
    return Picture(png, sha256_hex(png), height, width, channels)


def with_channels(picture: Picture, channels: int) -> Picture | None:
    """Return the image with 1 or 3 channels where no pixel changes by that, else None: colour does not become grey."""
    if picture.channels == channels:
        return picture
    import numpy as np

    pixels = pixels_of(picture.png)
    if channels == 3:
        return picture_of(np.repeat(pixels[:, :, None], 3, axis=2))
    if (pixels == pixels[:, :, :1]).all():
        return picture_of(np.ascontiguousarray(pixels[:, :, 0]))
    return None


def pixels_of(png: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a PNG or JPEG, uint8, shape (height, width) or (height, width, 3)."""
    return _pixels(png)


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """Return PNG bytes of pixels, uint8, shape (height, width) or (height, width, 3)."""
    height, width = pixels.shape[:2]
    return _encoded(pixels, height, width, 1 if pixels.ndim == 2 else 3)


def _encoded(pixels: NDArray[np.uint8], height: int, width: int, channels: int) -> bytes:
    """Return PNG bytes that no compressor had a say in: unfiltered rows in stored blocks, the same on every machine."""
    import numpy as np

    rows = np.zeros((height, 1 + width * channels), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, width * channels)
    raw = rows.tobytes()
    blocks = [raw[at : at + _STORED_BLOCK] for at in range(0, len(raw), _STORED_BLOCK)]
    body = [b"\x78\x01"]
    for number, block in enumerate(blocks, start=1):
        body += [struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF), block]
    body.append(struct.pack(">I", zlib.adler32(raw)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", b"".join(body)), (b"IEND", b"")]
    return PNG_MAGIC + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def _check_png(data: bytes) -> None:
    """Walk over the chunks: whole, true to their checksums, one frame, eight bits a channel, not too large."""
    at = len(PNG_MAGIC)
    first = True
    while True:
        start = data[at : at + 8]
        if len(start) < 8:
            raise NotAnImage("is cut off: the end of the PNG is missing")
        length, kind = struct.unpack(">I4s", start)
        end = at + 8 + length
        if end + 4 > len(data):
            raise NotAnImage("is cut off: the end of the PNG is missing")
        if zlib.crc32(data[at + 4 : end]) != struct.unpack(">I", data[end : end + 4])[0]:
            raise NotAnImage("is damaged: a checksum in the PNG is wrong")
        if first and (kind != b"IHDR" or length != 13):
            raise NotAnImage("is damaged: the PNG does not begin with its header")
        if kind == b"IHDR":
            width, height, depth = struct.unpack(">IIB", data[at + 8 : at + 17])
            _check_size(height, width)
            if depth == 16:
                raise NotAnImage("has 16 bits a channel: save it with 8")
        if kind == b"acTL":
            raise NotAnImage("is animated: save one frame of it")
        if kind == b"IEND":
            return
        first, at = False, end + 4


def _check_size(height: int, width: int) -> None:
    if not height or not width:
        raise NotAnImage("is damaged: it has no pixels")
    if height * width > MAX_PIXELS:
        raise NotAnImage(
            f"is {size_in_words(height, width)}, more than {MAX_PIXELS // 1_000_000} million: make it smaller"
        )


def _pixels(data: bytes) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import JpegImagePlugin, PngImagePlugin

    opener: Any = PngImagePlugin.PngImageFile if data.startswith(PNG_MAGIC) else JpegImagePlugin.JpegImageFile
    try:
        with opener(
            io.BytesIO(data)
        ) as image:  # not Image.open: it would try other formats, and warn instead of refuse
            _check_size(image.height, image.width)
            return np.ascontiguousarray(_grey_or_colour(image), dtype=np.uint8)
    except NotAnImage:
        raise
    except MemoryError:
        raise NotAnImage("does not fit into memory: make it smaller") from None
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises means the same to the person
        if "truncated" in str(error):
            raise NotAnImage("is cut off: its end is missing") from None
        raise NotAnImage("is damaged: it cannot be decoded") from None


def _grey_or_colour(image: Any) -> Any:
    from PIL import ImageOps

    if image.mode in {"CMYK", "YCCK"}:
        raise NotAnImage("is in print colours (CMYK): save it as RGB")
    if image.mode not in {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}:
        raise NotAnImage(f"has pixels of the kind {image.mode}: save it as eight-bit grey or RGB")
    upright = ImageOps.exif_transpose(image)
    if upright.mode in {"LA", "PA", "RGBA"} or "transparency" in upright.info:
        grey = upright.mode in {"1", "L", "LA"}
        upright = upright.convert("RGBA")
        if upright.getchannel("A").getextrema() != (255, 255):
            raise NotAnImage("is transparent in places: save it on a plain ground")
        upright = upright.convert("L" if grey else "RGB")
    if upright.mode == "1":
        return upright.convert("L")
    return upright.convert("RGB") if upright.mode == "P" else upright


def _what_it_is(data: bytes) -> str:
    if not data:
        return "is empty: give a PNG or JPEG image"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "is a WebP image: save it as PNG or JPEG"
    if data[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"}:
        return "is a HEIC or AVIF image: save it as PNG or JPEG"
    for magic, words in _OTHERS:
        if data.startswith(magic):
            return f"is {words} file: save it as PNG or JPEG"
    return "is not an image: give a PNG or JPEG"
