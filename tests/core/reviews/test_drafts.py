"""Drafted patterns: the example, the example without what was suspicious, and others with it; they can be added."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookingglass.config import Column, Task, WorkspaceConfig, write_config
from lookingglass.errors import BadInput, NotFound
from lookingglass.explanations.result import Weight
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.reviews.drafts import Draft, draft_patterns, suspect_of
from lookingglass.testset import add_example, read_version
from lookingglass.testset.images import pixels_of, png_of

ANA = Actor("ana")
TEXTS = {
    "a": ("Financial modelling, and more financial work", "yes"),
    "b": ("teach maths", "no"),
    "c": ("financial advice", "no"),
    "d": ("garden help", "yes"),
    "e": ("paint a wall", "no"),
    "f": ("", "no"),
}


def made(folder: Path, columns: dict[str, Column], rows: dict[str, tuple[dict[str, Any], str]]) -> Home:
    fields = {
        "key": Column(role=("id",), type="text"),
        "match": Column(role=("label",), type="category", values=("no", "yes")),
    }
    task = Task(label="match", positive="yes", id="key")
    write_config(folder, WorkspaceConfig(name="small", task=task, columns={**fields, **columns}))
    home = open_home(folder)
    for name, (values, label) in rows.items():
        add_example(home, values, id=name, label=label, origin="sample", actor=ANA)
    return home


@pytest.fixture
def texts(tmp_path: Path) -> Home:
    column = Column(role=("feature",), type="text", missing="keep")
    rows = {name: ({"want": text, "give": "x"}, label) for name, (text, label) in TEXTS.items()}
    return made(tmp_path / "ws", {"want": column, "give": column}, rows)


def by_kind(drafts: list[Draft], kind: str) -> list[Draft]:
    return [draft for draft in drafts if draft.kind == kind]


def test_a_word_is_left_out_everywhere_and_given_to_others_that_it_pushes_away_from(texts: Home) -> None:
    word = Weight("Financial", 0.3, "want", 0, 0, 9)
    drafts = draft_patterns(texts, "a", word)
    (this,), (without,), others = (by_kind(drafts, kind) for kind in ("this", "without", "with"))
    assert (this.values, this.label) == ({"want": TEXTS["a"][0], "give": "x"}, "yes")
    assert (without.values["want"], without.label) == ("modelling, and more work", "yes")
    assert {(draft.source_id, draft.values["want"], draft.label) for draft in others} == {
        ("b", "teach maths Financial", "no"),
        ("e", "paint a wall Financial", "no"),
    }, "c has the word, d is a positive, f is empty"
    assert [draft.words for draft in drafts[:3]] == [
        "the example as it is",
        "without “Financial”",
        "with “Financial” behind it",
    ]
    against = draft_patterns(texts, "a", Weight("more", -0.3, "want", 2, 25, 29))
    assert [draft.source_id for draft in by_kind(against, "with")] == ["d"]


def test_the_same_seed_draws_the_same_and_no_more_than_asked_for(texts: Home) -> None:
    word = Weight("Financial", 0.3, "want", 0, 0, 9)
    one, again = (draft_patterns(texts, "a", word, most=1, seed=3) for _ in range(2))
    assert one == again
    assert len(by_kind(one, "with")) == 1


def test_without_suspicion_there_is_the_example_alone(texts: Home) -> None:
    assert [draft.kind for draft in draft_patterns(texts, "b", None)] == ["this"]


def test_drafts_can_be_added_as_they_are(texts: Home) -> None:
    for draft in draft_patterns(texts, "a", Weight("Financial", 0.3, "want", 0, 0, 9)):
        add_example(texts, draft.values, label=draft.label, problems=("money words",), actor=ANA)
    assert read_version(texts).rows["@problems"].list.len().sum() == 4


def test_what_is_not_there_is_refused(texts: Home) -> None:
    with pytest.raises(BadInput, match="want has no 'money' there: explain the example again"):
        draft_patterns(texts, "a", Weight("money", 0.3, "want", 0, 0, 5))
    with pytest.raises(BadInput, match="nowhere is no column"):
        draft_patterns(texts, "a", Weight("money", 0.3, "nowhere", 0, 0, 5))
    with pytest.raises(NotFound):
        draft_patterns(texts, "z", None)


@pytest.fixture
def table(tmp_path: Path) -> Home:
    columns = {
        "lvr": Column(role=("feature",), type="number", missing="keep"),
        "area": Column(role=("feature",), type="category", values=("north", "south", "west"), missing="keep"),
    }
    told = {
        "a": (0.9, "north"),
        "b": (0.2, "south"),
        "c": (0.4, "south"),
        "d": (0.95, "west"),
        "e": (None, None),
    }
    rows = {
        name: ({"lvr": lvr, "area": area}, "yes" if name == "a" else "no")
        for name, (lvr, area) in told.items()
    }
    return made(tmp_path / "ws", columns, rows)


def test_a_number_is_exchanged_for_the_middle_of_the_others_and_given_to_them(table: Home) -> None:
    drafts = draft_patterns(table, "a", Weight("lvr", 0.3, "lvr", 0, value=0.9, low=0.8, high=None))
    (without,) = by_kind(drafts, "without")
    assert (without.values, without.label) == ({"lvr": 0.4, "area": "north"}, None), (
        "another value may be what makes another answer right"
    )
    assert without.words == "with lvr 0.4 instead of 0.9"
    assert {
        (draft.source_id, draft.values["lvr"], draft.values["area"]) for draft in by_kind(drafts, "with")
    } == {
        ("b", 0.9, "south"),
        ("c", 0.9, "south"),
    }, "d lies in the same part, e has no value"


def test_a_category_is_exchanged_for_the_most_frequent_other(table: Home) -> None:
    drafts = draft_patterns(table, "a", Weight("area", 0.3, "area", 1, value="north"))
    assert by_kind(drafts, "without")[0].values["area"] == "south"
    assert {draft.source_id for draft in by_kind(drafts, "with")} == {"b", "c", "d"}


def test_a_value_that_all_have_cannot_be_exchanged(table: Home) -> None:
    weight = Weight("lvr", 0.3, "lvr", 0, value=0.9, low=None, high=2.0)
    with pytest.raises(BadInput, match="every example has this value in lvr"):
        draft_patterns(table, "a", weight)


def test_a_region_is_painted_over_and_copied_into_others(tmp_path: Path) -> None:
    column = Column(role=("image",), type="image", size=(4, 4), channels=1)
    marked, plain = np.full((4, 4), 10, np.uint8), np.full((4, 4), 90, np.uint8)
    marked[:2, :2] = 250
    rows = {
        "a": ({"picture": png_of(marked)}, "yes"),
        "b": ({"picture": png_of(plain)}, "no"),
    }
    rows |= {f"more {number}": ({"picture": png_of(plain)}, "yes") for number in range(8)}
    home = made(tmp_path / "ws", {"picture": column}, rows)
    drafts = draft_patterns(home, "a", Weight("row 1, column 1", 0.3, "picture", 0, box=(0, 0, 2, 2)))
    without, given = pixels_of(drafts[1].values["picture"]), pixels_of(drafts[2].values["picture"])
    assert without[:2, :2].tolist() == [[90, 90], [90, 90]], "the ground of all images"
    assert (without[2:] == 10).all()
    assert given[:2, :2].tolist() == [[250, 250], [250, 250]]
    assert (given[2:] == 90).all()
    add_example(home, drafts[2].values, label="no", actor=ANA)
    assert read_version(home).examples == 11


def test_what_pushed_towards_the_answer_is_suspected_and_not_what_nearly_prevented_it() -> None:
    weights = [
        Weight(name, weight, name, 0) for name, weight in (("dmi", -0.44), ("dir", 0.21), ("area", -0.1))
    ]
    assert suspect_of(weights, says_yes=True) is weights[1]
    assert suspect_of(weights, says_yes=False) is weights[0]
    assert suspect_of(weights[1:2], says_yes=False) is None
