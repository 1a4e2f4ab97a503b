"""What the page says of patterns that were drafted and filed: who is evaluated on them, values as people read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from components.views.explanations.filing import evaluated_words
from lookingglass.candidates import add_scores, register
from lookingglass.config import Column, Task, WorkspaceConfig, write_config
from lookingglass.explanations.drawn import value_text
from lookingglass.ledger import Actor
from lookingglass.reviews.filing import file_problem
from lookingglass.testset import NewExample, add_example, erase_example
from lookingglass.workspace import open_workspace
from tests.app.conftest import words

ANA = Actor("ana")


def test_a_file_of_predictions_without_scores_for_the_patterns_is_named(tmp_path: Path) -> None:
    columns = {
        "key": Column(role=("id",), type="text"),
        "match": Column(role=("label",), type="category", values=("no", "yes")),
        "text": Column(role=("feature",), type="text"),
    }
    task = Task(label="match", positive="yes", id="key")
    people = {"ana": ("editor",)}
    write_config(tmp_path / "ws", WorkspaceConfig(name="small", task=task, columns=columns, people=people))
    scores = tmp_path / "scores.csv"
    with open_workspace(tmp_path / "ws") as ws:
        add_example(ws.home, {"text": "teach maths"}, id="a", label="yes", origin="sample", actor=ANA)
        scores.write_text("key,score\na,0.7\n")
        patterns = [NewExample({"text": words}, "no") for words in ("clay", "advice")]
        alone = file_problem(ws.home, "One word decides", "", patterns, actor=ANA, key="k")
        register(ws.home, "vendor-scores", scores, actor=ANA)

        def said() -> str:
            return evaluated_words(ws, alone.pattern_ids, alone.version)

        told = "every model is evaluated on it; vendor-scores is a file of predictions and has no score for"
        assert said() == f"{told} them"
        for at, words in enumerate((f"{told} 1 of them", "every candidate is evaluated on it")):
            scores.write_text(f"key,score\n{alone.pattern_ids[at]},0.2\n")
            add_scores(ws.home, "vendor-scores", scores, actor=ANA)
            assert said() == words
        erase_example(ws.home, alone.pattern_ids[0], "asked for", ANA)
        assert said() == "every candidate is evaluated on it", "what was erased since is no error"


def test_a_drafted_row_shows_its_numbers_as_the_table_of_reasons_does(
    open_app: Callable[..., AppTest], demo: Path, served_before: None
) -> None:
    app = open_app("pages/explanations.py", candidate="boosted")
    next(button for button in app.button if button.label == "Wrong reason").click().run()
    assert not app.exception
    drafted = [one for one in re.findall(r"lg-quiet lg-small\">([^<]*)<", words(app)) if " · lvr " in one]
    assert len(drafted) == 8
    with open_workspace(demo / "mortgage") as ws:
        row = ws.test_set().rows.row(
            ws.test_set().position(app.subheader[0].value.replace("\\", "")), named=True
        )
    assert f" · lvr {value_text(row['lvr'])} · " in drafted[0]
    assert not re.search(r"\d\.\d{5}", " ".join(drafted))


def test_numbers_of_a_row_are_read_in_four_digits_and_large_ones_whole() -> None:
    numbers = (3.20000004768372, 0.904347826086957, 0.0, 9999.96, 250000.0, -1234567.8, 1e300)
    assert [value_text(one) for one in numbers] == [
        "3.2", "0.9043", "0", "10,000", "250,000", "-1,234,568", "1e+300",
    ]  # fmt: skip
    assert value_text(12) == "12"
