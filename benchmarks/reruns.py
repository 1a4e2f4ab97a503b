"""Budget 7, "reruns": how soon the server answers what a person does on the pages, and what further sessions cost.

A headless browser clicks; time runs between it and the server, from its request to the last message of the answer.
Run with the others by ``make bench``.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError

from benchmarks.browser import SETTLED, dashboard, free_port, started, wait_until_it_listens
from benchmarks.results import Line, Result, at_most
from benchmarks.wire import Wire

MOST_MS = 300.0
MOST_MB_PER_SESSION = 10.0
SESSIONS = (1, 5, 10)
QUIET_SECONDS = 2.0
ANSWERED_SECONDS = 0.25
GIVE_UP_SECONDS = 60.0
OPEN_TRIES = 5
READY_SECONDS = 300


class Person:
    """Somebody at a browser: does things on a page and keeps how long the server's answers took."""

    def __init__(self, page: Page, wire: Wire) -> None:
        self.page = page
        self.wire = wire
        self.took: dict[str, list[float]] = {}

    def does(self, what: str, act: Callable[[], object]) -> None:
        """Do one thing and wait until the page has settled; a run that asks for another one goes on with that."""
        began = time.perf_counter()
        self.wire.listen()
        act()
        while True:
            self.page.wait_for_timeout(20)
            asked, answered, now = self.wire.asked, self.wire.answered, time.perf_counter()
            done = asked is not None and answered > asked and not self.wire.running
            if done and now - answered > ANSWERED_SECONDS and self.page.locator(SETTLED).count():
                self.took.setdefault(what, []).append(1e3 * (answered - asked))
                return
            if now - began > GIVE_UP_SECONDS:
                raise RuntimeError(f"the server did not answer: {what}")

    def opens(self, address: str) -> None:
        """Open an address; this is not measured."""
        self.page.goto(address, timeout=1e3 * READY_SECONDS)
        self.page.wait_for_selector(SETTLED, timeout=1e3 * READY_SECONDS)

    def chooses(self, what: str, label: str, option: int) -> None:
        """Choose the option of this number in the list with this label; a page that is drawn anew closes the list."""
        box = self.page.locator("[data-testid=stSelectbox]").filter(has_text=label).first
        choice = self.page.get_by_role("option").nth(option)
        for _ in range(OPEN_TRIES):
            box.locator("input").click()
            with suppress(TimeoutError):
                choice.wait_for(timeout=2_000)
                self.does(what, choice.click)
                return
        raise RuntimeError(f"the list {label!r} does not stay open")

    def lets_go(self, share: float) -> None:
        """Drag the threshold to this share of the first panel's width and let go."""
        chart = self.page.locator(
            "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
        ).first
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        if box is None:
            raise RuntimeError("the threshold chart is not on the page")
        x, y = box["x"] + box["width"] * share, box["y"] + min(140.0, box["height"] / 4)
        self.page.mouse.move(box["x"] + box["width"] * 0.3, y)
        self.page.mouse.down()
        self.page.mouse.move(x, y, steps=5)
        time.sleep(0.1)
        self.does("threshold: let go at another threshold", self.page.mouse.up)


def overview(person: Person, address: str, rounds: int) -> None:
    """Rank by other metrics, compare with other candidates, look at another group column."""
    person.opens(f"{address}/")
    for number in range(rounds):
        person.chooses("overview: rank by another metric", "Rank by", 1 + number % 6)
        person.chooses("overview: compare with another candidate", "Compare with", 1 + number % 4)
        buttons = person.page.locator("[data-testid=stButtonGroup] button")
        if buttons.count() > 1:
            person.does("overview: another group column", buttons.nth(1 - number % 2).click)


