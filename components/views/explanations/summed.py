"""What many explanations add up to: what pushes where and how often, what shows it best, and two candidates compared.

Every figure says how many explanations it rests on. Computes nothing but asks ``lookingglass.explanations``.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import state
from components.context import Context
from components.formatting import escaped, missing, plain
from components.views.explanations.arrival import jump_to
from components.views.explanations.reasons import verdict_sentence
from components.views.images import image_tag
from lookingglass.charts.palette import NEGATIVE, POSITIVE
from lookingglass.errors import BadInput
from lookingglass.explanations import (
    Explanation,
    Reason,
    Summary,
    against,
    average_map,
    coverage_pick,
    summarise,
)
from lookingglass.explanations.drawn import OPACITY, overlaid, signed_weight
from lookingglass.wording import number, plural

SHOWN = 12
"""Rows of the table of reasons, and of that of two candidates."""
WIDE = 320
"""Of the average map, in pixels of the screen."""
AT_RANDOM = "a sample drawn at random without test patterns"
PICKED = 10
NAMED = 3
"""So many of the strongest features are named beside an example."""
FEATURE = {"text": "Word", "tabular": "Column", "image": "Region"}


def draw_summed(ctx: Context, told: Sequence[Explanation], kind: str, chosen: int) -> None:
    """Draw what the explanations of one candidate add up to.

    Args:
        kind: of the predictions. ``chosen``: how many of them were asked for.
    """
    wrong = wrong_answers(ctx, told)
    summary = summarise(told, wrong)
    st.markdown(plain(rests_on(ctx, summary, kind, chosen)))
    if not summary.reasons:
        st.info(
            f"None of them has a reason to show: {_nothing(len(told))}. "
            "Look at them one by one to see what is said of each."
        )
        return
    st.subheader("What pushes its answers", anchor=False)
    _reasons(ctx, told, summary, wrong)
    if told[0].modality == "image":
        _map(ctx, told)
    _examples(ctx, told, kind)


def rests_on(ctx: Context, summary: Summary, kind: str, chosen: int) -> str:
    """Say how many explanations it rests on, whom that speaks for, and how far they are to be believed."""
    units = plural(ctx.ws.config.task.unit)
    n = summary.explanations
    said = f"This rests on {n} {plural('explanation', n)}"
    # part of a sample may be what somebody looked at one by one, such as its mistakes
    part = n + summary.left_out < chosen
    said += f" so far, of {chosen} chosen" if part else f" of {chosen} chosen"
    if kind == "typical" and part:
        said += f", {AT_RANDOM}; it speaks for all {units} once all of it is explained."
    elif kind == "typical":
        said += f", {AT_RANDOM}, which speaks for all {units}."
    else:
        said += f"; they were picked, so it does not speak for all {units}."
    if summary.left_out:
        more = f"{summary.left_out} more {'is' if summary.left_out == 1 else 'are'} left out"
        said += f" {more}: {_nothing(summary.left_out)}."
    if n == 1:
        said += " One explanation says nothing of others: explain more."
    marked = ((summary.weak_fit, "with a weak local fit"), (summary.unstable, "unstable"))
    weak = [f"{count} {words}" for count, words in marked if count]
    if weak:
        said += f" Marked among them: {' and '.join(weak)}; believe their single numbers less."
    return said


def _nothing(count: int) -> str:
    return f"{'it has' if count == 1 else 'they have'} nothing to explain, or the answer never moves"


def wrong_answers(ctx: Context, told: Sequence[Explanation]) -> dict[str, bool]:
    """Return by example whether the candidate's answer is wrong; examples without a label are left out."""
    task, rows = ctx.ws.config.task, ctx.ws.test_set(ctx.version)
    labels, at = rows.rows.get_column("@label"), ctx.ws.threshold(told[0].candidate).value
    found = {}
    for each in told:
        label = labels[rows.position(each.example_id)]
        if label is not None:
            found[each.example_id] = (at is not None and each.score >= at) != (label == task.positive)
    return found


