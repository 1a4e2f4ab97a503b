"""One input field for each value of an example, by the type of its column. Draws; the core checks what was put in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components.context import Context
from components.formatting import plain
from components.views.testset.cells import picture
from components.views.testset.filters import label_words
from lookingglass.config import Column
from lookingglass.problems import list_problems

LEFT_OUT = "(missing)"


def value_fields(
    ctx: Context, row: dict[str, Any], key: str, *, disabled: bool = False, new: bool = False
) -> dict[str, Any]:
    """Draw a field for each stored column, texts and images first, and return column -> what it says.

    Args:
        row: what the fields say at first, by column.
        key: sets these fields apart; another key begins anew.
        new: the example is not there yet, so nothing is chosen where nothing is given.
    """
    stored = ctx.ws.config.stored
    wide = [name for name, column in stored.items() if column.type in ("text", "image")]
    values: dict[str, Any] = {}
    for name in wide:
        values[name] = value_field(ctx, name, stored[name], row.get(name), f"{key} {name}", disabled, new)
    narrow = [name for name in stored if name not in wide]
    places = st.columns(2) if len(narrow) > 1 else [st.container()]
    for at, name in enumerate(narrow):
        with places[at * len(places) // len(narrow)]:
            values[name] = value_field(ctx, name, stored[name], row.get(name), f"{key} {name}", disabled, new)
    return {name: values[name] for name in stored}


def label_field(ctx: Context, current: str | None, key: str, *, disabled: bool = False) -> str | None:
    """Draw the choice of the label, in the workspace's own words; None for unlabelled."""
    words = label_words(ctx)
    options: list[str | None] = [*ctx.ws.config.label_values, None]
    chosen: str | None = st.selectbox(
        f"Label: {plain(ctx.ws.config.task.label)}",
        options,
        index=options.index(current) if current in options else len(options) - 1,
        key=f"{key} @label",
        format_func=lambda value: "unlabelled" if value is None else words[value],
        disabled=disabled,
    )
    return chosen


def mark_fields(
    ctx: Context, row: dict[str, Any], key: str, *, disabled: bool = False
) -> dict[str, list[str]]:
    """Draw the choice of problems and tags; new ones can be typed. Returns ``@tags`` and ``@problems``, sorted."""
    there = ctx.ws.choices()
    opened = [problem.name for problem in list_problems(ctx.ws.home)]
    found = {}
    for name, label, known in (
        ("@problems", "Problems it describes", [*opened, *there.problems]),
        ("@tags", "Tags", list(there.tags)),
    ):
        now = list(row.get(name) or [])
        found[name] = sorted(
            st.multiselect(
                label,
                list(dict.fromkeys([*known, *now])),
                default=now,
                key=f"{key} {name}",
                accept_new_options=True,
                disabled=disabled,
                placeholder="None",
            )
        )
    return found


def value_field(
    ctx: Context, name: str, column: Column, value: Any, key: str, disabled: bool = False, new: bool = False
) -> Any:
    """Draw the field of one column and return what it says; as for ``value_fields``."""
    label = plain(name)
    if column.type in ("number", "integer"):
        return _number(label, column, value, key, disabled)
    if column.type == "image":
        return _image(ctx, name, value, key, disabled)
    if column.type == "boolean" or column.values is not None:
        options: list[Any] = [True, False] if column.type == "boolean" else list(column.values or ())
        if column.missing != "refuse":
            options.append(None)
        if value not in options and value is not None:
            options.append(value)
        start = options.index(value) if value in options and not (new and value is None) else None
        return st.selectbox(
            label,
            options,
            index=start,
            key=key,
            format_func=_option,
            disabled=disabled,
            placeholder="Choose",
            help="A group that figures are counted for." if column.is_group else None,
        )
    if column.type == "text":
        return st.text_area(label, value or "", key=key, disabled=disabled, height="content") or None
    return st.text_input(label, value or "", key=key, disabled=disabled) or None


def _option(value: Any) -> str:
    if value is None:
        return LEFT_OUT
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _number(label: str, column: Column, value: Any, key: str, disabled: bool) -> Any:
    told = _range(column)
    if column.missing != "refuse":
        return _number_or_nothing(label, value, key, disabled, told)
    whole = column.type == "integer"
    low, high = (
        None if end is None else int(end) if whole else float(end) for end in (column.min, column.max)
    )
    if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        low = high = None  # older than the limits; the core says so when it is recorded
    return st.number_input(
        label,
        min_value=low,
        max_value=high,
        value=value,
        step=1 if whole else 0.01,
        format="%d" if whole else "%.7g",
        key=key,
        disabled=disabled,
        help=told,
        placeholder=told or "A number",
    )


def _number_or_nothing(label: str, value: Any, key: str, disabled: bool, told: str | None) -> Any:
    """Draw a number that may be missing: a field of numbers cannot be emptied once it begins with one."""
    begins = "" if value is None else repr(value)
    said = st.text_input(
        label,
        begins,
        key=key,
        disabled=disabled,
        help=f"{told}, or empty." if told else "May stay empty.",
        placeholder=LEFT_OUT,
    ).strip()
    if said == begins:
        return value
    try:
        return float(said) if said else None
    except ValueError:
        return said  # the core says what is wrong with it, and keeps nothing


def _range(column: Column) -> str | None:
    if column.min is not None and column.max is not None:
        return f"{column.min:g} to {column.max:g}"
    if column.min is not None:
        return f"{column.min:g} or more"
    return None if column.max is None else f"{column.max:g} or less"


def _image(ctx: Context, name: str, value: Any, key: str, disabled: bool) -> Any:
    column = ctx.ws.config.stored[name]
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = picture(ctx, value)
        if shown is not None:
            st.image(shown, width=104)
        size = f", {column.size[1]} x {column.size[0]} pixels" if column.size else ""
        given = st.file_uploader(
            plain(f"{name}: {'another image' if shown else 'an image'} (PNG or JPEG{size})"),
            type=["png", "jpg", "jpeg"],
            max_upload_size=10,
            key=key,
            disabled=disabled,
        )
    return value if given is None else given.getvalue()
