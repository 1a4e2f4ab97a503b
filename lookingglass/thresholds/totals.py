"""From the cost of one case to the total for as many as real use brings. Knows nothing of money's units."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

from lookingglass.errors import BadInput
from lookingglass.figures import Figure


def total(figure: Figure, volume: float) -> Figure:
    """Return a figure per case, such as ``cost_per_example``, for ``volume`` cases: value and interval times as much.

    The interval speaks of what the samples leave open about the cost of a case, not of chance among the volume's cases.

    Raises:
        BadInput: the volume is not a number above 0.
    """
    if not (isfinite(volume) and volume > 0):
        raise BadInput(f"the volume must be a number above 0, not {volume:g}: say how many cases there are.")
    if figure.value is None:
        return figure
    low, high = (None if end is None else end * volume for end in (figure.low, figure.high))
    return replace(figure, value=figure.value * volume, low=low, high=high)
