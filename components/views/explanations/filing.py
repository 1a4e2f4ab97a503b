"""From a wrong reason to a problem: what the answer wrongly rests on, drafted patterns to label and keep, one click."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from components import state
from components.context import Context
from components.formatting import escaped, plain, refusal
from components.registry import page_entry
from components.views.candidates.permission import why_not
from components.views.images import SIDE, image_tag
from components.views.testset.cells import shown_value
from components.views.testset.filters import label_words
from lookingglass.errors import LookingGlassError, one_line
from lookingglass.explanations import Explanation
from lookingglass.explanations.drawn import signed_weight, value_text
from lookingglass.explanations.result import Weight
from lookingglass.reviews.drafts import Draft, draft_patterns, suspect_of
from lookingglass.reviews.filing import file_problem
from lookingglass.testset import NewExample
from lookingglass.wording import plural
from lookingglass.workspace import Workspace

NONE = "something else, or several together"
STRONGEST = 10
FILED = "filed last"


def draw_filing(ctx: Context, told: Explanation, comment: str) -> None:
    """Draw the way from a wrong reason to a problem, or what was filed of this answer just now.

    Args:
        comment: what the person said of the reason, the first words of the problem's description.
    """
    place = f"{told.fingerprint[7:15]} {told.example_id}"
    if _filed(ctx, place):
        return
    with st.expander("Make it a problem: with test patterns that every model is evaluated on from now on"):
        options = [None, *told.weights[:STRONGEST]]
        at = ctx.ws.threshold(told.candidate).value
        yes = at is not None and told.score >= at
        suspicious = st.selectbox(
            "It wrongly rests on",
            options,
            index=options.index(suspect_of(told.weights[:STRONGEST], says_yes=yes)),
            format_func=lambda one: NONE if one is None else _weight_words(told, one),
            key=f"suspicious {place}",
        )
        try:
            drafts = state.kept_while(
                f"drafts {place}",
                (suspicious, ctx.version),
                lambda: draft_patterns(ctx.ws.home, told.example_id, suspicious, version=ctx.version),
            )
        except LookingGlassError as error:
            st.error(refusal(error))
            return
        key = f"draft {place} {suspicious.field + str(suspicious.position) if suspicious else NONE}"
        name = st.text_input("Name of the problem", _name(told, suspicious), key=f"{key} name", max_chars=120)
        description = st.text_area(
            "What goes wrong, for whom",
            comment,
            key=f"{key} description",
            height="content",
            placeholder="In the words of those who bear it",
        )
        st.markdown(
            "**Test patterns** that describe it. Keep those that do, with the label each should have."
        )
        if any(draft.label is None for draft in drafts):
            st.caption(
                "With another value another answer may be right: say which one is. A pattern that stays unlabelled "
                "counts for nothing until it has a label."
            )
        kept = [
            new
            for at, draft in enumerate(drafts, 1)
            if (new := _draft(ctx, draft, f"{key} {at}", at)) is not None
        ]
        refused = why_not(ctx, "problem_opened") or why_not(ctx, "examples_changed")
        count = f"{len(kept)} test {plural('pattern', len(kept))}"
        if refused is not None:
            st.caption(plain(refused))
        if st.button(
            f"File it with {count}",
            type="primary",
            disabled=refused is not None or not kept,
            key=f"file {place}",
        ):
            _file(ctx, place, name, description, kept)


def _weight_words(told: Explanation, weight: Weight) -> str:
    where = f" in {weight.field}" if told.modality == "text" and len(told.inputs) > 1 else ""
    shown = f"“{one_line(weight.feature, 60)}”" if told.modality == "text" else one_line(weight.feature, 60)
    return f"{shown}{where} ({signed_weight(weight.weight)})"


def _name(told: Explanation, suspicious: Weight | None) -> str:
    if suspicious is None:
        return ""
    shown = one_line(suspicious.feature, 60)
    return f"Decides by “{shown}”" if told.modality == "text" else f"Decides by {shown}"


def _draft(ctx: Context, draft: Draft, key: str, number: int) -> NewExample | None:
    """Draw one drafted pattern; return it with the label that was chosen, None where it is thrown away."""
    words = label_words(ctx)
    options: list[str | None] = [*words, None]
    keep, content, label = st.columns([1, 6, 2], vertical_alignment="center")
    kept = keep.checkbox(f"Keep {number}", True, key=f"{key} keep")
    with content:
        st.html(f'<div class="lg">{_content(ctx, draft)}</div>')
    chosen = label.selectbox(
        f"Label of {number}",
        options,
        index=options.index(draft.label) if draft.label in options else len(words),
        format_func=lambda one: "unlabelled" if one is None else words[one],
        key=f"{key} label",
        disabled=not kept,
        label_visibility="collapsed",
    )
    return NewExample(draft.values, chosen) if kept else None


def _content(ctx: Context, draft: Draft) -> str:
    """Return what the pattern says, as HTML: its images, its texts, and of a table all that it holds."""
    parts, rest = [], []
    for name, column in ctx.ws.config.stored.items():
        value = draft.values.get(name)
        if column.type == "image" and value is not None:
            png = value if isinstance(value, bytes) else ctx.ws.image(str(value))
            parts.append(image_tag(png, f"{name} of {draft.source_id}, {draft.words}", SIDE))
        elif column.type == "text":
            parts.append(f'<p class="lg-words">{escaped(shown_value(ctx, name, value))}</p>')
        else:
            told = value_text(value) if isinstance(value, float) else shown_value(ctx, name, value)
            rest.append(f"{name} {told}")
    done = draft.words if draft.kind == "this" else f"{draft.source_id}, {draft.words}"
    parts += [
        f'<p class="lg-quiet lg-small">{escaped(line)}</p>' for line in (" · ".join(rest), done) if line
    ]
    return "".join(parts)


def _file(ctx: Context, place: str, name: str, description: str, kept: list[NewExample]) -> None:
    act = f"file {place}"
    try:
        filed = file_problem(
            ctx.ws.home, name, description, kept, actor=ctx.actor, key=state.request_key(act)
        )
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    state.keep(FILED, (ctx.ws.config.name, place, filed.problem.name, filed.pattern_ids, filed.version))
    state.done(act, f"Filed {filed.problem.name} with {len(filed.pattern_ids)} patterns")
    state.link("version", None)
    st.rerun()


def _filed(ctx: Context, place: str) -> bool:
    """Say what was filed of this answer in this session, with the way there; whether there is such a problem."""
    last = state.kept(FILED)
    if last is None or last[:2] != (ctx.ws.config.name, place):
        return False
    _, _, problem, ids, version = last
    count = len(ids)
    st.success(
        plain(
            f"Filed as the problem “{problem}” with {count} test {plural('pattern', count)}, version {version} of the "
            f"test set: {evaluated_words(ctx.ws, ids, version)}."
        )
    )
    st.page_link(
        page_entry("testset").file,
        label="See how each candidate does on them",
        icon=":material/arrow_forward:",
        query_params={"problem": problem},
    )
    return True


def evaluated_words(ws: Workspace, ids: Sequence[str], version: int) -> str:
    """Say who is evaluated on new patterns: every model, and no file of predictions that holds no score for them.

    Args:
        ids: of the patterns. ``version``: of the test set that holds them.
    """
    # what was erased since is in no version any more
    at = np.flatnonzero(ws.test_set(version).rows["@id"].is_in(list(ids)).to_numpy())
    files = [one.name for one in ws.candidates if one.manifest.format == "predictions"]
    without = {name: int(np.isnan(ws.scores(name, version)[at]).sum()) for name in files}
    lacking = [
        f"{name} is a file of predictions and has no score for {'them' if count == len(at) else f'{count} of them'}"
        for name, count in without.items()
        if count
    ]
    return (
        "; ".join(["every model is evaluated on it", *lacking])
        if lacking
        else "every candidate is evaluated on it"
    )
