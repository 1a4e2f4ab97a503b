"""Which prediction to look at: a kind of predictions, narrowed down, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from components import address, state
from components.context import Context
from components.formatting import plain
from components.views.explanations.arrival import PLACE
from components.views.testset.filters import group_words
from lookingglass.errors import BadInput, NotFound
from lookingglass.evaluation.browse import Filters
from lookingglass.evaluation.picking import PICKS, Pick
from lookingglass.wording import called, plural

USUAL: Pick = "confident mistakes"
TYPICAL: Pick = "typical"
LOOKED_AT = 50
MOST_BESIDE = 3
"""Candidates beside the one that is looked at: four in all fit."""

ANY = ""


@dataclass(frozen=True)
class Queue:
    """What is looked at in which order.

    Attributes:
        which: the kind of predictions. ``ids``: the first of them, ``total`` in all.
        unscored: how many lack a score that is needed.
        example: the one that is shown, at place ``at``; None where it is none of these.
        done: how many of ``ids`` were reviewed.
        picked: how the one that is shown came to be looked at, for its verdict: ``which``, or empty where it is none of
            these, or of a sample that was narrowed down and so does not speak for all.
    """

    which: str
    ids: tuple[str, ...]
    total: int
    unscored: int
    example: str | None
    at: int | None
    done: int
    picked: str = ""


def kind_words(ctx: Context) -> dict[str, str]:
    """Return what each kind of predictions is called, with the workspace's own names of the answers."""
    task = ctx.ws.config.task
    return {
        "confident mistakes": "Surest mistakes",
        "wrong yes": f"Wrongly {called(task.positive_name)}",
        "wrong no": f"Wrongly {called(task.negative_name)}",
        "nearest": "Nearest the threshold",
        "differ": "Where two candidates differ most",
        "typical": "A typical sample",
    }


def choose_queue(ctx: Context, candidate: str, others: Sequence[str], reviewed: Container[str]) -> Queue:
    """Draw the choice of what to look at; return the examples and the one to show: the first not ``reviewed`` yet."""
    here, words = ctx.linked.here, kind_words(ctx)
    kinds = [kind for kind in words if kind in PICKS and (kind != "differ" or others)]
    asked = here.get("which", USUAL)
    left, right = st.columns(2)
    with left:
        which = state.linked_select(
            "which",
            "Look at",
            list(kinds),
            asked if asked in kinds else USUAL,
            words=words.__getitem__,
            default=USUAL,
        )
    other = None
    with right:
        if which == "differ":
            named = here.get("other")
            other = state.linked_select(
                "other", "From", list(others), named if named in others else others[0]
            )
        else:
            _search(here.get("q", ""))
    problem, group = _narrowed(ctx)
    filters = Filters(text=here.get("q", "") if which != "differ" else "", problem=problem, group=group)
    narrowed = filters != Filters()
    if (
        which == TYPICAL and problem is None
    ):  # patterns are typical of a problem, not of what the candidate will meet
        filters = replace(filters, origin="sample")
    try:
        found = ctx.ws.pick(
            candidate, _kind(which), ctx.version, filters=filters, other=other, limit=LOOKED_AT
        )
    except BadInput as error:
        st.error(plain(str(error)))
        return Queue(which, (), 0, 0, None, None, 0)
    example = here.get("example")
    known = example in found.ids
    left_to_do = [one for one in found.ids if one not in reviewed]
    first = next(iter(left_to_do or found.ids), None)
    shown = example if example is not None and (known or _exists(ctx, example)) else first
    at = found.ids.index(shown) if shown in found.ids else None
    done = len(found.ids) - len(left_to_do)
    picked = "" if at is None or (narrowed and which == TYPICAL) else which
    return Queue(which, found.ids, found.total, found.unscored, shown, at, done, picked)


def draw_place(ctx: Context, queue: Queue) -> None:
    """Draw where in the order the example stands, with the ways to the one before and the next, by key, too."""
    last = len(queue.ids) - 1
    before, place, after = st.container(key=PLACE).columns([1, 4, 1], vertical_alignment="center")
    at = queue.at
    before.button(
        "Previous", icon=":material/arrow_back:", shortcut="Left", key="previous example", width="stretch",
        disabled=not at, on_click=_show, args=(queue.ids[at - 1] if at else None,),
    )  # fmt: skip
    following = 0 if at is None else at + 1
    after.button(
        "Next", icon=":material/arrow_forward:", shortcut="Right", key="next example", width="stretch",
        disabled=following > last, on_click=_show, args=(queue.ids[following] if following <= last else None,),
    )  # fmt: skip
    units = plural(ctx.ws.config.task.unit)
    where = f"{at + 1:,} of {len(queue.ids):,}" if at is not None else "Not among these"
    more = f", the first {len(queue.ids):,} of {queue.total:,}" if queue.total > len(queue.ids) else ""
    lacking = f"; {queue.unscored:,} {units} have no score" if queue.unscored else ""
    done = f"; {queue.done:,} of these reviewed" if queue.done else ""
    drawn = "; drawn at random, without test patterns" if queue.which == TYPICAL and queue.picked else ""
    place.markdown(plain(f"{where}{more}{done}{lacking}{drawn}"))


def _exists(ctx: Context, example: str) -> bool:
    try:
        ctx.ws.test_set(ctx.version).position(example)
    except NotFound:
        st.warning(
            plain(f"The link names the example {example}, which is not here; the first one is shown instead.")
        )
        return False
    return True


def _kind(which: str) -> Pick:
    return next(kind for kind in PICKS if kind == which)


def _show(example: str | None) -> None:
    if not address.only_brought_along():
        state.link("example", example)


def _search(current: str) -> None:
    key = state.field_key("explanations q", current)

    def commit() -> None:
        state.link_all({"q": (state.widget(key) or "").strip() or None, "example": None})

    st.text_input("With these words", current, key=key, on_change=commit, placeholder="Any")


def _narrowed(ctx: Context) -> tuple[str | None, tuple[str, str | None] | None]:
    """Draw the choice of a problem and of a group, where there are any; return what was chosen."""
    there = ctx.ws.choices(ctx.version)
    groups = {
        group_words(name, value): (name, value) for name, values in there.groups.items() for value in values
    }
    offered = [
        (name, label, list(options), usual)
        for name, label, options, usual in (
            ("problem", "Problem", there.problems, "Any, or none"),
            ("group", "Group", tuple(groups), "Any"),
        )
        if options
    ]
    chosen: dict[str, str] = {}
    for place, (name, label, options, usual) in zip(
        st.columns(len(offered)) if offered else [], offered, strict=True
    ):
        named = ctx.linked.here.get(name, ANY)
        with place:
            chosen[name] = state.linked_select(
                name,
                label,
                [ANY, *options],
                named if named in options else ANY,
                words=partial(_or, usual),
                default=ANY,
            )
    return chosen.get("problem") or None, groups.get(chosen.get("group", ANY))


def _or(usual: str, option: str) -> str:
    return option or usual
