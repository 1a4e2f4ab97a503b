"""Predictions files: which scores apply to which inputs, that the first stays, and what is refused row by row."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.candidates import add_scores, register, scores_for
from lookingglass.candidates.predictions import parse_predictions
from lookingglass.errors import BadInput, ImportRejected, NotFound
from lookingglass.home import Home
from lookingglass.testset import edit_example, read_version
from tests.core.candidates.conftest import ANA, add_rows


def write(folder: Path, name: str, scores: dict[str, float]) -> Path:
    """Write a predictions file, Parquet or CSV by its suffix."""
    table = pd.DataFrame({"example_id": list(scores), "score": list(scores.values())})
    if name.endswith(".parquet"):
        table.to_parquet(folder / name)
    else:
        table.to_csv(folder / name, index=False)
    return folder / name


def present(home: Home, name: str = "told") -> dict[str, float]:
    """Return the scores that apply now, the missing ones left out."""
    from lookingglass.candidates import get_candidate

    test_set = read_version(home)
    scores = scores_for(home, get_candidate(home, name), test_set)
    return {id_: float(score) for id_, score in zip(test_set.ids, scores, strict=True) if not np.isnan(score)}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_scores_are_found_by_id(home: Home, tmp_path: Path, suffix: str) -> None:
    register(home, "told", write(tmp_path, f"p.{suffix}", {"e3": 0.25, "e0": 1.0, "later": 0.5}), actor=ANA)
    assert present(home) == {"e0": 1.0, "e3": 0.25}


def test_the_first_score_of_an_input_stays(home: Home, tmp_path: Path) -> None:
    register(home, "told", write(tmp_path, "p.csv", {"e0": 0.1, "e1": 0.2}), actor=ANA)
    added = add_scores(home, "told", write(tmp_path, "q.csv", {"e1": 0.9, "e2": 0.3, "new": 0.4}), ANA)
    assert (added.rows, added.new, added.kept, added.waiting) == (3, 2, 1, 1)
    assert added.words == (
        "2 of 3 scores are new; 1 had a score already, which stays; 1 are of examples that are not in the test set yet."
    )
    assert present(home) == {"e0": 0.1, "e1": 0.2, "e2": 0.3}


def test_the_same_scores_again_change_nothing(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, "p.csv", {"e0": 0.1, "unknown": 0.2})
    register(home, "told", path, actor=ANA)
    before = home.ledger.head()
    assert add_scores(home, "told", path, ANA).event is None
    assert home.ledger.head() == before


def test_an_edited_example_wants_a_new_score_and_an_added_one_takes_what_waited(
    home: Home, tmp_path: Path
) -> None:
    """Scores speak of the inputs their maker saw: e0's are edited after the first file; e8 comes after it unseen."""
    register(home, "told", write(tmp_path, "p.csv", {"e0": 0.1, "e1": 0.2, "e8": 0.8}), actor=ANA)
    edit_example(home, "e0", {"a": 9.5}, actor=ANA)
    assert present(home) == {"e1": 0.2}
    add_rows(home, tmp_path, [f"e{number}" for number in range(8, 10)])
    assert present(home) == {"e1": 0.2, "e8": 0.8}
    added = add_scores(home, "told", write(tmp_path, "q.csv", {"e0": 0.7, "e1": 0.9}), ANA)
    assert (added.new, added.kept) == (1, 1)
    assert present(home) == {"e0": 0.7, "e1": 0.2, "e8": 0.8}
    edit_example(home, "e8", {"a": 1.25}, actor=ANA)
    assert present(home) == {"e0": 0.7, "e1": 0.2}


def test_a_file_of_another_test_set_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"p\.csv: none of its 1 ids is in the test set \(its first is 'x9', .* is 'e0'\)"
    ):
        register(home, "told", write(tmp_path, "p.csv", {"x9": 0.5}), actor=ANA)


def test_scores_can_only_be_added_to_a_predictions_candidate(
    home: Home, tmp_path: Path, skops_file: Path
) -> None:
    path = write(tmp_path, "p.csv", {"e0": 0.5})
    with pytest.raises(NotFound, match="There is no candidate 'told'"):
        add_scores(home, "told", path, ANA)
    register(home, "model", skops_file, actor=ANA)
    with pytest.raises(BadInput, match="model is a skops candidate: it answers itself"):
        add_scores(home, "model", path, ANA)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("example_id,score\nx,0.5\nx,0.6\n", "row 2, column example_id: 'x' occurs twice"),
        ("example_id,score\nx,0.5\n,0.6\n", "row 2, column example_id: the id is missing"),
        ("example_id,score\nx,\n", "row 1, column score: the score is missing"),
        ("example_id,score\nx,high\n", "row 1, column score: 'high' is not a number from 0 to 1"),
        ("example_id,score\nx,nan\n", "row 1, column score: 'nan' is not a number from 0 to 1"),
        ("example_id,score\nx,inf\n", "row 1, column score: 'inf' is not a number from 0 to 1"),
        ("example_id,score\nx,0.5\ny,1.5\nz,-1\n", r"row 2, column score: '1.5' is not .* \(and 1 more\)"),
    ],
)
def test_bad_rows_are_named(text: str, words: str) -> None:
    with pytest.raises(ImportRejected, match=words):
        parse_predictions(text.encode(), "p.csv")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"example_id,score\n", "has no rows"),
        (b"id;score\nx;0.5\n", "has the one column id;score: separate its two columns"),
        (b"example_id,score,score\nx,0.5,1\n", "the column 'score' is in the header twice"),
        (b"example_id,score,extra\nx,0.5,1\n", "has the columns example_id, score, extra"),
        (b"example_id,score\nx,0.5,7\n", "is not a CSV file with example_id,score"),
        ("example_id,score\n\u00e9,0.5\n".encode("latin-1"), "neither Parquet nor UTF-8 text"),
        (b"PAR1 but not really", "is not a readable Parquet file"),
    ],
)
def test_files_that_are_no_predictions(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_predictions(data, "p.csv")


def test_the_workspaces_own_id_name_will_do() -> None:
    assert parse_predictions(b"case,score\n001,0.5\n", "p.csv", "case").rows() == [("001", 0.5)]


def test_ids_are_compared_in_one_unicode_form() -> None:
    frame = parse_predictions("example_id,score\ne\u0301,0.5\n".encode(), "p.csv")
    assert frame["example_id"].to_list() == ["\u00e9"]


def test_a_small_parquet_file_that_holds_very_much_stops_at_the_budget() -> None:
    buffer = io.BytesIO()
    pd.DataFrame({"example_id": ["x" * 1000] * 20_000, "score": [0.5] * 20_000}).to_parquet(buffer)
    assert len(buffer.getvalue()) < 100_000
    with pytest.raises(BadInput, match=r"it unpacks to more than 9\.54 MiB \(seen at row"):
        parse_predictions(buffer.getvalue(), "p.parquet", budget=10_000_000)


@given(st.dictionaries(st.text("abc123-_", min_size=1), st.floats(0, 1), min_size=1, max_size=20))
def test_what_is_written_is_what_is_read(scores: dict[str, float]) -> None:
    text = "example_id,score\n" + "".join(f"{id_},{score!r}\n" for id_, score in scores.items())
    assert dict(parse_predictions(text.encode(), "p.csv").rows()) == scores
