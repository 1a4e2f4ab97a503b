"""Budget 6, "start": from the command to the overview on the screen, against a Streamlit app of one line.

Run with the others by ``make bench``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.browser import dashboard, free_port, started, wait_until_it_listens
from benchmarks.results import Result, at_most, ratios

MOST_TIMES = 2.0
LINE = "One line."


def seconds_until(browser: Browser, command: tuple[str, ...], port: int, shown: str) -> float:
    """Return the seconds from starting the process until the page shows what ``shown`` selects."""
    context = browser.new_context()
    try:
        page = context.new_page()
        began = time.perf_counter()
        with started(*command, port=port):
            wait_until_it_listens(port)
            page.goto(f"http://127.0.0.1:{port}/", timeout=120_000)
            page.wait_for_selector(shown, timeout=120_000)
            return time.perf_counter() - began
    finally:
        context.close()


def measure(browser: Browser, folder: Path, scratch: Path, rounds: int) -> Result:
    """Measure both in turns; the first round warms the disk and is not counted."""
    script = scratch / "one_line.py"
    script.write_text(f"import streamlit; streamlit.text({LINE!r})\n")
    ours, theirs = [], []
    for _ in range(rounds + 1):
        port = free_port()
        one_line = (
            *(sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)),
            *("--server.address", "127.0.0.1", "--server.headless", "true"),
        )
        theirs.append(seconds_until(browser, one_line, port, f"text={LINE}"))
        port = free_port()
        ours.append(seconds_until(browser, dashboard(folder, port), port, "table.lg-table tbody tr"))
    line = at_most("the overview against a one-line Streamlit app", ratios(ours[1:], theirs[1:]), MOST_TIMES)
    data = {
        "seconds": {
            "overview": [round(each, 2) for each in ours[1:]],
            "one line": [round(each, 2) for each in theirs[1:]],
        }
    }
    return Result(6, "Start", (line,), data)
