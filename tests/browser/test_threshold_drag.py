"""The linked threshold chart in a real browser: dragged without the server, heard of on release, moved by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lookingglass.charts.threshold import PANELS
from lookingglass.thresholds import per_thousand, threshold_table
from lookingglass.wording import estimated
from tests.browser import threshold_app
from tests.browser.server import Frames, fits, open_page, served, settle, steady, wear

pytestmark = pytest.mark.browser

# Lets another page with the same chart be tested in the same way: give its address and the key of its chart.
CHART = ".st-key-threshold-chart"
MOVES = {"metric": 120, "cost": 24, "roc": 24, "precision_recall": 24}
"""How often the mouse moves in each panel that can be dragged in: one long drag, the others shorter."""

HEADING = f"{CHART} svg.marks text"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The test page's address."""
    with served(Path(__file__).parent / "threshold_app.py") as url:
        yield url


def heading(page: Page) -> str:
    """Return the counts panel's heading: ``At 0.25, of 1,000 applications``."""
    return page.locator(HEADING).filter(has_text=re.compile("^At ")).first.text_content() or ""


def counts(page: Page) -> list[str]:
    """Return the four counts as counted: ``69 true positives`` ..."""
    return page.locator(HEADING).filter(has_text=re.compile(r"^[\d,]+ (true|false) ")).all_text_contents()


def panel_box(page: Page, panel: str) -> dict[str, float]:
    """Return where a panel's drawing area lies on the page: x, y, width, height."""
    area = page.locator(f"{CHART} svg.marks g.{panel}_group path.background").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    return dict(box)


def opened(page: Page, address: str) -> Frames:
    """Open the page and wait for its chart to be drawn."""
    frames = Frames(page)
    open_page(page, address)
    expect(
        page.locator(HEADING).filter(has_text=re.compile(r"^At 0\.250*, of 1,000 applications$"))
    ).to_have_count(1, timeout=30_000)
    return frames


def quiet(page: Page, frames: Frames) -> int:
    """Wait until the page has sent nothing for half a second; return how many messages it has sent."""
    while True:
        before = frames.sent
        page.wait_for_timeout(500)
        if frames.sent == before:
            return before


def text_of(page: Page, panel: str) -> list[str]:
    """Return a panel's texts without their halos, in drawing order."""
    texts = page.locator(f"{CHART} svg.marks g.{panel}_group text:not([aria-hidden=true] *)")
    return [text for text in texts.all_text_contents() if text]


def let_go_at(page: Page) -> Locator:
    """Return what the server says it has heard of: ``let go at nothing yet``."""
    return page.get_by_text("let go at")


