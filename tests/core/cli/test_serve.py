"""What ``lookingglass dashboard`` runs: a server that answers at once and loads meanwhile what its first page needs."""

from __future__ import annotations

import gc
import http.client
import json
import os
import sys
import time
from pathlib import Path

import pytest

from lookingglass.cli import serve
from lookingglass.cli.dashboard import FOLDER_VARIABLE, app_file
from tests.browser.server import ROOT, free_port, started

LOOK = """
import gc, json, sys, threading, time

def look():
    from pathlib import Path
    while not gc.get_freeze_count():
        time.sleep(0.02)
    seen = {"frozen": gc.get_freeze_count(), "loaded": sorted(sys.modules)}
    part = Path(%r)
    part.with_suffix(".part").write_text(json.dumps(seen))
    part.with_suffix(".part").rename(part)

threading.Thread(target=look, daemon=True).start()
"""
"""Python runs this first in the server's own process: it tells what was loaded when collection was told to skip it."""


def test_it_serves_and_has_loaded_what_pages_need_before_anyone_comes(tmp_path: Path) -> None:
    """The real server, looked at from inside: nobody opens a page, and everything is there and kept for good."""
    (tmp_path / "sitecustomize.py").write_text(LOOK % str(tmp_path / "seen.json"))
    (tmp_path / "workspaces").mkdir()
    port = free_port()
    command = [
        *(sys.executable, "-m", "lookingglass.cli.serve", str(app_file())),
        *("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT))),
        FOLDER_VARIABLE: str(tmp_path / "workspaces"),
    }
    with started(command, port, ROOT, environment):
        health = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        health.request("GET", "/_stcore/health")
        assert health.getresponse().read() == b"ok"
        health.close()
        deadline = time.monotonic() + 90
        while not (tmp_path / "seen.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert set(serve.NEEDED) <= set(seen["loaded"])
    assert seen["frozen"] > 100_000


def test_what_cannot_be_loaded_ahead_does_not_keep_the_server_from_serving(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page that needs it will say so; garbage is collected from then on all the same."""
    gc.disable()
    monkeypatch.setattr(serve, "READY", "sys")
    monkeypatch.setattr(serve, "NEEDED", ("lookingglass.errors", "lookingglass.nowhere"))
    try:
        serve.warm()
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
