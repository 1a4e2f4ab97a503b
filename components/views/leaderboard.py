"""The leaderboard on a page: a table that reads as words and numbers at any width, and the interval plot beside it.

    leaderboard_table(board, metrics=("roc_auc", "recall")); leaderboard_picture(board, metric)

Every figure comes from one ``Leaderboard``, so from one test-set version. Knows nothing of pages or addresses.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from components.formatting import escaped, hint, missing, within
from lookingglass import charts
from lookingglass.charts.palette import GREY, candidate_colour
from lookingglass.evaluation.evaluate import CandidateEvaluation
from lookingglass.evaluation.leaderboard import Leaderboard, LeaderboardRow
from lookingglass.figures import Figure
from lookingglass.metrics import METRICS, distinguishable
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import (
    counts_text,
    difference_interval_text,
    difference_text,
    each_threshold_text,
    interval_text,
    signed,
    value_text,
)

DEFAULT_METRICS = ("roc_auc", "average_precision", "precision", "recall", "brier")

Part = Literal["samples", "patterns"]


def leaderboard_table(
    board: Leaderboard, *, metrics: Sequence[str] = DEFAULT_METRICS, part: Part = "samples"
) -> None:
    """Draw one row a candidate: the metric it is ranked by first, with its difference to the reference in words.

    A candidate that failed says why in its own row; one that is incomplete says how far it is; an undefined figure is a
    dash with its reason on hover.

    Args:
        metrics: further columns; the one the board is ranked by is always the first.
        part: figures on samples, which speak for real use, or on test patterns, which do not.
    """
    st.html(leaderboard_html(board, metrics, part))


def leaderboard_html(board: Leaderboard, metrics: Sequence[str], part: Part) -> str:
    """Return the table as HTML; everything that people wrote is escaped."""
    names = list(dict.fromkeys((board.metric, *metrics)))
    compared = part == "samples" and board.reference is not None
    head = "".join(f'<th scope="col">{hint(METRIC_WORDS[name].label, _asks(name))}</th>' for name in names)
    if compared:
        head = head.replace("</th>", f'</th><th scope="col">{escaped(_against(board))}</th>', 1)
    body = "".join(_row(board, row, names, part, compared) for row in board.rows)
    what = "labelled samples" if part == "samples" else "test patterns, which do not speak for real use"
    caption = f"Test-set version {board.evaluation.version}, {what}. {_counted(board, part)}"
    return (
        f'<div class="lg"><table class="lg-table"><caption>{escaped(caption)}</caption>'
        f'<thead><tr><th scope="col">Candidate</th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def leaderboard_picture(
    board: Leaderboard, metric: str | None = None, *, key: str = "leaderboard-picture"
) -> None:
    """Draw one metric of every candidate that has it, as a point with its interval, in the order of the board."""
    name = metric or board.metric
    standings = [
        charts.Standing(row.name, row.evaluation.metrics[name], _colour(row), row.evaluation.is_baseline)
        for row in board.rows
        if row.evaluation.status != "failed"
    ]
    if not standings:
        return
    spec = _picture_spec(len(standings))
    told = "; ".join(f"{item.name} {value_text(name, item.figure)}" for item in standings)
    st.vega_lite_chart(
        charts.leaderboard_frame(standings, name),
        json.loads(spec),
        key=key,
        width="stretch",
        alt=f"{METRIC_WORDS[name].label} of each candidate with its 95 % interval: {told}.",
    )


def every_metric(board: Leaderboard) -> None:
    """Draw every metric of every candidate on the samples, with its difference to the board's reference."""
    st.html(every_metric_html(board))


def every_metric_html(board: Leaderboard) -> str:
    """Return one row a metric and one column a candidate as HTML; everything that people wrote is escaped."""
    rows = [row for row in board.rows if row.evaluation.status != "failed"]
    heads = "".join(f'<th scope="col">{escaped(row.name)}</th>' for row in rows)
    body = "".join(
        f'<tr><th scope="row">{hint(METRIC_WORDS[name].label, _asks(name))}</th>'
        + "".join(_compared_cell(row, name) for row in rows)
        + "</tr>"
        for name in METRICS
    )
    head = f'<thead><tr><th scope="col">Metric</th>{heads}</tr></thead>'
    table = f'<table class="lg-table lg-narrow">{head}<tbody>{body}</tbody></table>'
    return f'<div class="lg lg-scroll">{table}</div>'