def test_dragging_sends_nothing_until_the_pointer_is_let_go(page: Page, address: str) -> None:
    """In each panel no move sends a message, the counts change live; letting go sends one, the server hears where."""
    frames = opened(page, f"{address}/?costs=1&groups=1")
    for number, (panel, moves) in enumerate(MOVES.items()):
        box, heard_before = panel_box(page, panel), let_go_at(page).inner_text()
        before = quiet(page, frames)
        middle, way = box["y"] + box["height"] / 2, 0.6 - number / 20
        page.mouse.move(box["x"] + box["width"] * 0.2, middle)
        page.mouse.down()
        seen = set()
        for move in range(moves):
            page.mouse.move(box["x"] + box["width"] * (0.2 + way * move / moves), middle + move % 5)
            if move % (moves // 6) == 0:
                seen.add((heading(page), *counts(page)))
        page.wait_for_timeout(500)
        assert frames.sent == before, f"a message was sent during the drag in {panel}"
        assert len(seen) >= 4, f"the counts did not follow the pointer in {panel}"
        shown = heading(page)
        page.mouse.up()
        expect(let_go_at(page), panel).not_to_have_text(heard_before)
        settle(page)
        assert quiet(page, frames) == before + 1, panel
        heard = float(let_go_at(page).inner_text().split()[-1])
        label = re.search(r"At ([\d.]+),", shown)
        assert label is not None, panel
        assert f"{heard:.{len(label[1].partition('.')[2])}f}" == label[1], panel
        assert heading(page) == shown, f"letting go moved the threshold in {panel}"


def test_counts_groups_and_costs_in_the_picture_are_the_cores_at_three_thresholds(
    page: Page, address: str
) -> None:
    """While the pointer is down, what the picture says equals counting ``score >= threshold`` on the examples."""
    frames = opened(page, f"{address}/?costs=1&groups=1")
    labels, scores, group = threshold_app.examples(2400)
    table = threshold_table(labels, scores[0], always=(0.5, 0.25))
    label_of = dict(zip(table.labels(), table.thresholds.tolist(), strict=True))
    box = panel_box(page, "metric")
    before = quiet(page, frames)
    page.mouse.move(box["x"] + 5, box["y"] + 50)
    page.mouse.down()
    read = set()
    for share in (0.2, 0.45, 0.7):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + 50, steps=5)
        page.wait_for_timeout(100)
        shown = re.match(r"At (.+), of 1,000 applications$", heading(page))
        assert shown is not None
        threshold = label_of[shown[1]]
        yes, positive = scores[0] >= threshold, labels == 1
        tp, fp = int((yes & positive).sum()), int((yes & ~positive).sum())
        fn, tn = int((~yes & positive).sum()), int((~yes & ~positive).sum())
        assert counts(page) == [
            f"{tp:,} true positives",
            f"{fp:,} false positives",
            f"{fn:,} false negatives",
            f"{tn:,} true negatives",
        ]
        thousand = per_thousand(table.counts(table.index_of(threshold)))
        assert thousand is not None
        numbers = [text for text in text_of(page, "counts") if text.isdigit()]
        assert numbers == [str(thousand[cell]) for cell in ("tp", "fp", "fn", "tn")]
        assert rates_shown(page) == [
            rate
            for number in range(3)
            for rate in rates_counted(yes[group == number], positive[group == number])
        ]
        money = round(estimated(10_000 / 2400 * (400 * fp + 2000 * fn)))
        assert f"{shown[1]}: {money:,} EUR".replace(",", "\u202f") in [
            re.sub(" +", " ", text) for text in text_of(page, "cost")
        ]
        read.add(threshold)
    assert len(read) == 3
    assert quiet(page, frames) == before, "a message was sent during the drag"
    page.mouse.up()
    expect(let_go_at(page)).not_to_contain_text("nothing yet")
    assert quiet(page, frames) == before + 1


def rates_shown(page: Page) -> list[str]:
    """Return the groups' rates as drawn: recall, false positive rate, selection rate of one group after the other."""
    return [text for text in text_of(page, "groups") if re.fullmatch(r"[\d.]+ %|–", text)]


def rates_counted(yes: Any, positive: Any) -> list[str]:
    """Return a group's rates counted from its examples; a dash where fewer than ten are counted on."""
    parts = (yes[positive], yes[~positive], yes)
    return [f"{100 * part.mean():.1f} %" if len(part) >= 10 else "–" for part in parts]


