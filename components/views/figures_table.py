"""Tables of figures at one threshold: every metric with its question, and the rates of each group side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components.formatting import escaped, hint, missing
from lookingglass.fairness import GroupFigures
from lookingglass.figures import Figure
from lookingglass.metrics.intervals import newcombe
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import (
    DASH,
    counts_text,
    difference_words,
    figure_text,
    interval_text,
    plural,
    value_text,
)


def figures_table(
    figures: Mapping[str, Figure], names: Sequence[str], corrected: Mapping[str, Figure] | None = None
) -> None:
    """Draw one row a metric: its name and question, its value, its interval and its count.

    Args:
        corrected: the same figures without what choosing the threshold on the same examples adds; None for no column.
    """
    rows = "".join(
        f'<tr><th scope="row">{escaped(METRIC_WORDS[name].label)}'
        f'<span class="lg-range">{escaped(METRIC_WORDS[name].question)}</span></th>'
        f"{figure_cell('Value', name, figures[name])}{_corrected(name, corrected)}"
        f'<td data-label="Count">{escaped(counts_text(figures[name])) or DASH}</td></tr>'
        for name in names
    )
    head = "" if corrected is None else '<th scope="col">Corrected for the choice</th>'
    st.html(
        '<div class="lg"><table class="lg-table"><thead><tr><th scope="col">Metric</th>'
        f'<th scope="col">Value (95 % interval)</th>{head}<th scope="col">Count</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _corrected(name: str, corrected: Mapping[str, Figure] | None) -> str:
    if corrected is None:
        return ""
    label = "Corrected for the choice"
    if name not in corrected:
        return f'<td data-label="{label}">{missing("not corrected")}</td>'
    return figure_cell(label, name, corrected[name])


def groups_table(
    caption: str, columns: Sequence[tuple[str, Sequence[GroupFigures]]], metric: str, unit: str
) -> None:
    """Draw one row a group and one column a candidate: a rate with its interval and its count.

    Args:
        columns: (candidate, its groups), all of the same column and version.
        unit: what one case is called.
    """
    heads = "".join(f'<th scope="col">{escaped(name)}</th>' for name, _ in columns)
    first = columns[0][1]
    by_value = [(name, {group.value: group for group in groups}) for name, groups in columns]
    rows = "".join(
        f'<tr><th scope="row">{escaped(group.column)}: {escaped(group.value)}'
        f'<span class="lg-range">{group.n:,} {escaped(plural(unit, group.n))}</span></th>'
        + "".join(
            figure_cell(name, metric, groups[group.value].figures[metric], counts=True)
            for name, groups in by_value
        )
        + "</tr>"
        for group in first
    )
    st.html(
        f'<div class="lg"><table class="lg-table"><caption>{escaped(caption)}</caption><thead><tr>'
        f'<th scope="col">Group</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def gap_sentence(name: str, groups: Sequence[GroupFigures], metric: str, what: str) -> str:
    """Return one candidate's widest gap between groups in words, or that fewer than two can be estimated.

    Args:
        what: what the rate counts: ``wrongly denied``.
    """
    known = [group for group in groups if group.figures[metric].value is not None]
    if len(known) < 2:
        return f"{name}: too few cases to compare groups."
    low, high = (
        min(known, key=lambda group: _rate(group, metric)),
        max(known, key=lambda group: _rate(group, metric)),
    )
    if _rate(high, metric) == _rate(low, metric):
        counted = ", ".join(counts_text(group.figures[metric]) for group in known)
        rate = value_text(metric, high.figures[metric])
        return f"{name}: {rate} are {what} in each group of {high.column} ({counted})."
    one, other = high.figures[metric], low.figures[metric]
    gap = (
        f"{name}: {figure_text(metric, one, counts=True)} are {what} where {high.column} is "
        f"{high.value} and {figure_text(metric, other, counts=True)} where it is {low.value}"
    )
    if one.k is None or other.k is None or len(known) > 2:
        # The widest of several gaps is wide by chance alone; the interval of a gap named beforehand does not fit it.
        return f"{gap}."
    ends = newcombe(one.k, one.n, other.k, other.n)
    difference = Figure(_rate(high, metric) - _rate(low, metric), one.n + other.n, *ends, method="newcombe")
    return f"{gap}: {difference_words(metric, difference)}."


def _rate(group: GroupFigures, metric: str) -> float:
    return group.figures[metric].value or 0.0


def figure_cell(label: str, metric: str, figure: Figure, *, counts: bool = False) -> str:
    """Return one table cell: the value, behind it the interval with method and count on hover; a dash with its reason.

    Args:
        counts: show the count in the cell instead of on hover.
    """
    if figure.value is None:
        return f'<td data-label="{escaped(label)}">{missing(figure.reason)}</td>'
    counted = counts_text(figure)
    told = ", ".join(part for part in (counted, figure.method or "", figure.reason or "") if part)
    interval = interval_text(metric, figure)
    behind = hint(f"({interval})", told) if interval else hint("no interval", figure.reason)
    more = f" {escaped(counted)}" if counts and counted else ""
    value = f'<span class="lg-value">{escaped(value_text(metric, figure))}</span>'
    return f'<td data-label="{escaped(label)}"><span>{value} <span class="lg-range">{behind}{more}</span></span></td>'
