"""A browser and servers for measurements: what is on the page, and when the server's last answer came."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, WebSocket

from tests.find_chromium import chromium_path

TOP = Path(__file__).parent.parent
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
QUIET_SECONDS = 0.25
GIVE_UP_SECONDS = 60.0
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


def launch(playwright: Playwright) -> Browser:
    """Start Chromium."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def started(*command: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server and end it with the block; it need not answer yet."""
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    process = subprocess.Popen(
        command, cwd=TOP, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def dashboard(folder: Path, port: int) -> tuple[str, ...]:
    """Return the command that serves the dashboard for a workspace."""
    command = Path(sys.executable).with_name("lookingglass")
    return (str(command), "dashboard", str(folder), "--port", str(port))


def wait_until_it_listens(port: int, seconds: float = 120) -> None:
    """Wait until the server takes connections."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port} after {seconds:g} s")


class Answers:
    """When the page last heard from its server. Make it before the page is opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.last = 0.0
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._note)

    def _note(self, _payload: str | bytes) -> None:
        self.last = time.perf_counter()

    def after(self, act: Callable[[], object]) -> float:
        """Return the seconds from ``act`` to the last message of the run that it caused.

        The run has ended when the page says so and has heard nothing for a while.
        """
        began = time.perf_counter()
        act()
        while True:
            self.page.wait_for_timeout(20)
            now = time.perf_counter()
            heard = self.last > began and now - self.last > QUIET_SECONDS
            if heard and self.page.locator(SETTLED).count():
                return self.last - began
            if now - began > GIVE_UP_SECONDS:
                raise RuntimeError("the server did not answer")
