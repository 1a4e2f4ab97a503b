"""The wizard that imports a file into the workspace at hand: the file, then what it would do, then it is done.

VIEWS row of the page Test set: ``draw(ctx)``.
"""

from __future__ import annotations

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain, refusal
from components.views.import_wizard.draft import Draft, Upload, draft_of, drop_draft
from components.views.import_wizard.file import choose_delimiter, show_file, tell, upload_file
from components.views.import_wizard.origin import Provenance, choose_provenance
from components.views.import_wizard.preview import (
    first_rows_of,
    image_columns,
    show_changes,
    show_first_rows,
    show_problems,
)
from components.views.import_wizard.steps import back_button, show_steps
from lookingglass.errors import Conflict, ImportRejected, LookingGlassError
from lookingglass.home import Home
from lookingglass.ledger import may
from lookingglass.testset import ImportPlan, commit_import, latest_version, plan_import
from lookingglass.testset.events import IMPORTED
from lookingglass.testset.inspecting import first_rows
from lookingglass.wording import plural, short_hash

STEPS = {"file": "File", "check": "Check and import"}
LABEL = "The table with the examples"


def draw(ctx: Context) -> None:
    """Draw the step that this session is at."""
    draft = draft_of(f"import into {ctx.ws.home.folder.name}")
    show_steps(STEPS, draft.step)
    tell(draft)
    if draft.done:
        st.success(plain(draft.done))
    if draft.upload is None:
        draft.step = "file"
    if draft.step == "file":
        _file(ctx, draft)
    else:
        _check(ctx, draft)


def _file(ctx: Context, draft: Draft) -> None:
    if draft.upload is None:
        st.markdown(
            "Examples whose id is new are added, those that are there are changed, none is removed. "
            "You see what would happen before it does."
        )
        upload_file(draft, LABEL)
        return
    show_file(draft)
    choose_delimiter(draft)
    choose_provenance(draft, ctx.ws.config.task.unit)

    def go_on() -> None:
        draft.step = "check"

    st.button("See what it would do", type="primary", on_click=go_on, key=draft.key("read"))


def _check(ctx: Context, draft: Draft) -> None:
    upload = draft.upload
    if upload is None:
        return
    show_file(draft)
    how = Provenance.of(draft)
    delimiter = draft.given.get("delimiter")
    config = ctx.ws.config
    # what it would do depends on the file, on how it is read, and on what is there already
    reading = (latest_version(ctx.ws.home), how, delimiter, config)
    with st.spinner(f"Reading {plain(upload.name)}"):
        plan = draft.once("plan", reading, lambda: plan_or_error(ctx.ws.home, upload, how, delimiter))
    if isinstance(plan, LookingGlassError):
        show_rejection(draft, plan, delimiter)
        back_button(draft, "file", key="mend")
        return
    st.markdown(f"### {plain(plan.words)}")
    show_changes(plan)
    show_first_rows(
        first_rows_of(plan, config), "The first rows, as they were understood", images=image_columns(config)
    )
    if plan.changes_nothing:
        back_button(draft, "file", key="check")
        return
    _confirm(ctx, draft, plan)


def plan_or_error(
    home: Home, upload: Upload, how: Provenance, delimiter: str | None
) -> ImportPlan | LookingGlassError:
    """Return what importing the upload would do, or what is wrong with it: either is kept until something changes."""
    try:
        return plan_import(
            home,
            upload.path,
            origin=how.origin,
            source=how.source or None,
            delimiter=delimiter,
            note=how.note,
            name=upload.name,
        )
    except LookingGlassError as error:
        return error


def show_rejection(draft: Draft, error: LookingGlassError, delimiter: str | None) -> None:
    """Draw what is wrong with the file, its first rows as they lie there, and the uploader for the mended one."""
    if isinstance(error, ImportRejected):
        show_problems(draft, error)
    else:
        st.error(refusal(error))
    upload = draft.upload
    if upload is not None:
        try:
            _, rows = draft.once(
                "raw", delimiter, lambda: first_rows(upload.path, file=upload.name, delimiter=delimiter)
            )
        except LookingGlassError:
            rows = []
        show_first_rows(rows, "The first rows as they lie in the file")
    upload_file(draft, "The mended file")


def _confirm(ctx: Context, draft: Draft, plan: ImportPlan) -> None:
    count = plan.added + plan.changed
    st.markdown("**What will be recorded**")
    st.text(recorded_words(plan))
    why_not = _why_not(ctx)
    act = f"import into {ctx.ws.home.folder.name}"

    def do_it() -> None:
        """Import what was shown; a callback, so that no redrawing of the page can swallow the click."""
        try:
            with st.spinner("Importing"):
                event = commit_import(ctx.ws.home, plan, ctx.actor, key=state.request_key(act))
        except Conflict as error:
            draft.forget("plan")
            draft.told = f"{error} Below is what it would do now."
            return
        except LookingGlassError as error:
            draft.told = str(error)
            return
        words = plan.words_when_done
        if event is not None:
            words = f"Version {event.payload['version']}: {words}"
        drop_draft(draft.name)
        draft_of(draft.name).done = words
        state.done(act, words)

    with st.container(horizontal=True, key=draft.key("confirm")):
        back_button(draft, "file", key="confirm")
        st.button(
            f"Import {count:,} {plural('example', count)}",
            type="primary",
            disabled=why_not is not None,
            help=why_not,
            on_click=do_it,
            key=draft.key("import"),
        )
    if why_not is not None:
        st.caption(why_not)


def recorded_words(plan: ImportPlan) -> str:
    """Say what the ledger will keep of an import, before it is done."""
    drawn = "drawn from real use" if plan.origin == "sample" else "written to describe a problem"
    note = f', with your note "{plan.note}"' if plan.note else ""
    return (
        f"One event by you: {plan.file} (SHA-256 {short_hash(plan.upload)}) makes version {plan.base_version + 1} "
        f"with {plan.examples:,} examples. New ones count as {drawn}, from {plan.source}{note}."
    )


def _why_not(ctx: Context) -> str | None:
    """Return why this person cannot import, None when they can; the core checks again."""
    if ctx.ws.home.read_only:
        return plain(ctx.ws.home.read_only)
    try:
        name = ctx.actor.name
    except LookingGlassError as error:
        return refusal(error)
    if not may(ctx.ws.config.people, name, IMPORTED):
        return plain(f"{name} may not import examples: that needs the role editor.")
    return None
