"""What was found for an aim, in sentences: the best threshold, how far to trust it, what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from components.context import Context
from components.formatting import plain
from components.views.threshold.asked import Asked
from components.views.threshold.limits import capacity_words, requirement_words
from lookingglass.errors import BadInput
from lookingglass.evaluation.choosing import ThresholdChoice
from lookingglass.fairness import GroupFigures
from lookingglass.figures import Figure
from lookingglass.thresholds import Band, Honesty, Requirement, Shortfall, parse_capacity, parse_requirement
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import (
    DASH,
    chosen_text,
    ended,
    estimated,
    interval_text,
    joined,
    money,
    number,
    plural,
    unit_of,
)

COST = "cost_per_example"


def goal_words(goal: str, beta: float = 1.0) -> str:
    """Return a goal as people say it: ``Highest F1``, ``Lowest cost``."""
    if goal == COST:
        return "Lowest cost"
    if goal == "selection_rate":
        return "Most answered yes"
    label = METRIC_WORDS[goal].label
    name = f"{label} with beta {beta:g}" if goal == "f_beta" else label
    return f"{'Lowest' if METRIC_WORDS[goal].direction == 'lower' else 'Highest'} {name}"


def amount_text(goal: str, value: float | None, currency: str) -> str:
    """Return a value of a metric in its unit, money with its currency; a dash when it is undefined."""
    if value is None:
        return DASH
    return money(value, currency) if goal == COST else number(value, unit_of(goal))


def best_sentences(
    ctx: Context, asked: Asked, chosen: ThresholdChoice, used: int, free: ThresholdChoice | None = None
) -> list[str]:
    """Return what to know of the best threshold before moving there.

    Args:
        used: how many decisions this version was used for.
        free: the best for the same goal without the limits, None where there are none.
    """
    if not chosen.feasible:
        return infeasible_sentences(chosen, asked.currency)
    goal = chosen.aim.goal
    figure = chosen.figures[goal]
    unit = ctx.ws.config.task.unit
    where = "answering nobody" if chosen.threshold is None else f"at {chosen_text(chosen.threshold)}"
    kept = " that keeps the limits" if chosen.aim.is_limited else ""
    said = f"{goal_words(goal, asked.beta)}{kept} {where}: {_with_interval(goal, figure, asked, unit)}"
    sentences = []
    honesty = chosen.honesty
    corrected = honesty.corrected.get(goal) if honesty is not None else None
    if corrected is not None and corrected.value is not None:
        less = _amount(goal, corrected.value, asked)
        said += f"; {less} once corrected for having been chosen on these very {plural(unit)}"
    sentences.append(f"{said}.")
    if free is not None:
        sentences.append(price_sentence(asked, chosen, free))
    if honesty is not None:
        sentences.append(trust_sentence(honesty))
    if used:
        sentences.append(
            f"Version {chosen.version} has been used for {used} {plural('decision', used)} so far: the more often "
            "one set is chosen on, the better its figures look by chance."
        )
    return [*sentences, *chosen.choice.notes]


def price_sentence(asked: Asked, chosen: ThresholdChoice, free: ThresholdChoice) -> str:
    """Say what keeping the limits costs: the same goal without them, and the difference in money where there is one."""
    goal = chosen.aim.goal
    if chosen.threshold == free.threshold:
        return "The limits cost nothing: without them the best is the same."
    there, here = free.figures[goal].value, chosen.figures[goal].value
    told = f"Without the limits it would be {_amount(goal, there, asked)} at {chosen_text(free.threshold)}"
    if goal != COST or there is None or here is None:
        return f"{told}."
    return f"{told}: keeping them costs {amount_for(asked, here - there)} more."


def amount_for(asked: Asked, cost: float | None) -> str:
    """Return a cost per case as money, for as many cases as a period brings where that is known."""
    return _amount(COST, cost, asked)


def span_for(asked: Asked, figure: Figure) -> str:
    """Return the interval of a cost as ``amount_for`` writes it, the currency left out; '' where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    bare = replace(asked, currency="")
    return f"{amount_for(bare, figure.low)} to {amount_for(bare, figure.high)}"


def signed_money(asked: Asked, cost: float) -> str:
    """Return a difference in cost with its sign."""
    text = amount_for(replace(asked, currency=""), abs(cost))
    if not any(digit in text for digit in "123456789"):
        return f"±{text}"
    return f"{'+' if cost > 0 else '−'}{text}"


