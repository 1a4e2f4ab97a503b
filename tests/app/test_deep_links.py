"""A link opens what its sender saw, on every page: workspace, candidate, version and threshold, whatever came since."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.registry import PAGES, PageEntry
from lookingglass.candidates import retire
from lookingglass.ledger import Actor
from lookingglass.testset import relabel
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, wait_for_version, words

ANA = Actor("ana")
SENT = {"workspace": "mortgage", "candidate": "boosted", "version": "2", "threshold": "0.2"}


@pytest.fixture(scope="module")
def _sent(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(built_demo, tmp_path_factory.mktemp("sent") / "workspaces"))
    with open_workspace(folder / "mortgage") as ws:
        seen = ws.pick("boosted", "confident mistakes", 2)
        ws.explain("boosted", seen.ids[0], version=2)
    return folder


@pytest.fixture
def demo(_sent: Path, tmp_path: Path) -> Path:
    """Copy the worked use case as the sender of a link left it: the reasons that the link leads to are kept."""
    return Path(shutil.copytree(_sent, tmp_path / "workspaces"))


def on_every_page(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)(test)


def moved_on(demo: Path, *, retired: bool = False) -> None:
    """Make a newer version, and retire the candidate that the link names."""
    with open_workspace(demo / "mortgage") as ws:
        test_set = ws.test_set()
        relabel(ws.home, test_set.ids[0], "no" if test_set.y_true[0] == 1 else "yes", note="", actor=ANA)
        if retired:
            retire(ws.home, "boosted", reason="replaced", actor=ANA)
    wait_for_version(demo, 3)


def opened(open_app: Open, page: PageEntry, **query: str) -> AppTest:
    app = open_app(None if page.is_first else page.file, **query)
    assert not app.exception, app.exception
    assert not app.error, [item.value for item in app.error]
    assert app.title[0].value == page.question
    return app


def kept(app: AppTest, sent: dict[str, str]) -> None:
    """The address still says all that was sent, so it can be sent on."""
    for name, value in sent.items():
        assert app.query_params[name] == value, name


@on_every_page
def test_a_link_is_kept_whole_and_opens_its_version_when_newer_ones_exist(
    open_app: Open, demo: Path, page: PageEntry
) -> None:
    moved_on(demo)
    app = opened(open_app, page, **SENT)
    kept(app, SENT)
    assert app.selectbox(key="choose workspace").value == "mortgage"
    assert app.selectbox(key="choose version").value == "2"


@on_every_page
def test_a_link_opens_when_its_candidate_was_retired_meanwhile(
    open_app: Open, demo: Path, page: PageEntry
) -> None:
    moved_on(demo, retired=True)
    kept(opened(open_app, page, **SENT), SENT)


@on_every_page
def test_a_link_opens_the_workspace_that_it_names(open_app: Open, demo: Path, page: PageEntry) -> None:
    shutil.copytree(demo / "mortgage", demo / "another")
    app = opened(open_app, page, workspace="mortgage")
    assert app.selectbox(key="choose workspace").value == "mortgage"


@on_every_page
def test_a_link_stays_itself_from_page_to_page(open_app: Open, demo: Path, page: PageEntry) -> None:
    """Moving on by the menu keeps candidate, version and threshold."""
    moved_on(demo)
    app = opened(open_app, page, **SENT)
    for other in PAGES:
        app.query_params.clear()
        app.switch_page(other.file).run()
        assert not app.exception, app.exception
        kept(app, SENT)


def test_the_threshold_page_shows_the_senders_candidate_threshold_and_version(
    open_app: Open, demo: Path
) -> None:
    page = next(entry for entry in PAGES if entry.key == "threshold")
    with open_workspace(demo / "mortgage") as ws:
        ws.evaluate()
        recall = ws.figures("boosted", 0.2, 2)["recall"]
    before = words(opened(open_app, page, **SENT))
    moved_on(demo)
    app = opened(open_app, page, **SENT)
    said = words(app)
    assert app.selectbox(key="choose candidate").value == "boosted"
    assert "At 0.20, of 1,000" in said
    assert f"{recall.k} of {recall.n}" in said
    assert "This is version 2; the newest is 3." in said
    assert next(line for line in before.splitlines() if "At 0.20, of 1,000" in line) in said


def test_a_retired_candidate_is_shown_as_it_was_and_told(open_app: Open, demo: Path) -> None:
    page = next(entry for entry in PAGES if entry.key == "threshold")
    before = words(opened(open_app, page, **SENT))
    moved_on(demo, retired=True)
    app = opened(open_app, page, **SENT)
    said = words(app)
    assert "boosted was retired since; it is shown because the link names it." in said
    assert app.selectbox(key="choose candidate").value == "boosted"
    assert "boosted (retired)" in app.selectbox(key="choose candidate").options
    assert next(line for line in before.splitlines() if "At 0.20, of 1,000" in line) in said
    without = opened(open_app, page)
    assert "boosted" not in [name.split(" ")[0] for name in without.selectbox(key="choose candidate").options]


def test_the_overview_of_a_link_says_that_it_is_not_the_newest(open_app: Open, demo: Path) -> None:
    moved_on(demo)
    said = words(opened(open_app, PAGES[0], version="2"))
    assert "Test-set version 2, labelled samples." in said
    assert "This is version 2; the newest is 3. Choose Latest beside the menu to follow it." in said


@pytest.mark.parametrize("view", ["browse", "history", "compare"])
def test_the_test_set_of_a_link_stays_on_its_version_and_says_so(
    open_app: Open, demo: Path, view: str
) -> None:
    moved_on(demo)
    page = next(entry for entry in PAGES if entry.key == "testset")
    app = opened(open_app, page, **SENT, view=view)
    kept(app, {**SENT, "view": view})
    assert "This is version 2; the newest is 3." in words(app)
    if view == "history":
        assert "Version 2</span></strong> (shown here)" in words(app)
    if view == "compare":
        assert (app.selectbox(key="choose from").value, app.selectbox(key="choose to").value) == ("1", "2")


def test_what_a_link_names_in_vain_is_told_and_the_rest_is_kept(open_app: Open) -> None:
    page = next(entry for entry in PAGES if entry.key == "threshold")
    app = opened(open_app, page, candidate="nobody", threshold="0.2")
    said = words(app)
    assert "The link names the candidate nobody, which is not here" in said
    assert "At 0.20, of 1,000" in said
