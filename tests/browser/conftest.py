"""Fixtures of the browser tests: one headless Chromium and one server for all who only look, fresh pages for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from tests.browser.server import served
from tests.find_chromium import chromium_path

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--num-raster-threads=1",
)
FORGET = "window.origin.startsWith('http') && localStorage.clear()"
"""Streamlit keeps a chosen theme there; a file or an empty page may keep nothing."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of $CHROMIUM or the PATH; missing is a failure with what to install, never a skip."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """What all pages share, so that Chromium compiles each script once; a page starts with nothing kept in it.

    It asks for no motion. A test that sets something for all pages of a context needs a context of its own.
    """
    with browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
    ) as context:
        context.add_init_script(FORGET)
        yield context


@pytest.fixture
def new_page(profile: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Opens pages, each a session of its own (another person); 1440 x 900 and light unless told otherwise."""
    pages = []

    def make(width: int = 1440, height: int = 900, *, dark: bool = False) -> Page:
        page = profile.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        return page

    yield make
    for page in pages:
        page.close()
    profile.clear_cookies()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One fresh page, 1440 x 900, light."""
    return new_page()


@pytest.fixture(scope="session")
def shared_address(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve one copy of the worked use case to all tests that only look; a test that writes serves its own copy."""
    folder = shutil.copytree(built_demo, tmp_path_factory.mktemp("looked-at") / "workspaces")
    with served(app_file(), {FOLDER_VARIABLE: str(folder)}) as url:
        yield url
