"""Threshold: drag it, see at once who is rightly and wrongly answered, and read the figures where you let go."""

import streamlit as st

from components import state
from components.context import open_page
from components.controls.choices import choose_candidate, choose_group, choose_metric, retired_in_link
from components.formatting import plain, refusal
from components.views.confusion import confusion_sentence
from components.views.figures_table import figures_table, groups_table
from components.views.follow import follow
from components.views.nobody_ready import nobody_ready
from components.views.orientation import Chip
from components.views.page_header import page_header
from components.views.threshold_chart import threshold_chart
from lookingglass.charts import AnswerWords, Curve, candidate_colour, threshold_frame
from lookingglass.errors import BadInput
from lookingglass.evaluation.evaluate import DEFAULT_THRESHOLD
from lookingglass.metrics import METRICS
from lookingglass.wording import called, threshold_text

ctx = open_page("threshold")

linked = state.linked_threshold(ctx.linked, DEFAULT_THRESHOLD)
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
left, right = st.columns(2)
with left:
    candidate = choose_candidate(ctx, first)
with right:
    names = [
        name
        for name in METRICS
        if METRICS[name].needs_threshold and name not in {"f_beta", "cost_per_example"}
    ]
    metric = choose_metric(ctx, names, "f1", "Metric in the first chart")

task = ctx.ws.config.task
words = AnswerWords(task.unit, task.positive_name, task.negative_name)
try:
    table = ctx.ws.curve(candidate.name, ctx.version, always=() if linked is None else (linked,))
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

curve = Curve(candidate.name, table, candidate_colour(candidate.order))
histogram = ctx.ws.score_histogram(candidate.name, ctx.version)
frame = threshold_frame(curve, words, metric=metric, start=linked, histogram=histogram)
picked = threshold_chart(frame, key=f"threshold-{candidate.fingerprint[7:15]}-{metric}")
at = linked if picked is None else picked.threshold
if picked is not None:
    state.link_threshold(at)

at_text = threshold_text(at)
with top:
    chip = at_text.capitalize() if at is None else f"Threshold {at_text}"
    page_header(ctx, Chip(chip, ctx.entry.file, icon=":material/tune:"))
counts = table.counts(table.index_of(at))
answer.markdown(f"### {plain(confusion_sentence(counts, words, at_text))}")
st.subheader(
    f"Every figure with none {plain(called(task.positive_name))}"
    if at is None
    else f"Every figure at {at_text}"
)
figures_table(ctx.ws.figures(candidate.name, at, ctx.version), names)
if ctx.ws.config.groups:
    st.subheader("For whom")
    column = choose_group(ctx, candidate.name, at)
    for rate, text in (
        (
            "false_positive_rate",
            f"Wrongly {called(task.positive_name)}, of those that should be {task.negative_name}",
        ),
        (
            "false_negative_rate",
            f"Wrongly {called(task.negative_name)}, of those that should be {task.positive_name}",
        ),
    ):
        groups = ctx.ws.groups(candidate.name, column, at, ctx.version)
        groups_table(text, [(candidate.name, groups)], rate, task.unit)