def _compared_cell(row: LeaderboardRow, metric: str) -> str:
    figure, difference = row.evaluation.metrics[metric], row.differences.get(metric)
    label = escaped(row.name)
    if figure.value is None:
        return f'<td data-label="{label}">{missing(figure.reason)}</td>'
    told = ", ".join(part for part in (counts_text(figure), figure.method or "", figure.reason or "") if part)
    lines = [hint(f"({interval_text(metric, figure)})" if figure.low is not None else "no interval", told)]
    if difference is not None and difference.value is not None:
        change = signed(difference.value, METRIC_WORDS[metric].unit)
        lines += [hint(change, difference_text(metric, difference)), escaped(distinguishable(difference))]
    behind = "".join(f'<span class="lg-range">{line}</span>' for line in lines)
    value = f'<b class="lg-value">{escaped(value_text(metric, figure))}</b>'
    return f'<td data-label="{label}"><span>{value} {behind}</span></td>'


@functools.lru_cache(maxsize=64)
def _picture_spec(rows: int) -> str:
    return json.dumps(charts.leaderboard_chart(rows=rows).to_dict())


def _row(board: Leaderboard, row: LeaderboardRow, names: list[str], part: Part, compared: bool) -> str:
    item = row.evaluation
    swatch = f'<span class="lg-swatch" style="background:{_colour(row)}" aria-hidden="true"></span>'
    notes = "".join(f'<span class="lg-range">{escaped(note)}</span>' for note in _notes(row))
    first = f'<th scope="row">{swatch}{escaped(row.name)}{notes}</th>'
    if item.status == "failed":
        columns = len(names) + compared
        why = escaped(within(str(item.error)))
        return f'<tr>{first}<td class="lg-wide" colspan="{columns}">Failed: {why}</td></tr>'
    figures = item.metrics if part == "samples" else item.patterns
    cells = [_cell(name, figures[name]) for name in names]
    if compared:
        cells.insert(1, _difference_cell(board, row))
    return f"<tr>{first}{''.join(cells)}</tr>"


def _cell(metric: str, figure: Figure) -> str:
    label = escaped(METRIC_WORDS[metric].label)
    if figure.value is None:
        return f'<td data-label="{label}">{missing(figure.reason)}</td>'
    interval = interval_text(metric, figure)
    counted = ", ".join(
        part for part in (counts_text(figure), figure.method or "", figure.reason or "") if part
    )
    behind = escaped(f"({interval})") if interval else hint("no interval", figure.reason)
    value = f'<span class="lg-value">{escaped(value_text(metric, figure))}</span>'
    return (
        f'<td data-label="{label}"><span title="{escaped(counted)}">{value} '
        f'<span class="lg-range">{behind}</span></span></td>'
    )


def _difference_cell(board: Leaderboard, row: LeaderboardRow) -> str:
    label = escaped(_against(board))
    difference = row.differences.get(board.metric)
    if row.name == board.reference:
        return f'<td data-label="{label}"><span class="lg-quiet">the reference</span></td>'
    if difference is None or difference.value is None:
        reason = difference.reason if difference is not None else None
        return f'<td data-label="{label}">{missing(reason or "not compared")}</td>'
    value = (
        f'<span class="lg-value">{escaped(signed(difference.value, METRIC_WORDS[board.metric].unit))}</span>'
    )
    interval = difference_interval_text(board.metric, difference)
    lines = [hint(interval, difference.method)] if interval else []
    behind = "".join(
        f'<span class="lg-range">{line}</span>' for line in [*lines, distinguishable(difference)]
    )
    return f'<td data-label="{label}"><span>{value} {behind}</span></td>'


def _notes(row: LeaderboardRow) -> list[str]:
    item = row.evaluation
    notes = []
    if item.status == "incomplete":
        notes.append(f"incomplete: {item.scored:,} of {item.examples:,} scored")
    if row.warning:
        notes.append(row.warning)
    return notes


def _counted(board: Leaderboard, part: Part) -> str:
    """Return on how many examples the figures stand, and from which score an answer counts as yes."""
    every = [item.metrics if part == "samples" else item.patterns for item in _evaluations(board)]
    most = max((figures["accuracy"].n or 0 for figures in every if "accuracy" in figures), default=0)
    if not most:
        return "With each value: its 95 % interval."
    at = each_threshold_text({item.name: item.threshold.value for item in _evaluations(board)})
    return f"{most:,} of them, {at}. With each value: its 95 % interval."


def _evaluations(board: Leaderboard) -> list[CandidateEvaluation]:
    """Return what stands behind the rows, those that are up to date where there are any."""
    every = [row.evaluation for row in board.rows]
    return [item for item in every if item.is_ready] or every


def _against(board: Leaderboard) -> str:
    return f"against {board.reference}"


def _asks(metric: str) -> str:
    words = METRIC_WORDS[metric]
    better = "" if words.direction == "neither" else f" {words.direction.capitalize()} is better."
    return f"{words.question} {words.definition}{better}"


def _colour(row: LeaderboardRow) -> str:
    return GREY if row.evaluation.is_baseline else candidate_colour(row.evaluation.candidate.order)
