"""What if: other words, other values, a region painted out; the score and the reasons of that beside the original."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain, refusal
from components.views.candidates.permission import why_not
from components.views.explanations.reasons import draw_weights
from components.views.testset.fields import label_field, mark_fields, value_field
from lookingglass.errors import LookingGlassError, one_line
from lookingglass.explanations import Explanation
from lookingglass.explanations.said import note_sentence
from lookingglass.explanations.smallest import Change, SmallestChange
from lookingglass.testset import add_example
from lookingglass.wording import called, number

_TRIED = "what if it were"
_FLIPS = "smallest changes"
_MOST = 5


def draw_what_if(ctx: Context, told: Explanation, strongest: float, opacity: float) -> None:
    """Draw the fields that change an example, what the candidate says of it then, and the way to keep that.

    Args:
        told: the explanation of the example as it is, which stays on screen.
        strongest, opacity: as for ``draw_reasons``.
    """
    place = f"{told.fingerprint[7:15]} {told.example_id}"
    tried = state.kept(_TRIED, {}).get(place)
    with st.expander("What if it were different?", expanded=tried is not None):
        _smallest(ctx, told, place)
        turn = state.kept(f"turn of {place}", 0)
        overrides = _fields(ctx, told, tried or {}, f"what if {place} {turn}")
        with st.container(horizontal=True):
            if st.button("Explain it with this", disabled=not overrides, key=f"try {place}"):
                _try(place, overrides, turn)
            if tried and st.button("Back to how it is", key=f"back {place}"):
                _try(place, {}, turn + 1)
        if not tried:
            return
        try:
            with st.spinner(f"Asking {plain(told.candidate)} about the changed example"):
                other = ctx.ws.explain(told.candidate, told.example_id, version=ctx.version, overrides=tried)
        except LookingGlassError as error:
            st.error(refusal(error))
            return
        st.markdown(plain(_compared(ctx, told, other)))
        png = next((value for value in tried.values() if isinstance(value, bytes)), None)
        draw_weights(ctx, other, strongest, opacity, png)
        _save(ctx, told, tried, place)


def _try(place: str, overrides: Mapping[str, Any], turn: int) -> None:
    """Keep what is tried for one place at a time; new fields begin with it."""
    state.keep(_TRIED, {place: dict(overrides)} if overrides else {})
    state.keep(f"turn of {place}", turn)
    st.rerun()


def _fields(ctx: Context, told: Explanation, tried: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Draw a field for each input; return those that say something else than the example does."""
    changed: dict[str, Any] = {}
    if told.modality == "image":
        painted = _painted(ctx, told, key)
        return painted if painted else {}
    columns = ctx.ws.config.columns
    wide = told.modality == "text" or len(told.inputs) == 1
    places = [st.container()] if wide else st.columns(2)
    for at, (name, own) in enumerate(told.inputs.items()):
        with places[at * len(places) // len(told.inputs)]:
            says = value_field(ctx, name, columns[name], tried.get(name, own), f"{key} {name}")
        if says != own and not (says is None and own == ""):
            changed[name] = "" if says is None and columns[name].type == "text" else says
    return changed


def _painted(ctx: Context, told: Explanation, key: str) -> dict[str, Any]:
    """Draw the choice of regions to paint out; return the image with them hidden, as PNG."""
    regions = {each.feature: each.box for each in told.weights if each.box is not None}
    chosen = st.multiselect(
        "Paint out",
        list(regions),
        key=f"{key} regions",
        placeholder="No region",
        help="Strongest first. A region takes the colour of the images’ ground, as where explanations hide it.",
    )
    if not chosen:
        return {}
    from lookingglass.explanations.images import painted_out

    field, name = next(iter(told.inputs.items()))
    boxes = [box for one in chosen if (box := regions[one]) is not None]
    return {field: painted_out(ctx.ws.home, field, ctx.ws.image(str(name)), boxes)}


def _compared(ctx: Context, told: Explanation, other: Explanation) -> str:
    """Say what the change did to the score and to the answer."""
    task, at = ctx.ws.config.task, ctx.ws.threshold(told.candidate).value
    before, after = (
        called(task.positive_name if at is not None and one.score >= at else task.negative_name)
        for one in (told, other)
    )
    said = f"Score {number(other.score)} instead of {number(told.score)}"
    if told.modality == "tabular":
        changed = (
            f"{one_line(name, 40)} {_value_words(value)} instead of {_value_words(told.inputs[name])}"
            for name, value in (other.overrides or {}).items()
        )
        said = f"With {', '.join(changed)}: {said[0].lower()}{said[1:]}"
    return f"{said}: {after} instead of {before}." if before != after else f"{said}: still {after}."


def _smallest(ctx: Context, told: Explanation, place: str) -> None:
    """Draw the search for the smallest single change that flips the answer, and what it found."""
    known = state.kept(_FLIPS)
    stamp = (place, ctx.version, ctx.ws.threshold(told.candidate).value)
    if known is None or known[0] != stamp:
        if st.button("Find the smallest change that flips the answer", key=f"smallest {place}"):
            try:
                found = ctx.ws.smallest_change(told.candidate, told.example_id, ctx.version)
            except LookingGlassError as error:
                st.error(refusal(error))
                return
            state.keep(_FLIPS, (stamp, found))
            st.rerun()
        return
    st.markdown(plain(flips_sentence(told, known[1])))


def flips_sentence(told: Explanation, found: SmallestChange) -> str:
    """Say which single changes flip the answer, the smallest first, of how many that were tried."""
    of = f"of {found.tried:,} single changes tried"
    if found.flips:
        first = found.flips[0]
        more = len(found.flips) - 1
        said = f"The answer flips {_change_words(told, first)}: score {number(first.score)}"
        others = "; ".join(_change_words(told, each) for each in found.flips[1:_MOST])
        rest = f" So it does {others}." if others else ""
        return f"{said} ({more + 1:,} {of} flip it).{rest}"
    notes = " ".join(note_sentence(note, told.inputs) for note in found.notes)
    if found.nearest is None:
        return notes or "There is nothing to change."
    nearest = f"{_change_words(told, found.nearest)}, with a score of {number(found.nearest.score)}"
    return f"None {of} flips the answer. Nearest comes the answer {nearest}."


def _change_words(told: Explanation, change: Change) -> str:
    where = change.where
    if told.modality == "text":
        return f"without “{one_line(where.feature, 40)}”"
    if told.modality == "image":
        return f"with {where.feature} hidden"
    return f"with {one_line(where.field, 40)} {_value_words(change.after)}"


def _value_words(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.4g}" if isinstance(value, float) else one_line(str(value), 40)


def _save(ctx: Context, told: Explanation, tried: Mapping[str, Any], place: str) -> None:
    """Draw the form that keeps the changed example as a test pattern, with the label it should have."""
    test_set = ctx.ws.test_set(ctx.version)
    row = test_set.rows.row(test_set.position(told.example_id), named=True)
    refused = why_not(ctx, "examples_changed")
    off = refused is not None
    key = f"keep {place}"
    left, right = st.columns(2)
    with left:
        label = label_field(ctx, row["@label"], key, disabled=off)
    with right:
        marks = mark_fields(ctx, {}, key, disabled=off)
    if refused is not None:
        st.caption(plain(refused))
    if not st.button("Save it as a test pattern", key=f"save {place}", disabled=off):
        return
    act = f"what if {place}"
    values = {name: row[name] for name in ctx.ws.config.stored if row[name] is not None} | dict(tried)
    try:
        event = add_example(
            ctx.ws.home,
            values,
            label=label,
            tags=marks["@tags"],
            problems=marks["@problems"],
            note=f"{told.example_id} with another {', '.join(tried)}",
            actor=ctx.actor,
            key=state.request_key(act),
        )
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    added = event.payload["changes"][0]["example_id"]
    state.done(act, f"Saved {added} as version {event.payload['version']}; every model is evaluated on it")
    state.keep(_TRIED, {})
    state.link("version", None)
    st.rerun()