def _reasons(ctx: Context, told: Sequence[Explanation], summary: Summary, wrong: dict[str, bool]) -> None:
    """Draw the table of reasons, the most important first."""
    shown = summary.reasons[:SHOWN]
    strongest = max(abs(each.mean) for each in shown)
    several = len(told[0].inputs) > 1 and told[0].modality == "text"
    task, what = ctx.ws.config.task, FEATURE[told[0].modality]
    yes, no = task.positive_name, task.negative_name
    body = "".join(reason_row(each, summary.explanations, yes, no, strongest, several) for each in shown)
    counted = (
        f"All in all the answer is wrong in {sum(wrong.values())} of the {len(wrong)} that have a label. "
        if wrong
        else "None of these has a label, so nobody can say which answers are wrong. "
    )
    more = (
        f"{len(shown)} of {len(summary.reasons)}, those that push often and strongly first. "
        if len(summary.reasons) > len(shown)
        else ""
    )
    st.html(
        f'<div class="lg"><table class="lg-table"><caption>{escaped(more + counted)}Counted where it is among '
        f"the ten strongest of an explanation; points are of the score.</caption>"
        f'<thead><tr><th scope="col">{what}</th><th scope="col" class="lg-wide">How often it pushes where</th>'
        f'<th scope="col" class="lg-wide">Average where it counts, in points</th>'
        f'<th scope="col">Answer wrong there</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def reason_row(reason: Reason, of: int, yes: str, no: str, strongest: float, several: bool) -> str:
    """Return one row of the table of reasons as HTML, of so many explanations; ``several`` names its columns too."""
    where = f' <span class="lg-range">in {escaped(" and ".join(reason.fields))}</span>' if several else ""
    either = (
        # on one line on a phone too: a number without its words means nothing
        f' <span class="lg-range" style="white-space: nowrap">'
        f"{signed_weight(reason.strength).removeprefix('+')} whichever way</span>"
        if reason.to_yes and reason.to_no
        else ""
    )
    wrong = (
        f"{reason.wrong} of {reason.judged}"
        if reason.judged
        else missing("none of these examples has a label")
    )
    return (
        f'<tr><th scope="row">{escaped(reason.feature)}{where}</th>'
        f'<td class="lg-wide" data-label="Pushes">{escaped(pushes(reason, of, yes, no))}</td>'
        f'<td class="lg-wide" data-label="Where it counts"><span>{push_bar(reason.mean, strongest)}{either}</span></td>'
        f'<td data-label="Wrong there">{wrong}</td></tr>'
    )


def pushes(reason: Reason, of: int, yes: str, no: str) -> str:
    """Say how often a feature pushes which way: ``to matched in 38 of 50, to not matched in 2``."""
    ways = sorted(((reason.to_yes, yes), (reason.to_no, no)), key=lambda way: -way[0])
    said = [f"to {words} in {count}" for count, words in ways if count]
    return f"{said[0]} of {of}{''.join(f', {each}' for each in said[1:])}"


def push_bar(weight: float, strongest: float) -> str:
    """Return HTML: a bar to the side that a weight pushes to, with its number."""
    length = 0.0 if not strongest else 100 * min(abs(weight) / strongest, 1.0)
    colour, side = (POSITIVE, "left") if weight > 0 else (NEGATIVE, "right")
    style = f"{side}: 50%; width: {length / 2:.1f}%; background: {colour}"
    return (
        f'<span class="lg-push"><span style="{style}"></span></span>'
        f'<span class="lg-value">{escaped(signed_weight(weight))}</span>'
    )


def _map(ctx: Context, told: Sequence[Explanation]) -> None:
    """Draw the mean weight of each region over a neutral ground."""
    st.subheader("Where it looks, over all of them", anchor=False)
    try:
        mean = average_map(told)
    except BadInput as error:
        st.info(plain(str(error)))
        return
    strongest = float(abs(mean).max())
    cells = "".join(_cell(float(weight), strongest) for weight in mean.ravel())
    counted = sum(bool(each.weights) for each in told)
    grid = (
        f"display: grid; grid-template-columns: repeat({mean.shape[1]}, 1fr); gap: 2px; max-width: {WIDE}px"
    )
    st.html(f'<div class="lg"><div style="{grid}">{cells}</div></div>')
    task = ctx.ws.config.task
    st.caption(
        plain(
            f"Each square is a region, rows counted from above and columns from the left. Its number is the mean over "
            f"all {counted} {plural('explanation', counted)}, those in which it hardly counts included, and so smaller "
            "than in the table: "
            f"blue regions push to {task.positive_name}, orange ones to {task.negative_name}."
        )
    )


def _cell(weight: float, strongest: float) -> str:
    colour = POSITIVE if weight > 0 else NEGATIVE
    depth = 0 if not strongest else round(55 * abs(weight) / strongest)
    style = (
        f"background: color-mix(in srgb, {colour} {depth}%, rgb(128 134 139 / 14%)); "
        "aspect-ratio: 1; display: grid; place-items: center; font-variant-numeric: tabular-nums"
    )
    return f'<span style="{style}">{escaped(signed_weight(weight))}</span>'


def _examples(ctx: Context, told: Sequence[Explanation], kind: str) -> None:
    """Draw the examples that together show most of what the candidate goes by, each leading to its own reasons."""
    picked = coverage_pick(told, PICKED)
    st.subheader(f"{len(picked)} that together show what it does", anchor=False)
    st.caption("Each next one adds most of what those before it do not show.")
    for each in picked:
        with st.container(horizontal=True, vertical_alignment="center", key=f"picked {each.example_id}"):
            st.button(
                plain(each.example_id),
                key=f"look at {each.example_id}",
                type="tertiary",
                icon=":material/arrow_forward:",
                on_click=_look_at,
                args=(each.example_id, kind),
            )
            if each.modality == "image":
                _thumbnail(ctx, each)
            st.markdown(plain(f"{verdict_sentence(ctx, each)} Strongest: {named(each)}"))


def named(told: Explanation) -> str:
    """Name the strongest features of one explanation with their points."""
    return ", ".join(f"{each.feature} {signed_weight(each.weight)}" for each in told.weights[:NAMED]) + "."


def _thumbnail(ctx: Context, told: Explanation) -> None:
    strongest = max(abs(each.weight) for each in told.weights)
    laid = overlaid(ctx.ws.image(str(next(iter(told.inputs.values())))), told, strongest, OPACITY)
    st.html(image_tag(laid, f"{told.example_id} with the regions for and against"), width="content")


def _look_at(example: str, kind: str) -> None:
    jump_to(example)
    state.link_all(
        {"view": None, "which": kind, "q": None, "problem": None, "group": None, "example": example}
    )


def draw_against(
    ctx: Context, first: Sequence[Explanation], second: Sequence[Explanation], name: str
) -> None:
    """Draw the reasons of two candidates against each other, over what both were explained on."""
    mine = first[0].candidate
    st.subheader(f"{plain(mine)} against {plain(name)}", anchor=False)
    found = against(first, second)
    if not found.examples:
        st.info(
            plain(
                f"Nothing that {mine} is explained on is explained under {name} yet: explain the same there."
            )
        )
        return
    share = "" if found.overlap is None else (
        f" On average {number(found.overlap, 'rate')} of their ten strongest are the same."
    )  # fmt: skip
    units = plural(ctx.ws.config.task.unit, found.examples)
    shown = found.features[:SHOWN]
    strongest = max((abs(value) for each in shown for value in (each.first, each.second)), default=0.0)
    body = "".join(
        f'<tr><th scope="row">{escaped(each.feature)}</th>'
        f'<td class="lg-wide" data-label="{escaped(mine)}"><span>{push_bar(each.first, strongest)}</span></td>'
        f'<td class="lg-wide" data-label="{escaped(name)}"><span>{push_bar(each.second, strongest)}</span></td>'
        f'<td data-label="Difference">{escaped(signed_weight(each.difference))}</td></tr>'
        for each in shown
    )
    st.html(
        f'<div class="lg"><table class="lg-table"><caption>Mean points over the {found.examples} {escaped(units)} that '
        f"both were explained on, 0 where it is not among the ten strongest.{escaped(share)} "
        f'The largest difference first.</caption><thead><tr><th scope="col">{FEATURE[first[0].modality]}</th>'
        f'<th scope="col" class="lg-wide">{escaped(mine)}</th><th scope="col" class="lg-wide">{escaped(name)}</th>'
        f'<th scope="col">Difference</th></tr></thead><tbody>{body}</tbody></table></div>'
    )
