"""What is being decided, in the own words of those who ask: the label, what counts as yes, the names, the folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from components import state
from components.formatting import plain, refusal
from components.views.import_wizard.draft import Draft
from components.views.import_wizard.preview import show_first_rows
from lookingglass.config import Kind
from lookingglass.configuring import LONGEST_TITLE, checked_title
from lookingglass.creating import check_new_name, proposed_name
from lookingglass.errors import BadInput
from lookingglass.testset.inspecting import FileLook
from lookingglass.testset.schema import DEFAULT_ID

KINDS: dict[Kind, str] = {
    "tabular": "A row of a table",
    "text": "One or more texts",
    "image": "An image",
}
NAMELESS = "new-workspace"
"""The folder that is proposed while the title suggests none."""
NUMBERED = ""
"""The choice of no id column: rows are numbered."""
_YES = ("yes", "1", "true", "y", "positive")
_LABELS = ("label", "target", "outcome", "class", "y")


@dataclass(frozen=True)
class Question:
    """The answers of this step, ready for ``propose_schema``."""

    folder: str
    label: str
    positive: str
    kind: Kind
    id_column: str
    groups: tuple[str, ...]
    texts: tuple[str, ...]
    ignored: tuple[str, ...]
    title: str
    unit: str
    positive_name: str
    negative_name: str

    @property
    def words(self) -> dict[str, str]:
        """The plain names that were given."""
        return {
            "title": self.title,
            "unit": self.unit,
            "positive_name": self.positive_name,
            "negative_name": self.negative_name,
        }

    @classmethod
    def of(cls, draft: Draft) -> Question:
        """Return what was given in this draft."""
        given = draft.given

        def text(name: str) -> str:
            return " ".join(str(given.get(name) or "").split())

        return cls(
            folder=text("folder"),
            label=given.get("label", ""),
            positive=given.get("positive", ""),
            kind=given.get("kind", "tabular"),
            id_column=given.get("id", NUMBERED),
            groups=tuple(given.get("groups", ())),
            texts=tuple(given.get("texts", ())),
            ignored=tuple(given.get("ignored", ())),
            title=text("title"),
            unit=text("unit"),
            positive_name=text("positive name"),
            negative_name=text("negative name"),
        )


def choose_question(draft: Draft, look: FileLook, folder: Path) -> None:
    """Draw the questions, each with a likely answer where the file suggests one; what is given stays in the draft."""
    show_first_rows(look.first, f"The first rows of {plain(look.file)}")
    left, right = st.columns(2)
    with left:
        _text(draft, "title", "What is being decided", "Mortgage applications", longest=LONGEST_TITLE)
        _name(draft, folder)
        _choose(draft, "kind", "One example is", list(KINDS), "tabular", words=KINDS)
        _text(draft, "unit", "One example is called", "application", longest=40)
    with right:
        label = _choose(draft, "label", "The column with the true answer", look.labels, _likely_label(look))
        answers = look.answers(label)
        positive = _choose(draft, "positive", "The value that counts as yes", answers, _likely_yes(answers))
        others = [value for value in answers if value != positive]
        _text(draft, "positive name", f"{plain(positive)}, in plain words", "denied", longest=60)
        _text(
            draft,
            "negative name",
            f"{', '.join(map(plain, others[:3])) or 'Any other answer'}, in plain words",
            "approved",
            longest=60,
        )
    st.markdown("**Columns with a part of their own**")
    free = [name for name in look.columns if name != label]
    left, right = st.columns(2)
    with left:
        likely = DEFAULT_ID if DEFAULT_ID in free else NUMBERED
        _choose(
            draft,
            "id",
            "The column with a stable id",
            [NUMBERED, *free],
            likely,
            words={NUMBERED: "None: number the rows"},
        )
        rest = [name for name in free if name != draft.given["id"]]
        _several(draft, "groups", "Groups to compare for fairness", rest)
    with right:
        if draft.given["kind"] != "image":
            _several(draft, "texts", "Columns that are texts", rest)
        else:
            draft.given["texts"] = []
        _several(draft, "ignored", "Columns to leave out", rest)


def check_question(draft: Draft, folder: Path) -> None:
    """Refuse to go on without a title and a folder name that can be used; reads what the fields say now.

    Raises:
        BadInput: what is missing, or cannot be used.
    """
    for name in ("title", "folder"):
        draft.given[name] = state.widget(draft.key(name), draft.given.get(name)) or ""
    checked_title(draft.given["title"])
    if draft.given["folder"] == draft.given.get(
        "proposed"
    ):  # as it was for the title before the last word was typed
        draft.given["folder"] = draft.given["proposed"] = proposed_name(draft.given["title"]) or NAMELESS
    check_new_name(folder, draft.given["folder"].strip())


def _name(draft: Draft, folder: Path) -> None:
    """Draw the folder's name: proposed from the title until the person types one, and checked at once."""
    proposed = proposed_name(draft.given.get("title") or "") or NAMELESS
    key = draft.key("folder")
    typed = state.widget(key, draft.given.get("folder"))
    said = proposed if typed in (None, "", draft.given.get("proposed")) else typed
    draft.given["proposed"] = proposed
    draft.given["folder"] = st.text_input(
        "Its folder, which stands in links",
        state.text_in(key, said),
        key=key,
        help="Letters, digits, dots, hyphens and underscores. It cannot be changed in the dashboard later.",
    )
    try:
        check_new_name(folder, draft.given["folder"].strip())
    except BadInput as error:
        st.error(refusal(error))


def _likely_label(look: FileLook) -> str:
    named = [name for name in look.labels if name.lower() in _LABELS]
    two = [name for name in look.labels if len(look.answers(name)) == 2]
    return (named or two[::-1] or look.labels)[0]


def _likely_yes(answers: list[str]) -> str:
    return next((value for value in answers if value.lower() in _YES), answers[-1])


def _text(draft: Draft, name: str, label: str, example: str, *, longest: int) -> None:
    draft.ask(name, label, max_chars=longest, placeholder=f"Such as: {example}")


def _choose(
    draft: Draft,
    name: str,
    label: str,
    options: list[Any],
    likely: Any,
    *,
    words: dict[Any, str] | None = None,
) -> Any:
    key = draft.prepare(name, likely, options)
    draft.given[name] = st.selectbox(
        label, options, key=key, format_func=lambda value: (words or {}).get(value, str(value))
    )
    return draft.given[name]


def _several(draft: Draft, name: str, label: str, options: list[str]) -> None:
    key = draft.prepare(name, [], options)
    draft.given[name] = st.multiselect(label, options, key=key, placeholder="None")
