"""What a change of the test set did to every candidate: the last one in a sentence, any two versions in a table.

    last_change(ctx); effects_of(ctx, version, since)

Figures are worked out beside the page, which never waits for them: until they are there it says so, and then fills in
by itself.
"""

from __future__ import annotations

import streamlit as st

from components.context import Context
from components.formatting import escaped, hint, missing, plain, within
from components.registry import page_entry
from components.watching import watch
from lookingglass.charts import candidate_colour
from lookingglass.evaluation.effects import Effect, Effects
from lookingglass.figures import Figure
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import (
    DASH,
    counts_text,
    difference_interval_text,
    figure_text,
    signed,
    value_text,
)

AGAIN_SECONDS = 1.0


def last_change(ctx: Context) -> None:
    """Draw what the newest change that is shown did to every candidate; says so while they are being evaluated."""
    if ctx.version < 2:
        return
    effects = _wait_for(ctx, ctx.version, ctx.version - 1)
    if effects is not None:
        st.html(f'<div class="lg">{sentence_html(effects)}</div>')


def headline(ctx: Context) -> None:
    """Draw the last change's largest effect in one line, with the way to all of it; nothing while it is worked out."""
    if ctx.version < 2 or _waiting(ctx, ctx.version):
        return
    effects = ctx.ws.effects_soon(ctx.version, ctx.version - 1, wait=0.2)
    if effects is None or not effects.effects:
        return
    entry = page_entry("testset")
    words = f"{METRIC_WORDS[effects.metric].label} with version {effects.version}: {effects.headline}"
    st.markdown(plain(within(words)))
    st.page_link(
        entry.file,
        label=plain(f"What version {effects.version} changed"),
        icon=":material/history:",
        query_params={"view": "history"},
    )


def effects_of(ctx: Context, version: int, since: int) -> None:
    """Draw the table of effects between two versions; says so while it is worked out."""
    effects = _wait_for(ctx, version, since)
    if effects is None:
        return
    if not effects.effects:
        st.html('<div class="lg lg-quiet">There is no candidate yet.</div>')
        return
    st.html(effects_html(effects))


def _waiting(ctx: Context, version: int) -> bool:
    """Whether candidates were not asked on this version yet."""
    return ctx.drawn.version < version


def _wait_for(ctx: Context, version: int, since: int) -> Effects | None:
    """Return the effects; where they are not there yet, say so and draw the page anew once they are."""
    if _waiting(ctx, max(version, since)):
        stopped = ctx.drawn.cancelled
        st.caption(
            "The evaluation was stopped, so what this did to the candidates is not known yet."
            if stopped
            else f"Every candidate is being evaluated on version {max(version, since)}; "
            "what this did to each of them is shown here when it arrives."
        )
        return None
    found = ctx.ws.effects_soon(version, since)
    if found is None:
        _look_again(ctx, version, since)
    return found


def _look_again(ctx: Context, version: int, since: int) -> None:
    watch(
        lambda: ctx.ws.effects_soon(version, since, wait=0.01) is not None,
        lambda: st.caption(
            "What this did to the candidates is being worked out; it is shown here when it is done."
        ),
        seconds=AGAIN_SECONDS,
    )


def sentence_html(effects: Effects) -> str:
    """Return the sentence on all candidates as HTML, with each difference and its interval on hover."""
    if not effects.effects or effects.is_still:
        return escaped(within(effects.sentence))
    asks = f"{METRIC_WORDS[effects.metric].question} {METRIC_WORDS[effects.metric].definition}"
    parts = [hint(within(words), _told(items)) for words, items in effects.told()]
    said = f"What that did to the {hint(METRIC_WORDS[effects.metric].label, asks)}: {'; '.join(parts)}."
    return f"{said} {escaped(effects.patterns_sentence)}" if effects.patterns_sentence else said


