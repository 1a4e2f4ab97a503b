"""A threshold session as people play it: costs are typed, the threshold is dragged, agreed, overtaken and confirmed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from lookingglass.cli.main import run
from lookingglass.decisions import list_decisions
from lookingglass.metrics.formulas import Costs
from lookingglass.workspace import open_workspace
from tests.browser.server import Frames, at_rest, open_page, served, steady

pytestmark = pytest.mark.browser

HEADING = "svg.marks text"


@pytest.fixture(scope="module")
def folder(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a copy of the worked use case that these tests change."""
    return Path(shutil.copytree(built_demo, tmp_path_factory.mktemp("session") / "workspaces"))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Serve that copy."""
    with served(app_file(), {FOLDER_VARIABLE: str(folder)}) as url:
        yield url


def drag_to(page: Page, share: float) -> set[str | None]:
    """Drag the threshold in the first panel to a share of its width; return the counts of true positives on the way."""
    area = page.locator("svg.marks g.metric_group path.background").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
    page.mouse.down()
    seen = set()
    for step in range(40):
        at = 0.5 + (share - 0.5) * step / 39
        page.mouse.move(box["x"] + box["width"] * at, box["y"] + box["height"] / 2 + step % 3)
        if step % 8 == 0:
            seen.add(page.locator(HEADING).filter(has_text="true positives").first.text_content())
    return seen


def drawn(page: Page) -> None:
    """Wait until the chart is drawn and the page is at rest."""
    expect(page.locator(HEADING).filter(has_text=re.compile("^At [^,]+, of")).first).to_be_visible(
        timeout=30_000
    )
    steady(page)


def save(page: Page, to: Path) -> None:
    """Save the file that was made, when it lies ready."""
    ready = page.get_by_role("button", name=re.compile("^(download )?Save "))
    expect(ready).to_be_visible(timeout=60_000)
    steady(page)
    with page.expect_download() as waited:
        ready.click()
    waited.value.save_as(to)


def in_address(page: Page, name: str) -> str:
    """Return what the address says."""
    return parse_qs(urlsplit(page.url).query)[name][0]


def test_a_session_from_the_costs_to_a_confirmed_agreement(
    new_page: Callable[..., Page], address: str, folder: Path
) -> None:
    page = new_page(1440, 1000)
    frames = Frames(page)
    open_page(page, f"{address}/threshold?workspace=mortgage&candidate=boosted")
    drawn(page)

    page.get_by_role("button", name="Say what mistakes cost").click()
    page.get_by_label("Wrongly denied costs", exact=True).fill("1")
    page.get_by_label("Wrongly denied costs", exact=True).press("Enter")
    steady(page)
    page.get_by_label("Wrongly approved costs", exact=True).fill("5")
    page.get_by_label("Wrongly approved costs", exact=True).press("Enter")
    steady(page)
    page.keyboard.press("Escape")
    expect(page.get_by_text("for each application").first).to_be_visible(timeout=20_000)
    assert (float(in_address(page, "fp")), float(in_address(page, "fn"))) == (1.0, 5.0)

    drawn(page)
    before = frames.asked
    assert len(drag_to(page, 0.2)) > 3, "the counts did not follow the pointer"
    page.wait_for_timeout(400)
    assert frames.asked == before, "a message was sent during the drag"
    page.mouse.up()
    expect(page).to_have_url(re.compile("threshold=0"))
    drawn(page)
    assert frames.asked > before
    at = float(in_address(page, "threshold"))
    expect(page.get_by_role("heading", name="Every figure at 0.").first).to_be_visible()
    with open_workspace(folder / "mortgage") as ws:
        table = ws.curve("boosted", always=(at,))
        counts = table.counts(table.index_of(at))
        groups = ws.groups("boosted", "black", at)
    for name, count in (
        ("true positives", counts.tp),
        ("false positives", counts.fp),
        ("false negatives", counts.fn),
    ):
        expect(page.locator(HEADING).filter(has_text=re.compile(f"^{count:,} {name}$"))).to_have_count(1)
    recall = groups[0].figures["recall"].value
    assert recall is not None
    expect(page.locator(HEADING).filter(has_text=f"{100 * recall:.1f}").first).to_be_attached()

    page.get_by_label("Who agrees").fill("Ana, Bo")
    page.get_by_label(re.compile("^Why 0")).fill("A missed denial costs five times a wrong one.")
    page.get_by_role("button", name=re.compile("^Agree on 0")).click()
    expect(page.get_by_role("link", name=re.compile("Agreed:.? boosted at 0"))).to_be_visible(timeout=20_000)
    with open_workspace(folder / "mortgage") as ws:
        (decision,) = list_decisions(ws.home)
        first, label = ws.test_set().rows.item(0, "@id"), ws.test_set().rows.item(0, "@label")
    assert (decision.threshold, decision.people, decision.settings.costs) == (
        at,
        ("Ana", "Bo"),
        Costs(1.0, 5.0),
    )

    other = "no" if label == "yes" else "yes"
    assert (
        run(
            [
                "testset",
                "relabel",
                str(folder / "mortgage"),
                "--id",
                first,
                "--label",
                other,
                "--note",
                "looked again",
            ]
        )
        == 0
    )
    expect(page.get_by_text(re.compile("Out of date:.? agreed on version 2, now version 3"))).to_be_visible(
        timeout=30_000
    )
    page.get_by_role("button", name=re.compile("^Confirm 0.* on version 3")).click()
    page.get_by_role("button", name=re.compile("^It still holds")).click()
    expect(page.get_by_text("Out of date")).to_have_count(0, timeout=20_000)
    with open_workspace(folder / "mortgage") as ws:
        assert [one.confirms for one in list_decisions(ws.home)] == [None, decision.seq]


def test_a_dragged_threshold_is_still_there_after_a_look_at_another_page(
    new_page: Callable[..., Page], address: str
) -> None:
    page = new_page(1440, 1000)
    open_page(page, f"{address}/threshold?workspace=mortgage&candidate=full-scorecard")
    drawn(page)
    drag_to(page, 0.3)
    page.mouse.up()
    expect(page).to_have_url(re.compile("threshold=0"))
    drawn(page)
    heading = page.locator(HEADING).filter(has_text=re.compile("^At [^,]+, of")).first
    shown = heading.text_content()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Which candidate, and can we release it?")).to_be_visible(
        timeout=20_000
    )
    page.get_by_role("link", name="Threshold", exact=True).click()
    drawn(page)
    assert heading.text_content() == shown


def test_a_link_shows_another_person_what_its_sender_saw(new_page: Callable[..., Page], address: str) -> None:
    page = new_page()
    costs = "metric=cost_per_example&fp=2&fn=9&currency=USD&volume=5000"
    seen = f"workspace=mortgage&candidate=full-scorecard&{costs}&threshold=0.25&require=recall%20%3E%3D%200.5"
    open_page(page, f"{address}/threshold?{seen}")
    drawn(page)
    expect(page.get_by_role("heading", name="At 0.25, of 1,000 applications")).to_be_visible()
    said = page.get_by_text(re.compile("^That costs ")).inner_text()
    page.get_by_text("Take it away").click()
    link = page.locator("[data-testid=stCode]").inner_text().replace("\n", "")
    other = new_page()
    open_page(other, link)
    drawn(other)
    expect(other.get_by_role("heading", name="At 0.25, of 1,000 applications")).to_be_visible()
    assert other.get_by_text(re.compile("^That costs ")).inner_text() == said
    expect(other.get_by_text("Recall at least 50.0")).not_to_have_count(0)


def test_what_is_taken_away_is_a_picture_figures_and_a_page_to_drag_without_a_server(
    browser: Browser, new_page: Callable[..., Page], address: str, tmp_path: Path
) -> None:
    page = new_page()
    open_page(page, f"{address}/threshold?workspace=mortgage&candidate=boosted&fp=1&fn=5&threshold=0.6")
    drawn(page)
    page.get_by_text("Take it away").click()
    page.get_by_role("button", name="The session as a file (HTML)").click()
    save(page, tmp_path / "session.html")
    for button, begins in (("As SVG", b"<svg"), ("The figures (JSON)", b"{")):
        page.get_by_role("button", name=button, exact=True).click()
        save(page, tmp_path / "taken")
        assert (tmp_path / "taken").read_bytes().startswith(begins)
    with browser.new_context(viewport={"width": 1440, "height": 900}, offline=True) as context:
        alone = context.new_page()
        alone.goto((tmp_path / "session.html").as_uri())
        expect(alone.locator("html[data-drawn=yes]")).to_have_count(1, timeout=30_000)
        at_rest(alone)
        heading = alone.locator(HEADING).filter(has_text=re.compile("^At [^,]+, of")).first
        before = heading.text_content()
        drag_to(alone, 0.2)
        alone.mouse.up()
        expect(heading).not_to_have_text(str(before))
