"""The record of decisions: who agreed to what and why, newest first, and any two of them side by side."""

from __future__ import annotations

import streamlit as st

from components import state
from components.context import Context
from components.formatting import escaped, when
from components.views.orientation import empty_state
from components.views.threshold.agree import agreed_first
from components.views.threshold.asked import Asked, as_agreed
from components.views.threshold.findings import COST, amount_for, goal_words, span_for
from components.views.threshold.limits import requirement_words
from lookingglass.config import Task
from lookingglass.decisions import WHERE, Decision, compare_decisions, list_decisions
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import called, chosen_text, ended, figure_text, joined, money, plural

_TOLD = ("recall", "precision", "false_positive_rate", "selection_rate")
_STANDING = {"in force": "in force", "out of date": "out of date", "replaced": "replaced since"}


def draw_decisions(ctx: Context) -> None:
    """Draw every decision of the workspace, and what differs between two."""
    decisions = list_decisions(ctx.ws.home)
    if not decisions:
        empty_state(
            "Nothing is agreed yet.",
            "Choose a threshold under “Set the threshold”, and agree on it at the end of that view.",
        )
        return
    test_set = ctx.ws.test_set()
    items = "".join(
        _item(
            one,
            agreed_first(one, decisions),
            one.standing(test_set.version, test_set.digest),
            ctx.ws.config.task,
        )
        for one in reversed(decisions)
    )
    st.html(f'<div class="lg"><ul class="lg-list">{items}</ul></div>')
    if len(decisions) > 1:
        _compared(ctx, decisions)


def _item(one: Decision, first: Decision, standing: str, task: Task) -> str:
    asked = as_agreed(one)
    facts = [goal_words(asked.goal, asked.beta)]
    if asked.has_costs:
        fp, fn = (money(amount or 0.0, asked.currency) for amount in (asked.fp, asked.fn))
        facts.append(
            f"wrongly {called(task.positive_name)} at {fp}, wrongly {called(task.negative_name)} at {fn}"
        )
    facts += [requirement_words(text) for text in asked.requirements]
    if one.ask_from is not None:
        facts.append(f"a person asked from {chosen_text(one.ask_from)}")
    if one.volume is not None:
        facts.append(f"{one.volume.count:,.12g} {plural(task.unit)} a {one.volume.period}")
    measured = _measured(one, asked)
    broken = "".join(f" It was agreed although this did not hold: {words}." for words in one.broken)
    state_words = f"{_STANDING[standing]}, agreed on version {one.version}"
    people = joined(one.people)
    if first is not one:
        people = f"agreed by {joined(first.people)} (event {first.seq}), confirmed by {people}"
    why = f" Why this figure: {ended(one.metric_reason)}" if one.metric_reason else ""
    return (
        f"<li><strong>{escaped(one.candidate)} at {escaped(chosen_text(one.threshold))}</strong> "
        f"({escaped(state_words)}): {escaped(people)}"
        f"<br>{escaped(ended(one.reason))}{escaped(why)}"
        f'<br><span class="lg-quiet lg-small">{escaped("; ".join(facts))}. '
        f"{escaped(measured)}{escaped(broken)} "
        f"Recorded by {escaped(one.actor)} as event {one.seq}.</span>"
        f"{when(one.time)}</li>"
    )


def _measured(one: Decision, asked: Asked) -> str:
    """Return what people saw when they agreed: the cost, and of which mistakes there were how many."""
    told = []
    cost = one.figures.get(COST)
    if cost is not None and cost.value is not None:
        span = span_for(asked, cost)
        told.append(f"Cost {amount_for(asked, cost.value)}{f' (95 %: {span})' if span else ''}")
    for name in _TOLD:
        figure = one.figures.get(name)
        if figure is not None and figure.value is not None:
            counted = f" ({figure.k:,} of {figure.n:,})" if figure.k is not None else ""
            told.append(f"{METRIC_WORDS[name].label} {figure_text(name, figure)}{counted}")
    for name, figure in one.figures.items():
        metric, where, group = name.partition(WHERE)
        if where and metric == "false_positive_rate" and figure.value is not None:
            told.append(f"{METRIC_WORDS[metric].label} where {group} {figure_text(metric, figure)}")
    return f"{'; '.join(told)}." if told else ""


def _compared(ctx: Context, decisions: list[Decision]) -> None:
    st.subheader("What differs between two decisions")
    by_seq = {one.seq: one for one in decisions}
    seqs = list(reversed(by_seq))
    here = ctx.linked.here
    left, right = st.columns(2)
    with left:
        one = by_seq[_choose("one", "From", seqs, here.get("one", seqs[1]), by_seq)]
    with right:
        other = by_seq[_choose("other", "To", seqs, here.get("other", seqs[0]), by_seq)]
    rows = compare_decisions(one, other)
    if not rows:
        st.markdown("They say the same.")
        return
    body = "".join(
        f'<tr><th scope="row">{escaped(row.what)}</th><td class="lg-wide" data-label="From">{escaped(row.before)}</td>'
        f'<td class="lg-wide" data-label="To">{escaped(row.after)}</td></tr>'
        for row in rows
    )
    st.html(
        '<div class="lg"><table class="lg-table"><thead><tr><th scope="col">What</th><th scope="col" class="lg-wide">'
        f'From</th><th scope="col" class="lg-wide">To</th></tr></thead><tbody>{body}</tbody></table></div>'
    )


def _choose(name: str, label: str, seqs: list[int], current: int, by_seq: dict[int, Decision]) -> int:
    key = f"threshold {name}"
    state.show_in(key, current if current in by_seq else seqs[0])

    def commit() -> None:
        state.link(name, state.heard(key))

    def words(seq: int) -> str:
        one = by_seq[seq]
        return f"{one.candidate} at {chosen_text(one.threshold)}, event {seq}"

    return st.selectbox(label, seqs, key=key, format_func=words, on_change=commit)
