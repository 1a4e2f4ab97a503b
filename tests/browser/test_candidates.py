"""Models that arrive as files: a good one is evaluated in everybody's browser, a hostile one is a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from lookingglass.candidates import register
from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from lookingglass.config import Limits, load_config, write_config
from lookingglass.workspace import open_workspace
from tests.browser.server import fits_and_is_readable, open_page, served, steady, wear
from tests.core.candidates.models import acting
from tests.core.evaluation.conftest import ANA

pytestmark = pytest.mark.browser

SLOW = 120_000
"""Milliseconds in which a worker starts and a model answers on a busy machine."""


@pytest.fixture
def address(demo: Path) -> Iterator[str]:
    """Serve a fresh copy of the worked use case, with little patience for models that hang."""
    config = load_config(demo / "mortgage")
    write_config(demo / "mortgage", config.model_copy(update={"limits": Limits(batch_seconds=8.0)}))
    with served(app_file(), {FOLDER_VARIABLE: str(demo)}) as url:
        yield url


def upload(page: Page, name: str, data: bytes) -> None:
    """Open the part of the page that takes files, and give it one."""
    page.get_by_text("Add a candidate", exact=True).click()
    page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def choose_from_list(page: Page, label: str, option: str) -> None:
    """Choose as a person does: a list closes when the page moves below it, as for news, and is opened again."""
    field = page.get_by_role("combobox", name=label)
    for last in (False, False, False, True):
        steady(page)
        field.fill(option)
        try:
            page.get_by_role("option", name=option, exact=True).click(timeout=5000)
        except PlaywrightTimeout:
            if last:
                raise
        else:
            page.keyboard.press("Escape")
            return


def test_a_model_is_uploaded_and_evaluated_in_everybodys_browser(
    address: str, new_page: Callable[..., Page]
) -> None:
    """One person registers; a second sees it among the candidates, a third in the overview, none of them reloads."""
    ana, bo, eva = new_page(), new_page(), new_page()
    for page, place in ((ana, "candidates"), (bo, "candidates"), (eva, "")):
        page.set_default_navigation_timeout(SLOW)
        open_page(page, f"{address}/{place}")
        page.evaluate("window.notReloaded = true")
    expect(ana.get_by_role("heading", name="6 candidates in 3 formats")).to_be_visible(timeout=SLOW)
    expect(eva.get_by_text("vendor-scores").first).to_be_visible(timeout=SLOW)
    model = Path("sample_models/mortgage/candidates/full-scorecard/model.skops").read_bytes()
    upload(ana, "Full scorecard (again).skops", model)
    expect(ana.get_by_label("Name", exact=True)).to_have_value("Full-scorecard-again", timeout=SLOW)
    ana.get_by_role("button", name="Register Full-scorecard-again").click()
    expect(ana.locator("tbody th").filter(has_text="Full-scorecard-again").first).to_be_visible(timeout=SLOW)
    expect(bo.locator("tbody th").filter(has_text="Full-scorecard-again").first).to_be_visible(timeout=SLOW)
    expect(bo.get_by_role("heading", name="7 candidates in 3 formats; every model")).to_be_visible(
        timeout=SLOW
    )
    expect(eva.locator("tbody th").filter(has_text="Full-scorecard-again").first).to_be_visible(timeout=SLOW)
    for page in (ana, bo, eva):
        assert page.evaluate("window.notReloaded")


def hang_on_the_sixth_row(table: Any) -> Any:
    """Answer the trial of five rows and nothing longer."""
    import time

    import numpy as np

    if len(table) > 5:
        time.sleep(1000)
    return np.full((len(table), 2), 0.5)


def test_a_hostile_model_is_a_sentence_and_the_others_keep_their_numbers(
    address: str, new_page: Callable[..., Page], demo: Path
) -> None:
    """A pickle is not even opened; approved, it passes its trial and hangs in the evaluation, alone."""
    page, other = new_page(), new_page()
    for each, place in ((page, "candidates"), (other, "")):
        open_page(each, f"{address}/{place}")
    expect(other.get_by_text("vendor-scores").first).to_be_visible(timeout=SLOW)
    before = other.locator("tbody tr").filter(has_text="boosted-blind").first.inner_text()
    data = acting(hang_on_the_sixth_row)
    upload(page, "trojan.pkl", data)
    refusal = page.get_by_text("trojan.pkl is a pickle, a program that could do anything")
    expect(refusal.first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Register")).to_have_count(0)
    page.get_by_label("Why it may be loaded").fill("a test")
    page.get_by_label("Why it may be loaded").press("Tab")
    steady(page)
    page.get_by_role("button", name="Approve this file").click()
    expect(page.get_by_text("does not name its columns").first).to_be_visible(timeout=SLOW)
    choose_from_list(page, "Columns, in the order", "dir")
    page.get_by_role("button", name="Try the model with these settings").click(timeout=SLOW)
    button = page.get_by_role("button", name="Register trojan")
    expect(button).to_be_enabled(timeout=SLOW)
    button.click()
    failed = (
        page.locator("tbody tr").filter(has_text="trojan").filter(has_text="Failed: no answer within 8 s")
    )
    expect(failed.first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Ask trojan again")).to_be_visible(timeout=SLOW)
    expect(other.get_by_text("Failed: no answer within 8 s").first).to_be_visible(timeout=SLOW)
    assert other.locator("tbody tr").filter(has_text="boosted-blind").first.inner_text() == before


def test_an_upload_over_the_limit_is_refused_before_it_is_sent(
    shared_address: str, page: Page, tmp_path: Path
) -> None:
    """A file of 1 GB (without content on the disk) never leaves the browser, and the page says why."""
    large = tmp_path / "large.onnx"
    with large.open("wb") as file:
        file.truncate(1 << 30)
    open_page(page, f"{shared_address}/candidates")
    page.get_by_text("Add a candidate", exact=True).click()
    page.locator("input[type=file]").first.set_input_files(str(large))
    expect(page.get_by_text("File must be 300.0MB or smaller.").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("At most 300 MB").first).to_be_visible()


@pytest.fixture(scope="module")
def crowded(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a copy of the worked use case with forty candidates, and the newest one's page as the address."""
    folder = tmp_path_factory.mktemp("crowded")
    demo, told = Path(shutil.copytree(built_demo, folder / "workspaces")), folder / "told.csv"
    with open_workspace(demo / "mortgage") as ws:
        told.write_text("\n".join(["example_id,score", *(f"{each},0.5" for each in ws.test_set().ids[:900])]))
        parent = "boosted"
        for number in range(34):
            name = f"{number:02d}-{'a-name-as-long-as-names-may-be-' * 3}"[:64]
            register(ws.home, name, told, parent=parent, change="w" * 300, actor=ANA)
            parent = name
    with served(app_file(), {FOLDER_VARIABLE: str(demo)}) as url:
        yield f"{url}/candidates?candidate={parent}"


def test_forty_candidates_with_long_names_stay_readable(crowded: str, new_page: Callable[..., Page]) -> None:
    """Nothing scrolls sideways, and axe finds nothing serious, with every part of the page open."""
    page = new_page(390, 844)
    open_page(page, crowded)
    expect(page.get_by_role("heading", name="40 candidates in 3 formats; 34 lack")).to_be_visible(
        timeout=SLOW
    )
    for part in page.locator("[data-testid=stMain] summary").all():
        part.click()
    for width, dark in ((390, False), (1440, True)):
        page.set_viewport_size({"width": width, "height": 844})
        wear(page, dark=dark)
        fits_and_is_readable(page, width)
