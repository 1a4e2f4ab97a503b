"""Importing and making workspaces in a real browser: errors mended, a workspace made, two people in two workspaces."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from tests.app.test_import_wizard import as_csv, changed, rows
from tests.app.workspaces.steps import retitle
from tests.browser.server import fits_and_is_readable, open_page, served, settle, wear

__all__ = ["rows"]
pytestmark = pytest.mark.browser
Rows = list[dict[str, str]]


@pytest.fixture
def address(demo: Path) -> Iterator[str]:
    """Serve a fresh copy of the worked use case, and a second workspace, by a fresh server."""
    shutil.copytree(demo / "mortgage", demo / "loans")
    retitle(demo / "loans", "Car loans")
    with served(app_file(), {FOLDER_VARIABLE: str(demo)}) as url:
        yield url


def choose_file(page: Page, name: str, data: bytes) -> None:
    """Give the page's uploader a file and wait until it has been taken in."""
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    expect(page.get_by_text(f"{name}, ").first).to_be_visible(timeout=30_000)
    settle(page)


def press(page: Page, label: str) -> None:
    """Press a button and wait for what it does."""
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_timeout(300)
    settle(page)


def test_a_file_with_errors_is_mended_and_imported(address: str, page: Page, rows: Rows) -> None:
    open_page(page, f"{address}/testset?workspace=mortgage&view=import")
    expect(page.locator("[data-testid=stFileUploader]")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("At most 300 MB.").first).to_be_visible()
    wrong = [{**row, "lvr": "much"} for row in changed(rows)]
    choose_file(page, "mistakes.csv", as_csv(wrong))
    page.get_by_label("Why they are brought in").fill("asked for by the branch")
    press(page, "See what it would do")
    expect(page.get_by_text(re.compile(r"mistakes\.csv cannot be imported:\W*4 problems"))).to_be_visible(
        timeout=30_000
    )
    fits_and_is_readable(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the list of problems").click()
    assert "1,lvr,'much' is not a number" in download.value.path().read_text(encoding="utf-8")
    choose_file(page, "mended.csv", as_csv(changed(rows)))
    expect(page.get_by_role("heading", name="mended.csv would add 2 examples, change 1")).to_be_visible(
        timeout=30_000
    )
    expect(page.get_by_text('with your note "asked for by the branch"')).to_be_visible()
    fits_and_is_readable(page)
    press(page, "Import 3 examples")
    expect(page.get_by_text("mended.csv added 2 examples, changed 1").first).to_be_visible(timeout=30_000)


def test_a_workspace_is_made_from_a_file_and_everybody_sees_it(
    address: str, new_page: Callable[..., Page], rows: Rows
) -> None:
    colleague, page = new_page(), new_page()
    open_page(colleague, f"{address}/?workspace=loans")
    expect(colleague.get_by_role("heading", name="Which candidate")).to_be_visible(timeout=60_000)
    open_page(page, f"{address}/workspaces?workspace=mortgage")
    press(page, "Make a workspace from a file")
    choose_file(page, "boats.csv", as_csv(rows, ";"))
    press(page, "Continue")
    page.get_by_role("textbox", name="What is being decided").fill("Boat loans")
    page.get_by_role("textbox", name="What is being decided").press("Tab")
    expect(page.get_by_role("textbox", name="Its folder, which stands in links")).to_have_value(
        "boat-loans", timeout=20_000
    )
    settle(page)
    fits_and_is_readable(page)
    press(page, "Continue")
    expect(page.get_by_text("What each column is for")).to_be_visible(timeout=20_000)
    press(page, "Continue")
    expect(page.get_by_role("heading", name=re.compile(r"boats\.csv fits:\W*40 examples"))).to_be_visible(
        timeout=30_000
    )
    press(page, "Make this workspace")
    expect(page.get_by_role("heading", name="Which candidate, and can we release it?")).to_be_visible(
        timeout=60_000
    )
    expect(page).to_have_url(f"{address}/?workspace=boat-loans", timeout=20_000)
    expect(page.get_by_text("Version 1 · 40 examples").first).to_be_visible(timeout=30_000)
    choice = colleague.get_by_role("option", name="Boat loans")
    for _ in range(5):  # a page that is drawn anew just then closes the list
        colleague.get_by_role("combobox", name="Workspace").click()
        with suppress(TimeoutError):
            choice.wait_for(timeout=5_000)
            break
    expect(choice).to_be_visible()


def test_two_people_work_in_two_workspaces_and_see_a_new_title_at_once(
    address: str, new_page: Callable[..., Page]
) -> None:
    one, two = new_page(), new_page()
    open_page(one, f"{address}/?workspace=mortgage")
    open_page(two, f"{address}/workspaces?workspace=loans")
    expect(one.get_by_role("heading", name="Which candidate")).to_be_visible(timeout=60_000)
    expect(two.get_by_text("You are in Car loans")).to_be_visible(timeout=60_000)
    three = new_page()
    open_page(three, f"{address}/?workspace=loans")
    expect(three.get_by_text("Car loans").first).to_be_visible(timeout=60_000)
    three.evaluate("window.notReloaded = true")
    two.get_by_text("Rename Car loans").click()
    two.get_by_role("textbox", name="New title").fill("Loans for cars")
    press(two, "Rename")
    expect(two.get_by_text("You are in Loans for cars")).to_be_visible(timeout=20_000)
    expect(three.get_by_test_id("stPageLink").get_by_text("Loans for cars")).to_be_visible(timeout=20_000)
    assert three.evaluate("window.notReloaded") is True
    expect(one.get_by_test_id("stPageLink").get_by_text("Mortgage applications")).to_be_visible()
    assert "workspace=mortgage" in one.url
    assert "workspace=loans" in two.url


def test_a_file_above_the_cap_is_refused_in_the_browser(shared_address: str, page: Page) -> None:
    open_page(page, f"{shared_address}/testset?workspace=mortgage&view=import")
    expect(page.locator("[data-testid=stFileUploader]")).to_be_visible(timeout=60_000)
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.truncate(1 << 30)
        page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(file.name)
        expect(page.get_by_text("300.0MB or smaller").first).to_be_visible(timeout=30_000)
    assert page.get_by_test_id("stException").count() == 0


def test_the_wizard_fits_narrow_and_wide_pages(
    shared_address: str, new_page: Callable[..., Page], rows: Rows
) -> None:
    page = new_page(390, 844, dark=True)
    open_page(page, f"{shared_address}/testset?workspace=mortgage&view=import")
    expect(page.locator("[data-testid=stFileUploader]")).to_be_visible(timeout=60_000)
    choose_file(page, f"{'long-' * 20}name.csv", as_csv([{**row, "lvr": "much" * 30} for row in rows]))
    fits_narrow_and_wide(page)
    press(page, "See what it would do")
    expect(page.get_by_text(re.compile(r"cannot be imported:\W*40 problems")).first).to_be_visible(
        timeout=30_000
    )
    fits_narrow_and_wide(page)


def fits_narrow_and_wide(page: Page) -> None:
    """There are no findings on a dark telephone and on a light desk."""
    for width, dark in ((390, True), (1440, False)):
        page.set_viewport_size({"width": width, "height": 844})
        wear(page, dark=dark)
        fits_and_is_readable(page)
