"""Reasons drawn as HTML, for pages and for files alike: words tinted in place, values with bars, regions of an image.

All text is escaped here. The classes are those of ``DRAWN_STYLE``; colours besides come from whoever shows it.
"""

from __future__ import annotations

import html
import io
import unicodedata
from typing import Any

import polars as pl

from lookingglass.charts.palette import NEGATIVE, POSITIVE
from lookingglass.explanations.result import Explanation, Weight
from lookingglass.testset.thumbnails import image_tag
from lookingglass.wording import DASH, number

NUMBERED = 10
"""So many of the strongest words carry their number; all are tinted."""

SIDE = 320
"""Longest side of an image that is explained, in pixels of the screen."""

OPACITY = 0.7
"""Of the deepest tint of an image's regions, unless somebody chooses another."""

DRAWN_STYLE = """
.lg-field { margin: 0.6rem 0 0.1rem; }
.lg-words { margin: 0; line-height: 2; overflow-wrap: anywhere; white-space: pre-wrap; }
.lg-words mark { color: inherit; border-radius: 3px; padding: 0.1em 0.15em; }
.lg-words sup { font-size: 0.75em; font-weight: 600; margin-left: 0.15em; font-variant-numeric: tabular-nums; }
.lg-push {
  position: relative; display: inline-block; width: 9rem; height: 0.7rem; margin-right: 0.6rem;
  background: linear-gradient(to right, transparent calc(50% - 0.5px), currentColor 0, transparent calc(50% + 0.5px));
}
.lg-push > span { position: absolute; top: 0; bottom: 0; border-radius: 2px; }
.lg-pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
.lg-pictures figure { margin: 0; max-width: 100%; }
.lg-pictures img { max-width: 100%; }
.lg-pictures figcaption { font-size: 0.875rem; color: var(--quiet); }
"""


def words_html(told: Explanation, strongest: float) -> str:
    """Return every field of a text with its words tinted by how strongly and where to they push.

    Args:
        strongest: the absolute weight that has the deepest tint, the same for every candidate side by side.
    """
    numbered = {(each.field, each.position) for each in told.weights[:NUMBERED]}
    shares = told.shares
    parts = []
    for field, text in told.inputs.items():
        words = sorted((each for each in told.weights if each.field == field), key=lambda one: one.start or 0)
        share = (
            f" · {number(shares[field], 'rate')} of all weight"
            if len(told.inputs) > 1 and field in shares
            else ""
        )
        parts.append(
            f'<p class="lg-quiet lg-small lg-field">{html.escape(field)}{html.escape(share)}</p>'
            f'<p class="lg-words" dir="auto">{_marked(str(text or ""), words, numbered, strongest)}</p>'
        )
    return f'<div class="lg">{"".join(parts)}</div>'


def as_it_is_html(told: Explanation) -> str:
    """Return every field of a text, or every value of a row, as it is: there is no reason to draw, and it is judged."""
    if told.modality == "text":
        return words_html(told, 0.0)
    body = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td class="lg-wide" data-label="Value">'
        f"{html.escape(DASH if value is None else value_text(value))}</td></tr>"
        for name, value in told.inputs.items()
    )
    return (
        '<div class="lg"><table class="lg-table"><thead><tr><th scope="col">Column</th>'
        f'<th scope="col" class="lg-wide">Its value</th></tr></thead><tbody>{body}</tbody></table></div>'
    )


def _marked(text: str, words: list[Weight], numbered: set[tuple[str, int]], strongest: float) -> str:
    """Return the text as HTML, every word with a weight marked; all of it escaped."""
    parts, at = [], 0
    for word in words:
        start, end = word.start or 0, word.end or 0
        parts += [html.escape(text[at:start]), _mark(text[start:end], word, numbered, strongest)]
        at = end
    return "".join([*parts, html.escape(text[at:])])


_JOINED = ' style="unicode-bidi: embed"'
"""Keeps the number at a word that runs to the right in a text that runs to the left; alone it would go elsewhere."""


def _is_rtl(text: str) -> bool:
    return any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)


