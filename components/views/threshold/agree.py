"""Agreeing on a threshold: who is in the room, why, what will be recorded, and one button; or confirming it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain, refusal
from components.views.threshold.asked import Asked, as_agreed
from components.views.threshold.findings import COST, LimitAt, amount_for, goal_words
from components.views.threshold.limits import requirement_words
from lookingglass.candidates import Candidate
from lookingglass.decisions import AGREED, Decision, Measured, NewDecision, agree, confirm
from lookingglass.errors import LookingGlassError
from lookingglass.evaluation.choosing import ThresholdChoice
from lookingglass.evaluation.since import ChangedSince
from lookingglass.ledger import may
from lookingglass.thresholds import Aim
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import called, chosen_text, ended, figure_text, inside, joined, money, plural

_ACT = "agree a threshold"
_REFUSED = "agreement that was refused"
_TURN = "agreements of this session"
_SURE = "sure to confirm"
_TOLD = ("recall", "precision", "false_positive_rate", "selection_rate", "f1", "cost_per_example")


@dataclass(frozen=True)
class Proposed:
    """What would be recorded: the candidate, its threshold, what it is for, and what was measured there."""

    candidate: Candidate
    at: float | None
    asked: Asked
    aim: Aim
    measured: Measured
    best: ThresholdChoice | None
    limits: Sequence[LimitAt]

    @property
    def where(self) -> str:
        """The threshold in words, both of them where a person is asked in between."""
        at = chosen_text(self.at)
        if self.asked.low is None:
            return at
        return (
            f"{chosen_text(self.asked.low)} up"
            if self.at is None
            else f"{chosen_text(self.asked.low)} to {at}"
        )

    @property
    def broken(self) -> list[str]:
        """The limits that do not hold, in words."""
        return [limit.said for limit in self.limits if limit.holds is False]


def draw_agree(ctx: Context, proposed: Proposed, seen: Decision | None) -> None:
    """Draw the form that records the agreement as one event.

    Args:
        seen: the decision in force on this candidate, None without one; a later one of somebody else is then told.
    """
    st.subheader("Agree on it")
    why_not = _why_not(ctx, proposed)
    refused = state.kept(_REFUSED)
    if refused is not None and refused[0] == chosen_text(proposed.at):
        st.error(refused[1])
    turn = state.kept(_TURN, 0)
    with st.form("agree", border=True):
        left, right = st.columns(2)
        people = left.text_input(
            "Who agrees", placeholder="Names, separated by commas", key=f"agree people {turn}"
        )
        metric_reason = right.text_input(
            f"Why “{goal_words(proposed.asked.goal, proposed.asked.beta)}”",
            placeholder="What made it the right figure",
            key=f"agree metric reason {turn}",
        )
        reason = st.text_area(
            f"Why {proposed.where}",
            placeholder="The mistake that we would rather make, and who bears it",
            key=f"agree reason {turn}",
            height=80,
        )
        for words in proposed.broken:
            st.warning(plain(words), icon=":material/close:")
        although = not proposed.broken or st.checkbox(
            "We agree although this does not hold", key=f"agree although {turn}"
        )
        best = proposed.best
        alone = proposed.asked.low is None
        if alone and best is not None and best.feasible and best.threshold != proposed.at:
            what = goal_words(proposed.asked.goal, proposed.asked.beta)
            st.caption(
                plain(f"{what} is at {chosen_text(best.threshold)}, not at {chosen_text(proposed.at)}.")
            )
        st.caption(plain(f"Recorded as one event: {session_sentence(ctx, proposed)}"))
        pressed = st.form_submit_button(
            f"Agree on {proposed.where}",
            type="primary",
            disabled=why_not is not None,
            help=why_not,
        )
    if why_not is not None:
        st.caption(plain(why_not))
    if pressed and not although:
        st.error("Tick that you agree although a limit does not hold, or move the threshold.")
    elif pressed:
        _record(ctx, proposed, people, reason, metric_reason, seen)


def _why_not(ctx: Context, proposed: Proposed) -> str | None:
    try:
        actor = ctx.actor
    except LookingGlassError as error:
        return str(error)
    if not may(ctx.ws.config.people, actor.name, AGREED):
        return f"{actor.name} may not agree a threshold: that needs the role approver or editor."
    if ctx.ws.home.read_only is not None:
        return "This workspace can only be read here."
    if proposed.candidate.retired:
        return f"{proposed.candidate.name} is retired, so nothing can be agreed for it."
    return None


def session_sentence(ctx: Context, proposed: Proposed) -> str:
    """Say in one sentence what the session came to."""
    asked, task = proposed.asked, ctx.ws.config.task
    parts = [
        f"{proposed.candidate.name} at {chosen_text(proposed.at)}",
        inside(goal_words(asked.goal, asked.beta)),
    ]
    if asked.has_costs:
        wrong = [money(amount or 0, asked.currency) for amount in (asked.fp, asked.fn)]
        parts.append(
            f"wrongly {called(task.positive_name)} at {wrong[0]}, wrongly {called(task.negative_name)} at {wrong[1]}"
        )
    parts += [inside(requirement_words(text)) for text in asked.requirements]
    if asked.low is not None:
        parts.append(f"a person asked from {chosen_text(asked.low)}")
    if asked.origin == "all":
        parts.append("test patterns counted, too")
    if asked.volume is not None:
        parts.append(f"{asked.volume:,.12g} {plural(task.unit)} a {asked.period}")
    measured = proposed.measured
    return (
        f"{'; '.join(parts)}; version {measured.version} of the test set with its digest, and "
        f"{len(measured.figures)} figures with their intervals."
    )


def names_in(text: str) -> list[str]:
    """Return the names in a text that separates them by commas or semicolons, each once."""
    parts = (" ".join(part.split()) for part in text.replace(";", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def _record(
    ctx: Context, proposed: Proposed, people: str, reason: str, metric_reason: str, seen: Decision | None
) -> None:
    try:
        new = NewDecision(
            candidate=proposed.candidate.name,
            fingerprint=proposed.candidate.fingerprint,
            measured=proposed.measured,
            threshold=proposed.at,
            aim=proposed.aim,
            people=names_in(people),
            reason=reason,
            metric_reason=metric_reason,
            ask_from=proposed.asked.low,
            currency=proposed.asked.currency,
            volume=proposed.asked.asked_volume,
            ask_cost=proposed.asked.ask,
            origin=proposed.asked.origin,
            broken=proposed.broken,
        )
        agree(ctx.ws.home, new, ctx.actor, key=state.request_key(_ACT), seen=seen.seq if seen else 0)
    except LookingGlassError as error:
        state.keep(_REFUSED, (chosen_text(proposed.at), refusal(error)))
        st.rerun()
    state.forget(_REFUSED)
    state.keep(_TURN, state.kept(_TURN, 0) + 1)  # an empty form for the next one
    state.done(_ACT, f"{proposed.candidate.name} at {chosen_text(proposed.at)} is agreed.")
    st.rerun()


def draw_standing(ctx: Context, decision: Decision) -> None:
    """Say what is agreed for the candidate; where the test set moved on, what that changed, and offer to confirm it."""
    test_set = ctx.ws.test_set(ctx.drawn.version)
    at = chosen_text(decision.threshold)
    first = agreed_first(decision, ctx.ws.decisions)
    said = agreed_sentence(decision, ctx.ws.decisions)
    if decision.standing(test_set.version, test_set.digest) == "in force":
        st.success(plain(said), icon=":material/handshake:")
        return
    moved = f"Out of date: agreed on version {decision.version}, now version {test_set.version}."
    with st.container(border=True, key="threshold-out-of-date"):
        st.warning(plain(f"{said} {moved}"), icon=":material/update:")
        try:
            since, measured = (
                ctx.ws.changed_since(decision, test_set.version),
                ctx.ws.measured(decision, test_set.version),
            )
        except LookingGlassError as error:
            st.markdown(refusal(error))
            return
        st.markdown(
            "\n".join(f"* {plain(line)}" for line in changed_lines(since)) or "No figure at it moved."
        )
        if state.kept(_SURE) != decision.seq:
            st.button(
                f"Confirm {at} on version {test_set.version} …",
                key="confirm first",
                on_click=state.keep,
                args=(_SURE, decision.seq),
            )
            return
        people = st.text_input(
            "Who confirms it",
            ctx.actor.name,
            key=f"confirm people {decision.seq}",
            help=f"It was agreed by {joined(first.people)}; that stays on record.",
        )
        if st.button(f"It still holds: confirm {at} on version {test_set.version}", key="confirm now"):
            _confirm(ctx, decision, measured, names_in(people))


def agreed_sentence(decision: Decision, decisions: Sequence[Decision]) -> str:
    """Say what is agreed, by whom and why, and who confirmed it since."""
    first = agreed_first(decision, decisions)
    again = (
        f", confirmed on version {decision.version} by {joined(decision.people)}" if decision.confirms else ""
    )
    at = chosen_text(decision.threshold)
    asked = "" if decision.ask_from is None else f", a person asked from {chosen_text(decision.ask_from)}"
    return (
        f"Agreed for {decision.candidate}: {at}{asked}, by {joined(first.people)}{again}. "
        f"Why: {ended(decision.reason)}"
    )


def agreed_first(decision: Decision, decisions: Sequence[Decision]) -> Decision:
    """Return the decision that a confirmation, or a confirmation of one, repeats; itself when it is none."""
    by_seq = {one.seq: one for one in decisions}
    while decision.confirms in by_seq:
        decision = by_seq[decision.confirms]
    return decision


def changed_lines(since: ChangedSince) -> list[str]:
    """Say for the figures people ask about what they were at the agreed threshold and what they are now."""
    lines = []
    asked = as_agreed(since.decision)
    for name in _TOLD:
        then, now = since.then.get(name), since.now.get(name)
        if then is None or now is None or then.value is None:
            continue
        if name == COST:
            before, after = amount_for(asked, then.value), amount_for(asked, now.value)
        else:
            before, after = figure_text(name, then), figure_text(name, now)
        if before != after:
            lines.append(f"{METRIC_WORDS[name].label}: {before} then, {after} now")
    return lines


def _confirm(ctx: Context, decision: Decision, measured: Measured, people: list[str]) -> None:
    act = f"confirm {decision.seq}"
    try:
        confirm(ctx.ws.home, decision, measured, ctx.actor, people=people, key=state.request_key(act))
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    state.forget(_SURE)
    state.done(act, f"{chosen_text(decision.threshold)} holds on version {measured.version}, too.")
    st.rerun()
