"""Puts everything the linked threshold chart shows into one frame, so that its spec never changes with the data.

Knows nothing of Altair or screens. Row ``i`` of the frame is row ``i`` of the threshold table: the chart looks the
chosen row up by its index instead of searching for it. The other candidates' lines stand in columns beside it, not in
rows below it: an empty cell takes as many bytes as a full one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.charts.cost_columns import cost_once, cost_texts, told
from lookingglass.charts.ends import Zone, axis_ends, zone_ends
from lookingglass.charts.nearest import nearest_rows
from lookingglass.charts.room import free_corner
from lookingglass.charts.threshold_inputs import (
    MOST_GROUPS,
    MOST_OTHERS,
    AnswerWords,
    CostWords,
    Curve,
    GroupCurve,
    HeldTo,
)
from lookingglass.thresholds import ScoreHistogram, ThresholdTable
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import called, plural

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]

LINE = ("at", "tpr", "fpr", "precision", "metric", "cost")
"""Columns that a candidate's lines are drawn from; another candidate's stand under ``c1_at``, ``c1_tpr``, ..."""

_CELLS = ("tp", "fp", "fn", "tn")
_GROUP_PIXELS, _ROOMY = 210, 60


def threshold_frame(
    curve: Curve,
    words: AnswerWords,
    *,
    metric: str = "f1",
    start: float | None = 0.5,
    histogram: ScoreHistogram | None = None,
    others: Sequence[Curve] = (),
    flat_zone: Zone | None = None,
    cost: CostWords | None = None,
    cost_flat_zone: Zone | None = None,
    groups: Sequence[GroupCurve] = (),
    group_column: str = "",
    prevalence: float | None = None,
    ask_from: float | None = None,
    limited: bool = False,
    held_to: HeldTo | None = None,
) -> pl.DataFrame:
    """Return the one frame that the linked threshold chart is drawn from.

    Args:
        curve: the candidate whose threshold is moved.
        words: what the answers are called.
        metric: a metric at a threshold that the table holds; drawn against the threshold.
        start: the threshold shown until the person moves it; its row is the lowest one at or above it.
        histogram: the candidate's scores by class; no bars when None.
        others: up to four further candidates, drawn thin behind it.
        flat_zone: lowest and highest threshold (None: answer nobody) at which ``metric`` is within noise of its best.
        cost: what mistakes cost; the tables' ``cost_per_example`` must have been made with these costs. None: no cost
            panel and no line of equal cost.
        cost_flat_zone: as ``flat_zone``, of the expected cost.
        groups: up to six groups of one column, counted at the rows of ``curve.table``.
        group_column: what the groups are groups of.
        prevalence: share of positives in real use that the tables' metrics were shifted to; None: as in the test set.
        ask_from: the lower of two thresholds, between which a person decides; None: one threshold.
        limited: whether the curves' ``best`` are those of the rows that keep some limits; what other costs would do to
            them is then told without the limits.
        held_to: limits on ``metric`` and the agreed threshold, drawn into the first panel.

    Returns:
        Rows of ``kind`` "curve" (one per threshold, in index order, undefined is null), then "bin" (a class and score
        bin), "candidate" (one each: name, colour, shape and its own best threshold as a point) and "more" (only room
        for longer lines of other candidates, which stand in columns of all rows). The first row also holds the words,
        the zones, the start index and, for every thousandth, the index of its row.

    Raises:
        ValueError: a table does not hold ``metric`` or the cost, or there are more candidates or groups than fit.
    """
    import polars as pl

    _check(curve, others, metric, cost, groups)
    held_to = held_to or HeldTo()
    curves = (curve, *others)
    share = _prevalence(curve.table, prevalence)
    lines = [_line(item, metric, cost) for item in curves]
    best = [_best(item, metric, cost) for item in curves]
    thousand = _thousand(curve.table, prevalence)
    main: dict[str, Any] = {
        "kind": "curve",
        "idx": np.arange(len(curve.table)),
        "threshold": pl.Series(
            [curve.table.threshold(row) for row in range(len(curve.table))], dtype=pl.Float64
        ),
        "label": curve.table.labels(),
        **{name: getattr(curve.table, name) for name in _CELLS},
        **{f"{name}_1000": pl.Series(thousand[name], dtype=pl.Int16) for name in _CELLS},
        **lines[0],
        "cost_text": cost_texts(lines[0]["cost"], cost),
        **_group_columns(groups, len(curve.table)),
    }
    once = {
        **_words(curve, words, metric),
        "start": curve.table.index_of(start),
        **nearest_rows(curve.table),
        "prevalence": share,
        "in_use": prevalence is not None,
        "ask_from": None if ask_from is None else curve.table.index_of(ask_from),
        "colour": curve.colour,
        **{f"c{place}_colour": other.colour for place, other in enumerate(others, 1)},
        **axis_ends("metric", [*(line["metric"] for line in lines), held_to.bounds()]),
        **held_to.columns(metric),
        **zone_ends("flat", flat_zone),
        **cost_once(cost, words, share, lines, cost_flat_zone, limited),
        **_groups_once(groups, group_column),
        **_key_corners(lines),
    }
    bins = _bin_rows(histogram)
    once["share_high"] = 1.1 * float(np.nanmax(np.abs(bins["mirrored"].to_numpy()), initial=0)) or 1.0
    filled = pl.DataFrame(main)
    first = pl.DataFrame([{name: value for name, value in once.items() if value is not None}])
    rows = [
        filled.head(1).hstack(first),
        filled.tail(-1),
        bins,
        pl.DataFrame(
            [_candidate(*each) for each in zip(range(len(curves)), curves, lines, best, strict=True)]
        ).with_columns(told=pl.Series(told(curves, lines, best, cost), dtype=pl.String)),
    ]
    frame = pl.concat(rows, how="diagonal_relaxed")
    height = max([len(frame), *(len(other.table) for other in others)])
    more = pl.DataFrame({"kind": ["more"] * (height - len(frame))}, schema={"kind": pl.String})
    frame = pl.concat([frame, more], how="diagonal_relaxed")
    beside = {
        f"c{place}_{name}": pl.concat(
            [values, pl.Series([None] * (height - len(values)), dtype=values.dtype)]
        )
        for place, line in enumerate(lines[1:], 1)
        for name, values in line.items()
    }
    return _narrowed(frame.with_columns(**beside))


def starting_at(frame: pl.DataFrame, threshold: float | None) -> pl.DataFrame:
    """Return a frame made by ``threshold_frame`` that starts where somebody let go since, to be taken away so.

    Args:
        threshold: a row's threshold, None for "answer nobody"; what is no row leaves the frame as it is.
    """
    import polars as pl

    curve = frame.filter(pl.col("kind") == "curve")["threshold"]
    found = curve.is_null() if threshold is None else curve == threshold
    row = found.fill_null(value=False).arg_max()
    if row is None or not found[row]:
        return frame
    first = pl.int_range(pl.len()) == 0
    return frame.with_columns(
        pl.when(first).then(pl.lit(row, pl.Int32)).otherwise(pl.col("start")).alias("start")
    )


def _check(
    curve: Curve, others: Sequence[Curve], metric: str, cost: CostWords | None, groups: Sequence[GroupCurve]
) -> None:
    if len(others) > MOST_OTHERS:
        raise ValueError(f"{len(others) + 1} candidates do not fit: choose up to {MOST_OTHERS + 1}")
    if len(groups) > MOST_GROUPS:
        raise ValueError(f"{len(groups)} groups do not fit: choose up to {MOST_GROUPS}")
    for item in (curve, *others):
        for name in (metric, "cost_per_example") if cost else (metric,):
            if name not in item.table.metrics:
                raise ValueError(
                    f"the threshold table of {item.name!r} does not hold {name!r}: "
                    f"it holds {', '.join(item.table.metrics)}"
                )


def _narrowed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame in half the bytes: what is only drawn needs no 64 bits; thresholds keep theirs."""
    import polars as pl

    return frame.with_columns(
        pl.col(pl.Int64).cast(pl.Int32),
        *(
            pl.col(name).cast(pl.Float32)
            for name, kind in frame.schema.items()
            if kind == pl.Float64 and name not in ("threshold", "at")
        ),
    )


