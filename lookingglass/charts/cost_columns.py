"""What the linked threshold chart says of costs, as columns: texts, amounts to try, and where the cost axis ends.

Knows nothing of charts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lookingglass.charts.ends import Zone, axis_ends, zone_ends
from lookingglass.charts.room import LONGEST, beside, room_below_names
from lookingglass.charts.threshold_inputs import AnswerWords, CostWords, Curve
from lookingglass.wording import chosen_text, estimated, money

if TYPE_CHECKING:
    import polars as pl

Lines = Sequence[Mapping[str, "pl.Series"]]
"""Each candidate's line: its columns ``at``, ``tpr``, ``fpr``, ``precision``, ``metric`` and ``cost``."""


def told(
    curves: Sequence[Curve], lines: Lines, best: Sequence[int | None], cost: CostWords | None
) -> list[str | None]:
    """Return what the cost panel says of each candidate at its own best threshold; None without costs."""
    if cost is None:
        return [None] * len(curves)
    said: list[str | None] = []
    for curve, line, row in zip(curves, lines, best, strict=True):
        value = None if row is None else line["cost"][row]
        who = "lowest" if len(curves) == 1 else f"{curve.name}:"
        if row is None or value is None:
            said.append(f"{who} undefined")
        else:
            said.append(f"{who} {_told(value, cost)} at {chosen_text(curve.table.threshold(row))}")
    return said


def cost_texts(values: pl.Series, cost: CostWords | None) -> pl.Series:
    """Return the cost of each row as text, null where there is none."""
    import polars as pl

    texts = [None if cost is None or value is None else _told(value, cost) for value in values]
    return pl.Series(texts, dtype=pl.String)


def _told(value: float, cost: CostWords) -> str:
    return money(value if cost.volume is None else estimated(value), cost.currency)


def cost_once(
    cost: CostWords | None,
    words: AnswerWords,
    share: float | None,
    lines: Lines,
    zone: Zone | None,
    limited: bool,
) -> dict[str, Any]:
    """Return what stands once in the frame; nothing without costs.

    The amounts (and the sliders' turn that they answer) and where their sliders end (false positive, false negative,
    true positive, true negative) are texts with commas: a number in a column of its own would be cut to 32 bits, and
    takes a cell of every row.

    Args:
        share: of positives, where the costs are counted.
        limited: whether the best thresholds are those of the ones that keep limits.
    """
    if cost is None:
        return {}
    dx, dy = (0.0, 0.0) if share is None else cost.iso_direction(share)
    return {
        "cost_title": cost.title(words.unit),
        "iso_dx": dx,
        "iso_dy": dy,
        "amounts": ",".join(map(repr, (*cost.amounts, cost.turn))),
        "amount_ends": ",".join(map(repr, cost.slider_ends)),
        "cost_scale": cost.scale,
        "currency": cost.currency,
        "limited": limited,
        "key_room": room_below_names(len(lines)),
        **_ends(lines),
        **zone_ends("cost_flat", zone),
    }


def _ends(lines: Lines) -> dict[str, Any]:
    """Return the ends of the cost axis, with room for the candidates' names above the lower end of the curves."""
    ends: dict[str, Any] = axis_ends("cost", [line["cost"] for line in lines])
    at, cost = (np.concatenate([line[name].to_numpy() for line in lines]) for name in ("at", "cost"))
    highest = {right: np.nanmax(cost[beside(at, right)], initial=0.0) for right in (True, False)}
    right = bool(highest[True] <= highest[False])
    free = room_below_names(len(lines))
    low, high = ends["cost_low"], ends["cost_high"]
    needed = low + (float(highest[right]) - low) / free
    return ends | {"cost_key_right": right, "cost_high": max(high, min(needed, low + LONGEST * (high - low)))}
