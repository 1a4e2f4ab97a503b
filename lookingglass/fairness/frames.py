"""What charts of slices are drawn from: each slice's ROC curve and its calibration, as data frames. Draws nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from lookingglass.fairness.calibration import BINS, Bins
from lookingglass.fairness.figures import SliceTables
from lookingglass.metrics.intervals import wilson

MOST_POINTS = 200
"""A slice's curve has at most so many points, which follow it in even steps."""


def roc_frame(tables: SliceTables, places: Sequence[int] | None = None) -> pl.DataFrame:
    """Return one row a slice and threshold (null answers nobody): tpr, fpr, tp, fp, positives, negatives.

    A rate without cases is null, so a slice without positives has no curve.

    Args:
        places: of the slices wanted, all when None.
    """
    parts = [_curve(tables, place) for place in (range(len(tables.tables)) if places is None else places)]
    schema: dict[str, Any] = {
        "slice": pl.String,
        **dict.fromkeys(("threshold", "tpr", "fpr"), pl.Float64),
        **dict.fromkeys(("tp", "fp", "positives", "negatives"), pl.Int64),
    }
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def _curve(tables: SliceTables, place: int) -> pl.DataFrame:
    table = tables.tables[place]
    rows = table.spread(MOST_POINTS - 1)
    tp, fp = (np.concatenate([[0], column[rows]]) for column in (table.tp, table.fp))
    thresholds = [None, *table.thresholds[rows].tolist()]
    many = len(thresholds)
    return pl.DataFrame(
        {
            "slice": [tables.slicing.slices[place].title] * many,
            "threshold": pl.Series(thresholds, dtype=pl.Float64),
            "tpr": pl.Series(tp / table.positives if table.positives else [None] * many, dtype=pl.Float64),
            "fpr": pl.Series(fp / table.negatives if table.negatives else [None] * many, dtype=pl.Float64),
            "tp": pl.Series(tp, dtype=pl.Int64),
            "fp": pl.Series(fp, dtype=pl.Int64),
            "positives": pl.Series([table.positives] * many, dtype=pl.Int64),
            "negatives": pl.Series([table.negatives] * many, dtype=pl.Int64),
        }
    )


def calibration_frame(tables: SliceTables, places: Sequence[int] | None = None) -> pl.DataFrame:
    """Return one row a slice and band of scores that occurs: from, to, n, positives, mean_score, share, low, high.

    ``share`` is that of positives with its Wilson interval. Empty where scores cannot be probabilities.
    """
    wanted = range(len(tables.tables)) if places is None else places
    rows = (
        [] if tables.bins is None else [row for place in wanted for row in _bands(tables, tables.bins, place)]
    )
    schema: dict[str, Any] = {
        "slice": pl.String,
        **dict.fromkeys(("from", "to"), pl.Float64),
        **dict.fromkeys(("n", "positives"), pl.Int64),
        **dict.fromkeys(("mean_score", "share", "low", "high"), pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _bands(tables: SliceTables, bins: Bins, place: int) -> Iterator[tuple[Any, ...]]:
    for band in range(BINS):
        n, k = int(bins.n[place, band]), int(bins.positives[place, band])
        if n:
            mean = float(bins.scores[place, band]) / n
            name = tables.slicing.slices[place].title
            yield name, band / BINS, (band + 1) / BINS, n, k, mean, k / n, *wilson(k, n)
