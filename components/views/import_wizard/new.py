"""The wizard that makes a workspace from a file: the file, the question, the columns, what it would hold, and go.

    if new.is_begun(): new.draw(visit, folder)

Where it was made, the person is taken to it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from components import state
from components.context import Visit
from components.formatting import plain, refusal
from components.registry import page_entry
from components.views.import_wizard.columns import choose_columns
from components.views.import_wizard.draft import Draft, Upload, draft_of, drop_draft
from components.views.import_wizard.file import choose_delimiter, show_file, tell, upload_file
from components.views.import_wizard.into import show_rejection
from components.views.import_wizard.origin import Provenance, choose_provenance
from components.views.import_wizard.preview import first_rows_of, image_columns, show_first_rows
from components.views.import_wizard.question import Question, check_question, choose_question
from components.views.import_wizard.steps import back_button, show_steps
from lookingglass.config import WorkspaceConfig
from lookingglass.creating import FirstImport, check_new_name, create_workspace_with, plan_first_import
from lookingglass.errors import LookingGlassError
from lookingglass.testset import ImportPlan, describe_schema, propose_schema
from lookingglass.testset.column_edits import with_column_edits
from lookingglass.testset.inspecting import FileLook, look_at
from lookingglass.wording import plural, short_hash

NAME = "new workspace"
ACT = "make a workspace"
STEPS = {"file": "File", "question": "The question", "columns": "Columns", "check": "Check and make"}


def is_begun() -> bool:
    """Whether this session is in the middle of making a workspace."""
    return isinstance(state.kept(NAME), Draft)


def begin() -> None:
    """Begin making one."""
    draft_of(NAME)


def draw(visit: Visit, folder: Path) -> None:
    """Draw the step that this session is at; the workspace will lie in ``folder``."""
    draft = draft_of(NAME)
    made = draft.given.get("made")
    if made:
        _go_to(made)
    st.button("Leave without making one", on_click=drop_draft, args=(NAME,), key=draft.key("leave"))
    show_steps(STEPS, draft.step)
    tell(draft)
    if draft.upload is None:
        draft.step = "file"
        upload_file(draft, "The table with the first examples and their true answers")
        return
    if draft.step == "file":
        _file(draft)
        return
    look = _look(draft)
    if look is None:
        return
    if draft.step == "question":
        choose_question(draft, look, folder)
        _on(draft, "file", "columns", check=lambda: check_question(draft, folder))
        return
    proposed = _proposal(draft, look)
    if isinstance(proposed, LookingGlassError):
        st.error(plain(str(proposed)))
        _on(draft, "question", None)
        return
    if draft.step == "columns":
        fits = choose_columns(draft, proposed)
        _on(draft, "question", "check" if fits else None)
        return
    try:
        config = with_column_edits(proposed, draft.given.get("edits", {}))
    except LookingGlassError as error:
        st.error(refusal(error))
        _on(draft, "columns", None)
        return
    _check(visit, draft, folder, config)


def _on(draft: Draft, back: str, on: str | None, *, check: Callable[[], None] | None = None) -> None:
    """Draw the way back and the one primary button on; None where something is to be mended first.

    Args:
        check: called when the button is pressed; what it raises is told, and the step stays.
    """

    def go_on() -> None:
        try:
            if check is not None:
                check()
        except LookingGlassError as error:
            draft.told = str(error)
            return
        draft.step = on or draft.step

    with st.container(horizontal=True, key=draft.key(f"ways {draft.step}")):
        back_button(draft, back, key=draft.step)
        st.button(
            "Continue", type="primary", on_click=go_on, disabled=on is None, key=draft.key(f"on {draft.step}")
        )


def _file(draft: Draft) -> None:
    show_file(draft)
    choose_delimiter(draft)
    choose_provenance(draft, "example")

    def go_on() -> None:
        draft.step = "question"

    st.button("Continue", type="primary", on_click=go_on, key=draft.key("on file"))


def _look(draft: Draft) -> FileLook | None:
    """Return what the file holds; when it cannot be read, say so, with the way to mend it."""
    upload = draft.upload
    if upload is None:
        return None
    delimiter = draft.given.get("delimiter")
    show_file(draft)
    with st.spinner(f"Reading {plain(upload.name)}"):
        found = draft.once("look", delimiter, lambda: _look_or_error(upload, delimiter))
    if isinstance(found, LookingGlassError):
        show_rejection(draft, found, delimiter)
        back_button(draft, "file", key="look")
        return None
    if not found.labels:
        st.error(
            "No column of this file could be the label: that needs one with at least one and at most 100 different "
            "values. Choose another file."
        )
        return None
    return found


def _look_or_error(upload: Upload, delimiter: str | None) -> FileLook | LookingGlassError:
    try:
        return look_at(upload.path, file=upload.name, delimiter=delimiter)
    except LookingGlassError as error:
        return error


def _proposal(draft: Draft, look: FileLook) -> WorkspaceConfig | LookingGlassError:
    """Return the schema that the file and the answers suggest, or what is wrong with the answers."""
    asked = Question.of(draft)

    def propose() -> WorkspaceConfig | LookingGlassError:
        try:
            return propose_schema(
                draft.upload.path if draft.upload else Path(),
                name=asked.folder,
                label=asked.label,
                positive=asked.positive,
                kind=asked.kind,
                id_column=asked.id_column or None,
                groups=asked.groups,
                texts=asked.texts,
                ignored=asked.ignored,
                delimiter=look.delimiter,
                words={key: value for key, value in asked.words.items() if value},
                file=look.file,
                seen=look.columns,
            )
        except LookingGlassError as error:
            return error

    return draft.once("proposal", asked, propose)


def _check(visit: Visit, draft: Draft, folder: Path, config: WorkspaceConfig) -> None:
    upload = draft.upload
    if upload is None:
        return
    how = Provenance.of(draft)
    delimiter = draft.given.get("delimiter")
    first = FirstImport(delimiter, how.origin, how.source or None, how.note, upload.name)

    def attempt() -> ImportPlan | LookingGlassError:
        try:
            return plan_first_import(config, upload.path, first=first, scratch=upload.folder)
        except LookingGlassError as error:
            return error

    with st.spinner(f"Reading {plain(upload.name)}"):
        plan = draft.once("plan", (config, first), attempt)
    if isinstance(plan, LookingGlassError):
        show_rejection(draft, plan, delimiter)
        back_button(draft, "columns", key="mend")
        return
    st.markdown(f"### {plain(_answer(plan, config))}")
    show_first_rows(
        first_rows_of(plan, config), "The first rows, as they were understood", images=image_columns(config)
    )
    with st.expander("The columns in words"):
        for line in describe_schema(config):
            st.text(line)
    st.markdown("**What will be recorded**")
    st.text(
        f"Three events by you: the workspace {config.name} ({config.title}) was made, {plan.file} (SHA-256 "
        f"{short_hash(plan.upload)}) became version 1 with {plan.examples:,} examples, and a baseline candidate, which "
        "gives everybody the same answer, was registered."
    )
    _make(visit, draft, folder, config, first)


def _answer(plan: ImportPlan, config: WorkspaceConfig) -> str:
    task = config.task
    label = plan.uploaded.frame.get_column("@label")
    yes = int((label == task.positive).sum())
    unlabelled = int(label.null_count())
    without = f", {unlabelled:,} without an answer" if unlabelled else ""
    return (
        f"{plan.file} fits: {plan.added:,} {plural(task.unit, plan.added)}, {yes:,} of them "
        f"labelled {task.positive_name}{without}."
    )


def _make(visit: Visit, draft: Draft, folder: Path, config: WorkspaceConfig, first: FirstImport) -> None:
    upload = draft.upload

    def do_it() -> None:
        """Make what was shown; a callback, so that no redrawing of the page can swallow the click."""
        if upload is None or draft.given.get("made"):
            return
        key = state.request_key(ACT)
        try:
            with st.spinner("Making the workspace"):
                target = folder / config.name
                if not target.exists():
                    target = check_new_name(folder, config.name)
                create_workspace_with(
                    target, config, upload.path, first=first, actor=visit.actor, key=key
                ).close()
        except LookingGlassError as error:
            draft.told = str(error)
            return
        draft.given["made"] = config.name
        state.done(ACT, f"{config.title} was made.")

    with st.container(horizontal=True, key=draft.key("make")):
        back_button(draft, "columns", key="check")
        st.button("Make this workspace", type="primary", on_click=do_it, key=draft.key("make it"))


def _go_to(made: str) -> None:
    """Take the person to the workspace that was just made."""
    drop_draft(NAME)
    state.link("workspace", made)
    st.switch_page(page_entry("overview").file, query_params={"workspace": made})
