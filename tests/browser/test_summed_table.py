"""The table of many reasons on a phone: a number stays on one line with the words that say what it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from components.views.explanations.summed import reason_row
from components.views.style import STYLE
from lookingglass.explanations import Reason

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 320])
def test_a_number_and_its_words_stay_together(browser: Browser, width: int) -> None:
    reason = Reason("debt ratio", ("debt ratio",), 50, 30, 20, 0.003, 0.12, 0.9, 4, 50)
    row = reason_row(reason, 50, "denied", "not denied", 0.1, several=False)
    page = browser.new_page(viewport={"width": width, "height": 600})
    try:
        page.set_content(
            '<meta name="viewport" content="width=device-width"><body style="margin: 0 16px; font: 16px sans-serif">'
            f'{STYLE}<div class="lg"><table class="lg-table"><tbody>{row}</tbody></table></div>'
        )
        told = page.get_by_text("12 whichever way")
        assert told.evaluate("one => one.getClientRects().length") == 1
        value, words = page.locator(".lg-value").bounding_box(), told.bounding_box()
        assert value is not None
        assert words is not None
        assert words["y"] >= value["y"] + value["height"] / 2 or words["x"] > value["x"]
        assert words["x"] + words["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.close()
