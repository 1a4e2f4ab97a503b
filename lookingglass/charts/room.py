"""Finds the corner of a panel in which a list of names covers least of the curves. Knows nothing of charts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NAME_STEP = 0.085
"""From one candidate's name to the next, as a share of the panel's height."""

_WIDE, _HIGH = 0.55, 0.42
"""What a list of five names takes of a panel on a telephone."""

LONGEST = 1.7
"""How much longer an axis may become so that names stand above the curves."""


def free_corner(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[bool, bool]:
    """Return (right, top) of the corner with the fewest points, the top right one among equals.

    Args:
        x, y: points of all curves, 0 to 1, NaN where there is none; shape (n,).
    """

    def covered(corner: tuple[bool, bool]) -> int:
        right, top = corner
        beneath = y > 1 - _HIGH if top else y < _HIGH
        return int(np.count_nonzero(beside(x, right) & beneath))

    return min([(True, True), (False, True), (True, False), (False, False)], key=covered)


def beside(x: NDArray[np.float64], right: bool) -> NDArray[np.bool_]:
    """Return which points lie where a list of names in the right or the left corner would lie."""
    inside: NDArray[np.bool_] = x > 1 - _WIDE if right else x < _WIDE
    return inside


def room_below_names(names: int) -> float:
    """Return the share of a panel's height that is left below so many names at its top."""
    return 1 - NAME_STEP * names - 0.04
