"""The form that adds one example, a test pattern unless told otherwise. What was typed stays until it is recorded."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from components.views.testset.fields import label_field, mark_fields, value_fields
from components.views.testset.latest import why_not
from components.views.testset.recording import draw_refusal, refuse
from lookingglass.errors import BadInput, LookingGlassError
from lookingglass.testset import add_example
from lookingglass.testset.values import missing_columns, typed_values
from lookingglass.wording import joined

FORM, LAST = "add form", "added last"
ORIGINS = {
    "pattern": "A test pattern, written to describe a problem",
    "sample": "A sample, drawn from real use",
}


def draw(ctx: Context) -> None:
    """Draw the form, and what was added last."""
    number, begins = state.kept(FORM, (0, {}))
    with st.container():  # drawn empty too, so that the form below keeps its place
        _last(ctx, number)
    cannot = why_not(ctx)
    off = cannot is not None
    key = f"add {ctx.ws.config.name} {number}"
    left, right = st.columns([3, 2], gap="large")
    with left:
        label = label_field(ctx, begins.get("@label"), key, disabled=off)
        values = value_fields(ctx, begins, key, disabled=off, new=True)
    with right:
        origin = st.radio(
            "Where it comes from",
            list(ORIGINS),
            format_func=ORIGINS.__getitem__,
            key=f"{key} origin",
            disabled=off,
        )
        with st.container():
            if origin == "sample":
                st.caption(
                    "Samples speak for real use: they count for prevalence, costs and fairness. Patterns do not."
                )
        marks = mark_fields(ctx, begins, key, disabled=off)
        why = st.text_input(
            "Why", key=f"{key} why", disabled=off, max_chars=1_000, placeholder="What it shows"
        )
        name = st.text_input(
            "Id",
            key=f"{key} id",
            disabled=off,
            max_chars=200,
            placeholder="The next free one",
            help="May stay empty.",
        )
    row = {"@label": label, **values, **marks}
    what = (row, origin, why, name)
    if cannot is not None:
        st.info(plain(cannot))
    draw_refusal("add", what)
    if st.button("Add the example", type="primary", disabled=off, key="add example"):
        wrong = _wrong(ctx, values)
        if wrong:
            refuse("add", what, *wrong)
        _add(ctx, row, origin or "pattern", why.strip(), name.strip() or None, what, number)


def _last(ctx: Context, number: int) -> None:
    """Say what was added last, with the ways on from there."""
    last = state.kept(LAST)
    if last is None or last[0] != ctx.ws.config.name:
        return
    _, name, row = last
    with st.container(horizontal=True, vertical_alignment="center", key="added-last"):
        st.markdown(plain(f"Added {name}; every model is evaluated on it at once."), width="content")
        st.button("Open it", on_click=_open, args=(name,))
        st.button("Add another like this one", on_click=_again, args=(number, row))


def _open(name: str) -> None:
    state.link("view", None)
    state.link("example", name)


def _again(number: int, row: dict[str, Any]) -> None:
    state.keep(FORM, (number + 1, row))
    state.forget(LAST)


def _wrong(ctx: Context, values: dict[str, Any]) -> list[str]:
    """Return what is wrong with the values, a sentence each that names its field."""
    config = ctx.ws.config
    found = []
    absent = missing_columns(values, config)
    if absent:
        found.append(
            f"Give a value for {joined(absent)}: {'it' if len(absent) == 1 else 'they'} may not be empty."
        )
    for name, value in values.items():
        if name in absent or isinstance(value, bytes):
            continue
        try:
            typed_values({name: value}, config)
        except BadInput as error:
            found.append(str(error))
    return found


def _add(
    ctx: Context, row: dict[str, Any], origin: str, why: str, name: str | None, what: object, number: int
) -> None:
    try:
        event = add_example(
            ctx.ws.home,
            {column: row[column] for column in ctx.ws.config.stored if row[column] is not None},
            label=row["@label"],
            id=name,
            origin=origin,
            tags=row["@tags"],
            problems=row["@problems"],
            note=why,
            actor=ctx.actor,
            key=state.request_key(f"add {number}"),
        )
    except LookingGlassError as error:
        refuse("add", what, str(error))
    else:
        added = str(event.payload["changes"][0]["example_id"])
        state.done(f"add {number}", f"Added {added} as version {event.payload['version']}")
        state.keep(FORM, (number + 1, {}))
        state.keep(LAST, (ctx.ws.config.name, added, row))
        state.link("version", None)
        st.rerun()
