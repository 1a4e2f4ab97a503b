"""The real dashboard in a browser: opened by address, fitting and readable, moved on by a change made elsewhere."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from components.registry import PAGES, PageEntry, page_entry
from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from lookingglass.workspace import open_workspace
from tests.browser.server import fits, fits_and_is_readable, open_page, served, wear

pytestmark = pytest.mark.browser

CHART = "svg.marks"
DRAWN = {"overview", "threshold"}
"""Pages with a chart, which must be there before the page is measured."""


@pytest.fixture
def address(demo: Path) -> Iterator[str]:
    """Serve a fresh copy of the worked use case by a fresh server."""
    with served(app_file(), {FOLDER_VARIABLE: str(demo)}) as url:
        yield url


def test_a_page_opens_by_its_address_on_a_fresh_server(address: str, page: Page) -> None:
    """The very first request of a server names the page: it comes with its menu, as if reached through it."""
    entry = page_entry("testset")
    open_page(page, f"{address}/{entry.key}")
    expect(page.get_by_role("heading", name=entry.question)).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stSidebarNav")).to_contain_text(PAGES[-1].title)
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_text("Page not found").count() == 0


def test_the_first_page_opens_by_its_name_too_with_all_that_the_link_carries(
    address: str, page: Page
) -> None:
    """Streamlit serves it at the bare address alone; the name that the menu gives it leads there."""
    open_page(page, f"{address}/overview?workspace=mortgage&rank=recall")
    expect(page.get_by_role("combobox", name="Rank by")).to_have_value("Recall", timeout=60_000)
    expect(page).to_have_url(f"{address}/?workspace=mortgage&rank=recall")
    assert page.get_by_text("Page not found").count() == 0


def add_pattern(demo: Path, example_id: str) -> None:
    """Add one test pattern as a colleague would on the command line."""
    values = {
        "dir": 0.3,
        "hir": 0.2,
        "lvr": 0.7,
        "ccs": 1,
        "mcs": 2,
        "pbcr": "no",
        "dmi": "yes",
        "self": "no",
    }
    values |= {"single": "no", "uria": 3.2, "comdominiom": 0, "black": "no"}
    sets = [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
    program = "from lookingglass.cli.main import main; main()"
    subprocess.run(
        [
            *(sys.executable, "-c", program, "testset", "add", str(demo / "mortgage")),
            *("--id", example_id, "--label", "no", *sets, "--as", "ana"),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )


def test_a_pattern_added_on_the_command_line_appears_in_open_pages_without_reload(
    address: str, new_page: Callable[..., Page], demo: Path
) -> None:
    """Two people look at the overview; each sees the new version, its event and who is incomplete because of it."""
    pages = [new_page(), new_page()]
    for page in pages:
        open_page(page, address)
        expect(page.get_by_text("Version 2 · 1,192 applications · 12 test patterns").first).to_be_visible(
            timeout=60_000
        )
        page.evaluate("window.notReloaded = true")
    add_pattern(demo, "told-by-phone")
    added = time.monotonic()
    for page in pages:
        expect(page.get_by_text("Version 3 · 1,192 applications · 13 test patterns").first).to_be_visible(
            timeout=60_000
        )
    print(f"shown {time.monotonic() - added:.1f} s after the command ended")
    for page in pages:
        expect(page.get_by_text("told-by-phone").first).to_be_visible(timeout=30_000)
        expect(page.get_by_text("of 1,205 scored").first).to_be_visible(timeout=30_000)
        assert page.evaluate("window.notReloaded") is True


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.key)
def test_pages_fit_and_are_readable(
    shared_address: str, new_page: Callable[..., Page], entry: PageEntry
) -> None:
    """Nothing scrolls sideways, and axe finds no text of too little contrast, unnamed control or wrong role.

    Opened in the dark and as wide as a phone, as most would open it there; then as wide as a desk; then both in light.
    """
    page = new_page(390, 844, dark=True)
    open_page(page, f"{shared_address}/{entry.key}")
    expect(page.get_by_role("heading", name=entry.question)).to_be_visible(timeout=60_000)
    for dark, width in ((True, 390), (True, 1440), (False, 1440), (False, 390)):
        case = (width, "dark" if dark else "light")
        page.set_viewport_size({"width": width, "height": 844})
        if entry.key in DRAWN:
            expect(page.locator(CHART).first).to_be_visible(timeout=60_000)
        wear(page, dark=dark)
        fits_and_is_readable(page, case)


def test_a_failed_candidate_with_an_endless_message_does_not_scroll_the_page(demo: Path, page: Page) -> None:
    """The sentence names a file whose path has no place to break; on a phone it is broken all the same."""
    with open_workspace(demo / "mortgage") as ws:
        (sha,) = ws.candidate("vendor-scores").files.values()
        ws.home.files.path(sha).unlink()
    page.set_viewport_size({"width": 390, "height": 844})
    with served(app_file(), {FOLDER_VARIABLE: str(demo)}) as url:
        open_page(page, url)
        expect(page.get_by_text("Failed: ").first).to_be_visible(timeout=60_000)
        fits(page)
