"""The threshold chart taken away as one HTML file: opened without any network, the drag still works."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lookingglass.charts import AnswerWords, CostWords, Curve, offline_html, threshold_frame
from lookingglass.thresholds import ThresholdTable, score_histogram, threshold_table
from tests.browser import threshold_app

pytestmark = pytest.mark.browser

HOSTILE = (
    "</script><script>document.title='taken over'</script><img src=x onerror=\"document.title='taken over'\">"
)


@pytest.fixture(scope="module")
def table() -> ThresholdTable:
    """The moved candidate's threshold table."""
    labels, scores, _group = threshold_app.examples(2400)
    return threshold_table(labels, scores[0], always=(0.25,), costs=threshold_app.COSTS)


@pytest.fixture(scope="module")
def file(table: ThresholdTable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, with hostile texts wherever a text can stand."""
    labels, scores, group = threshold_app.examples(2400)
    frame = threshold_frame(
        Curve(HOSTILE, table),
        AnswerWords("application", "denied", "approved"),
        start=0.25,
        histogram=score_histogram(labels, scores[0]),
        cost=CostWords("EUR", 400, 2000),
        groups=threshold_app.group_curves(table, labels, scores[0], group),
        group_column=HOSTILE,
    )
    path = tmp_path_factory.mktemp("taken away") / "threshold.html"
    path.write_text(offline_html(frame, f"Threshold {HOSTILE}", [HOSTILE, "5 > 3 & 2 < 3"]), encoding="utf-8")
    return path


@pytest.fixture
def asked() -> list[str]:
    """Addresses that the page asked for."""
    return []


@pytest.fixture
def offline(browser: Browser, file: Path, asked: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens the file in a browser without network, and notes what it asks for and which errors it has."""
    contexts = []

    def make(width: int = 1440, *, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(f"error: {error}"))
        page.on("console", lambda line: asked.append(line.text) if line.type == "error" else None)
        page.goto(file.as_uri())
        expect(page.locator("html[data-drawn=yes]")).to_have_count(1, timeout=30_000)
        return page

    yield make
    for context in contexts:
        context.close()


def heading(page: Page) -> str:
    """Return the counts panel's heading."""
    return (
        page.locator("svg.marks text").filter(has_text=re.compile("^At [^,]+, of")).first.text_content() or ""
    )


def test_the_drag_works_without_a_network(
    offline: Callable[..., Page], file: Path, asked: list[str], table: ThresholdTable
) -> None:
    """The counts follow the pointer and are those of the table; the slider does the same; nothing is asked for."""
    page = offline()
    assert heading(page).startswith("At 0.25")
    area = page.locator("svg.marks g.metric_group path.background").first.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] * 0.3, area["y"] + 40)
    page.mouse.down()
    seen = set()
    for share in (0.4, 0.6, 0.8):
        page.mouse.move(area["x"] + area["width"] * share, area["y"] + 40, steps=5)
        page.wait_for_timeout(50)
        shown = re.match("At (.+), of", heading(page))
        assert shown is not None
        counts = table.counts(table.labels().index(shown[1]))
        expect(page.locator("svg.marks text").filter(has_text=f"{counts.tp:,} true positives")).to_have_count(
            1
        )
        seen.add(shown[1])
    page.mouse.up()
    assert len(seen) == 3
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("svg.marks text").filter(has_text=re.compile("^At [^,]+, of"))).not_to_have_text(
        f"At {shown[1]}"
    )
    assert float(slider.input_value()) == pytest.approx(0.78, abs=0.01)
    assert asked == [file.as_uri()]


def test_other_costs_are_tried_without_a_network(
    offline: Callable[..., Page], file: Path, asked: list[str], table: ThresholdTable
) -> None:
    """The slider starts at the file's amount; while it moves, the cost at the threshold is what the table counts."""
    page = offline()
    slider = page.get_by_role("slider", name="Wrongly approved", exact=True)
    amount = page.locator("input[name=said_fn]")
    assert float(page.get_by_role("slider", name="Threshold").input_value()) == pytest.approx(0.25)
    assert float(slider.input_value()) == pytest.approx(0.2)
    expect(amount).to_have_value("costs 2\u202f000 EUR")
    counts = table.counts(table.index_of(0.25))
    slider.focus()
    for step, fn in enumerate((2100, 2200, 2300), 1):
        page.keyboard.press("ArrowRight")
        expect(amount).to_have_value(f"costs {fn:,} EUR".replace(",", "\u202f"))
        cost = (400 * counts.fp + fn * counts.fn) / counts.n
        here = page.locator("svg.marks g.cost_group text").filter(
            has_text=re.compile(rf":\s+{cost:.2f} EUR$")
        )
        expect(here.first).to_be_attached()
        assert float(slider.input_value()) == pytest.approx(0.2 + step / 100)
    assert asked == [file.as_uri()]


def test_texts_are_shown_and_never_run(offline: Callable[..., Page]) -> None:
    page = offline()
    assert page.title() == f"Threshold {HOSTILE}"
    expect(page.get_by_role("heading")).to_have_text(f"Threshold {HOSTILE}")
    expect(page.get_by_text("5 > 3 & 2 < 3")).to_be_visible()
    assert page.locator("img").count() == 0
    expect(page.locator("svg.marks text").filter(has_text=f"By {HOSTILE[:20]}").first).to_be_attached()


def test_nothing_could_be_fetched(file: Path) -> None:
    """No element names an address, and the policy forbids every request that a script could make."""
    text = file.read_text(encoding="utf-8")
    own = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(
        r"\s(src|href|action)\s*=", html.unescape(own).replace(HOSTILE, ""), flags=re.IGNORECASE
    )
    assert "http" not in own.replace("http-equiv", "")
    assert "default-src 'none'" in html.unescape(own)
    assert not re.search(r"<script[^>]+src", text)


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1440, False)])
def test_it_follows_width_and_theme(offline: Callable[..., Page], width: int, dark: bool) -> None:
    page = offline(width, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink = (
        page.locator("svg.marks text")
        .filter(has_text=re.compile("^At [^,]+, of"))
        .first.get_attribute("fill")
    )
    assert ink == ("#f2f2f2" if dark else "#1a1a1a")
