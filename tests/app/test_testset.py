"""The page testset answers what the candidates are tested on and what changed, for the latest version at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components import cache
from components.views.testset.answer import ago
from components.views.testset.filters import Asked, from_link, to_link
from lookingglass.evaluation.browse import Filters
from lookingglass.testset import relabel, tag
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, wait_for_version, words
from tests.core.evaluation.conftest import ANA

PAGE = "pages/testset.py"


def ids(app: AppTest) -> list[str]:
    """Return the ids that the list shows."""
    return list(app.dataframe[0].value["id"])


def test_it_answers_first_and_lists_a_page_with_what_the_candidates_say(open_app: Open) -> None:
    app = open_app(PAGE)
    assert app.title[0].value == "What is it tested on, and what changed?"
    said = words(app)
    assert "1,192 applications and 12 test patterns; 12.0\u202f% are denied (143 of 1,192)." in said
    assert "imported patterns.csv: 12 examples added" in said
    assert "1,204 examples" in said
    assert len(ids(app)) == 25
    frame = app.dataframe[0].value
    assert list(frame.columns[:3]) == ["id", "deny", "early-scorecard"]
    assert all(cell[0] in "✓✗" for cell in frame["boosted"])
    assert frame["boosted"][7][0] == "✗"
    assert "baseline" not in frame.columns


def test_an_unknown_view_in_the_link_says_so(open_app: Open) -> None:
    app = open_app(PAGE, view="elsewhere")
    assert "names the view elsewhere, which is not here" in words(app)


def test_filters_narrow_the_list_go_into_the_link_and_are_said(open_app: Open) -> None:
    app = open_app(PAGE)
    app.selectbox(key="filter wrong").set_value("boosted").run()
    app.selectbox(key="filter group 0").set_value("black = yes").run()
    app.text_input(key="filter text").set_value("APP-1").run()
    assert not app.exception
    asked = {name: app.query_params[name] for name in ("wrong", "group", "is", "q")}
    assert asked == {"wrong": "boosted", "group": "black", "is": "yes", "q": "APP-1"}
    ws = cache.open_cached(str(cache.workspace_folders()["mortgage"]))
    same = ws.browse(Filters(text="APP-1", wrong="boosted", group=("black", "yes")))
    assert f"{same.total} of 1,204 examples: “APP-1”, wrong for boosted, black = yes" in words(app).replace(
        "**", ""
    )
    assert ids(app) == same.rows["@id"].to_list()[:25]


def test_a_link_opens_the_same_list(open_app: Open) -> None:
    sent = open_app(PAGE, wrong="boosted", group="black", sort="disagreement", **{"is": "yes"})
    got = open_app(PAGE, wrong="boosted", group="black", sort="disagreement", **{"is": "yes"})
    assert ids(sent) == ids(got)
    assert "wrong for boosted, black = yes" in words(got)
    assert got.selectbox(key="filter order").value == "Most disagreement first"


def test_every_filter_survives_the_link() -> None:
    """What is written into a link is what is read from it, for each condition alone and all of them."""
    every = Filters("a b", "yes", False, ("black", None), "hard", "pattern", "Insurance", "boosted", True)
    for asked in (
        Asked(every, "highest", "boosted", 3),
        Asked(Filters(unlabelled=True)),
        Asked(Filters(group=("black", "no"))),
        Asked(Filters(), "disagreement"),
    ):
        carried = {name: value for name, value in to_link(asked).items() if value is not None}
        assert from_link(carried) == asked
    assert from_link({"sort": "loudest"}) == Asked(Filters())


def test_the_filters_of_this_page_do_not_stand_in_the_address_of_another(open_app: Open) -> None:
    app = open_app(PAGE, wrong="boosted")
    app.query_params.clear()
    app.switch_page("pages/overview.py").run()
    assert "wrong" not in app.query_params
    app.query_params.clear()
    app.switch_page(PAGE).run()
    assert app.query_params["wrong"] == "boosted"


def test_no_result_says_what_to_loosen(open_app: Open) -> None:
    said = words(open_app(PAGE, q="app-0001", wrong="boosted"))
    assert "No example meets all of this." in said
    assert "Loosen one: without “app-0001” there are" in said
    assert "without wrong for boosted there is 1" in said
    both = words(open_app(PAGE, q="nothing holds this", tag="neither"))
    assert "Clear the filters to see all examples." in both


def test_what_the_link_names_in_vain_is_left_out_and_said(open_app: Open) -> None:
    said = words(open_app(PAGE, wrong="nobody", group="shoe", sort="highest", by="nothing", label="maybe"))
    for what in ("the candidate nobody", "the group column shoe", "the candidate nothing"):
        assert f"names {what}, which is not here" in said
    assert "No example meets all of this." in said


def test_pages_are_turned_and_the_order_goes_into_the_link(open_app: Open) -> None:
    app = open_app(PAGE)
    first = ids(app)
    app.button[[button.label for button in app.button].index("Next")].click().run()
    assert app.query_params["page"] == "2"
    assert not set(ids(app)) & set(first)
    app.selectbox(key="filter order").set_value("Highest score of boosted").run()
    assert (app.query_params["sort"], app.query_params["by"]) == ("highest", "boosted")
    assert "page" not in app.query_params
    assert [cell.split()[1] for cell in app.dataframe[0].value["boosted"]] == sorted(
        (cell.split()[1] for cell in app.dataframe[0].value["boosted"]), reverse=True
    )


def test_a_change_made_elsewhere_is_listed_before_any_candidate_is_asked(open_app: Open, demo: Path) -> None:
    app = open_app(PAGE)
    with open_workspace(demo / "mortgage") as elsewhere:
        tag(elsewhere.home, "app-0002", add=["seen"], actor=ANA)
    app.run()
    assert "Version 3" in " ".join(
        str(link.proto.label) for link in app.get("page_link")
    ) or "tagged app-0002" in words(app)
    app.selectbox(key="filter tag 0").set_value("seen").run()
    assert ids(app) == ["app-0002"]


def test_the_page_does_not_wait_for_the_evaluation(open_app: Open, demo: Path) -> None:
    app = open_app(PAGE, version="1")
    assert "1,192 applications; 12.0\u202f% are denied (143 of 1,192)." in words(app)
    with open_workspace(demo / "mortgage") as elsewhere:
        relabel(elsewhere.home, "app-0001", "yes", note="looked again", actor=ANA)
    app.run()
    assert "1,192 applications; 12.0\u202f% are denied (143 of 1,192)." in words(app)


def test_without_candidates_the_list_shows_what_there_is(open_app: Open, demo: Path) -> None:
    from lookingglass.candidates import retire

    with open_workspace(demo / "mortgage") as ws:
        for candidate in ws.candidates:
            if candidate.manifest.format != "baseline":
                retire(ws.home, candidate.name, actor=ANA)
    wait_for_version(demo, 2)
    app = open_app(PAGE)
    assert list(app.dataframe[0].value.columns[:3]) == ["id", "deny", "dir"]
    assert "Highest score" not in str(app.selectbox(key="filter order").options)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (5, "just now"),
        (65, "1 minute ago"),
        (7_300, "2 hours ago"),
        (90_000, "1 day ago"),
        (200_000, "2 days ago"),
    ],
)
def test_how_long_ago_is_said_as_people_say_it(seconds: int, told: str) -> None:
    then = datetime(2026, 11, 2, tzinfo=UTC)
    now = datetime.fromtimestamp(then.timestamp() + seconds, tz=UTC)
    assert ago(then.isoformat().replace("+00:00", "Z"), now) == told
