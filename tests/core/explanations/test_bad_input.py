"""Odd words, values and images are explained or refused in words, never mistaken for markup and never a crash."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from lookingglass.candidates import register
from lookingglass.config import Column
from lookingglass.creating import create_workspace_from_file
from lookingglass.errors import BadInput, CandidateFailed
from lookingglass.explanations import ExplainSettings
from lookingglass.explanations import text as text_module
from lookingglass.explanations.tabular import TableTask
from lookingglass.explanations.text import MOST_CHARACTERS
from lookingglass.ledger import Actor
from lookingglass.testset.images import picture_of
from lookingglass.workspace import Workspace
from tests.core.explanations.boxes import Box, asked
from tests.core.explanations.test_by_hand import background, config_of

QUICK = ExplainSettings(samples=200, most_samples=200, repeats=2)
ANA = Actor("ana")
SCRIPT = "</script><b>"


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Texts in many scripts under a real model that counts characters: 鱼, سمك, a fish and fish push to yes."""
    folder = tmp_path_factory.mktemp("letters")
    fish, others = ["fish", "鱼", "سمك", "🐟"], ["bread", "书", "كتاب", "📚"]
    rows = [
        {"id": f"t-{number}", "text": f"I like {word} {number % 7}", "kind": kind, "answer": answer}
        for number, (word, kind, answer) in enumerate(
            [(word, SCRIPT, "yes") for word in fish * 15] + [(word, "plain", "no") for word in others * 15]
        )
    ]
    data = pd.DataFrame(rows)
    data.to_csv(folder / "data.csv", index=False)
    words = make_pipeline(CountVectorizer(analyzer="char"), LogisticRegression()).fit(
        data["text"], data["answer"]
    )
    both = make_pipeline(
        ColumnTransformer(
            [
                ("kind", OneHotEncoder(handle_unknown="ignore"), ["kind"]),
                ("text", CountVectorizer(analyzer="char"), "text"),
            ]
        ),
        LogisticRegression(),
    ).fit(data[["kind", "text"]], data["answer"])
    for name, model in (("words", words), ("both", both)):
        skops.io.dump(model, folder / f"{name}.skops")
    with create_workspace_from_file(
        folder / "ws",
        folder / "data.csv",
        label="answer",
        positive="yes",
        id_column="id",
        texts=["text"],
        actor=ANA,
    ) as ws:
        for name, inputs in (("words", ["text"]), ("both", ["kind", "text"])):
            register(ws.home, name, folder / f"{name}.skops", inputs=inputs, actor=ANA)
        yield ws


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("我想学做鱼", "鱼"),
        ("أريد طبخ سمك", "سمك"),
        ("I like 🐟 a lot", "🐟"),
        ("<b>fish</b></script><script>alert(1)</script>", "fish"),
        ("I like fish\x00\x1f and\u202e nothing", "fish"),
    ],
)
def test_words_of_every_script_are_explained_where_they_stand(
    letters: Workspace, text: str, telling: str
) -> None:
    text = text.replace("\x00\x1f", "").replace("\u202e", "")
    made = letters.explain("words", "t-0", QUICK, overrides={"text": text})
    strongest = max(made.weights, key=lambda each: each.weight)
    assert strongest.feature == telling
    assert strongest.start is not None
    assert text[strongest.start : strongest.end] == telling
    json.dumps(made.to_json(), allow_nan=False)


