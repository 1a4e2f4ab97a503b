"""What can be done with one candidate: describe it, bring further predictions, ask it again, retire it."""

from __future__ import annotations

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain, refusal
from components.views.candidates.jobs import own_copy
from components.views.candidates.manifest_form import description_fields
from components.views.candidates.permission import why_not
from components.views.candidates.standing import Standing
from lookingglass.candidates import Candidate, add_scores, describe, retire
from lookingglass.candidates.predictions import SCORES_ADDED
from lookingglass.candidates.registry import DESCRIBED, DESCRIPTIVE, RETIRED
from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.errors import LookingGlassError

LARGEST_MB = 300


def ask_again(ctx: Context, item: Standing) -> None:
    """Draw the button that asks a failed or stopped candidate once more; nothing for the others."""
    if item.state not in {"failed", "stopped"}:
        return
    if st.button(f"Ask {plain(item.name)} again", key="ask again", icon=":material/refresh:"):
        ctx.keeper.resume()
        st.toast("It is asked again; its state appears here by itself.")


def describe_form(ctx: Context, candidate: Candidate) -> None:
    """Draw the form that changes what is said about a candidate; the model itself never changes."""
    refused = why_not(ctx, DESCRIBED)
    if refused:
        st.info(plain(refused))
    manifest = candidate.manifest
    said = {field: getattr(manifest, field) for field in DESCRIPTIVE}
    key = f"{candidate.name} {sha256_hex(canonical_json(said))[:12]}"
    with st.form(f"describe {key}", border=False):
        fields = description_fields(ctx, manifest, key)
        pressed = st.form_submit_button(
            f"Save what is said about {plain(candidate.name)}", disabled=refused is not None
        )
    if not pressed:
        return
    changed = {field: value for field, value in fields.items() if value != (said[field] or "")}
    act = f"describe {key}"
    try:
        describe(ctx.ws.home, candidate.name, ctx.actor, key=state.request_key(act), **changed)
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    state.done(act, f"{candidate.name} is described anew.")
    st.rerun()


def further_predictions(ctx: Context, candidate: Candidate) -> None:
    """Draw the upload of further scores for a predictions candidate; one that is there is never replaced."""
    refused = why_not(ctx, SCORES_ADDED)
    if refused:
        st.info(plain(refused))
    number = state.kept(f"round of scores {candidate.name}", 0)
    upload = st.file_uploader(
        "CSV or Parquet with example_id and score",
        max_upload_size=LARGEST_MB,
        disabled=refused is not None,
        key=f"upload of scores {candidate.name} {number}",
        help="A score that is there already stays as it is.",
    )
    if upload is None or not st.button("Add these predictions", key="add predictions"):
        return
    act = f"scores {candidate.name} {upload.file_id}"
    try:
        with st.spinner("Reading the predictions"), own_copy(upload) as path:
            result = add_scores(
                ctx.ws.home,
                candidate.name,
                path,
                ctx.actor,
                file_name=upload.name,
                key=state.request_key(act),
            )
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    state.done(act, result.words)
    state.keep(f"round of scores {candidate.name}", number + 1)
    ctx.keeper.wake()
    st.rerun()


def retire_form(ctx: Context, candidate: Candidate) -> None:
    """Draw what retiring means, the reason, the confirmation and the button."""
    refused = why_not(ctx, RETIRED)
    if refused:
        st.info(plain(refused))
    name = plain(candidate.name)
    st.markdown(
        f"{name} leaves every comparison from now on. Its history stays, and its name stays taken. "
        "There is no way back: the same file can be registered under another name."
    )
    reason = st.text_input(
        "Why", key=f"why retire {candidate.name}", max_chars=2000, disabled=refused is not None
    )
    sure = st.checkbox(
        f"Yes, retire {name}", key=f"sure to retire {candidate.name}", disabled=refused is not None
    )
    if not st.button(f"Retire {name}", disabled=not sure or refused is not None, key="retire candidate"):
        return
    if not reason.strip():
        st.error("Say why: it is recorded with your name.")
        return
    act = f"retire {candidate.name}"
    try:
        retire(ctx.ws.home, candidate.name, ctx.actor, reason.strip(), key=state.request_key(act))
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    state.done(act, f"{candidate.name} is retired.")
    state.link("candidate", None)
    ctx.keeper.wake()
    st.rerun()
