"""The top of every page: its question as the title, and chips for the workspace, version and threshold it shows."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from components.registry import page_entry
from components.views.orientation import Chip, Step, chips, first_five_minutes
from lookingglass.wording import chosen_text, joined, plural, short_hash


def page_header(ctx: Context, *further: Chip) -> None:
    """Draw the page's question and its chips; ``further`` ones (candidate, threshold) stand behind the shared ones."""
    st.title(ctx.entry.question)
    for words in state.told():
        st.toast(plain(words), icon=":material/check:")
    for notice in ctx.notices:
        st.info(plain(notice))
    test_set = ctx.ws.test_set(ctx.version)
    overview = page_entry("overview").file
    samples = int(test_set.is_sample.sum())
    patterns = test_set.examples - samples
    chips(
        [
            Chip(ctx.ws.config.title or ctx.ws.config.name, overview, icon=":material/folder_open:"),
            Chip(
                " · ".join(
                    [f"Version {test_set.version}", *_sizes(ctx.ws.config.task.unit, samples, patterns)]
                )
                if test_set.version
                else "No version of the test set yet",
                overview,
                told=f"{test_set.digest} ({short_hash(test_set.digest)})",
                icon=":material/database:",
            ),
            *further,
            *_agreed(ctx),
        ]
    )
    for part in ctx.linked.unreadable:
        st.warning(f"The link says {plain(part)}, which cannot be read; the usual value is shown instead.")
    newest = ctx.drawn.version
    if ctx.pinned and newest > ctx.version:
        st.info(
            f"This is version {ctx.version}; the newest is {newest}. Choose Latest beside the menu to follow it."
        )


def _agreed(ctx: Context) -> list[Chip]:
    """Return the agreed threshold: of the candidate that was agreed on last, if it is still under evaluation."""
    there = {candidate.fingerprint for candidate in ctx.ws.candidates}
    last = next((one for one in reversed(ctx.ws.decisions) if one.fingerprint in there), None)
    if last is None:
        return []
    test_set = ctx.ws.test_set(ctx.drawn.version)
    out = last.standing(test_set.version, test_set.digest) == "out of date"
    words = f"Agreed: {last.candidate} at {chosen_text(last.threshold)}"
    moved = f", out of date: agreed on v{last.version}, now v{test_set.version}"
    return [
        Chip(
            f"{words}{moved}" if out else words,
            page_entry("threshold").file,
            {"candidate": last.candidate},
            told=f"By {joined(last.people)}: {last.reason}",
            icon=":material/update:" if out else ":material/handshake:",
        )
    ]


def _sizes(unit: str, samples: int, patterns: int) -> list[str]:
    sizes = [f"{samples:,} {plural(unit, samples)}"]
    return [*sizes, f"{patterns:,} {plural('test pattern', patterns)}"] if patterns else sizes


def try_this(*, on_dismiss: Callable[[], None]) -> None:
    """Draw the first-five-minutes hint of the overview: three things to try."""
    first_five_minutes(
        [
            Step(
                "Drag the threshold on its page",
                page_entry("threshold").file,
            ),
            Step(
                "Add a test pattern, and watch every candidate be evaluated again",
                page_entry("testset").file,
                {"view": "add"},
            ),
            Step(
                "Read what the surest mistake was decided by",
                page_entry("explanations").file,
            ),
        ],
        on_dismiss=on_dismiss,
    )
