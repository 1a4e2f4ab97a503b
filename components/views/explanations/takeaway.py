"""What people take away from a review: one file to read or print for those who were not there, and the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from components.context import Context
from components.views.prepared import prepared_download
from lookingglass.reviews import ReviewRecord, gather_reviews


def draw_takeaway(ctx: Context, candidates: Sequence[str]) -> None:
    """Draw the downloads of the reviews of the candidates that are shown.

    Args:
        candidates: their names.
    """
    standing = [one for one in ctx.ws.reviews if one.review.candidate in candidates]
    with st.expander("Take it away: the review for those who were not there (HTML to read or print, JSON)"):
        kinds = (
            ("The review as a file (HTML)", "html", "text/html", ReviewRecord.html_text),
            ("The reviews (JSON)", "json", "application/json", ReviewRecord.json_text),
        )
        st.caption(
            "The verdicts with the reasons that were looked at, in one file that needs no network. Open it and "
            "print it to make a PDF."
        )
        stamp = (tuple(candidates), tuple((one.review.seq, one.moved) for one in standing))
        with st.container(horizontal=True):
            for label, suffix, mime, text in kinds:
                if not standing:
                    st.button(
                        label,
                        key=f"no review {suffix}",
                        disabled=True,
                        help="Nothing is reviewed yet: give a verdict first.",
                    )
                    continue
                prepared_download(
                    label,
                    partial(_made, ctx, candidates, text),
                    file_name=f"{ctx.ws.config.name}-review-{'-'.join(candidates)}.{suffix}",
                    mime=mime,
                    key=f"take review {suffix}",
                    stamp=stamp,
                )


def _made(ctx: Context, candidates: Sequence[str], text: Callable[[ReviewRecord], str]) -> str:
    return text(gather_reviews(ctx.ws.home, candidates))
