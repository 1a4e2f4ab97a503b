"""Puts everything the linked threshold chart shows into one frame, so that its spec never changes with the data.

Knows nothing of Altair or screens. Row ``i`` of the frame is row ``i`` of the threshold table: the chart looks the
chosen row up by its index instead of searching for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.charts.palette import BLUE
from lookingglass.thresholds import ScoreHistogram, ThresholdTable, per_thousand
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import called, plural

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]

SLIDER_STEPS = 1000
"""The range input under the chart moves in thousandths."""

_CELLS = ("tp", "fp", "fn", "tn")


@dataclass(frozen=True)
class AnswerWords:
    """The workspace's own names: ``application``, ``denied``, ``approved``."""

    unit: str
    positive: str
    negative: str


@dataclass(frozen=True)
class Curve:
    """One candidate's threshold table with the name and the fixed colour it is drawn in."""

    name: str
    table: ThresholdTable
    colour: str = BLUE


def threshold_frame(
    curve: Curve,
    words: AnswerWords,
    *,
    metric: str = "f1",
    start: float | None = 0.5,
    histogram: ScoreHistogram | None = None,
    others: Sequence[Curve] = (),
) -> pl.DataFrame:
    """Return the one frame that the linked threshold chart is drawn from.

    Args:
        curve: the candidate whose threshold is moved.
        words: what the answers are called.
        metric: a metric at a threshold that the table holds; drawn against the threshold.
        start: the threshold shown until the person moves it; its row is the lowest one at or above it.
        histogram: the candidate's scores by class; no bars when None.
        others: further candidates, drawn thin behind it.

    Returns:
        Rows of ``kind`` "curve" (one per threshold, in index order, undefined is null), then "bin" (a class and score
        bin), "other" (one per threshold of each other candidate) and "name" (one per candidate, for direct labels).
        The first row also holds the words, the start index and, for every thousandth, the index of its row.

    Raises:
        ValueError: the table does not hold ``metric``.
    """
    import polars as pl

    if metric not in curve.table.metrics:
        raise ValueError(
            f"the threshold table does not hold {metric!r}: it holds {', '.join(curve.table.metrics)}"
        )
    rows = [_curve_rows(curve, metric), *(_other_rows(other, metric) for other in others)]
    names = [
        {"kind": "name", "name": item.name, "colour": item.colour, "place": place}
        for place, item in enumerate([curve, *others])
    ]
    shares = (
        0.0
        if histogram is None
        else max((abs(share) for share in _bin_rows(histogram)["mirrored"].drop_nulls()), default=0.0)
    )
    values = np.concatenate([item.table.metrics[metric] for item in (curve, *others)])
    once = _first_row(curve, words, metric, start) | _ends(values) | {"share_high": shares * 1.1 or 1.0}
    parts = [rows[0].with_columns(**{name: _once(value, len(rows[0])) for name, value in once.items()})]
    if histogram is not None:
        parts.append(_bin_rows(histogram))
    parts += [*rows[1:], pl.DataFrame(names)]
    return _narrowed(pl.concat(parts, how="diagonal_relaxed"))


def _narrowed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame in half the bytes: what is only drawn needs no 64 bits; thresholds keep theirs."""
    import polars as pl

    exact = ("threshold", "at")
    return frame.with_columns(
        pl.col(pl.Int64).cast(pl.Int32),
        *(
            pl.col(name).cast(pl.Float32)
            for name, kind in frame.schema.items()
            if kind == pl.Float64 and name not in exact
        ),
    )


def _curve_rows(curve: Curve, metric: str) -> pl.DataFrame:
    import polars as pl

    table = curve.table
    thousand = [per_thousand(table.counts(row)) or dict.fromkeys(_CELLS, 0) for row in range(len(table))]
    columns: dict[str, Any] = {
        "kind": "curve",
        "threshold": pl.Series([table.threshold(row) for row in range(len(table))], dtype=pl.Float64),
        "label": table.labels(),
        **{name: getattr(table, name) for name in _CELLS},
        **{f"{name}_1000": [counts[name] for counts in thousand] for name in _CELLS},
        **_line(curve, metric),
    }
    return pl.DataFrame(columns)


def _other_rows(curve: Curve, metric: str) -> pl.DataFrame:
    import polars as pl

    columns: dict[str, Any] = {"kind": "other", **_line(curve, metric)}
    return pl.DataFrame(columns)


def _line(curve: Curve, metric: str) -> dict[str, Any]:
    """Return what a candidate's lines are drawn from."""
    table = curve.table
    return {
        "idx": np.arange(len(table)),
        "at": _positions(table),
        "tpr": _column(table, "recall"),
        "fpr": _column(table, "false_positive_rate"),
        "precision": _column(table, "precision"),
        "metric": _column(table, metric),
        "name": curve.name,
        "colour": curve.colour,
    }


def _bin_rows(histogram: ScoreHistogram) -> pl.DataFrame:
    import polars as pl

    return histogram.frame().select(
        pl.lit("bin").alias("kind"),
        "bin_start",
        "bin_end",
        "positive",
        "count",
        pl.when(pl.col("positive")).then(pl.col("share")).otherwise(-pl.col("share")).alias("mirrored"),
    )


def _first_row(curve: Curve, words: AnswerWords, metric: str, start: float | None) -> dict[str, Any]:
    """Return what the chart needs to know once."""
    table = curve.table
    spoken = METRIC_WORDS[metric]
    near = [table.index_of(step / SLIDER_STEPS) for step in range(SLIDER_STEPS + 1)]
    return {
        "start": table.index_of(start),
        "near": ",".join(map(str, near)),
        "prevalence": table.positives / (table.positives + table.negatives)
        if table.positives + table.negatives
        else None,
        "metric_label": spoken.label,
        "metric_unit": spoken.unit,
        "units": plural(words.unit),
        "positive_name": words.positive,
        "negative_name": words.negative,
        "positive_called": called(words.positive),
        "negative_called": called(words.negative),
    }


def _ends(values: Floats) -> dict[str, float]:
    """Return the ends of the metric axis: 0 is always on it, so that heights compare."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    return {"metric_low": min(low * 1.05, 0.0), "metric_high": max(high * 1.05, 0.0) or 1.0}


def _once(value: Any, height: int) -> pl.Series:
    import polars as pl

    return pl.Series([value, *[None] * (height - 1)])


def _positions(table: ThresholdTable) -> Floats:
    """Return where each row stands on the threshold axis, 0 to 1; "answer nobody" stands at its right end."""
    return np.clip(table.thresholds, 0.0, 1.0)


def _column(table: ThresholdTable, name: str) -> pl.Series:
    import polars as pl

    return pl.Series(table.metrics[name]).fill_nan(None)