def _amount(goal: str, value: float | None, asked: Asked) -> str:
    """Return a value in its unit, a cost for as many cases as a period brings where that is known."""
    if goal == COST and asked.volume is not None and value is not None:
        return money(estimated(value * asked.volume), asked.currency)
    return amount_text(goal, value, asked.currency)


def _with_interval(goal: str, figure: Figure, asked: Asked, unit: str) -> str:
    text = _amount(goal, figure.value, asked)
    if goal == COST:
        volume = asked.volume
        text += (
            f" for each {unit}" if volume is None else f" for {volume:,.12g} {plural(unit)} a {asked.period}"
        )
    if figure.low is None or figure.high is None:
        return text
    bare = replace(asked, currency="")
    return f"{text} ({_amount(goal, figure.low, bare)} to {_amount(goal, figure.high, bare)})"


def trust_sentence(honesty: Honesty) -> str:
    """Say which thresholds other samples would have led to, and which are as good within noise."""
    low, high = honesty.chosen
    said = f"Chosen on other samples of this size, the best would be {_span(low, high)} in 95 of 100 cases."
    flat = honesty.flat_zone
    if flat[0] != flat[1]:
        said += f" On these samples, {_span(*flat)} is as good within noise."
    if honesty.share_infeasible:
        said += (
            f" In {number(honesty.share_infeasible, 'rate')} of such samples no threshold keeps the limits."
        )
    return said


def _span(low: float | None, high: float | None) -> str:
    if low == high:
        return chosen_text(low) if low is not None else "answering nobody"
    upper = "answering nobody" if high is None else chosen_text(high)
    return f"anything from {chosen_text(low)} to {upper}"


def infeasible_sentences(chosen: ThresholdChoice, currency: str = "") -> list[str]:
    """Say that no threshold keeps the limits, which of them stand in the way, and what comes closest."""
    choice = chosen.choice
    limits = joined([f"“{requirement_words(text)}”" for text in choice.binding])
    verb = "stands" if len(choice.binding) == 1 else "stand"
    sentences = [f"No threshold keeps all limits: {limits} {verb} in the way."]
    if choice.nearest is not None:
        missed = joined([_missed(item, currency) for item in choice.nearest.shortfalls])
        at = choice.nearest.threshold
        where = "Answering nobody" if at is None else f"The threshold {chosen_text(at)}"
        sentences.append(f"{where} comes closest: {missed}.")
    return [*sentences, *choice.notes]


def _missed(item: Shortfall, currency: str) -> str:
    try:
        needed = parse_requirement(item.rule)
    except BadInput:
        if item.value is None:
            return item.rule
        told = [number(one, "rate") if item.bound <= 1 else f"{one:,.0f}" for one in (item.value, item.bound)]
        return f"{told[0]} are answered yes there and should be at most {told[1]}"
    where = "" if item.group is None else f" where {needed.by} is {item.group}"
    there = amount_text(needed.metric, item.value, currency)
    bound = amount_text(needed.metric, item.bound, currency)
    least = "at least" if needed.sense == ">=" else "at most"
    return f"{METRIC_WORDS[needed.metric].label}{where} is {there} there and should be {least} {bound}"


def draw_limits_kept(limits: Sequence[LimitAt]) -> None:
    """Draw for each limit whether it holds at the threshold that is looked at, and by how much."""
    for limit in limits:
        icon = {True: ":material/check:", False: ":material/close:", None: ":material/help:"}[limit.holds]
        st.markdown(f"{icon} {plain(limit.said)}")


@dataclass(frozen=True)
class LimitAt:
    """Whether one limit holds at a threshold, None where it cannot be told, and that in words."""

    holds: bool | None
    said: str


def limits_at(
    ctx: Context,
    asked: Asked,
    candidate: str,
    at: float | None,
    figures: Mapping[str, Figure],
    band: Band | None = None,
) -> list[LimitAt]:
    """Return for every limit whether it holds at the threshold that is looked at.

    Args:
        band: what a person in between does there; limits are then held against the final answers.
    """
    if band is not None:
        figures = {**figures, **band.figures}
    found = [_limit_at(ctx, text, candidate, at, figures, asked, band) for text in asked.requirements]
    if asked.capacity is None:
        return found
    capacity = parse_capacity(asked.capacity, asked.volume)
    words, share = capacity_words(capacity, ctx.ws.config.task.unit), figures["selection_rate"]
    if share.value is None:
        return [*found, LimitAt(None, f"{words}: cannot tell, {share.reason}")]
    if capacity.most is not None:
        holds, there = share.value <= capacity.most, number(share.value, "rate")
    else:
        answered = share.k if share.k is not None else round(share.value * share.n)
        holds, there = answered <= (capacity.count or 0), f"{answered:,}"
    return [*found, LimitAt(holds, f"{words}: {_HOLDS[holds]} ({there})")]


