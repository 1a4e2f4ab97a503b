"""A browser and servers for measurements."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.find_chromium import chromium_path

TOP = Path(__file__).parent.parent
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
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
