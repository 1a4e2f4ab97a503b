"""Candidates: which models are compared, in which state each is, where they come from, and adding another."""

import streamlit as st

from components import state
from components.context import open_page
from components.formatting import plain
from components.views.candidates import acting, details
from components.views.candidates.adding import adding
from components.views.candidates.following import follow_candidates
from components.views.candidates.isolation import isolation_table, isolation_words, level_here
from components.views.candidates.listing import candidate_table, family_tree
from components.views.candidates.standing import answer_words, standings
from components.views.orientation import empty_state
from components.views.page_header import page_header
from lookingglass.candidates import descendants
from lookingglass.candidates.formats import FORMATS

ctx = open_page("candidates")

page_header(ctx)
follow_candidates(ctx)

found = standings(ctx)
brought = [item for item in found if not item.is_baseline]
active = [item for item in found if item.state != "retired"]
retired = [item for item in found if item.state == "retired"]
level, limits = level_here(), ctx.ws.config.limits

if brought:
    st.markdown(f"### {plain(answer_words(found, isolation_words(level, limits)))}")
else:
    empty_state(
        "Only the baseline is here yet." if active else "No candidates yet.",
        "Choose a model or a predictions file below: it is looked at first, and nothing is recorded before you say so.",
    )
with st.expander("Where a model runs, and what it cannot do there", key="isolation"):
    isolation_table(level, limits)

with st.expander("Add a candidate", key="adding", expanded=not brought, icon=":material/upload_file:"):
    adding(ctx)

if active:
    candidate_table(
        active, f"Answers on version {ctx.version} of the test set, in the order of registration."
    )
if retired:
    with st.expander(f"Retired: {len(retired)}", key="retired candidates"):
        candidate_table(retired, "No longer compared; their history stays.")
if any(item.candidate.manifest.parent for item in brought):
    with st.expander("Which came from which", key="family tree"):
        family_tree(
            [(each, depth) for each, depth in descendants(ctx.ws.home) if each.manifest.format != "baseline"]
        )

if not brought:
    st.stop()

st.subheader("Look closer")
names = [item.name for item in brought]
asked = ctx.linked.candidate or names[0]
if asked not in names:
    st.warning(
        f"The link names the candidate {plain(asked)}, which is not here; {plain(names[0])} is shown instead."
    )
    asked = names[0]
chosen = state.linked_select("candidate", "Candidate", names, asked)
item = next(each for each in brought if each.name == chosen)
candidate = item.candidate

details.facts(ctx, item)
acting.ask_again(ctx, item)
with st.expander("Checks that its file passed", key="checks"):
    details.checks(candidate)
with st.expander("Where it comes from, and what came of it", key="family"):
    details.family(ctx, candidate)
with st.expander("Change what is said about it", key="describing"):
    acting.describe_form(ctx, candidate)
if not candidate.retired:
    if not FORMATS[candidate.manifest.format].needs_worker:
        with st.expander("Bring further predictions", key="further predictions"):
            acting.further_predictions(ctx, candidate)
    with st.expander("Retire it", key="retiring"):
        acting.retire_form(ctx, candidate)
