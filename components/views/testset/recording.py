"""Recording what was changed in a form or a table: what will be written in words, the writing, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from components import state
from components.context import Context
from components.formatting import refusal
from components.views.testset import conflict
from components.views.testset.cells import shown_value
from lookingglass.canonical import sha256_hex
from lookingglass.errors import EditConflict, EditsRejected, LookingGlassError, one_line
from lookingglass.testset import edit_many
from lookingglass.wording import plural

REASON_WANTED = "A relabel needs a reason: say why the label is another one. Nothing was changed."
REFUSED = "refused"
Edits = Mapping[str, Mapping[str, Any]]


def changed_cells(base: Mapping[str, Any], says: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values a form says that are not what the example has."""
    return {name: value for name, value in says.items() if not _same(base.get(name), value)}


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, list) or isinstance(new, list):
        return list(old or []) == list(new or [])
    if isinstance(old, bool) != isinstance(new, bool):
        return False
    return bool(old == new) or (old is None and new == "")


def told_changes(ctx: Context, base: Mapping[str, Any], edits: Mapping[str, Any]) -> str:
    """Return ``deny from no to yes; lvr from 0.8 to 0.9``."""
    return "; ".join(
        f"{column_words(ctx, name)} from {_short(ctx, name, base.get(name))} to {_short(ctx, name, value)}"
        for name, value in edits.items()
    )


def column_words(ctx: Context, name: str) -> str:
    """Return what a column is called on screen."""
    return ctx.ws.config.task.label if name == "@label" else name.removeprefix("@")


def _short(ctx: Context, name: str, value: Any) -> str:
    if isinstance(value, str) and value.startswith("sha256:"):
        return "the image"
    if name == "@label" and value is None:
        return "unlabelled"
    return one_line(shown_value(ctx, name, value), 60)


def refuse(place: str, what: object, *messages: str) -> None:
    """Say on the next run, at this place, why ``what`` was not recorded, for as long as that is what it says there."""
    state.keep(f"{REFUSED} {place}", (repr(what), messages))
    st.rerun()


def draw_refusal(place: str, what: object) -> None:
    """Draw why ``what`` was not recorded, if it was just refused; something else that is typed ends it."""
    kept = state.kept(f"{REFUSED} {place}")
    if kept is None:
        return
    if kept[0] != repr(what):
        state.forget(f"{REFUSED} {place}")
        return
    for message in kept[1]:
        st.error(refusal(message))


def record(
    ctx: Context,
    edits: Edits,
    note: str,
    seen_version: int,
    *,
    place: str,
    what: object,
    on_done: Callable[[], None],
) -> None:
    """Write edits of examples as one event; then rerun. What cannot be written is said there, and nothing is lost.

    Args:
        seen_version: the version that the person was looking at. When somebody else was faster, both are shown on the
            next run (``conflict``).
        place, what: what ``draw_refusal`` is called with while the form still says this.
        on_done: called once it is written, before the rerun.
    """
    act = f"edit {sha256_hex(repr((sorted(edits.items(), key=str), note)).encode())}"
    try:
        event = edit_many(
            ctx.ws.home,
            edits,
            note=note,
            actor=ctx.actor,
            seen_version=seen_version,
            key=state.request_key(act),
        )
    except EditConflict as error:
        conflict.keep(conflict.Undecided(ctx.ws.config.name, edits, note, error.conflicts))
        st.rerun()
    except EditsRejected as error:
        told = [f"{problem}." for problem in error.problems]
        refuse(
            place,
            what,
            *told,
            "Nothing was recorded, and everything you typed is kept. Mend this, then record again.",
        )
    except LookingGlassError as error:
        refuse(place, what, str(error))
    else:
        written = (
            "Nothing to record: it is so already" if event is None else _told(edits, event.payload["version"])
        )
        state.done(act, written)
        on_done()
        state.link("version", None)
        st.rerun()


def _told(edits: Edits, version: int) -> str:
    names = list(edits)
    what = names[0] if len(names) == 1 else f"{len(names):,} {plural('example', len(names))}"
    return f"Recorded {what} as version {version}"
