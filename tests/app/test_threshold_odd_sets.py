"""The threshold page on sets that leave little to choose from: it says what is the matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.registry import TOP
from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.cli.main import run
from lookingglass.workspace import open_workspace
from tests.app.conftest import wait_for_version, words

Row = tuple[str, str, float | None]
LATTER = {
    "metric": "cost_per_example",
    "fp": "1",
    "fn": "5",
    "require": "recall >= 0.8",
    "ask": "0.2",
    "low": "0.2",
}

SETS: dict[str, tuple[list[Row], str]] = {
    "no positives": ([("a", "no", 0.2), ("b", "no", 0.6), ("c", "no", 0.9)], "no positives"),
    "no negatives": ([("a", "yes", 0.2), ("b", "yes", 0.6), ("c", "yes", 0.9)], "no negatives"),
    "all scores equal": ([("a", "yes", 0.5), ("b", "no", 0.5), ("c", "no", 0.5)], "All scores are equal"),
    "three labelled rows": ([("a", "yes", 0.9), ("b", "no", 0.5), ("c", "no", 0.1)], "only 1 positive among"),
    "unlabelled rows": (
        [("a", "yes", 0.9), ("b", "no", 0.5), ("c", "", 0.1), ("d", "", 0.7)],
        "of 1,000 examples",
    ),
    "nothing labelled": ([("a", "", 0.9), ("b", "", 0.5)], "no labelled"),
    "a missing score": (
        [("a", "yes", 0.9), ("b", "no", None), ("c", "no", 0.1)],
        "No candidate is ready yet",
    ),
}
"""Name -> (id, label, score) of each row, and what the page must say."""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Return a function that makes a workspace of some rows and opens the threshold page on it."""

    def open_it(
        rows: list[Row], group: str = "office", values: Sequence[str] = ("here",), **query: str
    ) -> AppTest:
        served = tmp_path / "served"
        served.mkdir()
        data, scores = tmp_path / "data.csv", tmp_path / "scores.csv"
        every = [*rows, ("gone-1", "yes", 0.7), ("gone-2", "no", 0.3)]  # a new workspace needs both answers
        lines = [
            f"{name},{label},{place},{values[place % len(values)]}"
            for place, (name, label, _) in enumerate(every)
        ]
        data.write_text("\n".join([f"example_id,answer,size,{group}", *lines]) + "\n")
        scored = [f"{name},{score}" for name, _, score in every if score is not None]
        scores.write_text("\n".join(["example_id,score", *scored]) + "\n")
        folder = str(served / "odd")
        named = ["--label", "answer", "--positive", "yes", "--id", "example_id", "--group", group]
        assert run(["init", folder, "--data", str(data), *named]) == 0
        assert run(["candidates", "add", folder, "one", str(scores), "--format", "predictions"]) == 0
        for gone in ("gone-1", "gone-2"):
            assert run(["testset", "remove", folder, "--id", gone]) == 0
        monkeypatch.setenv(FOLDER_VARIABLE, str(served))
        wait_for_version(served, 3, "odd")
        app = AppTest.from_file(str(TOP / "app.py"), default_timeout=60)
        app.run()
        app.switch_page("pages/threshold.py")
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        return app

    return open_it


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    st.cache_resource.clear()


@pytest.mark.parametrize("name", SETS)
def test_it_says_what_is_the_matter(name: str, odd: Callable[..., AppTest]) -> None:
    rows, told = SETS[name]
    app = odd(rows, candidate="one", **LATTER)
    assert not app.exception, app.exception
    said = words(app)
    assert told in said, said[:3000]
    assert not re.search(r"\bnan\b", said, re.IGNORECASE)
    for view in ("figure", "candidates"):
        app.query_params["view"] = view
        app.run()
        assert not app.exception, (view, app.exception)


def test_a_score_exactly_at_the_threshold_is_answered_yes(odd: Callable[..., AppTest]) -> None:
    app = odd(
        [("a", "yes", 0.5), ("b", "no", 0.4), ("c", "no", 0.5), ("d", "yes", 0.6)],
        candidate="one",
        threshold="0.5",
    )
    assert "250 are wrongly yes" in words(app) or "250 are wrongly answered yes" in words(app)


def test_groups_with_very_long_names_keep_nobody_from_agreeing(
    odd: Callable[..., AppTest], tmp_path: Path, served_before: None
) -> None:
    """What a record can hold of the groups is recorded; the rest is left out, and the page stays whole."""
    column = "Which of the regional offices of the company received the request first"
    values = (
        "North-eastern administrative region including the islands and the harbour",
        "o" * 1_200,
    )
    rows: list[Row] = [(f"r{at}", "yes" if at % 3 == 0 else "no", at / 40) for at in range(40)]
    app = odd(rows, column, values, candidate="one")
    assert not [error.value for error in app.error]
    assert app.title[0].value == "Where do we put the threshold?"
    app.text_input(key="agree people 0").set_value("Ana")
    app.text_area(key="agree reason 0").set_value("Because.")
    next(one for one in app.button if one.label.startswith("Agree on")).click().run()
    assert not [error.value for error in app.error]
    with open_workspace(tmp_path / "served" / "odd") as ws:
        recorded = list(ws.decisions[-1].figures)
    assert [name for name in recorded if values[0] in name]
    assert not [name for name in recorded if values[1] in name]