def threshold(person: Person, address: str, rounds: int) -> None:
    """Let go of the threshold elsewhere, look at another candidate, aim for another figure, give another cost."""
    person.opens(f"{address}/threshold?fp=1&fn=5&metric=f1")
    for number in range(rounds):
        person.lets_go(0.35 + 0.05 * (number % 7))
        person.chooses("threshold: another candidate", "Candidate", 1 - number % 2)
        person.chooses("threshold: another aim", "Aim for", 2 + number % 3)
        person.page.get_by_role("button", name="Wrongly").first.click()
        field = person.page.locator("[data-testid=stNumberInput] input").first
        field.fill(str(2 + number))
        person.does("threshold: another cost", functools.partial(field.press, "Enter"))
        person.page.keyboard.press("Escape")


def test_set(person: Person, address: str, rounds: int) -> None:
    """Turn pages, search, and list what a candidate gets wrong."""
    person.opens(f"{address}/testset")
    person.page.get_by_role("button", name="Next").wait_for()
    for _ in range(rounds):
        person.does("test set: next page", person.page.get_by_role("button", name="Next").click)
    for word in ("river", "stone lamp", "garden", "paper window")[:rounds]:
        box = (
            person.page.locator("[data-testid=stTextInput]").filter(has_text="Search").locator("input").first
        )
        box.fill(word)
        person.does("test set: search", functools.partial(box.press, "Enter"))


def memory_mb(process_id: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def measure(browser: Browser, folder: Path, rows: int, candidates: int, rounds: int) -> Result:
    """Serve the workspace and measure once everything was loaded and evaluated."""
    port = free_port()
    wire = Wire(port, free_port())
    address = f"http://127.0.0.1:{wire.port}"
    with started(*dashboard(folder, port), port=port) as process, wire:
        wait_until_it_listens(port)
        person = Person(browser.new_context(viewport={"width": 1440, "height": 900}).new_page(), wire)
        began = time.perf_counter()
        person.opens(f"{address}/")
        person.page.wait_for_selector("table.lg-table tbody tr", timeout=1e3 * READY_SECONDS)
        loaded = time.perf_counter() - began
        _wait_until_quiet(process.pid)
        overview(person, address, rounds)
        threshold(person, address, rounds)
        test_set(person, address, rounds)
        _wait_until_quiet(process.pid)
        used = {1: memory_mb(process.pid)}
        others: list[BrowserContext] = []
        for count in SESSIONS[1:]:
            while len(others) < count - 1:
                others.append(browser.new_context())
                Person(others[-1].new_page(), wire).opens(f"{address}/")
            time.sleep(QUIET_SECONDS)
            used[count] = memory_mb(process.pid)
        for context in others:
            context.close()
    every = [each for times in person.took.values() for each in times]
    first, last = min(used), max(used)
    further = (used[last] - used[first]) / (last - first)
    lines = (
        at_most("answer to an interaction, 95 of 100 within", float(np.percentile(every, 95)), MOST_MS, "ms"),
        *(
            Line(f"{what}, median and slowest", f"{np.median(times):.0f} ms, {max(times):.0f} ms")
            for what, times in person.took.items()
        ),
        at_most("memory of a further session", further, MOST_MB_PER_SESSION, "MB"),
        Line(
            f"server's memory with {', '.join(map(str, used))} sessions",
            f"{', '.join(f'{value:,.0f}' for value in used.values())} MB",
        ),
    )
    data = {
        "rows": rows,
        "candidates": candidates,
        "seconds until loaded": round(loaded, 2),
        "milliseconds": {what: [round(each) for each in times] for what, times in person.took.items()},
        "megabytes": {str(count): round(value) for count, value in used.items()},
    }
    return Result(7, "Reruns", lines, data)


def _wait_until_quiet(process_id: int) -> None:
    """Wait until the server has nothing more to make ready, so that nothing but the interaction is measured."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        before = _ticks(process_id)
        time.sleep(QUIET_SECONDS)
        if _ticks(process_id) - before < 0.15 * QUIET_SECONDS * 100:
            return


def _ticks(process_id: int) -> int:
    fields = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])