def effects_html(effects: Effects) -> str:
    """Return the table as HTML: one row a candidate, before, after, difference with interval and verdict, patterns."""
    words = METRIC_WORDS[effects.metric]
    patterns = any(item.patterns_words for item in effects.effects)
    heads = [
        "Candidate",
        f"Version {effects.since}",
        f"Version {effects.version}",
        "Difference",
        *(["Patterns answered rightly"] if patterns else []),
    ]
    head = "".join(f'<th scope="col">{escaped(name)}</th>' for name in heads)
    body = "".join(_row(effects, item, patterns) for item in effects.effects)
    before, after = effects.samples_before, effects.samples_after
    sizes = f"{before:,}" if before == after else f"{before:,} → {after:,}"
    differ = "none differs" if not effects.differing else f"{effects.differing:,} of them differ"
    if effects.differing == 1:
        differ = "one of them differs"
    caption = (
        f"{words.label} on the labelled samples ({sizes}; {differ}). With each value: its 95 % interval."
    )
    return (
        f'<div class="lg"><table class="lg-table"><caption>{escaped(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(effects: Effects, item: Effect, patterns: bool) -> str:
    colour = candidate_colour(item.order)
    swatch = f'<span class="lg-swatch" style="background:{colour}" aria-hidden="true"></span>'
    first = f'<th scope="row">{swatch}{escaped(item.candidate)}</th>'
    if item.state == "failed":
        why = escaped(within(str(item.error)))
        return f'<tr>{first}<td class="lg-wide" colspan="{3 + patterns}">Failed: {why}</td></tr>'
    cells = [
        _value_cell(f"Version {effects.since}", item.metric, item.before),
        _value_cell(f"Version {effects.version}", item.metric, item.after),
        _difference_cell(item),
    ]
    if patterns:
        told = escaped(item.patterns_words) if item.patterns_words else missing("no labelled patterns")
        cells.append(f'<td data-label="Patterns">{told}</td>')
    return f"<tr>{first}{''.join(cells)}</tr>"


def _value_cell(label: str, metric: str, figure: Figure) -> str:
    if figure.value is None:
        return f'<td data-label="{escaped(label)}">{missing(figure.reason)}</td>'
    told = ", ".join(part for part in (counts_text(figure), figure.method or "", figure.reason or "") if part)
    value = f'<span class="lg-value">{escaped(value_text(metric, figure))}</span>'
    interval = figure_text(metric, figure).removeprefix(value_text(metric, figure)).strip()
    behind = f'<span class="lg-range">{hint(interval or "no interval", told)}</span>'
    return f'<td data-label="{escaped(label)}"><span>{value} {behind}</span></td>'


def _difference_cell(item: Effect) -> str:
    if item.difference.value is None:
        return (
            f'<td data-label="Difference"><span>{DASH} '
            f'<span class="lg-range" style="white-space:normal">{escaped(item.difference.reason)}</span></span></td>'
        )
    if item.state == "unchanged":
        return f'<td data-label="Difference">{hint("unchanged", item.difference.reason)}</td>'
    value = escaped(signed(item.difference.value, METRIC_WORDS[item.metric].unit))
    interval = difference_interval_text(item.metric, item.difference)
    lines = [hint(interval or "no interval", item.difference.method if interval else item.difference.reason)]
    behind = "".join(f'<span class="lg-range">{line}</span>' for line in [*lines, escaped(item.verdict)])
    return f'<td data-label="Difference"><span><span class="lg-value">{value}</span> {behind}</span></td>'


def _told(items: tuple[Effect, ...]) -> str | None:
    """Return the difference of each of some candidates with its interval, for the hover."""
    told = []
    for item in items:
        if item.state != "moved" or item.difference.value is None:
            continue
        change = signed(item.difference.value, METRIC_WORDS[item.metric].unit)
        interval = difference_interval_text(item.metric, item.difference)
        words = f"{change} {interval}" if interval else f"{change}, no interval: {item.difference.reason}"
        told.append(f"{item.candidate} {words}" if len(items) > 1 else words)
    return "; ".join(told) or None
