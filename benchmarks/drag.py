"""Budget 1, "threshold moves cost nothing": what the page weighs, what a drag sends, and how long a frame takes.

The threshold page of the large workspace, with costs, groups and five candidates. Frames are the gaps between two
drawings of the browser, beside those of the same page while nobody touches it: a machine that paints without a graphics
processor is slow at both. Run with the others by ``make bench``.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.browser import SETTLED, dashboard, free_port, started, wait_until_it_listens
from benchmarks.results import Line, Result, at_most

MOST_BYTES = 1_000_000
FRAME_MS = 17.0
"""One sixtieth of a second, as the clock of a browser tells it."""
MOVES = 120
READY_SECONDS = 300
_GAPS = """milliseconds => new Promise(done => {
    const gaps = []; let last = performance.now(); const end = last + milliseconds
    const look = now => { gaps.push(now - last); last = now; now < end ? requestAnimationFrame(look) : done(gaps) }
    requestAnimationFrame(look)
})"""


_MOVE_EACH_FRAME = """([left, width, y, moves]) => new Promise(done => {
    const gaps = []; let last = performance.now(), move = 0
    const look = now => {
        gaps.push(now - last); last = now
        if (move === moves) return done(gaps.slice(1))
        const x = left + width * (0.2 + 0.6 * move++ / moves)
        const at = {clientX: x, clientY: y, bubbles: true, composed: true, view: window, buttons: 1, pointerId: 1}
        const under = document.elementFromPoint(x, y)
        for (const kind of ["pointermove", "mousemove"])
            under.dispatchEvent(new (kind[0] === "p" ? PointerEvent : MouseEvent)(kind, at))
        requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
})"""


class Sent:
    """Counts the bytes that a page receives over its socket, and the messages that a person's doing sends."""

    def __init__(self, page: Page) -> None:
        self.received = 0
        self.asked = 0
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)
        socket.on("framesent", self._count)

    def _take(self, payload: str | bytes) -> None:
        self.received += len(payload)

    def _count(self, payload: str | bytes) -> None:
        message = BackMsg.FromString(payload if isinstance(payload, bytes) else payload.encode())
        self.asked += not message.rerun_script.is_auto_rerun


def measure(browser: Browser, folder: Path, rows: int, candidates: int) -> Result:
    """Serve the workspace, open the page once everything is ready, and drag."""
    port = free_port()
    with started(*dashboard(folder, port), port=port):
        wait_until_it_listens(port)
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        _open(page, f"http://127.0.0.1:{port}/threshold?fp=1&fn=5")
        time.sleep(10)  # the server makes the rest ready
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        sent = Sent(page)
        _open(page, f"http://127.0.0.1:{port}/threshold?fp=1&fn=5")
        weighed = sent.received
        idle = page.evaluate(_GAPS, 2_000)
        before = sent.asked
        gaps = _drag(page)
        messages = sent.asked - before
        page.mouse.up()
        page.context.close()
    lines = (
        at_most("the page over its socket", weighed / 1e6, MOST_BYTES / 1e6, "MB"),
        at_most(f"messages sent during {MOVES} moves", float(messages), 0.0, "messages"),
        at_most("a frame while dragging, median", float(np.median(gaps)), FRAME_MS, "ms"),
        Line("a frame while dragging, 95 of 100 within", f"{np.percentile(gaps, 95):.1f} ms"),
        Line("a frame of the same page at rest, median and 95 of 100 within",
             f"{np.median(idle):.1f} ms, {np.percentile(idle, 95):.1f} ms"),
    )  # fmt: skip
    data = {"rows": rows, "candidates": candidates, "bytes": weighed, "gaps": [round(gap, 1) for gap in gaps]}
    return Result(1, "Threshold moves", lines, data)


def _open(page: Page, address: str) -> None:
    page.goto(address, timeout=1e3 * READY_SECONDS)
    page.wait_for_selector("svg.marks g.metric_group", timeout=1e3 * READY_SECONDS)
    page.wait_for_selector(SETTLED, timeout=1e3 * READY_SECONDS)
    page.wait_for_timeout(2_000)


def _drag(page: Page) -> list[float]:
    """Drag over the first panel with one move in every frame; return the milliseconds between drawings."""
    area = page.locator("svg.marks g.metric_group path.background").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    if box is None:
        raise RuntimeError("the threshold chart is not on the page")
    before = page.locator("svg.marks").first.inner_html()
    across = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, across)
    page.mouse.down()
    gaps: list[float] = page.evaluate(_MOVE_EACH_FRAME, [box["x"], box["width"], across, MOVES])
    if page.locator("svg.marks").first.inner_html() == before:
        raise RuntimeError("the chart did not follow the pointer")
    return gaps
