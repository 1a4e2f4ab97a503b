"""Every known trap of LIME: it fires without our guard, and does not with it (statistics: what LIME gets wrong)."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lime.lime_image import LimeImageExplainer
from lime.lime_tabular import LimeTabularExplainer
from lime.lime_text import LimeTextExplainer
from numpy.typing import NDArray

from lookingglass.config import Column
from lookingglass.explanations import ExplainSettings
from lookingglass.explanations.images import segments_of
from lookingglass.explanations.quarters import quarters
from lookingglass.explanations.settle import settled_run, stability_of
from lookingglass.explanations.tabular import TableTask
from lookingglass.explanations.text import TextTask
from lookingglass.explanations.tokens import words_of
from lookingglass.ledger import Actor
from lookingglass.testset import add_example
from lookingglass.workspace import Workspace, open_workspace
from tests.boundaries.tree import ROOT, python_files
from tests.core.explanations.boxes import FINGERPRINT, Box, asked, text_columns
from tests.core.explanations.test_by_hand import background, bag_of_words, config_of

PROGRAM = "from lookingglass.cli.main import main; main()"
QUICK = ExplainSettings(samples=200, most_samples=200, repeats=1)
NUMBER = {
    "a": Column(role="feature", type="number", missing="keep"),
    "b": Column(role="feature", type="number"),
}


def in_lime(texts: list[str]) -> NDArray[np.float64]:
    yes = np.array(bag_of_words({"text": texts}))
    return np.column_stack([1 - yes, yes])


def on_first(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    yes = 1 / (1 + np.exp(-np.nan_to_num(rows[:, 0])))
    return np.column_stack([1 - yes, yes])


def numbers(count: int = 200) -> NDArray[np.float64]:
    return np.random.RandomState(0).randn(count, 2)


def first_number(inputs: dict[str, list[Any]]) -> list[float]:
    return [0.5 if value is None else float(1 / (1 + np.exp(-value))) for value in inputs["a"]]


def table(row: dict[str, Any], rows: dict[str, list[Any]], box: Box) -> TableTask:
    return TableTask(row, config_of(NUMBER), background(rows), asked(box, NUMBER))


def test_an_explainer_that_is_used_twice_answers_differently_so_ours_is_fresh_each_time() -> None:
    stock = LimeTextExplainer(random_state=0)
    first, again = (
        dict(stock.explain_instance("a good bad day", in_lime, num_samples=100).as_list()) for _ in range(2)
    )
    assert first != again
    task = TextTask({"text": "a good bad day"}, asked(Box(bag_of_words), text_columns("text")))
    assert task.run(3, 100, None).weights.tolist() == task.run(3, 100, None).weights.tolist()


def test_the_same_question_gets_the_same_answer_in_every_process(
    pictures: Workspace, built_digits: Path, tmp_path: Path
) -> None:
    """Here, and in a process with another hash seed and another number of threads."""
    here = pictures.explain("marked", "digit-0018", ExplainSettings(samples=205, most_samples=205, repeats=3))
    copy = shutil.copytree(built_digits / "digits", tmp_path / "copy")
    told = [
        "--candidate",
        "marked",
        "--example",
        "digit-0018",
        "--samples",
        "205",
        "--repeats",
        "3",
        "--json",
    ]
    outcome = subprocess.run(
        [sys.executable, "-c", PROGRAM, "explain", str(copy), *told],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    there = json.loads(outcome.stdout)
    assert there == json.loads(json.dumps(here.to_json()))
    assert there["model_rows_scored"] > 0, "each process computed it itself"


def test_lime_fails_on_data_frames_and_on_texts_so_ours_hands_it_encoded_arrays() -> None:
    with pytest.raises(pd.errors.InvalidIndexError):
        LimeTabularExplainer(pd.DataFrame(numbers(), columns=["a", "b"]))
    with pytest.raises(ValueError, match="could not convert string to float"):
        LimeTabularExplainer(np.array([["red", 1.0], ["blue", 2.0]], dtype=object), categorical_features=[0])
    columns = {"colour": Column(role="feature", type="category"), "b": NUMBER["b"]}
    rows = {"colour": ["red", "blue"] * 20, "b": [float(number) for number in range(40)]}
    box = Box(lambda inputs: [0.9 if colour == "red" else 0.1 for colour in inputs["colour"]])
    task = TableTask({"colour": "red", "b": 3.0}, config_of(columns), background(rows), asked(box, columns))
    assert task.background.dtype == np.float64
    assert task.run(1, 300, None).weights[0] == pytest.approx(0.8, abs=0.02)
    assert {row[0] for row in box.rows} == {"red", "blue"}, "the model is given the values, not their codes"


def test_lime_takes_a_missing_number_for_the_highest_and_ours_for_one_that_is_missing() -> None:
    stock = LimeTabularExplainer(numbers(), random_state=0, feature_names=["a", "b"])
    told = stock.explain_instance(np.array([np.nan, 0.0]), on_first, num_samples=100).as_list()
    assert any(name.startswith("a > ") for name, _ in told), "the trap"

    rows = {"a": numbers()[:, 0].tolist(), "b": numbers()[:, 1].tolist()}
    box = Box(first_number)
    task = table({"a": None, "b": 0.0}, rows, box)
    local = task.run(1, 2000, None)
    assert task.features[0].value is None
    assert (task.features[0].low, task.features[0].high) == (None, None)
    assert any("a has no value" in note and "a quarter of the variations" in note for note in task.notes)
    share = np.mean([row[0] is None for row in box.rows])
    assert 0.1 < share < 0.5, "the model sees missing values as missing, in some of the variations"
    assert local.weights[0] == pytest.approx(0.0, abs=0.05), "no value says 0.5, as the others do on average"


def test_lime_fails_on_a_missing_number_in_the_background_and_ours_fills_it_in_and_says_so() -> None:
    holes = numbers()
    holes[0, 0] = np.nan
    with pytest.raises(ValueError):  # noqa: PT011 - scipy's own words, which change
        LimeTabularExplainer(holes, random_state=0).explain_instance(numbers()[1], on_first, num_samples=100)
    rows = {"a": [None, *holes[1:, 0].tolist()], "b": holes[:, 1].tolist()}
    task = table({"a": 0.3, "b": 0.0}, rows, Box(first_number))
    assert np.isfinite(task.background).all()
    assert any(note.startswith("a: 1 of 200 rows of the background have no value") for note in task.notes)
    assert task.run(1, 300, None).weights[0] > 0.05


def test_asking_lime_for_the_top_label_loses_the_label_so_ours_names_it() -> None:
    row = np.array([-2.0, 0.0])
    told = LimeTabularExplainer(numbers(), random_state=0).explain_instance(
        row, on_first, top_labels=1, num_samples=100
    )
    with pytest.raises(KeyError):
        told.as_list()
    rows = {"a": numbers()[:, 0].tolist(), "b": numbers()[:, 1].tolist()}
    assert table({"a": -2.0, "b": 0.0}, rows, Box(first_number)).run(1, 300, None).weights[0] < -0.1


def test_lime_fails_on_an_empty_text_and_ours_says_that_there_is_no_word(texts: Workspace) -> None:
    with pytest.raises(ValueError, match="low >= high"):
        LimeTextExplainer().explain_instance("", in_lime)
    made = texts.explain("word-matcher", "test-0001", QUICK, overrides={"want": "", "provide": " ... "})
    assert made.weights == ()
    assert made.r2 is None
    assert made.notes == ("there is no word to explain.",)
    assert made.model_rows_scored == 1


@pytest.mark.parametrize("words", ["financial", "financial fish"])
def test_one_and_two_words_are_explained_with_a_note(texts: Workspace, words: str) -> None:
    made = texts.explain("early-matcher", "test-0001", QUICK, overrides={"want": "", "provide": words})
    assert len(made.weights) == len(words_of(words))
    assert any(note.startswith("too few words to judge") for note in made.notes)


def test_lime_asks_for_a_short_text_thousands_of_times_and_ours_for_each_variation_once() -> None:
    stock: list[str] = []

    def count(variations: list[str]) -> NDArray[np.float64]:
        stock.extend(variations)
        return in_lime(variations)

    LimeTextExplainer(split_expression=words_of, bow=False, mask_string="").explain_instance(
        "a good bad day", count
    )
    assert len(stock) == 5000
    adapter = asked(Box(bag_of_words), text_columns("text"))
    TextTask({"text": "a good bad day"}, adapter).run(1, 5000, None)
    assert adapter.rows_scored == 16


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # lime leaves its script open
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the same open file
def test_limes_page_runs_what_a_name_says_so_ours_never_makes_it() -> None:
    told = LimeTextExplainer(class_names=["</script><b>", "yes"]).explain_instance(
        "a good day", in_lime, num_samples=50
    )
    assert "</script><b>" in told.as_html(), "the trap"
    for path in python_files("lookingglass", "components", "pages"):
        text = path.read_text(encoding="utf-8")
        assert not {"as_html", "show_in_notebook", "save_to_file", "as_pyplot_figure"} & set(
            words_of(text)
        ), path


def test_a_background_of_the_current_test_set_would_move_and_ours_is_frozen(demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        before = ws.explain("full-scorecard", "app-0001", QUICK)
        current = ws.test_set().rows.get_column("lvr").mean()
        row = ws.test_set().rows.row(0, named=True)
        values = {name: row[name] for name in ws.config.stored} | {"lvr": 2.0}
        for number in range(3):
            add_example(ws.home, values, label="yes", id=f"new-{number}", origin="sample", actor=Actor("ana"))
        assert ws.test_set().rows.get_column("lvr").mean() != current, "the trap"
        shutil.rmtree(ws.home.folder / "explanations")
        after = ws.explain("full-scorecard", "app-0001", QUICK)
        assert after == before
        assert after.settings.background
        copies = [path.stem for path in (ws.home.folder / "explanations" / "backgrounds").iterdir()]
        assert copies == [after.settings.background]


def test_limes_quarters_turn_a_single_value_into_0_and_ours_give_it_back() -> None:
    """Half the rows are 7, so the lowest quarter holds nothing else; LIME varies it to 0, which no row ever had."""
    data = np.column_stack([np.repeat([7.0, 8, 9, 10], [500, 200, 200, 100]), np.arange(1000.0)])
    seen: list[NDArray[np.float64]] = []

    def watch(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        seen.append(rows)
        return on_first(rows / 1000)

    LimeTabularExplainer(data, random_state=0).explain_instance(data[-1], watch, num_samples=500)
    assert (seen[0][:, 0] == 0).any(), "the trap"
    state = np.random.RandomState(0)
    ours = LimeTabularExplainer(data, random_state=state, discretizer=quarters(data, [], ["0", "1"], state))
    ours.explain_instance(data[-1], watch, num_samples=500)
    assert seen[1][:, 0].min() >= 7
    assert (seen[1][:, 0] == 7).any()
    assert (seen[0][:, 1] == seen[1][:, 1]).all(), "everything else is LIME's own"


def test_lime_makes_one_region_of_a_small_image_asks_ten_at_a_time_and_prints_and_ours_does_not(
    pictures: Workspace,
) -> None:
    image = np.zeros((8, 8), dtype=np.uint8)
    image[2:5, 3] = 255
    calls: list[int] = []

    def ink(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        calls.append(len(images))
        yes = images[..., 0].mean(axis=(1, 2)) / 255
        return np.column_stack([1 - yes, yes])

    printed = io.StringIO()
    with redirect_stderr(printed):
        told = LimeImageExplainer(random_state=0).explain_instance(image, ink, num_samples=50)
    assert len(np.unique(told.segments)) == 1
    assert calls == [10] * 5
    assert printed.getvalue()
    assert len(np.unique(segments_of(8, 8))) == 16
    printed = io.StringIO()
    with redirect_stderr(printed):
        made = pictures.explain(
            "clean", "digit-0018", ExplainSettings(samples=210, most_samples=210, repeats=1)
        )
    assert printed.getvalue() == ""
    assert len(made.weights) == 16


def test_stable_is_not_faithful_so_both_are_shown() -> None:
    """Two words that only count together with a third: every seed agrees, and the local model explains little."""

    def together(columns: dict[str, list[str]]) -> list[float]:
        found = [set(text.split()) for text in columns["text"]]
        return [0.9 if {"a", "b"} <= words or not {"a", "b"} & words else 0.1 for words in found]

    settings = ExplainSettings(samples=4000, most_samples=4000, top_k=2, repeats=5)
    task = TextTask({"text": "a b c d"}, asked(Box(together), text_columns("text")))
    local, _ = settled_run(task, settings, FINGERPRINT, "00")
    stability = stability_of(task, settings, FINGERPRINT, "00", local)
    assert stability is not None
    assert stability.vsi >= settings.vsi_limit, "stable"
    assert local.r2 < settings.r2_limit, "and not faithful"


def test_a_weak_local_fit_and_unstable_reasons_are_said(rows: Workspace) -> None:
    made = rows.explain(
        "boosted", "app-0001", ExplainSettings(samples=50, most_samples=50, repeats=5, vsi_limit=100)
    )
    assert made.weak_fit is (made.r2 < 0.5) is True
    assert any(note.startswith("weak local fit") for note in made.notes)
    assert made.unstable is True
    assert any(note.startswith("unstable: other seeds give other reasons") for note in made.notes)
    strict = rows.explain(
        "full-scorecard", "app-0001", ExplainSettings(samples=1000, most_samples=1000, repeats=2)
    )
    assert not strict.weak_fit
    assert strict.unstable is False
    assert strict.notes == ()
