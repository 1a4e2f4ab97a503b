"""Threshold: choose the figure and the threshold with those who bear the cost, see what each does, and agree on one."""

import streamlit as st

from components import state
from components.context import open_page
from components.controls.choices import choose_candidate, retired_in_link
from components.formatting import plain, refusal
from components.views.follow import follow
from components.views.nobody_ready import nobody_ready
from components.views.orientation import Chip
from components.views.page_header import page_header
from components.views.threshold.asked import asked_in, in_turn
from components.views.threshold.candidates import draw_candidates
from components.views.threshold.decisions import draw_decisions
from components.views.threshold.metric_choice import draw_metric_choice
from components.views.threshold.setting import Session, draw_question, draw_setting
from lookingglass.errors import BadInput
from lookingglass.wording import chosen_text

ctx = open_page("threshold")

VIEWS = {
    "set": "Set the threshold",
    "figure": "Which figure fits",
    "candidates": "All candidates",
    "decisions": "Decisions",
}
top = st.container()
follow(ctx)

board = ctx.ws.leaderboard(version=ctx.version, fresh=False)
ready = [row.name for row in board.rows if row.evaluation.is_ready]
first = ready[0] if ready else retired_in_link(ctx)
if first is None:
    with top:
        page_header(ctx)
    nobody_ready(ctx)
    st.stop()

answer = st.container()
view = ctx.linked.here.get("view", "set")
view = state.linked_segments(
    "view", "View", list(VIEWS), view if view in VIEWS else "set", words=VIEWS.__getitem__, default="set"
)
decisions = ctx.ws.decisions
if view == "decisions":
    draw_decisions(ctx)
    with top:
        page_header(ctx)
    st.stop()
left, right = st.columns(2)
with left:
    candidate = choose_candidate(ctx, first)
decision = ctx.ws.decision(candidate.name)
last = decision or (decisions[-1] if decisions else None)
asked, left_out = in_turn(asked_in(ctx.linked.here, ctx.linked.metric, last), ctx.ws.config.groups)
start = state.linked_threshold(ctx.linked, ctx.ws.threshold(candidate.name).value)
if left_out is not None:
    st.warning(plain(left_out))

try:
    table = ctx.ws.counting(asked.origin).curve(candidate.name, ctx.version)
except BadInput as error:
    with top:
        page_header(ctx)
    failed = next((row.evaluation.error for row in board.rows if row.name == candidate.name), None)
    told = (
        f"{candidate.name} failed: {failed}"
        if failed
        else f"{error} Choose another candidate, or add what is missing."
    )
    st.error(refusal(told))
    st.stop()
labelled = table.positives + table.negatives
prevalence = table.positives / labelled if labelled else None

at = start
if view == "figure":
    figures = ctx.ws.counting(asked.origin).figures(candidate.name, at, ctx.version, asked.settings)
    draw_metric_choice(ctx, asked, figures, at, prevalence)
else:
    draw_question(ctx, asked, prevalence, right)
    if view == "candidates":
        draw_candidates(ctx, asked)
    else:
        others = [ctx.ws.candidate(name) for name in ready if name != candidate.name]
        at = draw_setting(ctx, Session(candidate, others, asked, decision, start), answer)

with top:
    text = chosen_text(at)
    chip = text.capitalize() if at is None else f"Threshold {text}"
    page_header(ctx, Chip(chip, ctx.entry.file, icon=":material/tune:"))
