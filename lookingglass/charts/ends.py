"""Where axes and shaded zones of the linked threshold chart begin and end, as columns. Knows nothing of charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

Zone = tuple[float | None, float | None]
"""Lowest and highest threshold; None answers nobody."""

ROOM = 1.05
"""How much longer an axis is than what is drawn over it."""


def axis_ends(name: str, values: Sequence[pl.Series]) -> dict[str, float]:
    """Return ``name``_low and ``name``_high, the ends of an axis: 0 is always on it, so that heights compare."""
    finite = np.concatenate([each.drop_nulls().to_numpy() for each in values])
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    return {f"{name}_low": min(low * ROOM, 0.0), f"{name}_high": max(high * ROOM, 0.0) or 1.0}


def zone_ends(name: str, zone: Zone | None) -> dict[str, float]:
    """Return ``name``_low and ``name``_high where a zone is shaded; nothing without a zone."""
    if zone is None:
        return {}
    low, high = (1.0 if end is None else float(np.clip(end, 0.0, 1.0)) for end in zone)
    return {f"{name}_low": low, f"{name}_high": high}
