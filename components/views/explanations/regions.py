"""Reasons in an image: its regions for and against, laid over it as strongly as one likes, beside the original."""

from __future__ import annotations

import io

import streamlit as st

from components.context import Context
from components.formatting import plain
from components.views.images import image_tag
from lookingglass.charts.palette import NEGATIVE, POSITIVE
from lookingglass.explanations import Explanation

SIDE = 320


def draw_regions(ctx: Context, told: Explanation, strongest: float, opacity: float) -> None:
    """Draw the original and, beside it, the same with its regions tinted.

    Args:
        strongest: the absolute weight with the deepest tint, the same for every candidate side by side.
        opacity: of the deepest tint, 0 to 1.
    """
    name = str(next(iter(told.inputs.values())))
    png = ctx.ws.image(name)
    laid = overlaid(png, told, strongest, opacity)
    original, reasons = (
        image_tag(png, f"{told.example_id} as it is", SIDE),
        image_tag(laid, f"{told.example_id} with the regions for and against", SIDE),
    )
    st.html(f'<div class="lg lg-pictures"><figure>{original}<figcaption>As it is</figcaption></figure>'
            f"<figure>{reasons}<figcaption>For and against</figcaption></figure></div>")  # fmt: skip
    st.caption(plain("Blue regions push the score up, orange ones down."))


def overlaid(png: bytes, told: Explanation, strongest: float, opacity: float) -> bytes:
    """Return the image as PNG, enlarged until its regions can be seen, each tinted by its weight."""
    from PIL import Image, ImageColor

    with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
        times = max(1, SIDE // max(opened.size))
        image = opened.convert("RGB").resize(
            (opened.width * times, opened.height * times), Image.Resampling.NEAREST
        )
    for each in told.weights:
        if each.box is None or not strongest:
            continue
        top, left, bottom, right = (edge * times for edge in each.box)
        depth = opacity * min(abs(each.weight) / strongest, 1.0)
        colour = ImageColor.getrgb(POSITIVE if each.weight > 0 else NEGATIVE)
        region = image.crop((left, top, right, bottom))
        image.paste(Image.blend(region, Image.new("RGB", region.size, colour), depth), (left, top))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
