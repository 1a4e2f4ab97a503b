"""What is kept of an image: its pixels and nothing else, so that same pixels are the same image."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lookingglass.testset.images import canonical_image, picture_of, pixels_of, with_channels
from tests.core.testset.images.pictures import pixels, saved


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_kept_is_a_png_with_the_very_same_pixels(channels: int) -> None:
    """Pillow, which had no part in writing it, reads the pixels back; odd sizes and several stored blocks too."""
    for height, width in ((8, 8), (1, 1), (7, 13), (300, 401)):
        original = pixels(1, height, width, channels)
        kept = canonical_image(saved(original))
        with Image.open(io.BytesIO(kept.png)) as image:
            image.verify()
        with Image.open(io.BytesIO(kept.png)) as image:
            np.testing.assert_array_equal(np.asarray(image), original)
        assert (kept.height, kept.width, kept.channels) == (height, width, channels)
        assert kept.sha == hashlib.sha256(kept.png).hexdigest()


def test_same_pixels_are_the_same_image_however_they_were_saved() -> None:
    """Compression, metadata and a palette change the file and not the image; one changed pixel does change it."""
    original = pixels()
    notes = PngInfo()
    notes.add_text("patient", "somebody")
    palette = Image.fromarray(original).convert("P")
    variants = [
        saved(original),
        saved(original, compress_level=0),
        saved(original, pnginfo=notes, dpi=(300, 300)),
        saved(original, optimize=True),
        canonical_image(saved(original)).png,
    ]
    assert len(set(variants)) == 5
    assert len({canonical_image(data).sha for data in variants}) == 1
    grey = with_channels(canonical_image(saved(palette)), 1)
    assert grey is not None
    assert grey.sha == canonical_image(variants[0]).sha
    other = original.copy()
    other[3, 4] ^= 1
    assert canonical_image(saved(other)).sha != canonical_image(saved(original)).sha
    assert b"somebody" not in canonical_image(variants[2]).png


def test_hash_of_known_pixels_never_changes() -> None:
    """No compressor has a say in it: another version of Pillow or zlib must give these very bytes."""
    sha = picture_of(np.arange(64, dtype=np.uint8).reshape(8, 8)).sha
    assert sha == "b0eb4945328da0f6a155a9246905713af8277632e60ed7ee9bca9bcdf82977de"


def test_jpeg_is_taken_upright() -> None:
    """What the camera noted about its position is applied, since it is not kept."""
    light_left = np.zeros((16, 8), dtype=np.uint8)
    light_left[:, :4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    kept = canonical_image(saved(light_left, "JPEG", exif=exif, quality=95))
    assert (kept.height, kept.width) == (8, 16)
    shown = pixels_of(kept.png)
    assert shown[:4].mean() > 200 > 50 > shown[4:].mean()


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("LA", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
def test_other_kinds_of_pixels_become_grey_or_colour(mode: str, channels: int) -> None:
    kept = canonical_image(saved(Image.fromarray(pixels(2)).convert(mode)))
    assert kept.channels == channels


def test_grey_is_shown_in_colour_but_colour_never_becomes_grey() -> None:
    grey, colour = canonical_image(saved(pixels())), canonical_image(saved(pixels(channels=3)))
    both = with_channels(grey, 3)
    assert both is not None
    assert with_channels(both, 1) == grey
    assert with_channels(colour, 1) is None


def test_a_photograph_of_24_million_pixels_is_taken() -> None:
    """The limit refuses what is too large and not what is large."""
    assert canonical_image(saved(Image.new("L", (6000, 4000)), "JPEG")).width == 6000
