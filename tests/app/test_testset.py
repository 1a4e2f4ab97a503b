"""The page testset answers what the candidates are tested on and what changed, for the latest version at once."""

from __future__ import annotations

from tests.app.conftest import Open, words

PAGE = "pages/testset.py"


def test_it_asks_its_question_and_shows_the_list(open_app: Open) -> None:
    app = open_app(PAGE)
    assert app.title[0].value == "What is it tested on, and what changed?"
    assert len(app.dataframe) == 1


def test_an_unknown_view_in_the_link_says_so(open_app: Open) -> None:
    app = open_app(PAGE, view="elsewhere")
    assert "names the view elsewhere, which is not here" in words(app)