def _mark(text: str, word: Weight, numbered: set[tuple[str, int]], strongest: float) -> str:
    depth = 0.0 if not strongest else min(abs(word.weight) / strongest, 1.0)
    colour = POSITIVE if word.weight > 0 else NEGATIVE
    tint = f"background: color-mix(in srgb, {colour} {round(8 + 47 * depth) if depth > 0.02 else 0}%, transparent)"
    shown = (
        f'<sup dir="ltr"{"" if _is_rtl(text) else _JOINED}>{signed_weight(word.weight)}</sup>'
        if (word.field, word.position) in numbered and depth
        else ""
    )
    return f'<mark style="{tint}" title="{signed_weight(word.weight)}">{html.escape(text)}{shown}</mark>'


def signed_weight(weight: float) -> str:
    """Return a weight with its sign, in points of probability: ``+12``, ``−0.4``."""
    points = 100 * weight
    text = f"{abs(points):.0f}" if abs(points) >= 9.5 else f"{abs(points):.1f}"
    sign = "±" if float(text) == 0 else "+" if weight > 0 else "−"
    return f"{sign}{text}"


def values_html(told: Explanation, strongest: float, rows: pl.DataFrame, units: str) -> str:
    """Return one row a column of a table, strongest first: its value, where that stands, and a bar to its side.

    Args:
        strongest: the absolute weight of the longest bar, the same for every candidate side by side.
        rows: of the test set's version that values are compared with (``TestSet.rows``).
        units: what its examples are called.
    """
    body = "".join(_row(each, rows, units, strongest) for each in told.weights)
    return (
        '<div class="lg"><table class="lg-table"><thead><tr><th scope="col">Column</th>'
        '<th scope="col" class="lg-wide">Its value, and where that stands</th>'
        f'<th scope="col" class="lg-wide">Pushes the score</th></tr></thead><tbody>{body}</tbody></table></div>'
    )


def _row(weight: Weight, rows: pl.DataFrame, units: str, strongest: float) -> str:
    value = DASH if weight.value is None else value_text(weight.value)
    stands = _standing(weight, rows, units)
    length = 0.0 if not strongest else 100 * min(abs(weight.weight) / strongest, 1.0)
    colour, side = (POSITIVE, "left") if weight.weight > 0 else (NEGATIVE, "right")
    style = f"{side}: 50%; width: {length / 2:.1f}%; background: {colour}"
    bar = f'<span class="lg-push"><span style="{style}"></span></span>'
    return (
        f'<tr><th scope="row">{html.escape(weight.feature)}</th>'
        f'<td class="lg-wide" data-label="Value"><span>{html.escape(value)}<br>'
        f'<span class="lg-range">{html.escape(stands)}</span></span></td>'
        f'<td class="lg-wide" data-label="Pushes the score"><span>{bar}<span class="lg-value">'
        f"{html.escape(signed_weight(weight.weight))}</span></span></td></tr>"
    )


def value_text(value: Any) -> str:
    """Return a value of a row as people read it: a number in four digits, or whole where it is larger than that."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if 9999.5 <= abs(value) < 1e15 else f"{value:,.4g}"


def _standing(weight: Weight, rows: pl.DataFrame, units: str) -> str:
    """Say where a value stands among all examples of the version."""
    if weight.field not in rows.columns or weight.value is None:
        return ""
    cells = rows.get_column(weight.field).drop_nulls()
    if not len(cells):
        return ""
    if cells.dtype.is_numeric() and isinstance(weight.value, int | float):
        below, same = int((cells < weight.value).sum()), int((cells == weight.value).sum())
        return f"higher than {_of(below, cells)} of {units}; {_of(same, cells)} have the same"
    same = int((cells.cast(pl.String) == str(weight.value)).sum())
    return f"{_of(same, cells)} of {units} have it"


def _of(count: int, cells: pl.Series) -> str:
    return number(count / len(cells), "rate")


def regions_html(told: Explanation, strongest: float, png: bytes, opacity: float = OPACITY) -> str:
    """Return the original image and, beside it, the same with its regions for and against tinted.

    Args:
        strongest: the absolute weight with the deepest tint, the same for every candidate side by side.
        png: the image that ``told.inputs`` names.
        opacity: of the deepest tint, 0 to 1.
    """
    laid = overlaid(png, told, strongest, opacity)
    original, reasons = (
        image_tag(png, f"{told.example_id} as it is", SIDE),
        image_tag(laid, f"{told.example_id} with the regions for and against", SIDE),
    )
    return (
        f'<div class="lg lg-pictures"><figure>{original}<figcaption>As it is</figcaption></figure>'
        f"<figure>{reasons}<figcaption>For and against</figcaption></figure></div>"
    )


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