def test_fifty_thousand_words_are_explained_in_passages_and_that_is_said(
    letters: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fish swim in the last passage, among words that the model does not know."""
    monkeypatch.setattr(text_module, "MOST_CHARACTERS", MOST_CHARACTERS // 4)  # as much is sent as may be
    text = "жжжжж\n" * 49_500 + "🐟\n" * 500
    made = letters.explain("words", "t-0", ExplainSettings(repeats=1), overrides={"text": text})
    assert len(made.weights) == 100, made.notes
    assert any("50,000 words are too many" in note and "100 passages" in note for note in made.notes)
    assert any("samples instead of 500" in note for note in made.notes)
    assert made.samples == MOST_CHARACTERS // 4 // len(text)
    assert made.weights[0].start is not None
    covered = sorted((each.start or 0, each.end or 0) for each in made.weights)
    assert all(end < start for (_, end), (start, _) in pairwise(covered))


def test_a_category_that_looks_like_markup_is_a_value(letters: Workspace) -> None:
    made = letters.explain("both", "t-0", QUICK)
    assert made.weights[0].value == SCRIPT
    assert made.weights[0].weight > 0.1
    assert json.loads(json.dumps(made.to_json()))["weights"][0]["value"] == SCRIPT


def test_a_text_beside_other_columns_stays_as_it_is_and_that_is_said(letters: Workspace) -> None:
    made = letters.explain("both", "t-0", QUICK)
    assert made.modality == "tabular"
    assert [each.feature for each in made.weights] == ["kind"]
    assert any(note.startswith("text is a text and stays as it is") for note in made.notes)


def test_a_missing_category_is_a_level_of_its_own(rows: Workspace) -> None:
    made = rows.explain("full-scorecard", "app-0001", QUICK, overrides={"pbcr": None})
    assert next(each for each in made.weights if each.feature == "pbcr").value is None
    assert any(note.startswith("pbcr has no value") for note in made.notes)


def test_a_category_that_the_background_does_not_have_can_still_be_weighed() -> None:
    """LIME would never draw it: its weight would rest on one sample. Here a quarter of the variations have it."""
    columns = {"kind": Column(role="feature", type="category"), "x": Column(role="feature", type="number")}
    box = Box(lambda inputs: [0.9 if kind == SCRIPT else 0.2 for kind in inputs["kind"]])
    rows = {"kind": ["plain", "other"] * 50, "x": [float(number) for number in range(100)]}
    task = TableTask({"kind": SCRIPT, "x": 5.0}, config_of(columns), background(rows), asked(box, columns))
    assert task.run(1, 1000, None).weights[0] == pytest.approx(0.7, abs=0.02)
    assert 0.2 < np.mean([row[0] == SCRIPT for row in box.rows]) < 0.3
    assert any(
        note.startswith(f"kind has the value '{SCRIPT}'") and "a quarter of the variations" in note
        for note in task.notes
    )


def test_a_constant_image_is_explained_or_says_that_nothing_moves(pictures: Workspace) -> None:
    black = pictures.explain(
        "clean", "digit-0008", QUICK, overrides={"image": picture_of(np.zeros((8, 8), np.uint8)).png}
    )
    assert black.weights == ()
    assert black.r2 is None
    assert black.stability is None
    assert black.notes == ("the model answers the same for every variation: there is no reason to show.",)
    assert black.model_rows_scored == 1, "black hidden by black is one image"
    white = pictures.explain(
        "clean", "digit-0008", QUICK, overrides={"image": picture_of(np.full((8, 8), 255, np.uint8)).png}
    )
    assert len(white.weights) == 16


def test_a_model_that_answers_the_same_for_everything_gets_no_invented_reasons(letters: Workspace) -> None:
    made = letters.explain("words", "t-0", QUICK, overrides={"text": "%ö%ß%"})
    assert made.weights == ()
    assert made.notes[-1].startswith("the model answers the same for every variation")
    assert made.local_prediction is None


def test_candidates_without_a_model_say_what_would_be_needed(rows: Workspace) -> None:
    with pytest.raises(
        BadInput, match=r"vendor-scores is a file of predictions .* register the model itself"
    ):
        rows.explain("vendor-scores", "app-0001")
    with pytest.raises(BadInput, match="baseline gives every example the same score"):
        rows.explain("baseline", "app-0001")
    with pytest.raises(BadInput, match="vendor-scores is a file of predictions"):
        rows.smallest_change("vendor-scores", "app-0001")


def test_a_worker_that_dies_in_the_middle_is_told_and_asking_again_works(rows: Workspace) -> None:
    settings = ExplainSettings(samples=220, most_samples=220, repeats=1)
    worker = rows.engine.pool.get(rows.home, rows.candidate("boosted"))
    worker.warm()
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)  # it is asked, does not answer, and is killed
    killer = threading.Timer(1.0, os.kill, (worker.pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(CandidateFailed, match=r"boosted could not be explained: .* killed .* Ask again"):
        rows.explain("boosted", "app-0005", settings)
    killer.join()
    made = rows.explain("boosted", "app-0005", settings)
    assert made.model_rows_scored == 220
    assert len(made.weights) == 12


def test_without_samples_there_is_no_background_to_draw_from(tmp_path: Path) -> None:
    rows = pd.DataFrame({"id": ["a", "b"], "x": [1.0, 2.0], "answer": ["yes", "no"]})
    rows.to_csv(tmp_path / "data.csv", index=False)
    model = LogisticRegression().fit(rows[["x"]], rows["answer"])
    skops.io.dump(model, tmp_path / "model.skops")
    with create_workspace_from_file(
        tmp_path / "ws", tmp_path / "data.csv", label="answer", positive="yes", id_column="id", actor=ANA
    ) as ws:
        register(ws.home, "tiny", tmp_path / "model.skops", actor=ANA)
        with pytest.raises(BadInput, match="at least 10 samples are needed"):
            ws.explain("tiny", "a")
