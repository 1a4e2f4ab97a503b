"""Other costs tried with the chart's sliders: nothing is sent while one is moved, one message when it is let go."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from lookingglass.cli.main import run
from lookingglass.metrics.formulas import Costs, Settings
from lookingglass.wording import money
from lookingglass.workspace import open_workspace
from tests.browser.server import Frames, fits, open_page, served, steady, wear

pytestmark = pytest.mark.browser

AT = 0.25
AMOUNTS = {"fp": "Wrongly denied", "fn": "Wrongly approved", "tp": "Rightly denied", "tn": "Rightly approved"}


@pytest.fixture(scope="module")
def folder(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a copy of the worked use case."""
    return Path(shutil.copytree(built_demo, tmp_path_factory.mktemp("tried") / "workspaces"))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Serve that copy."""
    with served(app_file(), {FOLDER_VARIABLE: str(folder)}) as url:
        yield url


def opened(page: Page, address: str, costs: str = "&fp=1000&fn=5000&currency=EUR") -> Frames:
    """Open the threshold page with the costs that it carries, and wait for its chart."""
    frames = Frames(page)
    open_page(page, f"{address}/threshold?workspace=mortgage&candidate=boosted&threshold={AT}{costs}")
    expect(page.locator("svg.marks text").filter(has_text=re.compile("^At 0.25")).first).to_be_visible(
        timeout=60_000
    )
    steady(page)
    return frames


def slider(page: Page, amount: str) -> Locator:
    """Return the slider of an amount."""
    return page.get_by_role("slider", name=AMOUNTS[amount], exact=True)


def said(page: Page, amount: str) -> str:
    """Return what stands behind a slider: ``costs 1 000 EUR``."""
    return page.locator(f"input[name=said_{amount}]").input_value().replace("\u202f", " ")


def cost_texts(page: Page) -> list[str]:
    """Return the texts of the cost panel, without their halos."""
    texts = page.locator("svg.marks g.cost_group text:not([aria-hidden=true] *)").all_text_contents()
    return [text.replace("\u202f", " ") for text in texts if text]


def cost_here(page: Page) -> str:
    """Return the cost at the threshold as the panel says it."""
    return next(text.split(":  ")[1] for text in cost_texts(page) if ":  " in text)


def curves(page: Page) -> list[str | None]:
    """Return the shapes of the cost curves, of the line of equal cost and of the cost axis' labels."""
    lines = page.locator(
        "svg.marks g.cost_group g.mark-line path, svg.marks g.roc_group g.mark-line path"
    ).all()
    return [line.get_attribute("d") for line in lines]


def grab(page: Page, amount: str) -> Callable[[float], None]:
    """Press the mouse on a slider's thumb; return what moves it to a share of its way."""
    track = slider(page, amount)
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    assert box is not None
    thumb = box["height"]
    middle = box["y"] + box["height"] / 2

    def to(share: float) -> None:
        page.mouse.move(box["x"] + thumb / 2 + (box["width"] - thumb) * share, middle, steps=4)

    to(float(track.input_value()))
    page.mouse.down()
    return to


def in_address(page: Page, name: str) -> float:
    """Return an amount that the address carries."""
    return float(parse_qs(urlsplit(page.url).query)[name][0])


def lowest(texts: list[str]) -> dict[str, float]:
    """Return each candidate's lowest cost as the panel says it."""
    found = (re.fullmatch(r"(.+): ([\d ]+(?:\.\d+)?) EUR at .+", text) for text in texts)
    return {one[1]: float(one[2].replace(" ", "")) for one in found if one}


def core_cost(folder: Path, costs: Costs) -> str:
    """Return what the core says an application costs."""
    with open_workspace(folder / "mortgage") as ws:
        figure = ws.figures("boosted", AT, settings=Settings(costs=costs))["cost_per_example"]
    assert figure.value is not None
    return money(figure.value, "EUR").replace("\u202f", " ")