def _line(curve: Curve, metric: str, cost: CostWords | None) -> dict[str, pl.Series]:
    """Return what a candidate's lines are drawn from; undefined is null."""
    import polars as pl

    table = curve.table
    columns = {
        "at": np.clip(table.thresholds, 0.0, 1.0),  # "answer nobody" stands at the right end of the axis
        "tpr": table.metrics["recall"],
        "fpr": table.metrics["false_positive_rate"],
        "precision": table.metrics.get("precision", np.full(len(table), np.nan)),
        "metric": table.metrics[metric],
        "cost": np.full(len(table), np.nan)
        if cost is None
        else table.metrics["cost_per_example"] * cost.scale,
    }
    return {name: pl.Series(columns[name], dtype=pl.Float64, nan_to_null=True) for name in LINE}


def _best(curve: Curve, metric: str, cost: CostWords | None) -> int | None:
    if curve.best is not None:
        return curve.best
    if cost is not None:
        return curve.table.best_index("cost_per_example", "lower")
    direction = METRIC_WORDS[metric].direction
    return None if direction == "neither" else curve.table.best_index(metric, direction)


def _candidate(place: int, curve: Curve, line: dict[str, pl.Series], best: int | None) -> dict[str, Any]:
    at = {name: None if best is None else line[name][best] for name in LINE}
    drawn = {"place": place, "name": curve.name, "colour": curve.colour, "shape": curve.shape}
    return {"kind": "candidate", **drawn, "best": best, **at}