_HOLDS = {True: "holds", False: "does not hold"}


def _limit_at(
    ctx: Context,
    text: str,
    candidate: str,
    at: float | None,
    figures: Mapping[str, Figure],
    asked: Asked,
    band: Band | None,
) -> LimitAt:
    try:
        needed = parse_requirement(text)
    except BadInput as error:
        return LimitAt(None, str(error))
    if band is not None and (needed.by is not None or needed.metric not in band.figures):
        return _limit_of_band(needed, band, asked.currency)
    if needed.by is None:
        found: Sequence[tuple[str, Figure]] = [("", figures[needed.metric])]
    else:
        found = _of_groups(
            ctx.ws.counting(asked.origin).groups(candidate, needed.by, at, ctx.version), needed.metric
        )
    known = [(where, figure) for where, figure in found if figure.value is not None]
    words = requirement_words(text)
    if not known:
        why = found[0][1].reason if found else "there is no group"
        return LimitAt(None, f"{words}: cannot tell, {why}")
    pick = min if needed.sense == ">=" else max
    where, worst = pick(known, key=lambda pair: pair[1].value or 0.0)
    value = worst.value or 0.0
    holds = value >= needed.bound if needed.sense == ">=" else value <= needed.bound
    interval = interval_text(needed.metric, worst)
    counted = f", {worst.k:,} of {worst.n:,}" if worst.k is not None else ""
    told = f"{amount_text(needed.metric, value, asked.currency)}{counted}{where}"
    return LimitAt(holds, f"{words}: {_HOLDS[holds]} ({told}{f'; 95 %: {interval}' if interval else ''})")


def _limit_of_band(needed: Requirement, band: Band, currency: str) -> LimitAt:
    words = requirement_words(needed.text())
    missed = next((item for item in band.missed if item.rule == needed.text()), None)
    if missed is None:
        return LimitAt(True, f"{words}: {_HOLDS[True]}")
    where = "" if missed.group is None else f" where {needed.by} is {missed.group}"
    told = f" ({amount_text(needed.metric, missed.value, currency)}{where})"
    return LimitAt(False, f"{words}: {_HOLDS[False]}{told}")


def _of_groups(groups: Sequence[GroupFigures], metric: str) -> list[tuple[str, Figure]]:
    return [
        (f" where {group.column} is {group.value}", group.figures[metric])
        for group in groups
        if metric in group.figures
    ]


def cost_sentence(asked: Asked, figure: Figure, unit: str) -> str:
    """Say what the threshold costs: for the stated volume where there is one, else for one case."""
    if figure.value is None:
        return ended(f"What it costs cannot be told: {figure.reason}")
    verb, sign = ("brings", -1) if figure.value < 0 else ("costs", 1)
    ends = sorted(sign * end for end in (figure.low, figure.high) if end is not None)
    span = span_for(asked, replace(figure, low=ends[0], high=ends[1])) if len(ends) == 2 else ""
    told = f"That {verb} {amount_for(asked, sign * figure.value)}"
    return f"{told}{f' (95 %: {span})' if span else ''} {cases(asked, unit)}."


def cases(asked: Asked, unit: str) -> str:
    """Return what an amount is told for: ``for each application``, ``for 10,000 applications a month``."""
    if asked.volume is None:
        return f"for each {unit}"
    return f"for {asked.volume:,.12g} {plural(unit)} a {asked.period}"


def moved_sentence(
    scaled: Mapping[str, int], today: Mapping[str, int], yes: str, no: str, at: str, agreed: bool
) -> str:
    """Say how many more or fewer of 1,000 each mistake meets than at the threshold that holds today.

    Args:
        scaled, today: tp, fp, tn and fn of 1,000, here and there. ``at``: the threshold of today.
        yes, no: what is done to a case that is answered so. ``agreed``: whether people agreed on that threshold.
    """
    parts = [
        f"{abs(change)} {'more' if change > 0 else 'fewer'} wrongly {what}"
        for change, what in ((scaled["fp"] - today["fp"], yes), (scaled["fn"] - today["fn"], no))
        if change
    ]
    there = f"at {at}, as agreed" if agreed else f"at the usual {at}"
    return f"That is {joined(parts)} than {there}." if parts else f"Of 1,000 that is the same as {there}."
