"""Where models run, in plain words: which measures are in force on this system, and what follows where one is not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.formatting import escaped
from lookingglass.candidates import IsolationLevel, isolation_level
from lookingglass.config import Limits

Measure = tuple[str, bool, str]


def level_here() -> IsolationLevel:
    """Return what this system offers; nothing where not even a process can be started."""
    try:
        return isolation_level()
    except OSError:
        return IsolationLevel(files=False, network=False, processes=False, memory=False)


def isolation_words(level: IsolationLevel, limits: Limits) -> str:
    """Return how every model runs, as a part of a sentence."""
    kept = [
        words
        for there, words in (
            (level.network, "no network"),
            (level.files, "no files"),
            (level.memory, memory_words(limits)),
        )
        if there
    ]
    if level.name == "full":
        return f"every model runs isolated: {', '.join(kept)}"
    if kept:
        return f"models run only partly isolated here: {', '.join(kept)}, but see below what is missing"
    return "models are not isolated on this system, so take them only from people you trust"


def memory_words(limits: Limits) -> str:
    """Return the memory limit: ``2 GB memory``."""
    size = limits.memory_mb
    return f"{size // 1024} GB memory" if size % 1024 == 0 else f"{size:,} MB memory"


def measures(level: IsolationLevel, limits: Limits) -> tuple[Measure, ...]:
    """Return every measure: (what, whether it is in force, what follows from that)."""
    trust = "Until it does, take models only from people you trust."
    return (
        (
            "No network",
            level.network,
            "A model reaches no other machine and sends nothing anywhere."
            if level.network
            else f"A model could use the network: this system offers neither network namespaces nor seccomp. {trust}",
        ),
        (
            "No files",
            level.files,
            "A model reads the files of Python itself and no others, and writes none."
            if level.files
            else f"A model could read and write this user's files: this system offers no Landlock. {trust}",
        ),
        (
            "No other programs",
            level.processes,
            "A model starts no other programs."
            if level.processes
            else f"A model could start other programs: this system offers no seccomp. {trust}",
        ),
        (
            "Limited memory",
            level.memory,
            f"A model that wants more than {memory_words(limits)} has failed, and the others go on."
            if level.memory
            else f"A model could take all memory of this machine: this system enforces no limit. {trust}",
        ),
        (
            "Limited time",
            True,
            f"A model that does not answer within {limits.batch_seconds:g} s has failed, and the others go on.",
        ),
    )


def isolation_table(level: IsolationLevel, limits: Limits) -> None:
    """Draw every measure with yes or no and what follows."""
    st.html(measures_html(measures(level, limits)))


def measures_html(items: Sequence[Measure]) -> str:
    """Return the table as HTML."""
    rows = "".join(
        f'<tr><th scope="row">{escaped(what)}</th>'
        f'<td class="lg-wide" data-label="In force">{"✓ yes" if there else "✗ no"}</td>'
        f'<td class="lg-wide" data-label="What follows"><span>{escaped(follows)}</span></td></tr>'
        for what, there, follows in items
    )
    return (
        '<div class="lg"><table class="lg-table"><caption>Each model runs in a process of its own, never in this one, '
        'and never in that of another candidate.</caption><thead><tr><th scope="col">Measure</th>'
        '<th scope="col" class="lg-wide">In force</th><th scope="col" class="lg-wide">What follows</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
