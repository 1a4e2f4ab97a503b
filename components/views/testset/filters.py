"""Choosing which examples are listed and in which order. All of it stands in the link; knows nothing of the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain
from lookingglass.evaluation.browse import SORTS, Filters, Sort

ANY = ""
UNLABELLED = "unlabelled"
MISSING = "(missing)"


@dataclass(frozen=True)
class Asked:
    """What the link asks the list for: conditions, order, and which page of it."""

    filters: Filters
    sort: Sort = "stored"
    by: str | None = None
    page: int = 1


def to_link(asked: Asked) -> dict[str, object | None]:
    """Return the values that the link carries for ``asked``, None for what stands for itself."""
    wanted = asked.filters
    column, value = wanted.group or (None, None)
    return {
        "q": wanted.text or None,
        "label": wanted.label,
        "unlabelled": "yes" if wanted.unlabelled else None,
        "group": column,
        "is": value,
        "tag": wanted.tag,
        "origin": wanted.origin,
        "problem": wanted.problem,
        "wrong": wanted.wrong,
        "disagree": "yes" if wanted.disagree else None,
        "sort": None if asked.sort == "stored" else asked.sort,
        "by": asked.by,
        "page": None if asked.page == 1 else asked.page,
    }


def from_link(here: Mapping[str, Any]) -> Asked:
    """Return what the values of a link ask for; an order that there is not is the stored one."""
    column = here.get("group") or None
    sort = next((name for name in SORTS if name == here.get("sort")), "stored")
    return Asked(
        Filters(
            text=here.get("q", ""),
            label=here.get("label") or None,
            unlabelled="unlabelled" in here,
            group=None if column is None else (column, here.get("is")),
            tag=here.get("tag") or None,
            origin=here.get("origin") or None,
            problem=here.get("problem") or None,
            wrong=here.get("wrong") or None,
            disagree="disagree" in here,
        ),
        sort,
        here.get("by") if sort in ("highest", "lowest") else None,
        here.get("page", 1),
    )


def asked_for(ctx: Context) -> Asked:
    """Return what the link asks for; a candidate or group column that is not here is said and left out."""
    asked = from_link(ctx.linked.here)
    names = [candidate.name for candidate in ctx.ws.candidates]
    if asked.filters.wrong is not None and asked.filters.wrong not in names:
        _not_here(f"the candidate {asked.filters.wrong}")
        asked = replace(asked, filters=replace(asked.filters, wrong=None))
    if asked.sort in ("highest", "lowest") and asked.by not in names:
        _not_here(f"the candidate {asked.by}")
        asked = replace(asked, sort="stored", by=None)
    if asked.filters.group is not None and asked.filters.group[0] not in ctx.ws.config.groups:
        _not_here(f"the group column {asked.filters.group[0]}")
        asked = replace(asked, filters=replace(asked.filters, group=None))
    return asked


def _not_here(what: str) -> None:
    st.warning(f"The link names {plain(what)}, which is not here; it is left out.")


def draw_filters(ctx: Context, asked: Asked) -> None:
    """Draw the search, the filters and the order; each change goes into the link and begins at the first page."""
    there, wanted = ctx.ws.choices(ctx.version), asked.filters
    models = [item.name for item in ctx.ws.candidates if item.manifest.format != "baseline"]
    groups = {
        group_words(column, value): (column, value)
        for column, values in there.groups.items()
        for value in values
    }
    if wanted.group is not None:
        groups.setdefault(group_words(*wanted.group), wanted.group)
    orders = _orders(models)
    if (asked.sort, asked.by) not in orders.values():
        orders[f"{asked.sort} {asked.by}"] = (asked.sort, asked.by)
    labels = [*there.labels, *([UNLABELLED] if there.unlabelled or wanted.unlabelled else [])]
    shown_label = UNLABELLED if wanted.unlabelled else wanted.label
    order = next(words for words, pair in orders.items() if pair == (asked.sort, asked.by))

    keys = {name: f"filter {name}" for name in _NAMES}

    def commit() -> None:
        says = {name: state.heard(keys[name]) for name in _NAMES}
        label = says["label"] or None
        sort, by = orders[says["order"] or order]
        chosen = Filters(
            text=(says["text"] or "").strip(),
            label=None if label == UNLABELLED else label,
            unlabelled=label == UNLABELLED,
            group=groups.get(says["group"] or ANY),
            tag=says["tag"] or None,
            origin=says["origin"] or None,
            problem=says["problem"] or None,
            wrong=says["wrong"] or None,
            disagree=bool(says["disagree"]),
        )
        state.link_all(to_link(Asked(chosen, sort, by)))

    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        st.text_input(
            "Search",
            state.text_in("filter text", wanted.text),
            key="filter text",
            on_change=commit,
            placeholder="Id or words",
            width=220,
            help="Finds ids and texts that hold this, in capitals or not.",
        )
        _select("wrong", "Wrong for", models, wanted.wrong, "Any candidate", commit, 170)
        _select("label", "Label", labels, shown_label, "Any label", commit, 150, label_words(ctx))
        state.show_in("filter order", order)
        st.selectbox("Order", list(orders), key="filter order", on_change=commit, width=220)
        more = [wanted.group, wanted.tag, wanted.origin, wanted.problem, wanted.disagree or None]
        active = sum(value is not None for value in more)
        with st.popover(f"More filters ({active})" if active else "More filters"):
            now = None if wanted.group is None else group_words(*wanted.group)
            held = {"group": now, "origin": wanted.origin, "problem": wanted.problem, "tag": wanted.tag}
            for name, value in held.items():
                keys[name] = state.field_key(f"filter {name}", value or ANY)
            keys["disagree"] = state.field_key("filter disagree", wanted.disagree)
            _select("group", "Group", list(groups), now, "Any group", commit, key=keys["group"])
            _select(
                "origin",
                "Origin",
                there.origins,
                wanted.origin,
                "Samples and patterns",
                commit,
                key=keys["origin"],
            )
            _select(
                "problem",
                "Problem",
                there.problems,
                wanted.problem,
                "Any problem",
                commit,
                key=keys["problem"],
            )
            _select("tag", "Tag", there.tags, wanted.tag, "Any tag", commit, key=keys["tag"])
            st.toggle(
                "Candidates disagree",
                wanted.disagree,
                key=keys["disagree"],
                on_change=commit,
                help="Some models say yes and some no, each at its threshold. The baseline is left out.",
            )


_NAMES = ("text", "wrong", "label", "order", "group", "origin", "problem", "tag", "disagree")


def label_words(ctx: Context) -> dict[str, str]:
    """Return label value -> how it reads: ``yes (denied)``."""
    task = ctx.ws.config.task
    values = ctx.ws.config.label_values
    words = {task.positive: task.positive_name}
    if len(values) == 2:
        words |= {value: task.negative_name for value in values if value != task.positive}
    return {
        value: value if words.get(value, value) == value else f"{value} ({words[value]})" for value in values
    }


def _select(
    name: str,
    label: str,
    there: Any,
    current: str | None,
    nothing: str,
    commit: Any,
    width: int | str = "stretch",
    words: Mapping[str, str] | None = None,
    key: str | None = None,
) -> None:
    options = [ANY, *there]
    if current is not None and current not in options:
        options.append(current)
    if key is None:
        state.show_in(f"filter {name}", current or ANY)
    st.selectbox(
        label,
        options,
        0 if key is None else options.index(current or ANY),
        key=key or f"filter {name}",
        on_change=commit,
        format_func=lambda value: nothing if value == ANY else (words or {}).get(value, value),
        width=width,
    )


def group_words(column: str, value: str | None) -> str:
    """Return how a group reads: ``black = yes``."""
    return f"{column} = {MISSING if value is None else value}"


def _orders(models: list[str]) -> dict[str, tuple[Sort, str | None]]:
    found: dict[str, tuple[Sort, str | None]] = {
        "As stored": ("stored", None),
        "Last changed first": ("changed", None),
    }
    if len(models) > 1:
        found["Most disagreement first"] = ("disagreement", None)
    for name in models:
        found[f"Highest score of {name}"] = ("highest", name)
        found[f"Lowest score of {name}"] = ("lowest", name)
    return found


def conditions(ctx: Context, wanted: Filters) -> Iterator[tuple[str, Filters]]:
    """Yield each condition that is set in words, with the filters that are left without it."""
    if wanted.text:
        yield f"“{wanted.text}”", replace(wanted, text="")
    if wanted.wrong:
        yield f"wrong for {wanted.wrong}", replace(wanted, wrong=None)
    if wanted.disagree:
        yield "candidates disagree", replace(wanted, disagree=False)
    if wanted.label is not None:
        shown = label_words(ctx).get(wanted.label, wanted.label)
        yield f"{ctx.ws.config.task.label} = {shown}", replace(wanted, label=None)
    if wanted.unlabelled:
        yield "unlabelled", replace(wanted, unlabelled=False)
    if wanted.group is not None:
        yield group_words(*wanted.group), replace(wanted, group=None)
    if wanted.origin:
        yield f"origin {wanted.origin}", replace(wanted, origin=None)
    if wanted.problem:
        yield f"problem {wanted.problem}", replace(wanted, problem=None)
    if wanted.tag:
        yield f"tag {wanted.tag}", replace(wanted, tag=None)