def test_a_slider_moves_the_picture_and_sends_one_message_when_it_is_let_go(
    page: Page, address: str, folder: Path
) -> None:
    """While it moves: curves, equal cost, texts; then: the address, the sentences and the core's own figures."""
    frames = opened(page, address)
    assert (said(page, "fp"), said(page, "fn")) == ("costs 1 000 EUR", "costs 5 000 EUR")
    assert cost_here(page) == core_cost(folder, Costs(1000, 5000))
    before, drawn = frames.asked, curves(page)
    to = grab(page, "fn")
    seen = set()
    for share in (0.3, 0.4, 0.5, 0.6):
        to(share)
        page.wait_for_timeout(150)
        seen.add((cost_here(page), said(page, "fn"), *curves(page), *cost_texts(page)))
    page.wait_for_timeout(600)
    assert frames.asked == before, "a message was sent while the slider was moved"
    assert len(seen) == 4, "the picture did not follow"
    assert said(page, "fn") == "costs 12 000 EUR"
    assert cost_here(page) == core_cost(folder, Costs(1000, 12_000)), "tried: what the core would say"
    assert not any("as good as the best" in text for text in cost_texts(page))
    changed = [one != other for one, other in zip(drawn, curves(page), strict=True)]
    assert sum(changed) >= 6, "five cost curves and the line of equal cost"
    tried = cost_texts(page)
    assert len(lowest(tried)) == 5
    page.mouse.up()
    expect(page).to_have_url(re.compile("fn=12000"))
    steady(page)
    assert frames.asked == before + 1
    assert (in_address(page, "fp"), in_address(page, "fn")) == (1000, 12_000)
    told = core_cost(folder, Costs(1000, 12_000))
    expect(page.get_by_text(re.compile("^That costs ")).first).to_contain_text(told.replace(" EUR", ""))
    assert cost_here(page) == told
    assert lowest(tried) == pytest.approx(lowest(cost_texts(page)), abs=0.011), (
        "the core's lowest points, to a cent"
    )
    assert slider(page, "fn").input_value() == "0.6", "the slider stays under the hand"


def test_what_is_typed_afterwards_wins_and_the_same_can_be_tried_again(page: Page, address: str) -> None:
    frames = opened(page, address)
    for _ in range(2):
        to = grab(page, "fn")
        to(0.5)
        page.mouse.up()
        expect(page).to_have_url(re.compile("fn=10000"), timeout=20_000)
        steady(page)
        page.get_by_role("button", name=re.compile("^Wrongly denied 1")).click()
        field = page.get_by_label(re.compile("^Wrongly approved costs"), exact=False).first
        field.fill("4000")
        field.press("Enter")
        steady(page)
        page.keyboard.press("Escape")
        steady(page)
        page.wait_for_timeout(
            2500
        )  # the page looks for what others did, and sends along what the chart said last
        assert in_address(page, "fn") == 4000
        assert said(page, "fn") == "costs 4 000 EUR"
        assert slider(page, "fn").input_value() == "0.2"
    assert frames.asked < 30


def test_keys_move_a_slider_and_clicks_elsewhere_send_nothing(page: Page, address: str) -> None:
    frames = opened(page, address, "&fp=1000&fn=5000&tn=-50&currency=EUR")
    assert said(page, "tn") == "brings -50 EUR".replace("-", "\u2212")
    before = frames.asked
    page.get_by_role("heading", name="Where do we put the threshold?").click()
    page.keyboard.press("Shift")
    page.wait_for_timeout(500)
    assert frames.asked == before
    slider(page, "tp").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert said(page, "tp") == "brings 200 EUR"
    expect(page).to_have_url(re.compile("tp=200"))
    steady(page)
    assert frames.asked - before <= 2, "holding a key must not send a message for every step"
    assert (in_address(page, "fp"), in_address(page, "fn"), in_address(page, "tn")) == (1000, 5000, -50), (
        "what was not moved is left as it was typed"
    )


def test_without_costs_there_is_nothing_to_slide(page: Page, address: str) -> None:
    opened(page, address, "")
    expect(page.get_by_role("slider", name="Threshold")).to_be_visible()
    for name in AMOUNTS:
        expect(page.locator(f"input[name=try_{name}]")).to_be_hidden()


