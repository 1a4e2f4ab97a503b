"""Runs the real dashboard in process (Streamlit's AppTest) on a copy of the worked use case."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from components import cache
from components.registry import TOP
from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.evaluation.background import AHEAD_VARIABLE

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """Put back the main module, which AppTest replaces: processes that later tests start would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def _nothing_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what a server makes ready ahead: four models and a thousand differences that no test here asks for."""
    monkeypatch.setenv(AHEAD_VARIABLE, "no")


@pytest.fixture
def open_app(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Return a function that opens the dashboard once every candidate is evaluated, with query parameters if wanted."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(demo))

    def open_it(page: str | None = None, **query: str) -> AppTest:
        wait_for_version(demo, 1)
        app = AppTest.from_file(str(TOP / "app.py"), default_timeout=60)
        if page is not None:
            app.run()
            app.switch_page(page)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    yield open_it
    st.cache_resource.clear()


@pytest.fixture
def served_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each run that of a server that has served before, on which the click on a button reaches its page.

    AppTest makes each run that of a fresh server, which runs a page's file without app.py first; then the page begins
    again and the click is lost on the way.
    """
    begin = PagesManager.__init__

    def begin_served(self: PagesManager, *args: Any, **settings: Any) -> None:
        begin(self, *args, **settings)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", begin_served)


@pytest.fixture
def open_served(open_app: Open, served_before: None) -> Open:
    """Return ``open_app`` of a server that has served before."""
    return open_app


def compared(app: AppTest) -> Any:
    """Return the table of differences, as pandas has it; on a busy machine the page works it out for some runs."""
    deadline = time.monotonic() + 60
    while not app.dataframe and time.monotonic() < deadline:
        app.run()
    return app.dataframe[0].value


def wait_for_version(demo: Path, version: int, workspace: str = "mortgage") -> None:
    """Wait, for a bounded time, until every candidate was evaluated on this version or a later one."""
    keeper = cache.open_cached(str(demo / workspace)).background()
    deadline = time.monotonic() + 60
    while keeper.state().version < version and time.monotonic() < deadline:
        time.sleep(0.05)
    assert keeper.state().version >= version, keeper.state()


def words(app: AppTest) -> str:
    """Return everything the page says, in one string, without the signs that keep Markdown from acting on it."""
    parts = [
        *app.title,
        *app.markdown,
        *app.text,
        *app.warning,
        *app.info,
        *app.error,
        *app.success,
        *app.subheader,
        *app.caption,
    ]
    html = [element.proto.body for element in app.get("html")]
    said = "\n".join([*(str(part.value) for part in parts), *html])
    return said.replace("\\", "").replace("\u2060", "")


def problems(app: AppTest) -> list[tuple[str, str, str]]:
    """Return the listed problems as the page shows them: row, column, what is wrong."""
    (table,) = [element.proto.body for element in app.get("html") if "What is wrong" in element.proto.body]
    rows = [re.findall("<td[^>]*>(.*?)</td>", row) for row in re.findall("<tr>(.*?)</tr>", table)[1:]]
    return [(unescape(row), unescape(column), unescape(told)) for row, column, told in rows]
