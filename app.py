"""The dashboard's entry: page configuration, the menu over the page registry, and the shared controls.

Serve it with ``lookingglass dashboard FOLDER``.
"""

import streamlit as st

from components import state
from components.context import navigation
from components.controls.frame import draw_sidebar
from components.formatting import refusal
from components.registry import PAGES, TOP
from components.views.style import style
from lookingglass.errors import LookingGlassError
from lookingglass.ledger import one_moment

st.set_page_config(page_title="Looking Glass", page_icon=str(TOP / "components" / "icon.svg"), layout="wide")
style()
page = navigation()
linked = state.read_linked(page.url_path or PAGES[0].key)
with one_moment():
    with st.sidebar:
        draw_sidebar(linked)
    state.hand_over(linked)
    try:
        page.run()
    except LookingGlassError as error:
        st.error(refusal(error))
