"""Workspaces: every use case on this server, the one we are in, renaming it, and making a new one from a file."""

import streamlit as st

from components import cache, state
from components.context import open_page
from components.formatting import plain
from components.views.orientation import empty_state
from components.views.workspaces.by_hand import change_by_hand
from components.views.workspaces.create import creation, is_creating
from components.views.workspaces.listed import workspace_list
from components.views.workspaces.rename import rename_form
from lookingglass.errors import LookingGlassError

ctx = open_page("workspaces")

st.title(ctx.entry.question)
for words in state.told():
    st.toast(plain(words), icon=":material/check:")
folders = cache.workspace_folders()
if is_creating():
    creation(ctx)
    st.stop()

current = ctx.linked.workspace or (cache.first_workspace(folders) if folders else None)
if current in folders:
    others = f"one of {len(folders)} workspaces" if len(folders) > 1 else "the only workspace"
    st.markdown(f"You are in **{plain(cache.workspace_title(folders[current]))}**, {others} on this server.")
elif folders:
    st.warning(f"There is no workspace named {plain(current)} any more: choose one below.")
else:
    empty_state(
        "There is no workspace here yet.",
        "Make one from a file below, or build the worked use cases:",
        command=f"lookingglass demo {cache.served_folder()}",
    )
creation(ctx)
if folders:
    workspace_list(folders, current)
if current in folders:
    try:
        ws = cache.open_cached(str(folders[current]))
    except LookingGlassError:
        st.stop()
    change_by_hand(ctx, ws)
    rename_form(ctx, ws)
