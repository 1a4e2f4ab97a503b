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
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.find_chromium import chromium_path

TOP = Path(__file__).parent.parent
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
QUIET_SECONDS = 0.25
GIVE_UP_SECONDS = 60.0
_FRAGMENT_FINISHED = ForwardMsg.ScriptFinishedStatus.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
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
    """When the server last finished a run of the whole page, not a look for news. Make it before the page is opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.finished = 0.0
        self.began_another = False
        self.running = False
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._note)

    def _note(self, payload: str | bytes) -> None:
        if isinstance(payload, str):
            return
        message = ForwardMsg.FromString(payload)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.running = self.began_another = True
        elif kind == "script_finished":
            self.running = False
            if message.script_finished != _FRAGMENT_FINISHED:
                self.finished = time.perf_counter()

    def after(self, act: Callable[[], object]) -> float:
        """Return the seconds from ``act`` until the server had sent everything of the run that it caused.

        That run may ask for another one; the last one counts.
        """
        began, self.began_another = time.perf_counter(), False
        act()
        while True:
            self.page.wait_for_timeout(20)
            now = time.perf_counter()
            answered = self.began_another and self.finished > began and not self.running
            answered = answered and now - self.finished > QUIET_SECONDS
            if answered and self.page.locator(SETTLED).count():
                return self.finished - began
            if now - began > GIVE_UP_SECONDS:
                raise RuntimeError("the server did not answer")
