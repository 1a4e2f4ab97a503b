"""What people take away from a session: a picture that can still be dragged, still pictures, the figures, a link."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from components.context import Context
from components.formatting import plain
from components.views.prepared import prepared_download
from components.views.threshold.asked import Asked, as_link
from lookingglass.candidates import Candidate
from lookingglass.charts import chart_png, chart_svg, offline_html
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
    column: str | None,
    frame: pl.DataFrame,
    told: Sequence[str],
    record: Callable[[], dict[str, Any]],
) -> None:
    """Draw the downloads and the link.

    Args:
        column: whose groups are shown, None for none.
        frame: what the linked chart was drawn from.
        told: sentences that stand above the picture in the file.
        record: makes the session as JSON data.
    """
    name = f"{ctx.ws.config.name}-{candidate.name}-v{ctx.version}"
    title = f"{ctx.ws.config.title or ctx.ws.config.name}: {ctx.entry.question}"
    with st.expander("Take it away: a file for those who were not there, pictures, figures, a link"):
        stamp = (candidate.fingerprint, ctx.version, asked, at, tuple(told))
        with st.container(horizontal=True):
            prepared_download(
                "The session as a file (HTML)",
                partial(offline_html, frame, title, told),
                file_name=f"{name}.html",
                mime="text/html",
                key="take html",
                stamp=stamp,
                help="One file that needs no network; the threshold can still be dragged in it.",
            )
            prepared_download(
                "The figures (JSON)",
                lambda: json.dumps(record(), ensure_ascii=False, indent=1, allow_nan=False),
                file_name=f"{name}.json",
                mime="application/json",
                key="take json",
                stamp=stamp,
            )
        names = [None, *(panel for panel in PANELS if panel in _PANEL_WORDS)]
        panel = st.selectbox(
            "Picture of",
            names,
            format_func=lambda one: _WHOLE if one is None else _PANEL_WORDS[one],
            key="take panel",
        )
        with st.container(horizontal=True):
            for suffix, mime, make in (("PNG", "image/png", chart_png), ("SVG", "image/svg+xml", chart_svg)):
                prepared_download(
                    f"As {suffix}",
                    partial(make, frame, panel),
                    file_name=f"{name}-{panel or 'picture'}.{suffix.lower()}",
                    mime=mime,
                    key=f"take {suffix}",
                    stamp=(panel, *stamp),
                )
        st.markdown(plain("A link that opens exactly this, on this version of the test set:"))
        st.code(session_link(ctx, candidate, asked, at, column), language=None, wrap_lines=True)


def session_link(
    ctx: Context, candidate: Candidate, asked: Asked, at: float | None, column: str | None
) -> str:
    """Return the address that shows what is shown now: candidate, version, threshold, and the whole question."""
    query = {
        "workspace": ctx.ws.config.name,
        "candidate": candidate.name,
        "version": str(ctx.version),
        "threshold": "inf" if at is None else repr(at),
        **as_link(asked),
        **({} if column is None else {"group": column}),
    }
    parts = urlsplit(st.context.url or "")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))
