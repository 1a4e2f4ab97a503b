"""What people take away from a session: a picture that can still be dragged, still pictures, the figures, a link."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from components.context import Context
from components.formatting import plain
from components.views.threshold.asked import Asked, as_link
from lookingglass.candidates import Candidate
from lookingglass.charts.offline import offline_html
from lookingglass.charts.pictures import chart_png, chart_svg
from lookingglass.charts.threshold import PANELS

if TYPE_CHECKING:
    import polars as pl

_WHOLE = "The whole picture"
_PANEL_WORDS = {
    "metric": "The chosen figure",
    "cost": "Expected cost",
    "counts": "Of 1,000",
    "roc": "ROC curve",
    "precision_recall": "Precision and recall",
    "scores": "Scores by class",
    "groups": "Groups",
}


def draw_takeaway(
    ctx: Context,
    candidate: Candidate,
    asked: Asked,
    at: float | None,
    frame: pl.DataFrame,
    told: Sequence[str],
    record: dict[str, Any],
) -> None:
    """Draw the downloads and the link.

    Args:
        frame: what the linked chart was drawn from.
        told: sentences that stand above the picture in the file.
        record: the session as JSON data.
    """
    name = f"{ctx.ws.config.name}-{candidate.name}-v{ctx.version}"
    title = f"{ctx.ws.config.title or ctx.ws.config.name}: {ctx.entry.question}"
    with st.expander("Take it away: a file for those who were not there, pictures, figures, a link"):
        with st.container(horizontal=True):
            st.download_button(
                "Download the session (HTML)",
                partial(offline_html, frame, title, told),
                file_name=f"{name}.html",
                mime="text/html",
                key="take html",
                on_click="ignore",
                help="One file that needs no network; the threshold can still be dragged in it.",
            )
            st.download_button(
                "Download the figures (JSON)",
                json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False),
                file_name=f"{name}.json",
                mime="application/json",
                key="take json",
                on_click="ignore",
            )
        names = [None, *(panel for panel in PANELS if panel in _PANEL_WORDS)]
        panel = st.selectbox(
            "Picture of",
            names,
            format_func=lambda one: _WHOLE if one is None else _PANEL_WORDS[one],
            key="take panel",
        )
        with st.container(horizontal=True):
            st.download_button(
                "Download as PNG",
                partial(chart_png, frame, panel),
                file_name=f"{name}-{panel or 'picture'}.png",
                mime="image/png",
                key="take png",
                on_click="ignore",
            )
            st.download_button(
                "Download as SVG",
                partial(chart_svg, frame, panel),
                file_name=f"{name}-{panel or 'picture'}.svg",
                mime="image/svg+xml",
                key="take svg",
                on_click="ignore",
            )
        st.markdown(plain("A link that opens exactly this, on this version of the test set:"))
        st.code(session_link(ctx, candidate, asked, at), language=None, wrap_lines=True)


def session_link(ctx: Context, candidate: Candidate, asked: Asked, at: float | None) -> str:
    """Return the address that shows what is shown now: candidate, version, threshold, and the whole question."""
    query = {
        "workspace": ctx.ws.config.name,
        "candidate": candidate.name,
        "version": str(ctx.version),
        "threshold": "inf" if at is None else repr(at),
        **as_link(asked),
    }
    parts = urlsplit(st.context.url or "")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))
