"""What a link carries is remembered from page to page, and belongs to the workspace that it was said of."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from components import state

    linked = state.read_linked()
    st.text(f"{linked.workspace} {linked.version} {linked.metric}")


def shown(app: AppTest, **query: str) -> str:
    """Return what the page reads when the address says ``query`` and nothing else."""
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    return str(app.text[0].value)


def test_a_page_without_an_address_of_its_own_remembers_the_link() -> None:
    app = AppTest.from_function(page)
    assert shown(app, workspace="first", version="7", metric="brier") == "first 7 brier"
    assert shown(app) == "first 7 brier"
    assert shown(app, workspace="first") == "first 7 brier"


def test_another_workspace_in_the_address_takes_nothing_of_the_first_along() -> None:
    """The browser's Back button changes the address alone; version 7 of one workspace means nothing in another."""
    app = AppTest.from_function(page)
    shown(app, workspace="first", version="7", metric="brier")
    assert shown(app, workspace="second") == "second None None"
    assert shown(app, workspace="first", metric="recall") == "first None recall"


def making() -> None:
    import uuid

    import streamlit as st

    from components import state

    st.text(str(state.kept_while("something", st.query_params["of"], uuid.uuid4)))


def test_what_was_made_of_the_same_is_not_made_again() -> None:
    app = AppTest.from_function(making)
    seen = [shown(app, of=of) for of in ("a", "a", "b", "a")]
    assert seen[0] == seen[1]
    assert len(set(seen[1:])) == 3
