"""The test set in several hands: what one person records, the others see at once, and nothing typed is ever lost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from lookingglass.workspace import open_workspace
from tests.browser.server import fits, open_page, served, settle, steady

pytestmark = pytest.mark.browser

NUMBERS = {"dir": "0.3", "hir": "0.2", "lvr": "0.7", "ccs": "1", "mcs": "2", "uria": "3.2"}
CHOICES = {"pbcr": "no", "dmi": "yes", "self": "no", "single": "no", "comdominiom": "0", "black": "no"}
PATIENCE = 60_000


@pytest.fixture
def address(demo: Path) -> Iterator[str]:
    """Serve a fresh copy of the worked use case by a fresh server."""
    with served(app_file(), {FOLDER_VARIABLE: str(demo)}) as url:
        yield url


def be(page: Page, name: str) -> None:
    """Say beside the menu who acts."""
    field = page.get_by_label("You are", exact=True)
    field.fill(name)
    field.press("Enter")
    settle(page)


def type_number(page: Page, label: str, value: str) -> None:
    """Type a number into its field and leave it."""
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(value)
    field.press("Enter")
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box; a menu that a redrawing page closed meanwhile is opened again."""
    box, wanted = (
        page.get_by_role("combobox", name=label, exact=True),
        page.get_by_role("option", name=option, exact=True),
    )
    for _ in range(10):
        box.click()
        box.press_sequentially(option)
        try:
            expect(wanted).to_be_visible(timeout=3_000)
        except AssertionError:
            box.press("Escape")
            continue
        box.press("Enter")
        break
    expect(box).to_have_value(option, timeout=PATIENCE)
    settle(page)


def test_two_editors_of_one_example_see_each_other_and_lose_nothing(
    address: str, new_page: Callable[..., Page], demo: Path
) -> None:
    ana, bo = new_page(), new_page()
    for page in (ana, bo):
        page.set_default_navigation_timeout(PATIENCE)
    for page, name in ((ana, "ana"), (bo, "bo")):
        open_page(page, f"{address}/testset?example=app-0002")
        expect(page.get_by_role("button", name="Record the change")).to_be_visible(timeout=PATIENCE)
        be(page, name)
        page.evaluate("window.notReloaded = true")
    type_number(bo, "lvr", "0.5")
    why = bo.get_by_label(re.compile("^Why"))
    why.first.press_sequentially("read off the deed")  # still being typed: the field is not left
    type_number(ana, "lvr", "0.25")
    type_number(ana, "dir", "0.125")
    ana.get_by_role("button", name="Record the change").click()
    pressed = time.monotonic()
    expect(bo.get_by_text("ana changed dir of app-0002")).to_be_visible(timeout=PATIENCE)
    print(f"bo is told of ana's change {time.monotonic() - pressed:.1f} s after her click")
    expect(bo.get_by_role("spinbutton", name="lvr", exact=True)).to_have_value("0.5")
    expect(why.first).to_have_value("read off the deed")
    why.first.press("Enter")
    settle(bo)
    bo.get_by_role("button", name="Record the change").click()
    expect(bo.get_by_text("Somebody else changed it while you did")).to_be_visible(timeout=PATIENCE)
    row = bo.get_by_role("row", name=re.compile("^lvr"))
    expect(row.get_by_role("cell")).to_have_text(["0.921875", "0.25", "0.5"])
    expect(bo.get_by_role("row", name=re.compile("^dir")).get_by_role("cell").nth(1)).to_have_text("0.125")
    over = bo.get_by_role("button", name="Write mine over theirs")
    expect(over).to_be_disabled()
    bo.get_by_role("radio", name="Write mine").or_(
        bo.get_by_role("button", name="Write mine", exact=True)
    ).click()
    settle(bo)
    expect(over).to_be_enabled(timeout=PATIENCE)
    over.click()
    expect(bo.get_by_text("Recorded your values over theirs")).to_be_visible(timeout=PATIENCE)
    with open_workspace(demo / "mortgage") as ws:
        now = ws.test_set()
        at = now.position("app-0002")
        assert (now.version, now.rows["lvr"][at], now.rows["dir"][at]) == (4, 0.5, 0.125)
        last = ws.history()[-1]
        assert (last.actor, last.note) == ("bo", "read off the deed")
    expect(ana.get_by_text("bo changed lvr of app-0002")).to_be_visible(timeout=PATIENCE)
    assert ana.evaluate("window.notReloaded") is True


def test_a_pattern_added_in_one_browser_is_judged_in_the_other_without_reload(
    address: str, new_page: Callable[..., Page]
) -> None:
    writer, reader, lister = new_page(), new_page(), new_page()
    for page in (writer, reader, lister):
        page.set_default_navigation_timeout(PATIENCE)
    open_page(reader, address)
    expect(reader.get_by_text("Test-set version 2, labelled samples.").first).to_be_visible(timeout=PATIENCE)
    open_page(lister, f"{address}/testset?origin=pattern")
    expect(lister.get_by_text("12 of 1,204 examples")).to_be_visible(timeout=PATIENCE)
    open_page(writer, f"{address}/testset?view=add")
    expect(writer.get_by_role("button", name="Add the example")).to_be_visible(timeout=PATIENCE)
    be(writer, "ana")
    choose(writer, "Label: deny", "no (approved)")
    for label, value in NUMBERS.items():
        type_number(writer, label, value)
    for label, value in CHOICES.items():
        choose(writer, label, value)
    for page in (reader, lister):
        page.evaluate("window.notReloaded = true")
    writer.get_by_role("button", name="Add the example").click()
    pressed = time.monotonic()
    expect(lister.get_by_text("13 of 1,205 examples")).to_be_visible(timeout=PATIENCE)
    print(f"the other list shows the pattern {time.monotonic() - pressed:.1f} s after the click")
    expect(reader.get_by_text("Test-set version 3, labelled samples.").first).to_be_visible(timeout=PATIENCE)
    print(f"every candidate's new figures show {time.monotonic() - pressed:.1f} s after the click")
    expect(reader.get_by_text("Version 3 · 1,192 applications · 13 test patterns").first).to_be_visible()
    expect(writer.get_by_text("every model is evaluated on it at once")).to_be_visible(timeout=PATIENCE)
    writer.get_by_role("button", name="Add another like this one").click()
    expect(writer.get_by_role("spinbutton", name="lvr", exact=True)).to_have_value(
        NUMBERS["lvr"], timeout=PATIENCE
    )
    settle(writer)
    writer.get_by_role("button", name="Add the example").click()
    pressed = time.monotonic()
    expect(reader.get_by_text("Test-set version 4, labelled samples.").first).to_be_visible(timeout=PATIENCE)
    print(
        f"with warm models, every candidate's new figures show {time.monotonic() - pressed:.1f} s after the click"
    )
    expect(lister.get_by_text("14 of 1,206 examples")).to_be_visible(timeout=PATIENCE)
    for page in (reader, lister):
        assert page.evaluate("window.notReloaded") is True


@pytest.mark.parametrize("view", ["?view=table", "?view=add", "?example=app-0009"])
def test_every_view_fits_its_width(shared_address: str, page: Page, view: str) -> None:
    open_page(page, f"{shared_address}/testset{view}")
    expect(page.get_by_role("heading", name="What is it tested on, and what changed?")).to_be_visible(
        timeout=PATIENCE
    )
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        steady(page)
        fits(page, width)
