"""Overview: which candidate leads, whether that is more than noise, for whom, and what happened lately."""

import streamlit as st

from components import preferences
from components.context import open_page
from components.controls.choices import choose_group, choose_ranking, choose_reference
from components.formatting import plain
from components.registry import page_entry
from components.views.activity import happenings
from components.views.figures_table import gap_sentence, groups_table
from components.views.follow import follow
from components.views.leaderboard import every_metric, leaderboard_picture, leaderboard_table
from components.views.orientation import empty_state, way_on
from components.views.page_header import page_header, try_this
from components.views.testset.effects import headline
from lookingglass.evaluation.judging import settings_sentence
from lookingglass.evaluation.leaderboard import MAIN_METRIC
from lookingglass.metrics import METRICS
from lookingglass.wording import called, each_threshold_text, plural

ctx = open_page("overview")

page_header(ctx)
follow(ctx)

task = ctx.ws.config.task
names = [candidate.name for candidate in ctx.ws.candidates]
models = [candidate.name for candidate in ctx.ws.candidates if candidate.manifest.format != "baseline"]
if not models:
    empty_state("No candidates yet.", "Add a model or a file of predictions, and it is evaluated at once.")
    way_on(page_entry("candidates"), "Add a candidate")
if not names:
    st.stop()

answer = st.container()
if models and not preferences.hint_dismissed():
    try_this(on_dismiss=preferences.dismiss_hint)

left, right = st.columns(2)
with left:
    unranked = {"selection_rate", "f_beta", *(() if ctx.ws.settings.costs else ("cost_per_example",))}
    ranked = [name for name in METRICS if name not in unranked]
    metric = choose_ranking(ctx, ranked, MAIN_METRIC)
with right:
    reference = choose_reference(ctx, names, "baseline" if "baseline" in names else names[0])

board = ctx.ws.leaderboard(version=ctx.version, reference=reference, metric=metric, fresh=False)
if models:
    answer.markdown(f"### {plain(board.sentence)}")
picture = st.container()
leaderboard_table(board)
note = settings_sentence(board.evaluation.settings)
if note is not None:
    st.caption(plain(note))
with (
    picture
):  # after the table, whose figures nobody should have to wait for until the charts' library is loaded
    leaderboard_picture(board, metric)
with st.expander(f"Every metric, each compared with {plain(reference)}"):
    every_metric(board)
if not ctx.ws.test_set(ctx.version).is_sample.all():
    with st.expander("The same candidates on the test patterns, which describe problems and not real use"):
        leaderboard_table(board, metrics=("accuracy", "recall", "specificity"), part="patterns")

shown = [row.name for row in board.rows if row.evaluation.is_ready]
if shown and ctx.ws.config.groups:
    st.subheader("Is it as good for everyone?")
    at = {row.name: row.evaluation.threshold.value for row in board.rows}
    column = choose_group(ctx, shown[0], at[shown[0]])
    oldest = min(shown, key=models.index)
    compared = [shown[0]] if shown[0] == oldest else [oldest, shown[0]]
    groups = [(name, ctx.ws.groups(name, column, at[name], ctx.version)) for name in compared]
    where = each_threshold_text({name: at[name] for name in compared})
    units = plural(task.unit)
    if len(compared) > 1:
        st.markdown(
            plain(
                f"{shown[0]} is the first candidate above that answered every sample; beside it the oldest, {oldest}."
            )
        )
    for rate, wrong, right in (
        ("false_positive_rate", called(task.positive_name), task.negative_name),
        ("false_negative_rate", called(task.negative_name), task.positive_name),
    ):
        st.markdown(plain(gap_sentence(*groups[-1], rate, f"wrongly {wrong}")))
        groups_table(
            f"Wrongly {wrong}, of the {units} that should be {right} ({where})",
            groups,
            rate,
            task.unit,
        )

st.subheader("What happened lately")
headline(ctx)
happenings(ctx.ws.happenings(8))
threshold = page_entry("threshold")
st.page_link(threshold.file, label=threshold.question, icon=threshold.icon)
