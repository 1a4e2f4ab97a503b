"""Serves a Streamlit script on a free loopback port for one test module, and counts what a page sends."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, WebSocket, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from lookingglass.evaluation.background import AHEAD_VARIABLE

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(20, 23, 26)"
"""The backgrounds of .streamlit/config.toml, as a browser says them."""


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def served(script: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve ``script`` with the project's own configuration and yield its address; the server ends with the block.

    It makes nothing ready ahead: with one server a test, that costs more than the test. The installed dashboard does.

    Raises:
        RuntimeError: it was not healthy within ``START_SECONDS``, or ended; what it wrote is printed.
    """
    port = free_port()
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(script)),
        *("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"),
    ]
    given = {**os.environ, "PYTHONPATH": str(ROOT), AHEAD_VARIABLE: "no", **(environment or {})}
    with started(command, port, ROOT, given) as address:
        yield address


@contextlib.contextmanager
def started(command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a command that serves on a loopback port, and yield the address; raises like ``served``.

    What the server wrote is printed at the end, where pytest shows it beside a failure.
    """
    with tempfile.TemporaryFile(
        "w+", encoding="utf-8", errors="replace"
    ) as said:  # a pipe that nobody reads fills up
        process = subprocess.Popen(
            list(command), cwd=folder, env=dict(environment), stdout=said, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_healthy(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            said.seek(0)
            print(said.read()[-3000:])


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if _answers(port):
            return
        time.sleep(0.1)
    raise RuntimeError(
        f"the server did not answer within {START_SECONDS} s, or ended; it wrote what is printed"
    )


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Frames:
    """Counts the websocket messages that a page sends to its server. Make it before the page is opened.

    Attributes:
        sent: all of them. ``asked``: those that a person's doing sent, without the looks for what others changed.
    """

    def __init__(self, page: Page) -> None:
        self.sent = 0
        self.asked = 0
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framesent", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.sent += 1
        message = BackMsg.FromString(payload if isinstance(payload, bytes) else payload.encode())
        self.asked += not message.rerun_script.is_auto_rerun


def open_page(page: Page, address: str) -> None:
    """Open an address and wait until its script has run."""
    page.goto(address)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page's script is not running."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)


def steady(page: Page) -> None:
    """Wait until the page's script is not running and nothing on the page has changed for three tenths of a second."""
    settle(page)
    at_rest(page)
    settle(page)


def wear(page: Page, *, dark: bool) -> None:
    """Ask for the dark or the light theme, as a system that changes with the day does, and wait for it."""
    page.emulate_media(color_scheme="dark" if dark else "light")
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", DARK if dark else LIGHT)
    steady(page)


def fits(page: Page, case: object = "") -> None:
    """Nothing on the page scrolls sideways."""
    wide, seen = page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return [main.scrollWidth, main.clientWidth] }"
    )
    assert wide <= seen, case


def fits_and_is_readable(page: Page, case: object = "") -> None:
    """Nothing scrolls sideways, and axe finds nothing serious."""
    fits(page, case)
    found = Axe().run(page, context="[data-testid=stMain]").response["violations"]
    serious = [item for item in found if item["impact"] in {"serious", "critical"}]
    told = [(item["id"], [node["html"][:200] for node in item["nodes"][:3]]) for item in serious]
    assert not serious, (case, told)


def at_rest(page: Page) -> None:
    """Wait until nothing on any page, ours or one that was taken away, has changed for three tenths of a second."""
    page.evaluate(_UNCHANGED)


_UNCHANGED = """() => new Promise((done, fail) => {
    const unchanged = () => { observer.disconnect(); clearTimeout(limit); done() }
    let wait = setTimeout(unchanged, 300)
    const observer = new MutationObserver(() => { clearTimeout(wait); wait = setTimeout(unchanged, 300) })
    observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true})
    const limit = setTimeout(() => { observer.disconnect(); fail(new Error("the page does not come to rest")) }, 60000)
})"""
