"""The one palette: Okabe-Ito, safe for colour-blind readers. Candidates get colours by registration order.

Knows nothing of charts or screens; every chart, page and report takes its colours from here.
"""

from __future__ import annotations

BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
SKY, PINK, ORANGE, YELLOW = "#56B4E9", "#CC79A7", "#E69F00", "#F0E442"
GREY = "#7F7F7F"

POSITIVE, NEGATIVE, NEUTRAL = BLUE, VERMILION, GREY
WITHIN, OUTSIDE, CANNOT_TELL = GREEN, VERMILION, ORANGE

CANDIDATE_COLOURS: tuple[str, ...] = (BLUE, VERMILION, GREEN, PINK, ORANGE, SKY)
"""In registration order. Yellow is left out: on white it cannot be seen (1.3:1)."""

CANDIDATE_SHAPES: tuple[str, ...] = ("circle", "square", "diamond", "triangle-up", "cross")
"""Told apart by shape when there are more candidates than colours."""


def candidate_colour(order: int) -> str:
    """Return the fixed colour of the candidate registered as number ``order`` (from 0); colours repeat after the last.

    Raises:
        ValueError: ``order`` is negative.
    """
    if order < 0:
        raise ValueError(f"registration order starts at 0, not {order}")
    return CANDIDATE_COLOURS[order % len(CANDIDATE_COLOURS)]


def candidate_shape(order: int) -> str:
    """Return the shape that goes with ``candidate_colour``: it changes when the colours start over."""
    if order < 0:
        raise ValueError(f"registration order starts at 0, not {order}")
    return CANDIDATE_SHAPES[order // len(CANDIDATE_COLOURS) % len(CANDIDATE_SHAPES)]


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, 0 (black) to 1 (white), as WCAG 2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 (the same) to 21 (black on white), as WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