def _bin_rows(histogram: ScoreHistogram | None) -> pl.DataFrame:
    import polars as pl

    if histogram is None:
        return pl.DataFrame(schema={"kind": pl.String, "mirrored": pl.Float64})
    return histogram.frame().select(
        pl.lit("bin").alias("kind"),
        "bin_start",
        "bin_end",
        "positive",
        "count",
        pl.when(pl.col("positive")).then(pl.col("share")).otherwise(-pl.col("share")).alias("mirrored"),
    )


def _prevalence(table: ThresholdTable, prevalence: float | None) -> float | None:
    if prevalence is not None:
        return prevalence
    total = table.positives + table.negatives
    return table.positives / total if total else None


def _thousand(table: ThresholdTable, prevalence: float | None) -> dict[str, list[int | None]]:
    """Return tp, fp, fn and tn of 1,000 at each row, adding up to 1,000; None where they cannot be told.

    Rounded by largest remainder, ties in the order tp, fp, fn, tn, as ``thresholds.per_thousand`` does. With a
    prevalence each class is counted as often as it occurs in real use.
    """
    cells = np.stack([getattr(table, name) for name in _CELLS]).astype(np.float64)  # (4, r)
    totals = np.array([table.positives, table.negatives, table.positives, table.negatives], dtype=np.float64)
    if prevalence is None:
        weights, below = np.ones(4), float(table.positives + table.negatives)
    else:
        weights = np.array([prevalence, 1 - prevalence, prevalence, 1 - prevalence])
        below = 1.0
        cells = np.divide(cells, totals[:, None], out=np.full_like(cells, np.nan), where=totals[:, None] > 0)
    if below == 0 or np.isnan(cells).any():
        return {name: [None] * len(table) for name in _CELLS}
    exact = cells * weights[:, None] * 1000 / below
    whole = np.floor(exact + 1e-9)
    order = np.argsort(-np.round(exact - whole, 9), axis=0, kind="stable")
    left = 1000 - whole.sum(axis=0)
    rank = np.argsort(order, axis=0, kind="stable")
    rounded = (whole + (rank < left)).astype(int)
    return dict(zip(_CELLS, rounded.tolist(), strict=True))


def _words(curve: Curve, words: AnswerWords, metric: str) -> dict[str, Any]:
    spoken = METRIC_WORDS[metric]
    return {
        "metric_label": spoken.label,
        "metric_unit": spoken.unit,
        "units": plural(words.unit),
        "positive_name": words.positive,
        "negative_name": words.negative,
        "positive_called": called(words.positive),
        "negative_called": called(words.negative),
    }


def _group_columns(groups: Sequence[GroupCurve], rows: int) -> dict[str, pl.Series]:
    import polars as pl

    return {
        f"g{place}_{name}": pl.Series(values, dtype=pl.Float64, nan_to_null=True)
        for place, group in enumerate(groups)
        for name, values in group.rates(rows).items()
    }


def _groups_once(groups: Sequence[GroupCurve], column: str) -> dict[str, Any]:
    once: dict[str, Any] = {"group_column": column} if groups else {}
    if groups:
        step = min(_GROUP_PIXELS // len(groups), _ROOMY)
        once |= {"group_step": step, "group_height": 20 + step * len(groups)}
    for place, group in enumerate(groups):
        for name in ("name", "n", "positives", "negatives"):
            once[f"g{place}_{name}"] = getattr(group, name)
    return once


def _key_corners(lines: Sequence[dict[str, pl.Series]]) -> dict[str, bool]:
    """Return in which corner of the precision-recall panel the candidates' names cover least of the curves."""
    recall, precision = (
        np.concatenate([line[name].to_numpy() for line in lines]) for name in ("tpr", "precision")
    )
    right, top = free_corner(recall, precision)
    return {"pr_key_right": right, "pr_key_top": top}
