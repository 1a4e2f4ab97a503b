"""Test set: what the candidates are tested on, what changed, and changing it: browse, edit, add."""

import streamlit as st

from components import state
from components.context import open_page
from components.formatting import plain
from components.views.page_header import page_header
from components.views.testset import FIRST, VIEWS
from components.views.testset.answer import answer
from components.views.testset.effects import last_change
from components.views.testset.latest import at_latest, follow_testset

ctx = open_page("testset")

ctx = at_latest(ctx)
with st.container():  # one place however much stands in it: what moves on the page loses what is being typed
    page_header(ctx)
    follow_testset(ctx)
    answer(ctx)
    last_change(ctx)

asked = ctx.linked.here.get("view", FIRST)
if asked not in VIEWS:
    st.warning(f"The link names the view {plain(asked)}, which is not here; the list is shown instead.")
    asked = FIRST
chosen = state.linked_segments(
    "view", "What to show", list(VIEWS), asked, words=lambda name: VIEWS[name].label, default=FIRST
)
VIEWS[chosen].draw(ctx)
