"""The file of a wizard: uploading it, how its cells are separated, and choosing another. Its bytes are kept on disk."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components.formatting import refusal
from components.views.import_wizard.draft import Draft
from lookingglass.errors import LookingGlassError
from lookingglass.testset.checked_bytes import size_words
from lookingglass.testset.inspecting import DELIMITERS, proposed_delimiter


def upload_file(draft: Draft, label: str) -> None:
    """Draw the uploader; a file that arrives is put on disk, and the page is drawn again without its bytes."""
    cap = int(st.get_option("server.maxUploadSize"))
    uploaded = st.file_uploader(
        label,
        key=draft.key(f"upload {draft.uploads}"),
        help=f"A file of more than {cap:,} MB is imported on the server, with `lookingglass testset import`.",
    )
    st.caption(
        f"CSV, Parquet or JSON Lines, also as .gz; for images a zip of the table with its files. At most {cap:,} MB."
    )
    if uploaded is None:
        return
    try:
        draft.take(uploaded.name, uploaded)
    except LookingGlassError as error:
        draft.told = str(error)
    finally:
        _let_go(uploaded.file_id)
    st.rerun()


def show_file(draft: Draft) -> None:
    """Draw which file is at hand and the button that chooses another; the answers given so far stay."""
    upload = draft.upload
    if upload is None:
        return

    def choose_another() -> None:
        draft.leave_upload()
        draft.step = "file"

    with st.container(horizontal=True, vertical_alignment="center", key=draft.key("file at hand")):
        st.text(f"{upload.name}, {size_words(upload.size)}")
        st.button("Choose another file", on_click=choose_another, key=draft.key("another file"))


def choose_delimiter(draft: Draft) -> str | None:
    """Draw the choice of the separator of a CSV file, the likely one first; None for other kinds of file."""
    upload = draft.upload
    if upload is None:
        return None
    likely = draft.once("likely", upload.name, lambda: proposed_delimiter(upload.path))
    if likely is None:
        return None
    if draft.given.get("likely") != likely:  # another file may be separated otherwise
        draft.given["likely"], draft.given["delimiter"] = likely, likely
    key = draft.prepare("delimiter", likely, list(DELIMITERS))
    draft.given["delimiter"] = st.selectbox(
        "Cells are separated by a",
        list(DELIMITERS),
        format_func=lambda sign: DELIMITERS[sign],
        key=key,
        help=f"The header line suggests a {DELIMITERS[likely]}.",
    )
    chosen: str = draft.given["delimiter"]
    return chosen


def tell(draft: Draft) -> None:
    """Say once what could not be done."""
    if draft.told:
        st.error(refusal(draft.told))
        draft.told = None


def _let_go(file_id: str) -> None:
    """Have Streamlit drop the bytes that it keeps in memory for the session; the file on disk is enough."""
    run = get_script_run_ctx()
    remove = getattr(getattr(run, "uploaded_file_mgr", None), "remove_file", None)
    if run is not None and remove is not None:
        remove(session_id=run.session_id, file_id=file_id)
