"""What a cost per example comes to over a stated volume. Knows nothing of periods and currencies."""

from __future__ import annotations

from dataclasses import replace

from lookingglass.errors import BadSetting
from lookingglass.figures import Figure

MOST_CASES = 1e15


def total(figure: Figure, volume: float) -> Figure:
    """Return a figure per example, its interval included, times ``volume`` cases; undefined stays undefined.

    The volume is taken as known: the interval is that of the cost per example, scaled. ``n`` stays the number of
    samples that the figure rests on.

    Raises:
        BadSetting: the volume is no number above 0.
    """
    if not 0 < volume <= MOST_CASES:
        raise BadSetting(
            f"a volume must be a number of cases above 0 and at most {MOST_CASES:g}, not {volume:g}."
        )
    if figure.value is None:
        return figure
    low, high = (None if end is None else end * volume for end in (figure.low, figure.high))
    return replace(figure, value=figure.value * volume, low=low, high=high, k=None)
