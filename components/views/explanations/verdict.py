"""The person's verdict on the reasons that are shown, right, wrong or unsure with a comment, and what all add up to."""

from __future__ import annotations

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain, refusal
from components.views.candidates.permission import why_not
from components.views.explanations.filing import draw_filing
from lookingglass.errors import LookingGlassError
from lookingglass.explanations import Explanation
from lookingglass.figures import Figure
from lookingglass.reviews import (
    REVIEWED,
    VERDICT_WORDS,
    NewReview,
    ReviewSummary,
    StandingReview,
    Verdict,
    record_review,
    summarise_reviews,
)
from lookingglass.wording import counts_text, figure_text

_ICONS: dict[Verdict, str] = {
    "right": ":material/check:",
    "wrong": ":material/close:",
    "unsure": ":material/question_mark:",
}
_TURN = "verdicts given"


def reviewed(ctx: Context, fingerprint: str) -> dict[str, StandingReview]:
    """Return the verdicts on one model's answers by example."""
    return {one.review.example_id: one for one in ctx.ws.reviews if one.review.fingerprint == fingerprint}


def draw_verdict(ctx: Context, told: Explanation, picked: str, standing: StandingReview | None) -> None:
    """Draw the verdict that stands, and the buttons that give another."""
    asked = "Does it decide for the right reason?"
    if standing is not None:
        st.markdown(plain(standing_sentence(standing)))
        asked = "Is that still so? Another verdict replaces this one; both stay on record."
    place = f"{told.fingerprint[7:15]} {told.example_id}"
    refused = why_not(ctx, REVIEWED)
    comment = st.text_input(
        asked,
        key=f"comment {place} {state.kept(_TURN, 0)}",
        placeholder="Your comment, if you have one",
        disabled=refused is not None,
    )
    with st.container(horizontal=True):
        for verdict, words in VERDICT_WORDS.items():
            if st.button(
                words,
                key=f"{verdict} {place}",
                icon=_ICONS[verdict],
                disabled=refused is not None,
                help=refused,
            ):
                _record(ctx, told, picked, verdict, comment)
    if standing is not None and standing.holds and standing.review.verdict == "wrong":
        draw_filing(ctx, told, standing.review.comment)


def standing_sentence(standing: StandingReview) -> str:
    """Say who found the reasons what, why, and what has moved on since."""
    review = standing.review
    said = f"{review.actor} on version {review.version}: {VERDICT_WORDS[review.verdict].lower()}"
    said += f" (“{review.comment}”)." if review.comment else "."
    if standing.moved:
        said += f" Since then: {'; '.join(standing.moved)}."
    return said


def draw_summary(ctx: Context, candidates: list[str]) -> None:
    """Say for each candidate that is shown what the verdicts add up to."""
    names = {name: ctx.ws.candidate(name).fingerprint for name in candidates}
    for summary in summarise_reviews(ctx.ws.reviews):
        if names.get(summary.candidate) == summary.fingerprint:
            st.caption(plain(summary_sentence(summary)))


def summary_sentence(summary: ReviewSummary) -> str:
    """Say how many answers were reviewed, and for which share of them the reason is right."""
    parts = [
        f"{count} {words}"
        for count, words in (
            (summary.right, "for the right reason"),
            (summary.wrong, "for a wrong one"),
            (summary.unsure, "unsure"),
        )
        if count
    ]
    said = f"{summary.candidate}: {summary.reviewed} reviewed"
    said += f", {', '.join(parts)}." if parts else "."
    if summary.share_right.value is not None:
        said += f" Right in {_share(summary.share_right)} of those that could be judged"
        at_random = summary.share_right_random
        if at_random.n == summary.share_right.n:
            said += ", all drawn at random."
        elif at_random.value is not None:
            said += f"; in {_share(at_random)} of those drawn at random, which alone speak for all answers."
        else:
            said += "; they were picked, so this does not speak for all answers."
    if summary.moved:
        said += f" {summary.moved} more on what is another by now."
    return said


def _share(figure: Figure) -> str:
    return f"{figure_text('recall', figure)}, {counts_text(figure)},"


def _record(ctx: Context, told: Explanation, picked: str, verdict: Verdict, comment: str) -> None:
    act = f"review {told.fingerprint} {told.example_id} {verdict}"
    try:
        at = ctx.ws.threshold(told.candidate).value
        new = NewReview.on(told, ctx.ws.test_set(ctx.version), at, verdict, comment, picked)
        record_review(ctx.ws.home, new, ctx.actor, key=state.request_key(act))
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    state.keep(_TURN, state.kept(_TURN, 0) + 1)  # an empty field for the next one
    state.link(
        "example", told.example_id
    )  # stay with what was said, though it is no longer the first to look at
    state.done(act, f"{told.candidate}, {told.example_id}: {VERDICT_WORDS[verdict].lower()}.")
    st.rerun()