def test_two_thresholds_make_three_ways(page: Page, address: str) -> None:
    """Automatic yes, asked and automatic no add up to 1,000; the upper threshold is dragged, the lower one stays."""
    opened_at = f"{address}/?between=0.15"
    open_page(page, opened_at)
    expect(page.locator(HEADING).filter(has_text=re.compile(r"^At 0\.15\d* to 0\.25\d*, of"))).to_have_count(
        1, timeout=30_000
    )
    labels, scores, _group = threshold_app.examples(2400)
    table = threshold_table(labels, scores[0], always=(0.5, 0.25))
    label_of = dict(zip(table.labels(), table.thresholds.tolist(), strict=True))
    box = panel_box(page, "metric")
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 50)
    page.mouse.down()
    for share in (0.6, 0.05):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + 50, steps=5)
        page.wait_for_timeout(100)
        numbers = [int(text) for text in text_of(page, "counts") if text.isdigit()]
        assert len(numbers) == 5
        assert sum(numbers) == 1000
        shown = re.match(r"At (.+) to (.+), of 1,000 applications$", heading(page))
        assert shown is not None
        low, high = label_of[shown[1]], label_of[shown[2]]
        assert low <= high == (low if share < 0.1 else high), (
            "dragged below the lower threshold both are the same"
        )
        asked = int(((scores[0] >= low) & (scores[0] < high)).sum())
        assert f"{asked:,} in between" in text_of(page, "counts")
    page.mouse.up()


def test_without_costs_and_groups_a_sentence_stands_in_their_place(page: Page, address: str) -> None:
    """It says what to do, and takes a line instead of two empty panels."""
    opened(page, address)
    assert "Say what mistakes cost to see this" in text_of(page, "cost")
    assert "Choose groups to see their rates" in text_of(page, "groups")
    assert panel_box(page, "cost")["height"] < 40


@pytest.fixture
def telephone(browser: Browser) -> Iterator[Page]:
    """A page of a telephone, 390 x 844, with a touch screen."""
    with browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        yield context.new_page()


def finger(page: Page) -> Callable[..., None]:
    """Return what sends one finger's touches: ``touchStart``, ``touchMove`` with x and y, ``touchEnd`` without."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *place: float) -> None:
        points = [{"x": place[0], "y": place[1]}] if place else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def test_a_finger_drags_as_the_mouse_does(telephone: Page, address: str) -> None:
    """In each panel 40 moves of one finger change the counts live and send nothing; lifting it sends one message."""
    frames = opened(telephone, address)
    touch = finger(telephone)
    for panel in ("metric", "roc", "precision_recall"):
        box, heard_before = panel_box(telephone, panel), let_go_at(telephone).inner_text()
        before = quiet(telephone, frames)
        middle = box["y"] + box["height"] / 2
        touch("touchStart", box["x"] + box["width"] * 0.2, middle)
        seen = set()
        for move in range(1, 41):
            touch("touchMove", box["x"] + box["width"] * (0.2 + 0.6 * move / 40), middle)
            if move % 10 == 0:
                telephone.wait_for_timeout(50)
                seen.add((heading(telephone), *counts(telephone)))
        telephone.wait_for_timeout(500)
        assert frames.sent == before, f"a message was sent during the drag in {panel}"
        assert len(seen) == 4, f"the counts did not follow the finger in {panel}"
        shown = heading(telephone)
        if panel == "metric":
            label = re.search(r"At ([\d.]+),", shown)
            assert label is not None
            assert float(label[1]) == pytest.approx(0.8, abs=0.02), "the line is not under the finger"
        touch("touchEnd")
        expect(let_go_at(telephone), panel).not_to_have_text(heard_before)
        settle(telephone)
        assert quiet(telephone, frames) == before + 1, panel
        assert heading(telephone) == shown, f"letting go moved the threshold in {panel}"


def test_a_finger_moved_upwards_scrolls_the_page_and_ends_the_drag(telephone: Page, address: str) -> None:
    """The page scrolls under a finger that starts on the chart, and a mouse that passes later drags nothing."""
    opened(telephone, address)
    box = panel_box(telephone, "metric")
    touch, x, y = finger(telephone), box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8
    touch("touchStart", x, y)
    for move in range(1, 31):
        touch("touchMove", x, y - 5 * move)
    touch("touchEnd")
    telephone.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 50")
    settle(telephone)
    slider = telephone.get_by_role("slider", name="Threshold")
    assert float(slider.input_value()) == pytest.approx(0.5, abs=0.02), (
        "the slider does not stand at the line"
    )
    shown, box = heading(telephone), panel_box(telephone, "metric")
    for move in range(20):
        telephone.mouse.move(box["x"] + box["width"] * (0.1 + 0.02 * move), box["y"] + box["height"] / 2)
    telephone.wait_for_timeout(200)
    assert heading(telephone) == shown, "the threshold follows a pointer that is not pressed"


def test_arrow_keys_move_the_same_threshold(page: Page, address: str) -> None:
    """The slider is the drag's keyboard twin: it starts where the chart stands, and its keys change the counts."""
    frames = opened(page, address)
    slider = page.get_by_role("slider", name="Threshold")
    assert float(slider.input_value()) == pytest.approx(0.25)
    before, sent = counts(page), quiet(page, frames)
    slider.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    expect(let_go_at(page)).not_to_contain_text("nothing yet")
    assert float(slider.input_value()) == pytest.approx(0.28)
    assert counts(page) != before
    assert 1 <= quiet(page, frames) - sent <= 8, "holding a key must not send a message for every step"
    moved = counts(page)
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(300)
    assert counts(page) == before != moved


