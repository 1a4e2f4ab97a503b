"""The proposed columns as a table that a person corrects: what each is for, and what its cells may hold."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from components import state
from components.formatting import refusal
from components.views.import_wizard.draft import Draft
from lookingglass.config import WorkspaceConfig
from lookingglass.errors import BadInput
from lookingglass.testset import describe_schema
from lookingglass.testset.column_edits import MISSING, ROLES, TYPES, column_rows, with_column_edits

_FIELDS = ("role", "type", "empty", "values", "lowest", "highest")


def choose_columns(draft: Draft, proposed: WorkspaceConfig) -> bool:
    """Draw the table and, below, the same in words; returns whether the columns can be declared so.

    The table starts from the proposal with the corrections made before this step was opened, and is never fed its own
    output; what is corrected now is kept by column, so that nothing is lost on the way back and forth.
    """
    _begin(draft, proposed)
    rows = column_rows(proposed)
    before: dict[str, dict[str, Any]] = draft.given["edits before"]
    key = draft.key(f"columns {draft.given['columns opened']}")
    st.markdown("What each column is for, and what its cells may hold. Correct what the proposal got wrong.")
    st.data_editor(
        _frame(rows, before),
        key=key,
        hide_index=True,
        num_rows="fixed",
        disabled=["column"],
        column_config={
            "column": st.column_config.TextColumn("Column", pinned=True),
            "role": st.column_config.SelectboxColumn("Used as", options=list(ROLES), required=True),
            "type": st.column_config.SelectboxColumn("Holds", options=list(TYPES), required=True),
            "empty": st.column_config.SelectboxColumn(
                "Empty cells are", options=list(MISSING), required=True
            ),
            "values": st.column_config.MultiselectColumn(
                "Allowed values",
                accept_new_options=True,
                help="Of a category; without any, every value is allowed.",
            ),
            "lowest": st.column_config.NumberColumn(
                "Lowest", help="Nothing below is accepted; empty: no limit."
            ),
            "highest": st.column_config.NumberColumn(
                "Highest", help="Nothing above is accepted; empty: no limit."
            ),
        },
    )
    edits = {name: dict(fields) for name, fields in before.items()}
    changed = (state.widget(key) or {}).get("edited_rows", {})
    for place, fields in changed.items():
        name = rows[int(place)].column
        edits.setdefault(name, {}).update({field: fields[field] for field in _FIELDS if field in fields})
    draft.given["edits"] = edits
    try:
        config = with_column_edits(proposed, edits)
    except BadInput as error:
        st.error(refusal(error))
        return False
    with st.expander("The same in words"):
        for line in describe_schema(config):
            st.text(line)
    return True


def _begin(draft: Draft, proposed: WorkspaceConfig) -> None:
    """When the step is opened anew, or the proposal is another one, start the table from what was corrected so far."""
    drawn = state.widget(draft.key(f"columns {draft.given.get('columns opened', 0)}"))
    if draft.given.get("columns of") is proposed and drawn is not None:
        return
    known = {row.column for row in column_rows(proposed)}
    edits = draft.given.get("edits", {})
    draft.given["edits before"] = {name: fields for name, fields in edits.items() if name in known}
    draft.given["columns of"] = proposed
    draft.given["columns opened"] = draft.given.get("columns opened", 0) + 1


def _frame(rows: list[Any], edits: dict[str, dict[str, Any]]) -> pd.DataFrame:
    records = [{**vars(row), **edits.get(row.column, {})} for row in rows]
    frame = pd.DataFrame(records, columns=["column", *_FIELDS])
    frame["values"] = [list(values or ()) for values in frame["values"]]
    for name in ("lowest", "highest"):
        frame[name] = frame[name].astype("float64")
    return frame
