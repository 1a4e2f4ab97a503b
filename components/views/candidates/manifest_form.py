"""The form of a manifest, filled with what the inspection proposed, and what would be recorded, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.context import Context
from components.formatting import plain
from lookingglass.candidates import Manifest, Proposal, name_trouble
from lookingglass.candidates.formats import FORMATS
from lookingglass.candidates.inspection import ADDABLE
from lookingglass.wording import short_hash

NO_PARENT = ""
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Said:
    """What a person said in the form.

    Attributes:
        trouble: why the name cannot be used; None when it can.
        described: the fields that say where the model comes from, empty ones left out.
        for_inspection: format, inputs and classes that the model is to be tried with.
        as_proposed: whether those are what was proposed, so that nothing has to be tried again.
    """

    name: str
    trouble: str | None
    described: dict[str, Any]
    for_inspection: dict[str, Any]
    as_proposed: bool


def manifest_fields(ctx: Context, proposal: Proposal, key: str) -> Said:
    """Draw the form and return what it says.

    Args:
        key: tells this upload's fields from those of others.
    """
    name = st.text_input("Name", proposal.name, key=f"name {key}").strip()
    trouble = name_trouble(ctx.ws.home, name)
    if trouble:
        st.error(plain(trouble))
    for_inspection, as_proposed = _model_fields(ctx, proposal, key)
    described = description_fields(ctx, None, key)
    return Said(
        name,
        trouble,
        {field: value for field, value in described.items() if value},
        for_inspection,
        as_proposed,
    )


def _model_fields(ctx: Context, proposal: Proposal, key: str) -> tuple[dict[str, Any], bool]:
    """Draw format, inputs and classes; returns them, and whether they are as proposed."""
    said: dict[str, Any] = {}
    config = ctx.ws.config
    chosen = st.selectbox(
        "Format",
        ADDABLE,
        index=ADDABLE.index(proposal.format) if proposal.format in ADDABLE else None,
        placeholder="Say which format it is",
        format_func=lambda name: FORMATS[name].title,
        key=f"format {key}",
    )
    if chosen is not None and chosen != proposal.format:
        said["format"] = chosen
    if chosen is None or not FORMATS[chosen].needs_worker:
        return said, not said
    inputs = st.multiselect(
        "Columns, in the order the model was trained with",
        config.inputs,
        default=list(proposal.inputs),
        format_func=str,
        key=f"inputs {key}",
        help=_own_words("columns", proposal.model_inputs),
    )
    classes = st.multiselect(
        "Classes, in the model's own order",
        config.label_values,
        default=list(proposal.classes),
        key=f"classes {key}",
        help=_own_words("classes", proposal.model_classes),
    )
    if tuple(inputs) != proposal.inputs:
        said["inputs"] = inputs
    if tuple(classes) != proposal.classes:
        said["classes"] = classes
    return said, not said


def description_fields(ctx: Context, manifest: Manifest | None, key: str) -> dict[str, str]:
    """Draw the fields that say what a candidate is and where it comes from; returns them, '' where nothing is said.

    Args:
        manifest: what is said so far; None for a new candidate.
    """

    def text(field: str, label: str, placeholder: str = "") -> str:
        present = getattr(manifest, field) if manifest is not None else ""
        typed = st.text_input(
            label, present, key=f"{field} {key}", max_chars=LONGEST_TEXT, placeholder=placeholder
        )
        return typed.strip()

    own = manifest.name if manifest is not None else None
    present = (manifest.parent if manifest is not None else None) or NO_PARENT
    others = [
        item.name for item in ctx.ws.candidates if item.name != own and item.manifest.format != "baseline"
    ]
    parents = list(dict.fromkeys([NO_PARENT, present, *others]))
    fields = {
        "change": text("change", "What is different from the one before", "added debt ratio interactions")
    }
    fields["description"] = text("description", "What it is", "logistic regression on credit history")
    left, right = st.columns(2)
    with left:
        fields["parent"] = (
            st.selectbox(
                "Came from",
                parents,
                index=parents.index(present),
                format_func=lambda name: name or "no other candidate here",
                key=f"parent {key}",
            )
            or NO_PARENT
        )
        fields["trained_on"] = text("trained_on", "Trained on (date)", "2026-11-02")
        fields["trained_by"] = text("trained_by", "Trained by")
    with right:
        fields["data_hash"] = text("data_hash", "SHA-256 of the data it was trained on")
        fields["code_commit"] = text("code_commit", "Commit of the code that trained it")
    return fields


def recorded_words(ctx: Context, proposal: Proposal, said: Said) -> str:
    """Return what pressing the button records."""
    manifest = proposal.manifest
    title = FORMATS[manifest.format].title if manifest is not None else ""
    parts = [f"{title}, {proposal.size:,} bytes, SHA-256 {short_hash(proposal.sha)}"]
    if manifest is not None and manifest.inputs:
        parts.append(f"{len(manifest.inputs)} columns, answers {', '.join(manifest.classes)}")
    if said.described.get("parent"):
        parts.append(f"came from {said.described['parent']}")
    passed = sum(check.outcome == "passed" for check in proposal.checks)
    parts.append(f"{passed} checks passed")
    who = ctx.actor
    return (
        f"This will be recorded: {who.name} ({who.authentication}) registers {said.name}: {'; '.join(parts)}."
    )


def _own_words(what: str, names: Sequence[str] | None) -> str:
    if names is None:
        return f"The file does not name its {what}."
    return plain(f"The file itself says: {', '.join(names)}.")
