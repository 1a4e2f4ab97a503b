"""A client reviews the reasons of ten predictions and files a problem from one: every candidate is evaluated on it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from lookingglass.evaluation.browse import Filters
from lookingglass.explanations import why_not
from lookingglass.problems import list_problems
from lookingglass.reviews import NewReview, record_review
from lookingglass.testset import edit_example
from lookingglass.workspace import open_workspace
from tests.browser.server import open_page, served, steady
from tests.core.evaluation.conftest import ANA

pytestmark = pytest.mark.browser

HOSTILE = (
    "</script><script>window.alive = 1</script><img src=x onerror='window.alive = 1'> fix <b>a</b> fence"
)
SLOW = 60_000


LATE = """
const soon = window.setTimeout
window.setTimeout = (act, wait, ...rest) => window.busy && !wait
    ? soon(() => { act(); window.sent = true }, 3000)
    : soon(act, wait, ...rest)
"""
"""Makes a browser that is busy: what it wants to do next, such as sending a press, it does three seconds later."""


@pytest.fixture
def folder(built_matching: Path, tmp_path: Path) -> Path:
    """Return the folder of a copy of the worked use case in which the surest mistake holds HTML."""
    copy = Path(shutil.copytree(built_matching, tmp_path / "workspaces"))
    with open_workspace(copy / "matching") as ws:
        ws.evaluate()
        surest = ws.pick("word-matcher", "confident mistakes").ids[0]
        edit_example(ws.home, surest, {"want": HOSTILE}, actor=ANA)
        ws.evaluate()
    return copy


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """Serve it."""
    with served(app_file(), {FOLDER_VARIABLE: str(folder)}) as url:
        yield url


@pytest.mark.timeout(400)  # ten explanations and verdicts, a problem, and every model asked anew
def test_ten_are_reviewed_and_a_wrong_reason_becomes_a_problem_for_every_candidate(
    page: Page, address: str, folder: Path
) -> None:
    with open_workspace(folder / "matching") as ws:
        before = ws.test_set().version
        hostile = next(
            name for name, text in ws.test_set().rows.select("@id", "want").iter_rows() if text == HOSTILE
        )
    open_page(page, f"{address}/explanations?workspace=matching&candidate=word-matcher&example={hostile}")
    expect(page.locator(".lg-words").first).to_contain_text("</script><script>window.alive = 1", timeout=SLOW)
    open_page(page, f"{address}/explanations?workspace=matching&candidate=word-matcher")
    for number in range(1, 11):
        verdict = "Wrong reason" if number == 10 else ("Right reason", "Unsure")[number % 2]
        page.get_by_role("button", name=verdict, exact=True).click()
        expect(page.get_by_text(re.compile(f"; {number} of these reviewed"))).to_be_visible(timeout=SLOW)
        if number < 10:
            page.keyboard.press("ArrowRight")
            expect(page.get_by_text(re.compile(f"^{number + 1} of 50"))).to_be_visible(timeout=SLOW)
            steady(page)
    expect(
        page.get_by_text("10 reviewed, 4 for the right reason, 1 for a wrong one, 5 unsure")
    ).to_be_visible()
    page.get_by_text("Make it a problem").click()
    page.get_by_label("Name of the problem").fill("One word <b>decides</b>")
    page.get_by_label("Name of the problem").press("Tab")
    steady(page)
    page.get_by_role("button", name=re.compile(r"^File it with \d test patterns")).click()
    expect(page.get_by_text("Filed as the problem “One word <b>decides</b>”")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(re.compile(f"^Version {before + 1} ·")).first).to_be_visible(timeout=SLOW)
    assert page.evaluate("window.alive") is None
    with open_workspace(folder / "matching") as ws:
        problem = list_problems(ws.home)[-1]
        added = [ws.test_set().position(name) for name in problem.pattern_ids]
        assert (problem.name, ws.test_set().version, len(ws.reviews)) == (
            "One word <b>decides</b>",
            before + 1,
            10,
        )
        models = [one for one in ws.candidates if why_not(one) is None]
        assert len(models) == 4, (
            "early, word and letter matcher, and that as ONNX; the rest has no model to ask"
        )
        for candidate in models:
            assert np.isfinite(ws.scores(candidate.name)[added]).all(), candidate.name


def test_one_press_is_one_step_though_the_page_looks_for_news_before_the_press_is_sent(
    page: Page, address: str, folder: Path
) -> None:
    """Each look sends a press along that is still to be sent itself; news meanwhile draw the next example's buttons."""
    page.add_init_script(LATE)
    with open_workspace(folder / "matching") as ws:
        test_set, at = ws.test_set(), ws.threshold("word-matcher").value
        told = [
            ws.explain("word-matcher", example)
            for example in ws.pick("word-matcher", "confident mistakes").ids[-2:]
        ]
    news = [NewReview.on(each, test_set, at, "right", "", "differ") for each in told]
    open_page(page, f"{address}/explanations?workspace=matching&candidate=word-matcher")
    expect(page.get_by_text(re.compile("^1 of 50"))).to_be_visible(timeout=SLOW)
    for number, new in enumerate(
        news, 2
    ):  # from the first, which the address does not name, and from one it does
        steady(page)
        page.evaluate("window.busy = true; window.sent = false")
        page.keyboard.press("ArrowRight")
        page.evaluate("window.busy = false")
        with open_workspace(folder / "matching") as ws:
            record_review(ws.home, new, ANA)
        page.wait_for_function("window.sent", timeout=SLOW)
        seen = page.get_by_text(re.compile(f"^[0-9]+ of 50.*; {number - 1} of these reviewed"))
        expect(seen).to_be_visible(timeout=SLOW)
        steady(page)
        expect(page.get_by_text(re.compile(f"^{number} of 50"))).to_be_visible()


def test_an_example_that_many_lead_to_begins_where_it_is_seen(
    new_page: Callable[..., Page], address: str, folder: Path
) -> None:
    """The page stays scrolled to where the press was; on a phone the example would begin above what is seen."""
    with open_workspace(folder / "matching") as ws:
        for example in ws.pick("word-matcher", "typical", filters=Filters(origin="sample"), limit=8).ids:
            ws.explain("word-matcher", example)
    page = new_page(390, 844)
    open_page(page, f"{address}/explanations?workspace=matching&candidate=word-matcher&view=many&many=20")
    last = page.locator("[class*='st-key-look-at'] button").last
    last.click(timeout=SLOW)
    expect(page.get_by_text(re.compile("^[0-9]+ of 50.*drawn at random"))).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Wrong reason", exact=True)).to_be_visible(timeout=SLOW)
    steady(page)
    place = page.locator(".st-key-place-of-the-example")
    expect(place).to_be_in_viewport()
    box = place.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 150
    page.mouse.wheel(0, 700)
    page.get_by_role("button", name="Unsure", exact=True).click()
    expect(page.get_by_text(re.compile("; 1 of these reviewed"))).to_be_attached(timeout=SLOW)
    steady(page)
    box = place.bounding_box()
    assert box is not None
    assert box["y"] < 0, "once there, nobody is led back"
