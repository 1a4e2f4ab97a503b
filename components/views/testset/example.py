"""One example opened: what the candidates say of it, what happened to it, and the form that changes it.

The form stays on the version that it was opened with, so nothing that arrives meanwhile takes away what is typed.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from components.views.testset import conflict
from components.views.testset.cells import without_times
from components.views.testset.fields import label_field, mark_fields, value_fields
from components.views.testset.filters import label_words
from components.views.testset.latest import why_not
from components.views.testset.recording import (
    REASON_WANTED,
    changed_cells,
    draw_refusal,
    record,
    refuse,
    told_changes,
)
from components.views.testset.verdicts import change_list, verdict_sentence, verdict_table
from lookingglass.errors import EditConflict, LookingGlassError
from lookingglass.evaluation.browse import Filters
from lookingglass.testset import remove
from lookingglass.testset.content import Row, row_at
from lookingglass.testset.example_history import example_history
from lookingglass.testset.meanwhile import what_happened
from lookingglass.testset.tombstones import erasures
from lookingglass.wording import ended

OPENED = "opened example"


def draw(ctx: Context) -> None:
    """Draw the example that the link names."""
    name = str(ctx.linked.here["example"])
    st.button("Back to the list", icon=":material/arrow_back:", on_click=_close, type="tertiary")
    undecided = conflict.undecided(ctx, name)
    if undecided is not None:
        conflict.draw(ctx, undecided, on_done=_forget)
        return
    opened = _opened(ctx, name)
    base = _row(ctx, name, opened)
    if base is None:
        _absent(ctx, name)
        changes = example_history(ctx.ws.home, name)
        if changes:
            change_list(changes)
        return
    now = _row(ctx, name, ctx.version)
    label = base["@label"]
    said = "unlabelled" if label is None else label_words(ctx).get(label, label)
    st.subheader(plain(f"{name}: {said}, {base['@origin']}"), anchor=False)
    with st.container(key="meanwhile"):  # drawn empty too, so that the form keeps its place and what is typed
        _meanwhile(ctx, name, opened, base, now)
    left, right = st.columns([2, 3], gap="large")
    with left:
        page = ctx.ws.browse(Filters(id=name), ctx.version)
        if page.total and len(page.answers):
            st.markdown(plain(verdict_sentence(page)))
            verdict_table(ctx, page)
        elif not page.answers:
            st.markdown("No candidates yet, so nobody answered it.")
        st.markdown("**What happened to it**")
        change_list(example_history(ctx.ws.home, name))
    with right:
        _form(ctx, name, opened, base)
        _removal(ctx, name, opened)


def _absent(ctx: Context, name: str) -> None:
    """Say why there is no such example in the version that is shown: erased, or nobody knows."""
    stone = erasures(ctx.ws.home).tombstones.get(name)
    if stone is not None:
        st.info(
            plain(
                f"The content of {name} was erased by {stone.actor} and is gone from every version, for good. "
                f"Why: {ended(stone.reason)}"
            )
        )
        return
    st.warning(
        f"There is no example {plain(name)} in version {ctx.version} of the test set: "
        "it may have been removed, or the link belongs to another workspace."
    )


def _opened(ctx: Context, name: str) -> int:
    """Return the version that the form stays on: the one that was shown when the example was opened."""
    where = (ctx.ws.config.name, name)
    kept = state.kept(OPENED)
    if kept is None or kept[0] != where or (ctx.pinned and kept[1] != ctx.version):
        state.keep(OPENED, (where, ctx.version))
        return ctx.version
    return int(kept[1])


def _row(ctx: Context, name: str, version: int) -> Row | None:
    test_set = ctx.ws.test_set(version)
    try:
        return row_at(test_set.rows, test_set.position(name))
    except LookingGlassError:
        return None


def _meanwhile(ctx: Context, name: str, opened: int, base: Row, now: Row | None) -> None:
    """Say who changed the example after it was opened, and offer to show it as it is now."""
    if now == base or ctx.version <= opened:
        return
    happened = what_happened(ctx.ws.home, name, ctx.ws.test_set(opened), ctx.ws.test_set(ctx.version))
    st.warning(
        plain(
            f"Just now: {without_times(happened.words)}. What you see below is as you opened it, and what you "
            "typed is kept: when you record it, you are shown both."
        ),
        icon=":material/group:",
    )
    st.button("Show it as it is now", on_click=_forget)


def _form(ctx: Context, name: str, opened: int, base: Row) -> None:
    cannot = why_not(ctx)
    key = f"edit {name} {opened}"
    off = cannot is not None
    says: dict[str, Any] = {"@label": label_field(ctx, base["@label"], key, disabled=off)}
    says |= value_fields(ctx, base, key, disabled=off)
    says |= mark_fields(ctx, base, key, disabled=off)
    edits = changed_cells(base, says)
    why = st.text_input(
        "Why (a relabel needs a reason)" if "@label" in edits else "Why (may be left empty)",
        key=f"{key} why",
        disabled=off,
        max_chars=1_000,
    )
    what = (name, edits, why)
    if cannot is not None:
        st.info(plain(cannot))
    elif edits:
        st.markdown(f"**Will be recorded:** {plain(told_changes(ctx, base, edits))}.")
    draw_refusal("edit", what)
    if st.button("Record the change", type="primary", disabled=off or not edits, key="record example"):
        if "@label" in edits and not why.strip():
            refuse("edit", what, REASON_WANTED)
        record(ctx, {name: edits}, why.strip(), opened, place="edit", what=what, on_done=_forget)


def _removal(ctx: Context, name: str, opened: int) -> None:
    cannot = why_not(ctx)
    with st.expander("Remove this example"):
        st.markdown("Older versions keep it, and every candidate is evaluated again without it.")
        why = st.text_input(
            "Why it goes", key=f"remove {name} why", disabled=cannot is not None, max_chars=1_000
        )
        sure = st.checkbox(
            plain(f"Yes, remove {name}"), key=f"remove {name} sure", disabled=cannot is not None
        )
        what = ("remove", name, why)
        draw_refusal("remove", what)
        off = cannot is not None or not sure
        if st.button("Remove it", disabled=off, key="remove example"):
            if not why.strip():
                refuse("remove", what, "A removal needs a reason: say why it goes. Nothing was changed.")
            _remove(ctx, name, why.strip(), opened, what)


def _remove(ctx: Context, name: str, why: str, opened: int, what: object) -> None:
    act = f"remove {name}"
    try:
        remove(ctx.ws.home, name, note=why, actor=ctx.actor, seen_version=opened, key=state.request_key(act))
    except EditConflict as error:
        refuse("remove", what, f"{error} Choose “Show it as it is now” above, then decide.")
    except LookingGlassError as error:
        refuse("remove", what, str(error))
    else:
        state.done(act, f"Removed {name}")
        _close()
        state.link("version", None)
        st.rerun()


def _forget() -> None:
    state.forget(OPENED)


def _close() -> None:
    _forget()
    state.link("example", None)
