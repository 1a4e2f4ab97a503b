"""Choosing what a page looks at: a candidate, a metric, a reference, a group column. Each choice goes into the link."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from lookingglass.candidates import Candidate, list_candidates
from lookingglass.fairness import GroupFigures
from lookingglass.vocabulary import METRIC_WORDS

BASELINE_FORMAT = "baseline"


def choose_candidate(ctx: Context, default: str) -> Candidate:
    """Draw the choice of a candidate, the baseline left out; ``default`` unless the link names another.

    One that was retired is no choice, but a link that names it shows it as it was, and says so.
    """
    found = {
        item.name: item
        for item in list_candidates(ctx.ws.home, include_retired=True)
        if item.manifest.format != BASELINE_FORMAT and (not item.retired or item.name == ctx.linked.candidate)
    }
    current = _known("candidate", ctx.linked.candidate, list(found), default)
    if found[current].retired:
        st.info(f"{plain(current)} was retired since; it is shown because the link names it.")
    return found[
        state.linked_select(
            "candidate",
            "Candidate",
            list(found),
            current,
            words=lambda name: f"{name} (retired)" if found[name].retired else name,
        )
    ]


def retired_in_link(ctx: Context) -> str | None:
    """Return the candidate that the link names if it is retired, which no list offers; None otherwise."""
    named = [
        item
        for item in list_candidates(ctx.ws.home, include_retired=True)
        if item.name == ctx.linked.candidate and item.retired
    ]
    return named[0].name if named else None


def choose_ranking(ctx: Context, names: Sequence[str], default: str) -> str:
    """Draw the choice of the metric that candidates are ranked by; a choice of its own, in the link too."""
    current = _known("metric", ctx.linked.rank, names, default, METRIC_WORDS[default].label)
    words = METRIC_WORDS[current]
    return state.linked_select(
        "rank",
        "Rank by",
        list(names),
        current,
        words=lambda name: METRIC_WORDS[name].label,
        help=f"{words.question} {words.definition} What it hides: {words.hides}",
    )


def choose_reference(ctx: Context, names: Sequence[str], default: str) -> str:
    """Draw the choice of the candidate that the others are compared with."""
    current = _known("reference", ctx.linked.reference, names, default)
    return state.linked_select(
        "reference",
        "Compare with",
        list(names),
        current,
        help="Differences are taken example by example, so noise that both share drops out.",
    )


def choose_group(ctx: Context, candidate: str, at: float | None) -> str:
    """Draw the choice of a group column when there are several, first the one whose groups differ most.

    Args:
        candidate: whose rate of wrong yes answers at ``at`` decides which groups differ most.
    """
    columns = list(ctx.ws.config.groups)
    if len(columns) == 1:
        return columns[0]

    def widest_here() -> str:
        gaps = {name: _widest_gap(ctx.ws.groups(candidate, name, at, ctx.version)) for name in columns}
        return max(columns, key=gaps.__getitem__)

    # What is shown first stays: a column that changes by itself while people talk is taken for another one.
    widest = state.kept_while("group column shown first", (ctx.ws.config.name, tuple(columns)), widest_here)
    current = _known("group", ctx.linked.here.get("group"), columns, widest)
    return state.linked_segments(
        "group", "Group", columns, current, words=plain, default=widest, label_visibility="visible"
    )


def _widest_gap(groups: Sequence[GroupFigures]) -> float:
    rates = [group.figures["false_positive_rate"].value for group in groups]
    known = [rate for rate in rates if rate is not None]
    return max(known) - min(known) if known else 0.0


def _known(what: str, asked: str | None, known: Sequence[str], default: str, told: str | None = None) -> str:
    if asked is None:
        return default
    if asked in known:
        return asked
    st.warning(
        f"The link names the {what} {plain(asked)}, which is not here; {plain(told or default)} is shown instead."
    )
    return default
