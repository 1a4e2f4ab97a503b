"""Pictures on the screen: tiny images are enlarged with hard edges, large ones fit, and alternative text is escaped."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from components.views.images import image_tag, thumbnail
from lookingglass.testset.images import picture_of


def shown(address: str) -> np.ndarray:
    """Return the pixels behind a data address."""
    assert re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/=]+", address)
    with Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) as image:
        return np.asarray(image)


@pytest.mark.parametrize(("side", "times"), [(96, 12), (100, 12), (64, 8), (8, 1)])
def test_a_tiny_image_is_enlarged_by_a_whole_number_with_hard_edges(side: int, times: int) -> None:
    """Each pixel becomes a square of one colour: nothing is smoothed away."""
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    np.testing.assert_array_equal(
        shown(thumbnail(picture_of(pixels).png, side)), np.kron(pixels, np.ones((times, times), np.uint8))
    )


def test_a_large_image_fits_and_keeps_its_shape() -> None:
    pixels = np.zeros((300, 600, 3), dtype=np.uint8)
    assert shown(thumbnail(picture_of(pixels).png, 96)).shape == (48, 96, 3)


def test_a_line_of_pixels_does_not_vanish() -> None:
    assert shown(thumbnail(picture_of(np.zeros((1, 3000), np.uint8)).png, 96)).shape == (1, 96)


def test_alternative_text_cannot_end_its_attribute() -> None:
    tag = image_tag(picture_of(np.zeros((2, 2), np.uint8)).png, '"><script>alert(1)</script>')
    assert "<script" not in tag
    assert tag.count("<") == 1
