"""Which row of the threshold table a pointer or the slider means, for every thousandth of the way it can go.

The browser looks the row up instead of searching for it: a cell around every point would be drawn anew with every move.
Knows nothing of charts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookingglass.thresholds import ThresholdTable

STEPS = 1000
"""The slider moves in thousandths, and so does the pointer: finer than the pixels of any panel."""


def nearest_rows(table: ThresholdTable) -> dict[str, str]:
    """Return row indices joined by commas, one for each of ``STEPS`` + 1 places.

    ``near``: the place is a threshold, and the row counts what ``score >= threshold`` counts. ``near_roc``: half the
    sum of both rates, which rises along the ROC curve: the pointer is led to the curve at a right angle to chance.
    ``near_precision_recall``: half the sum of recall and 1 - precision, likewise; missing where no row has both.
    """
    places = np.arange(STEPS + 1) / STEPS
    found = {"near": ",".join(map(str, table.indices_of(places).tolist()))}
    recall, wrong = table.metrics["recall"], table.metrics["false_positive_rate"]
    ways = {"near_roc": (recall + wrong) / 2}
    if "precision" in table.metrics:
        ways["near_precision_recall"] = (recall + 1 - table.metrics["precision"]) / 2
    for name, way in ways.items():
        rows = np.flatnonzero(np.isfinite(way))
        if len(rows):
            found[name] = ",".join(map(str, rows[_nearest(way[rows], places)].tolist()))
    return found


def _nearest(way: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each place the index of the nearest step of a way, where it goes back the step that was farthest."""
    rising = np.maximum.accumulate(way)
    after = np.clip(np.searchsorted(rising, places), 1, max(len(rising) - 1, 1))
    before = after - 1
    last = np.minimum(after, len(rising) - 1)
    nearer: NDArray[np.int64] = np.where(places - rising[before] <= rising[last] - places, before, last)
    return nearer
