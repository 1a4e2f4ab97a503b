"""Explanations: look at single predictions, one after the other, and at what they were decided by."""

import streamlit as st

from components import state
from components.context import open_page
from components.controls.choices import choose_candidate, retired_in_link
from components.formatting import plain
from components.views.explanations.arrival import draw_arrival
from components.views.explanations.many import choose_view, draw_many
from components.views.explanations.queue import MOST_BESIDE, choose_queue, draw_place
from components.views.explanations.reasons import draw_reasons, explained
from components.views.explanations.takeaway import draw_takeaway
from components.views.explanations.verdict import draw_summary, draw_verdict, reviewed
from components.views.explanations.what_if import draw_what_if
from components.views.follow import follow
from components.views.nobody_ready import nobody_ready
from components.views.orientation import empty_state
from components.views.page_header import page_header
from lookingglass.explanations import why_not

ctx = open_page("explanations")
page_header(ctx)
follow(ctx)

board = ctx.ws.leaderboard(version=ctx.version, fresh=False)
ready = [row.name for row in board.rows if row.evaluation.is_ready]
askable = [name for name in ready if why_not(ctx.ws.candidate(name)) is None]
first = (askable or ready or [retired_in_link(ctx)])[0]
if first is None:
    nobody_ready(ctx)
    st.stop()

left, right = st.columns(2)
with left:
    candidate = choose_candidate(ctx, first)
reason = why_not(candidate)
others = [name for name in askable if name != candidate.name]
with right:
    named = ctx.linked.here.get("beside", "").split(",")
    beside = state.linked_several(
        "beside",
        "Beside it",
        others,
        [name for name in others if name in named][:MOST_BESIDE],
        limit=MOST_BESIDE,
    )
if reason is not None:
    st.info(plain(reason))
    st.stop()
if choose_view(ctx):
    draw_many(ctx, candidate.name, beside)
    st.stop()
mine = reviewed(ctx, candidate.fingerprint)
queue = choose_queue(ctx, candidate.name, others, [name for name, one in mine.items() if one.holds])
if queue.example is None:
    empty_state("There is none of these.", "Look at another kind, or at any words.")
    st.stop()
draw_place(ctx, queue)
st.subheader(plain(queue.example), anchor=False)
draw_arrival(queue.example)

told = [each for name in (candidate.name, *beside) if (each := explained(ctx, name, queue.example))]
strongest = max((abs(weight.weight) for each in told for weight in each.weights), default=0.0)
opacity = 0.7
if any(each.modality == "image" for each in told):
    opacity = st.slider("How strongly the regions show", 0.0, 1.0, opacity, 0.05, key="opacity of regions")
for column, each in zip(st.columns(len(told)) if told else [], told, strict=True):
    with column:
        if len(told) > 1:
            st.markdown(f"#### {plain(each.candidate)}")
        draw_reasons(ctx, each, strongest, opacity)
        verdicts = mine if each.candidate == candidate.name else reviewed(ctx, each.fingerprint)
        draw_verdict(ctx, each, queue.picked, verdicts.get(each.example_id))
        draw_what_if(ctx, each, strongest, opacity)
draw_summary(ctx, [each.candidate for each in told])
draw_takeaway(ctx, [candidate.name, *beside])
