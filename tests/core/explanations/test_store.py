"""Explanations are kept as immutable files: read back as they were, never computed twice, made again when damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.errors import NotSaved
from lookingglass.explanations import (
    ExplainSettings,
    Explanation,
    ExplanationStore,
    FeatureStability,
    Stability,
    Weight,
)
from lookingglass.ledger import Actor
from lookingglass.testset import add_example, erase_example
from lookingglass.workspace import Workspace, open_workspace

QUICK = ExplainSettings(samples=100, most_samples=100, repeats=2)
FINITE = st.floats(-1e6, 1e6)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WEIGHTS = st.one_of(
    st.builds(
        Weight, WORDS, FINITE, WORDS, st.integers(0, 99), start=st.integers(0, 9), end=st.integers(9, 99)
    ),
    st.builds(
        Weight,
        WORDS,
        FINITE,
        WORDS,
        st.integers(0, 99),
        value=st.one_of(st.none(), WORDS, FINITE, st.booleans()),
    ),
    st.builds(Weight, WORDS, FINITE, WORDS, st.integers(0, 99), box=st.tuples(*[st.integers(0, 9)] * 4)),
)
STABILITIES = st.builds(
    Stability,
    st.integers(2, 9),
    st.integers(1, 9),
    FINITE,
    st.lists(st.builds(FeatureStability, WORDS, WORDS, st.integers(0, 9), FINITE, FINITE)).map(tuple),
)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
EXPLANATIONS = st.builds(
    Explanation,
    candidate=WORDS,
    fingerprint=HEX.map("sha256:".__add__),
    example_id=WORDS,
    input_id=HEX,
    modality=st.sampled_from(["text", "tabular", "image"]),
    score=FINITE,
    weights=st.lists(WEIGHTS, max_size=4).map(tuple),
    intercept=st.one_of(st.none(), FINITE),
    local_prediction=st.one_of(st.none(), FINITE),
    r2=st.one_of(st.none(), FINITE),
    samples=st.integers(0, 99),
    settled=st.sampled_from([None, True, False]),
    seed=st.integers(0, 2**32 - 1),
    settings=st.builds(
        ExplainSettings, samples=st.integers(50, 500), kernel_width=st.sampled_from([None, 1, 0.5])
    ),
    stability=st.one_of(st.none(), STABILITIES),
    distinct=st.integers(0, 99),
    model_rows_scored=st.integers(0, 99),
    notes=st.lists(WORDS, max_size=2).map(tuple),
    inputs=st.dictionaries(WORDS, st.one_of(st.none(), WORDS, FINITE, st.booleans()), max_size=3),
    overrides=st.none(),
    grid=st.sampled_from([None, (4, 4)]),
)


@settings(max_examples=40)
@given(explanation=EXPLANATIONS)
def test_what_is_written_is_read_back(
    explanation: Explanation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = ExplanationStore(tmp_path_factory.mktemp("store"))
    path = store.write(explanation)
    again = store.read(explanation.fingerprint, explanation.settings, explanation.input_id)
    assert again == explanation.asked_again()
    assert again is not None
    assert list(again.inputs) == list(explanation.inputs), "columns keep their order"
    assert store.write(explanation) == path
    assert [*path.parent.iterdir()] == [path], "nothing is left over"
    json.dumps(explanation.to_json(), allow_nan=False)


@settings(max_examples=40)
@given(explanation=EXPLANATIONS, data=st.data())
def test_a_damaged_file_counts_as_none_and_is_replaced(
    explanation: Explanation, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = ExplanationStore(tmp_path_factory.mktemp("store"))
    path = store.write(explanation)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(
        data.draw(st.sampled_from([whole[:at], b"", whole.replace(b'"score": ', b'"score": 1')]))
    )
    assert store.read(explanation.fingerprint, explanation.settings, explanation.input_id) is None
    store.write(explanation)
    assert path.read_bytes() == whole


def test_a_second_question_costs_no_model_call_and_other_settings_have_a_place_of_their_own(
    texts: Workspace,
) -> None:
    first = texts.explain("word-matcher", "test-0005", QUICK)
    again = texts.explain("word-matcher", "test-0005", QUICK)
    other = texts.explain("word-matcher", "test-0005", replace(QUICK, samples=120, most_samples=120))
    assert first.model_rows_scored > 0
    assert again == first.asked_again()
    assert other.seed != first.seed
    assert other.model_rows_scored > 0
    folder = texts.home.folder / "explanations" / first.fingerprint.removeprefix("sha256:")
    assert (folder / QUICK.digest / f"{first.input_id}.json").is_file()


def test_an_explanation_that_cannot_be_kept_is_still_given(texts: Workspace) -> None:
    chosen = replace(QUICK, samples=130, most_samples=130)
    place = (
        texts.home.folder
        / "explanations"
        / "".join([texts.candidate("word-matcher").fingerprint.removeprefix("sha256:")])
    )
    place.mkdir(parents=True, exist_ok=True)
    (place / chosen.digest).write_text("a file where a folder should be")
    made = texts.explain("word-matcher", "test-0005", chosen)
    assert made.weights
    with pytest.raises(NotSaved, match="could not be kept"):
        ExplanationStore(texts.home.folder).write(made)


def test_erasing_an_example_takes_its_explanations_and_the_backgrounds_that_hold_it(demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        kept = ws.explain("early-scorecard", "app-0001", QUICK)
        gone = ws.explain("early-scorecard", "app-0002", QUICK)
        folder = ws.home.folder / "explanations"
        backgrounds = list((folder / "backgrounds").iterdir())
        assert len(backgrounds) == 1
        assert list(folder.glob(f"*/*/{gone.input_id}.json"))
        erase_example(ws.home, "app-0002", "asked to be forgotten", Actor("ana"))
        assert not list(folder.glob(f"*/*/{gone.input_id}.json"))
        assert list(folder.glob(f"*/*/{kept.input_id}.json"))
        assert not backgrounds[0].exists()
        after = ws.explain("early-scorecard", "app-0001", QUICK)
        assert after.settings.background != kept.settings.background, "the erased row is drawn from no more"


def test_two_examples_that_say_the_same_have_explanations_of_their_own_and_each_goes_with_its_example(
    matching: Path,
) -> None:
    """An input's name holds the example's, so nothing that names an erased example stays for the sake of another."""
    with open_workspace(matching / "matching") as ws:
        row = ws.test_set().rows.row(0, named=True)
        values = {name: row[name] for name in ws.config.stored}
        added = add_example(ws.home, values, label=row["@label"], actor=Actor("ana"))
        first, second = row["@id"], added.payload["changes"][0]["example_id"]
        kept = {example: ws.explain("word-matcher", example, QUICK) for example in (first, second)}
        assert kept[first].inputs == kept[second].inputs
        assert kept[first].score == kept[second].score
        assert kept[first].weights == kept[second].weights, "drawn with the same seed"
        folder = ws.home.folder / "explanations"
        files = {example: list(folder.glob(f"*/*/{kept[example].input_id}.json")) for example in kept}
        assert [len(found) for found in files.values()] == [1, 1]
        assert files[first] != files[second]
        erase_example(ws.home, first, "asked to be forgotten", Actor("ana"))
        assert not files[first][0].exists()
        assert not [path for path in folder.rglob("*.json") if first in path.read_text()]
        assert ws.explain("word-matcher", second, QUICK) == kept[second].asked_again(), (
            "still legitimately there"
        )
        erase_example(ws.home, second, "so did the other", Actor("ana"))
        assert not [path for path in folder.rglob("*.json") if row["want"] in path.read_text()]
