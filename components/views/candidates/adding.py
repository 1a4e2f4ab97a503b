"""Adding a candidate: upload, inspection in the background, the form with what was proposed, one button that registers.

Nothing is stored or recorded before that button; what is registered is the file that was inspected.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components import state
from components.context import Context
from components.formatting import plain, refusal
from components.views.candidates.approving import approval_form
from components.views.candidates.check_list import check_list
from components.views.candidates.jobs import Job, own_copy, start_inspection
from components.views.candidates.manifest_form import Said, manifest_fields, recorded_words
from components.views.candidates.permission import why_not
from components.views.cell_problems import cell_problems
from components.watching import watch
from lookingglass.candidates import Proposal, register
from lookingglass.errors import ImportRejected, LookingGlassError

LARGEST_MB = 300
"""The cap of an upload; a larger file is added on the command line."""

EVERY_SECONDS = 0.4
_MENDABLE = {"format-known", "inputs-exist", "classes-match", "answers-trial-rows"}
_ROUND, _JOBS = "round of adding a candidate", "inspections of a candidate"


def adding(ctx: Context) -> None:
    """Draw everything that adding a candidate takes."""
    refused = why_not(ctx, "candidate_registered")
    number = state.kept(_ROUND, 0)
    upload = st.file_uploader(
        "A model (ONNX, skops) or a predictions file (CSV or Parquet with example_id and score)",
        max_upload_size=LARGEST_MB,
        disabled=refused is not None,
        key=f"upload of candidate {number}",
        help="The file is looked at in a process of its own. Nothing is recorded before you say so.",
    )
    st.caption(
        f"At most {LARGEST_MB} MB. A larger file is added on this machine with "
        "`lookingglass candidates add WORKSPACE NAME FILE`."
    )
    if refused:
        st.info(plain(refused))
        return
    if upload is None:
        state.forget(_JOBS)
        return
    first = _inspected(ctx, upload, {})
    if first is None:
        return
    verdict = st.container()
    said = manifest_fields(ctx, first, str(upload.file_id)) if _can_be_mended(first) else None
    proposal = first if said is None or said.as_proposed else _again(ctx, upload, said)
    if proposal is None:
        return
    if proposal.refusal:
        verdict.error(refusal(proposal.refusal))
    _wrong_rows(proposal)
    check_list(proposal.checks, f"{proposal.file_name}: what was checked. Nothing is recorded yet.")
    if proposal.waits_for_approval:
        approval_form(ctx, proposal, on_done=lambda: state.forget(_JOBS))
    if said is not None:
        _register_button(ctx, upload, proposal, said)


def _can_be_mended(proposal: Proposal) -> bool:
    """Whether the form can make a candidate of this file; one that cannot be read or trusted needs another file."""
    failed = {check.code for check in proposal.checks if check.outcome == "failed"}
    return failed <= _MENDABLE


def _inspected(ctx: Context, upload: UploadedFile, said: dict[str, Any]) -> Proposal | None:
    """Return what the inspection found; None while it goes on, which is drawn here, or when the file is unreadable."""
    jobs: dict[str, Job] = state.kept(_JOBS, {})
    name = f"{ctx.ws.home.folder} {upload.file_id} {said}"
    if name not in jobs:
        if not any(key.startswith(f"{ctx.ws.home.folder} {upload.file_id}") for key in jobs):
            jobs = {}
        try:
            jobs[name] = start_inspection(ctx.ws.home, upload, upload.name, ctx.actor, said)
        except LookingGlassError as error:
            st.error(refusal(error))
            return None
        state.keep(_JOBS, jobs)
    job = jobs[name]
    if not job.done:
        _watch(job, upload.name)
        return None
    try:
        return job.result()
    except LookingGlassError as error:
        st.error(refusal(error))
        return None


def _watch(job: Job, file_name: str) -> None:
    """Draw what is being done with the file until the inspection ends, then the page anew."""
    watch(
        lambda: job.done,
        lambda: st.status(plain(f"Looking at {file_name}: {job.step}"), state="running"),
        seconds=EVERY_SECONDS,
    )


def _again(ctx: Context, upload: UploadedFile, said: Said) -> Proposal | None:
    """Return what the inspection found with what the person said; None until they ask for it."""
    jobs: dict[str, Job] = state.kept(_JOBS, {})
    name = f"{ctx.ws.home.folder} {upload.file_id} {said.for_inspection}"
    if name not in jobs:
        st.info("You changed what the model is told. Nothing is registered before it was tried like that.")
        if not st.button("Try the model with these settings", key="inspect candidate again"):
            return None
    return _inspected(ctx, upload, said.for_inspection)


def _wrong_rows(proposal: Proposal) -> None:
    """Draw the rows of a predictions file that are wrong."""
    error = proposal.error
    if not isinstance(error, ImportRejected):
        return
    shown = len(error.problems)
    st.caption(
        f"{error.total:,} wrong, the first {shown} of them:" if error.total > shown else "What is wrong:"
    )
    cell_problems(error.problems)


def _register_button(ctx: Context, upload: UploadedFile, proposal: Proposal, said: Said) -> None:
    ready = proposal.manifest is not None and said.trouble is None
    if ready:
        st.text(recorded_words(ctx, proposal, said))
    label = f"Register {plain(said.name)}" if said.trouble is None else "Register"
    if not st.button(label, type="primary", disabled=not ready, key="register candidate"):
        return
    act = f"register {said.name}"
    try:
        with own_copy(upload) as path:
            register(
                ctx.ws.home,
                said.name,
                path,
                proposal=proposal,
                key=state.request_key(act),
                actor=ctx.actor,
                **said.described,
            )
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    state.done(act, f"{said.name} is registered and being evaluated.")
    state.forget(_JOBS)
    state.keep(_ROUND, state.kept(_ROUND, 0) + 1)
    state.link("candidate", said.name)
    ctx.keeper.wake()
    st.rerun()
