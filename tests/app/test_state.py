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


def costs() -> None:
    import streamlit as st

    from components import address, state

    linked = state.read_linked("threshold")
    st.button("Other costs", on_click=state.link_all, args=({"fp": 7.0, "fn": 8.0},))
    st.button("Volume", on_click=state.link, args=("volume", 900))
    st.button("Looked", on_click=address.came_back)

    def looked_with_a_choice() -> None:
        state.link_all({"fp": 7.0, "fn": 8.0})
        address.came_back()

    st.button("Looked, with a choice", on_click=looked_with_a_choice)
    st.text(" ".join(f"{name}={value:g}" for name, value in sorted(linked.here.items())))


def test_an_address_that_comes_back_out_of_date_takes_nothing_back() -> None:
    """The browser sends its address along with each look for what others did, before it heard of the one we wrote."""
    app = AppTest.from_function(costs)
    assert shown(app, fp="1", fn="5") == "fn=5 fp=1"
    app.button[0].click().run()
    assert app.text[0].value == "fn=8 fp=7"
    assert shown(app, fp="1", fn="5") == "fn=8 fp=7"
    assert app.query_params["fn"] == "8.0"


def test_a_look_that_brings_a_choice_along_does_not_take_it_for_heard_of() -> None:
    """The click itself arrives after the look, with the address of before."""
    app = AppTest.from_function(costs)
    shown(app, fp="1", fn="5")
    app.button[3].click().run()
    assert shown(app, fp="1", fn="5") == "fn=8 fp=7"


def test_a_click_that_overtakes_the_new_address_adds_to_it() -> None:
    app = AppTest.from_function(costs)
    shown(app, fp="1", fn="5")
    app.button[0].click().run()
    app.query_params.clear()
    app.query_params["fp"], app.query_params["fn"] = "1", "5"
    app.button[1].click().run()
    assert app.text[0].value == "fn=8 fp=7 volume=900"
    assert app.query_params == {"fp": "7.0", "fn": "8.0", "volume": "900"}


def test_an_old_address_is_a_wish_once_the_browser_knew_the_new_one() -> None:
    """A link back to where one was is followed, and so is any address that was not written here."""
    app = AppTest.from_function(costs)
    shown(app, fp="1", fn="5")
    app.button[0].click().run()
    assert shown(app, fp="2", fn="6") == "fn=6 fp=2"
    assert shown(app, fp="1", fn="5") == "fn=5 fp=1"
    app.button[0].click().run()
    for _ in range(2):
        app.button[2].click().run()
    assert shown(app, fp="1", fn="5") == "fn=5 fp=1"
