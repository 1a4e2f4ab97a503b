"""Kept images for people to look at: a PNG as a data address or an element of HTML, tiny ones enlarged with hard edges.

Knows nothing of workspaces: who may see an image was decided before its bytes came here.
"""

from __future__ import annotations

import base64
import html
import io

SIDE = 96
"""Longest side of a picture in a table, in pixels of the screen."""


def thumbnail(png: bytes, side: int = SIDE) -> str:
    """Return a ``data:image/png;base64,`` address of the image, at most ``side`` pixels wide and high.

    A smaller image is enlarged by the largest whole number that fits, every pixel a square with sharp edges, so that
    8 x 8 pixels can be seen and counted. A larger one is made smaller, smoothly. Good for ``st.image``,
    ``st.column_config.ImageColumn`` and ``<img src>`` alike: it holds no character that HTML acts upon.

    Args:
        png: what ``ws.image(cell)`` returns.
        side: the room there is, in pixels.
    """
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        times = side // max(image.size)
        if times >= 1:
            shown = image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
        else:
            shown = image.copy()
            shown.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    shown.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode("ascii")


def image_tag(png: bytes, alt: str, side: int = SIDE) -> str:
    """Return an ``<img>`` element; ``alt`` is what the image is in words, and is escaped here."""
    told = html.escape(alt)
    return f'<img src="{thumbnail(png, side)}" alt="{told}" title="{told}" style="image-rendering:pixelated">'
