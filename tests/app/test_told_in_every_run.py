"""Every run tells a browser all that its fields say.

A run may overtake another before the browser has drawn it. A field that one run alone had set would then stand empty in
the browser, which sends the empty value back as the person's choice: the Import view fell back to Browse that way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import Open

LINKS: dict[str, dict[str, str]] = {
    "overview": {"rank": "f1"},
    "threshold": {"candidate": "tweedle", "metric": "recall", "reference": "baseline"},
    "testset": {
        "q": "row",
        "label": "yes",
        "group": "black",
        "is": "no",
        "origin": "sample",
        "wrong": "tweedledum",
        "disagree": "1",
        "sort": "changed",
    },
    "candidates": {"candidate": "tweedle"},
    "workspaces": {},
}


def heard(app: AppTest) -> Iterator[tuple[str, Any, Any]]:
    """Yield (field, what it says, what a browser makes of it that saw this run and none before)."""
    for box in app.selectbox:
        index = box.proto.default if box.proto.HasField("default") else None
        default = None if index is None else box.options[index]
        said = None if box.value is None else box.format_func(box.value)
        yield box.label, said, box.proto.raw_value if box.proto.set_value else default
    for text in app.text_input:
        yield text.label, text.value, text.proto.value if text.proto.set_value else text.proto.default
    for toggle in app.toggle:
        yield (
            toggle.label,
            toggle.value,
            toggle.proto.value if toggle.proto.set_value else toggle.proto.default,
        )
    for row in app.button_group:
        default = [row.options[index] for index in row.proto.default]
        yield (
            row.label,
            list(row.formatted_values),
            list(row.proto.raw_values) if row.proto.set_value else default,
        )


@pytest.mark.parametrize("page", LINKS)
def test_the_second_run_of_a_linked_page_says_it_all_again(page: str, open_app: Open) -> None:
    app = open_app(f"pages/{page}.py", **LINKS[page])
    for _ in range(2):
        app.run()
        said = list(heard(app))
        assert said
        assert not [(label, value, there) for label, value, there in said if value != there]


def test_a_text_search_of_the_link_stands_in_its_field(open_app: Open) -> None:
    app = open_app("pages/testset.py", q="row-1")
    field = next(text for text in app.text_input if text.label == "Search")
    assert (field.value, field.proto.default) == ("row-1", "row-1")
    field.set_value("row-2").run()
    assert app.query_params["q"] == "row-2"
    assert next(text for text in app.text_input if text.label == "Search").value == "row-2"


def two_ways() -> None:
    import streamlit as st

    from components import state

    linked = state.read_linked()
    st.button("Choose brier", on_click=state.link, args=("metric", "brier"))
    state.linked_select("metric", "Metric", ["f1", "brier", "recall"], linked.metric or "f1")
    st.text(str(linked.metric))


def test_an_old_choice_that_comes_back_after_another_control_decided_is_nobodys() -> None:
    """The browser had not heard of the button's choice when it looked for what others did, and sent the old along."""
    app = AppTest.from_function(two_ways).run()
    app.selectbox[0].set_value("recall").run()
    assert app.text[0].value == "recall"
    app.button[0].click().run()
    assert app.text[0].value == "brier"
    app.selectbox[0].set_value("recall").run()
    assert (app.text[0].value, app.selectbox[0].value) == ("brier", "brier")
    app.selectbox[0].set_value("f1").run()
    assert app.text[0].value == "f1"
