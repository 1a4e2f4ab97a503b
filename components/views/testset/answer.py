"""The page's answer in a sentence: how many examples of which kind, the share of yes, and who changed what last."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components.context import Context
from components.formatting import escaped, plain
from lookingglass.home import Home
from lookingglass.testset import TestSet, VersionInfo, history
from lookingglass.wording import ended, joined, number, plural, utc_text


def answer(ctx: Context) -> None:
    """Draw the answer for the version that is shown."""
    test_set = ctx.ws.test_set(ctx.version)
    st.markdown(f"### {plain(answer_words(test_set))}")
    if not ctx.version:
        return
    last = last_change(ctx.ws.home, ctx.version)
    why = f" Why: {ended(last.note)}" if last.note else ""
    st.html(
        f'<div class="lg">Last changed by <strong>{escaped(last.actor)}</strong> '
        f'<time datetime="{escaped(last.time)}" title="{escaped(utc_text(last.time))}">{ago(last.time)}</time>: '
        f'<span class="lg-breaks">{escaped(last.words)}.{escaped(why)}</span></div>'
    )


def last_change(home: Home, version: int) -> VersionInfo:
    """Return how one version came about, whatever came after it."""
    return history(home, 1, until=version)[0]


def answer_words(test_set: TestSet) -> str:
    """Return ``1,192 applications and 12 test patterns; 12.0 % are denied (143 of 1,192).``"""
    if not test_set.examples:
        return "The test set is empty."
    task = test_set.config.task
    samples = int(test_set.is_sample.sum())
    patterns = test_set.examples - samples
    parts = []
    if samples or not patterns:
        parts.append(f"{samples:,} {plural(task.unit, samples)}")
    if patterns:
        parts.append(f"{patterns:,} {plural('test pattern', patterns)}")
    said = joined(parts)
    answers = test_set.y_true[test_set.is_sample]
    labelled = int((answers >= 0).sum())
    if labelled:
        positives = int((answers == 1).sum())
        share = number(positives / labelled, "rate")
        said += f"; {share} are {task.positive_name} ({positives:,} of {labelled:,})"
    missing = test_set.examples - test_set.labelled
    if missing:
        said += f"; {missing:,} not labelled yet"
    return f"{said}."


def ago(utc: str, now: datetime | None = None) -> str:
    """Return how long ago an ISO time was: ``just now``, ``5 minutes ago``, ``2 hours ago``, ``3 days ago``."""
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(utc)).total_seconds()
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // length)
        if count >= 1:
            return f"{count:,} {plural(unit, count)} ago"
    return "just now"
