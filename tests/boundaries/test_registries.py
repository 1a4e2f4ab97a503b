"""Registries are complete: whatever can be chosen by name has a test that names it and a line in the docs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest

from components.registry import PAGES, PageEntry
from lookingglass.candidates.formats import FORMATS
from lookingglass.charts import CHARTS
from lookingglass.cli.main import VERBS, lookingglass
from lookingglass.metrics.catalogue import METRICS
from lookingglass.testset.check import CHECKS
from tests.boundaries.tree import ROOT, parse, python_files

PAGE_FILES = {path.name: path for path in python_files("pages")}


def files_that_name(word: str, folder: str) -> list[Path]:
    """Return the test files under ``folder`` in which ``word`` stands as a whole word."""
    pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    return [
        path
        for path in python_files(folder)
        if path.name.startswith("test_") and pattern.search(path.read_text(encoding="utf-8"))
    ]


def has_docs_line(word: str, page: str) -> bool:
    """Whether docs/``page`` has a heading, a table row or a list line that begins with ``word``, quoted or not."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.search(rf"^(#+|\||[*-])\s*`?{re.escape(word)}`?(?![\w-])", text, flags=re.MULTILINE) is not None


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_has_a_test_and_a_docs_line(name: str) -> None:
    assert files_that_name(name, "tests/core/metrics"), (
        f"no test under tests/core/metrics names the metric {name}"
    )
    assert has_docs_line(name, "metrics.md"), f"docs/metrics.md has no line for the metric {name}"


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_every_chart_has_a_test_and_a_docs_line(name: str) -> None:
    assert files_that_name(name, "tests/core/charts"), (
        f"no test under tests/core/charts names the chart {name}"
    )
    assert has_docs_line(name, "charts.md"), f"docs/charts.md has no line for the chart {name}"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_has_a_test_and_a_docs_line(name: str) -> None:
    assert files_that_name(name, "tests/core/candidates"), (
        f"no test under tests/core/candidates names the format {name}"
    )
    assert has_docs_line(name, "formats.md"), f"docs/formats.md has no line for the format {name}"


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_every_check_of_the_test_set_has_a_test_and_a_docs_line(code: str) -> None:
    assert files_that_name(code, "tests/core/testset"), (
        f"no test under tests/core/testset names the check {code}"
    )
    assert has_docs_line(code, "checks.md"), f"docs/checks.md has no line for the check {code}"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_of_the_command_line_has_its_command_and_a_test(verb: str) -> None:
    command = lookingglass.get_command(click.Context(lookingglass), verb)
    assert command is not None
    assert command.help, f"lookingglass {verb} --help says nothing"
    places = [
        path
        for path in files_that_name(verb, "tests/core")
        if "cli" in path.parts or "command_line" in path.stem
    ]
    assert places, f"no test in tests/core/cli or in a test_command_line.py names the verb {verb}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_every_page_has_a_test_and_a_docs_line(page: PageEntry) -> None:
    assert files_that_name(page.key, "tests/app"), f"no test under tests/app names the page {page.key}"
    assert has_docs_line(page.title, "pages.md"), f"docs/pages.md has no heading for the page {page.title}"


def test_every_page_file_is_registered_and_every_registered_page_has_its_file() -> None:
    assert {Path(page.file).name for page in PAGES} == set(PAGE_FILES)


def test_pages_have_an_address_and_a_title_of_their_own() -> None:
    assert len({page.key for page in PAGES}) == len(PAGES)
    assert len({page.title for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_every_page_begins_with_its_guard(page: PageEntry) -> None:
    """The server runs a page file without app.py when it is opened by address first, so each page guards itself.

    After the docstring and the imports, the first statement is ``ctx = open_page("<its own key>")``.
    """
    body = parse(PAGE_FILES[Path(page.file).name]).body
    if ast.get_docstring(ast.Module(body=body, type_ignores=[])) is not None:
        body = body[1:]
    statements = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert statements, f"{page.file} does nothing"
    assert ast.unparse(statements[0]) == f"ctx = open_page({page.key!r})", (
        f"{page.file} must begin with its guard"
    )