def test_sliders_fit_beside_their_names_and_amounts(new_page: Callable[..., Page], address: str) -> None:
    """At any width no slider is too short for a finger, no amount is cut off, and nothing scrolls sideways."""
    page = new_page(390, 900, dark=True)
    opened(page, address)
    for width, dark in ((390, True), (768, False), (1440, True)):
        page.set_viewport_size({"width": width, "height": 900})
        wear(page, dark=dark)
        for name in AMOUNTS:
            box = slider(page, name).bounding_box()
            assert box is not None, (width, name)
            assert box["width"] > 120, (width, name)
            amount = page.locator(f"input[name=said_{name}]")
            assert amount.evaluate("one => one.scrollWidth <= one.clientWidth"), (width, name)
        fits(page, width)


def test_amounts_that_are_all_0_leave_a_flat_line(page: Page, address: str) -> None:
    """The chart does not break; the page says in its own place that by such costs nothing can be chosen."""
    opened(page, address)
    for name in ("fp", "fn"):
        slider(page, name).focus()
        page.keyboard.press("Home")
        expect(page.locator(f"input[name=said_{name}]")).to_have_value("costs 0 EUR")
    assert "NaN" not in page.locator("svg.marks").first.inner_html()
    assert cost_here(page) == "0 EUR"
    expect(page.get_by_text(re.compile("^Left out:"))).to_be_visible(timeout=20_000)


class SlowLine:
    """Holds back what the server says while ``slow`` is set. Make it before the page is opened."""

    def __init__(self, page: Page) -> None:
        self.slow = threading.Event()
        self.held: list[str | bytes] = []
        self._back: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("_stcore/stream"), self._between)

    def _between(self, socket: WebSocketRoute) -> None:
        self._back.append(socket)
        socket.connect_to_server().on_message(
            lambda said: self.held.append(said) if self.slow.is_set() else socket.send(said)
        )

    def bring(self, count: int | None = None) -> None:
        """Let the first ``count`` messages through, all there are when None, with those that come meanwhile."""
        while self.held and count != 0:
            self._back[-1].send(self.held.pop(0))
            count = None if count is None else count - 1


def test_an_answer_to_one_slider_does_not_take_back_another_that_was_let_go_since(
    page: Page, address: str
) -> None:
    line = SlowLine(page)
    opened(page, address)
    line.slow.set()
    slider(page, "fp").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(2500)  # the server has answered, and the line holds that back
    first = len(line.held)
    assert first
    slider(page, "fn").focus()
    page.keyboard.press("Home")
    line.bring(first)
    for _ in range(8):
        page.wait_for_timeout(150)
        assert said(page, "fn") == "costs 0 EUR"
        assert slider(page, "fn").input_value() == "0"
    line.slow.clear()
    line.bring()
    expect(page.get_by_text(re.compile("^Left out:"))).to_be_visible(timeout=20_000)


def test_what_was_let_go_stays_when_the_address_of_before_comes_back(
    page: Page, address: str, folder: Path
) -> None:
    """On a slow line a page asks again, for a colleague's change, before it hears of the address it was given."""
    line = SlowLine(page)
    opened(page, address)
    line.slow.set()
    slider(page, "fn").focus()
    page.keyboard.press("Home")
    expect(page.locator("input[name=said_fn]")).to_have_value("costs 0 EUR")
    page.wait_for_timeout(1500)  # the server has drawn the page with what was let go
    reason = ("--reason", "answered by another", "--as", "ana")
    assert run(["candidates", "retire", str(folder / "mortgage"), "baseline", *reason]) == 0
    page.wait_for_timeout(4000)  # the page has looked for news, and asked with its address of before
    line.bring()
    line.slow.clear()
    expect(page).to_have_url(re.compile("fn=0"), timeout=20_000)
    steady(page)
    assert in_address(page, "fn") == 0
    assert said(page, "fn") == "costs 0 EUR"
    told = core_cost(folder, Costs(1000, 0)).replace(" EUR", "")
    expect(page.get_by_text(re.compile("^That costs ")).first).to_contain_text(told)