def test_new_data_keep_the_threshold_that_the_person_chose(page: Page, address: str) -> None:
    """When the test set grows under an open page, the counts change and the threshold does not."""
    opened(page, address)
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    # 0.5 is a row of every table of this page, as an agreed threshold would be.
    for key, presses in (("PageUp", 2), ("ArrowRight", 50)):
        for _ in range(presses):
            page.keyboard.press(key)
    expect(page.get_by_text("let go at 0.5")).to_be_visible()
    before = counts(page)
    rows = page.get_by_label("Rows")
    rows.fill("3000")
    rows.press("Enter")
    expect(page.locator(HEADING).filter(has_text=before[-1])).to_have_count(0)
    settle(page)
    assert heading(page).startswith("At 0.5")


def test_it_follows_the_page_and_never_scrolls_sideways(new_page: Callable[..., Page], address: str) -> None:
    """At any width and in both themes the picture is as wide as its place, its panels lie within it, it can be read."""
    page = new_page(390, 900, dark=True)
    opened(page, f"{address}/?costs=1&groups=1")
    place = page.locator(f"{CHART} [data-testid=stVegaLiteChart]")
    for dark, ink in ((True, "#f2f2f2"), (False, "#1a1a1a")):
        wear(page, dark=dark)
        for width in (390, 768, 1440):
            case = f"{width} wide, {'dark' if dark else 'light'}"
            page.set_viewport_size({"width": width, "height": 900})
            outer = place.evaluate("one => one.getBoundingClientRect().width")
            expect(page.locator(f"{CHART} svg.marks"), case).to_have_css("width", f"{outer:g}px")
            steady(page)
            expect(page.locator(HEADING).filter(has_text="At 0.25").first, case).to_have_attribute(
                "fill", ink
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= width, case
            fits(page, case)
            boxes = [panel_box(page, panel) for panel in PANELS]
            assert max(box["x"] + box["width"] for box in boxes) <= width, case
            stacked = len({round(box["x"]) for box in boxes}) == 1
            assert stacked == (width == 390), f"stacked at 390, side by side where there is room: {case}"


def test_it_is_wide_again_after_the_window_was_narrow(page: Page, address: str) -> None:
    """Turning a telephone or resizing a window lays the panels out anew without losing the threshold."""
    opened(page, address)
    wide = panel_box(page, "metric")["width"]
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(
        "([selector, width]) => document.querySelector(selector).getBoundingClientRect().width < width",
        arg=[f"{CHART} svg.marks g.metric_group path.background", wide * 0.8],
    )
    assert heading(page).startswith("At 0.25")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_function(
        "([selector, width]) => Math.abs(document.querySelector(selector).getBoundingClientRect().width - width) < 2",
        arg=[f"{CHART} svg.marks g.metric_group path.background", wide],
    )
