"""Browsing finds what a plain loop over the examples finds, in the same order, and counts what nobody can judge."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lookingglass as lg
from lookingglass.config import Column, Task, WorkspaceConfig
from lookingglass.errors import BadInput, NotFound
from lookingglass.evaluation.browse import SORTS, Answers, Filters, browse, text_pattern
from lookingglass.evaluation.choices import choices
from lookingglass.testset import TestSet, add_example, relabel
from lookingglass.testset.layout import frame_types
from tests.core.evaluation.conftest import ANA, flip

CONFIG = WorkspaceConfig(
    name="small",
    task=Task(label="outcome", positive="yes"),
    columns={
        "outcome": Column(role=("label",), type="category", values=("yes", "no")),
        "words": Column(role=("text",), type="text", missing="keep"),
        "colour": Column(role=("group",), type="category", values=("red", "blue"), missing="own group"),
        "old": Column(role=("group",), type="boolean", missing="own group"),
        "rooms": Column(role=("feature", "group"), type="integer", missing="own group"),
    },
)
LETTERS = "abAB éÉ.*(\\[|^$e\u0301"
"""Letters in both cases, an accent in one character and in two, and signs that a regular expression acts upon."""

example = st.fixed_dictionaries(
    {
        "@label": st.sampled_from([None, "yes", "no"]),
        "@origin": st.sampled_from(["sample", "pattern"]),
        "@tags": st.lists(st.sampled_from(["hard", "seen"]), unique=True, max_size=2),
        "@problems": st.lists(st.sampled_from(["Insurance"]), unique=True, max_size=1),
        "@changed_seq": st.integers(1, 4),
        "words": st.none() | st.text(LETTERS, max_size=6),
        "colour": st.sampled_from([None, "red", "blue"]),
        "old": st.sampled_from([None, True, False]),
        "rooms": st.sampled_from([None, 1, 2]),
        "one": st.sampled_from([np.nan, 0.2, 0.5, 0.9]),
        "two": st.sampled_from([np.nan, 0.2, 0.5, 0.9]),
    }
)
filters = st.builds(
    Filters,
    text=st.just("") | st.text(LETTERS, max_size=2) | st.just("x-1"),
    label=st.sampled_from([None, None, "yes"]),
    unlabelled=st.sampled_from([False, False, True]),
    group=st.sampled_from(
        [None, ("colour", "red"), ("colour", None), ("old", "true"), ("old", "maybe"), ("rooms", "2")]
    ),
    tag=st.sampled_from([None, None, "hard"]),
    origin=st.sampled_from([None, None, "pattern"]),
    problem=st.sampled_from([None, None, "Insurance"]),
    wrong=st.sampled_from([None, "one", "two", "baseline"]),
    disagree=st.booleans(),
    id=st.sampled_from([None, None, None, "x-1"]),
)


def test_set_of(rows: list[dict[str, Any]]) -> TestSet:
    """Return a version with these rows, named x-0, x-1 and so on."""
    types = frame_types(CONFIG)
    blank = dict.fromkeys(types)
    whole = [
        {**blank, "@id": f"x-{at}", **{name: value for name, value in row.items() if name in types}}
        for at, row in enumerate(rows)
    ]
    return TestSet(3, "sha256:0", 9, "", pl.DataFrame(whole, schema=types), CONFIG)


test_set_of.__test__ = False  # type: ignore[attr-defined]  # a helper whose name starts like a test


def answers_of(rows: list[dict[str, Any]]) -> dict[str, Answers]:
    """Return the answers of two models and of a baseline that says no to everything."""
    models = {
        name: Answers(np.array([row[name] for row in rows], dtype=np.float64), 0.5) for name in ("one", "two")
    }
    return {**models, "baseline": Answers(np.full(len(rows), 0.1), 0.5, is_model=False)}


def naive_wrong(row: dict[str, Any], score: float) -> bool:
    """Say, the slow way, whether this score is wrong for this row."""
    return row["@label"] is not None and score == score and (score >= 0.5) != (row["@label"] == "yes")


def naive_meets(row: dict[str, Any], name: str, wanted: Filters) -> bool:
    """Say, the slow way, whether a row meets everything but ``wrong`` and ``disagree``."""

    def holds(cell: str | None) -> bool:
        forms = [unicodedata.normalize(form, wanted.text.strip()) for form in ("NFC", "NFD")]
        return cell is not None and any(re.search(re.escape(form), cell, re.IGNORECASE) for form in forms)

    def in_group(column: str, value: str | None) -> bool:
        cell = row[column]
        written = {None: None, True: "true", False: "false"}[cell] if column == "old" else cell
        return (None if written is None else str(written)) == value

    return all(
        [
            wanted.id is None or name == wanted.id,
            not wanted.text.strip() or holds(name) or holds(row["words"]),
            wanted.label is None or row["@label"] == wanted.label,
            not wanted.unlabelled or row["@label"] is None,
            wanted.origin is None or row["@origin"] == wanted.origin,
            wanted.tag is None or wanted.tag in row["@tags"],
            wanted.problem is None or wanted.problem in row["@problems"],
            wanted.group is None or in_group(*wanted.group),
        ]
    )


def naive_order(rows: list[dict[str, Any]], kept: list[int], sort: str) -> list[int]:
    """Return positions in the wanted order, the slow way; by candidate ``one``."""

    def spread(row: dict[str, Any]) -> float:
        there = [row[name] for name in ("one", "two") if row[name] == row[name]]
        return min(there) - max(there) if len(there) > 1 else np.inf

    def last(value: float) -> float:
        return np.inf if value != value else value

    keys = {
        "stored": lambda row: 0,
        "changed": lambda row: -row["@changed_seq"],
        "disagreement": spread,
        "highest": lambda row: last(-row["one"]),
        "lowest": lambda row: last(row["one"]),
    }
    return sorted(kept, key=lambda at: keys[sort](rows[at]))


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(example, max_size=14),
    wanted=filters,
    sort=st.sampled_from(SORTS),
    page=st.integers(-1, 5),
    size=st.integers(1, 5),
)
def test_it_finds_what_a_loop_finds(
    rows: list[dict[str, Any]], wanted: Filters, sort: Any, page: int, size: int
) -> None:
    found = browse(test_set_of(rows), wanted, answers_of(rows), sort=sort, by="one", page=page, size=size)
    kept = [at for at, row in enumerate(rows) if naive_meets(row, f"x-{at}", wanted)]
    unscored = 0
    score = {"baseline": lambda _: 0.1, "one": lambda row: row["one"], "two": lambda row: row["two"]}
    if wanted.wrong is not None:
        unscored = sum(score[wanted.wrong](rows[at]) != score[wanted.wrong](rows[at]) for at in kept)
        kept = [at for at in kept if naive_wrong(rows[at], score[wanted.wrong](rows[at]))]
    if wanted.disagree:
        kept = [
            at
            for at in kept
            if {rows[at][name] >= 0.5 for name in ("one", "two") if rows[at][name] == rows[at][name]}
            == {True, False}
        ]
    assert found.total == len(kept)
    assert found.unscored == unscored
    assert found.pages == max(1, -(-len(kept) // size))
    start = (min(max(page, 1), found.pages) - 1) * size
    assert found.positions.tolist() == naive_order(rows, kept, sort)[start : start + size]
    assert found.rows.get_column("@id").to_list() == [f"x-{at}" for at in found.positions]
    for name, verdict in (("one", found.verdicts("one")), ("two", found.verdicts("two"))):
        for at, word in zip(found.positions, verdict, strict=True):
            row = rows[at]
            if row[name] != row[name]:
                assert word == "no score"
            elif row["@label"] is None:
                assert word == "no label"
            else:
                assert word == ("wrong" if naive_wrong(row, row[name]) else "right")


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    rows: list[dict[str, Any]] = [
        {"@label": "yes", "one": value, "two": 0.1, "@changed_seq": 1}
        for value in [0.4, 0.9, np.nan, 0.4] * 9
    ]
    for sort in SORTS:
        seen: list[int] = []
        for number in range(1, 9):
            page = browse(
                test_set_of(rows), Filters(), answers_of(rows), sort=sort, by="one", page=number, size=5
            )
            seen.extend(page.positions.tolist())
        assert sorted(seen) == list(range(36))


def test_an_unlabelled_example_is_never_wrong_and_an_unscored_one_is_told_apart() -> None:
    rows: list[dict[str, Any]] = [
        {"@label": None, "one": 0.9, "two": 0.9, "@changed_seq": 1},
        {"@label": "no", "one": 0.5, "two": 0.9, "@changed_seq": 1},
        {"@label": "no", "one": np.nan, "two": 0.9, "@changed_seq": 1},
    ]
    page = browse(test_set_of(rows), Filters(wrong="one"), answers_of(rows))
    assert page.rows.get_column("@id").to_list() == ["x-1"]
    assert (page.total, page.unscored, page.examples) == (1, 1, 3)


def test_what_the_link_names_in_vain_is_said() -> None:
    rows: list[dict[str, Any]] = [{"@label": "no", "one": 0.5, "two": 0.9, "@changed_seq": 1}]
    whole, said = test_set_of(rows), answers_of(rows)
    with pytest.raises(NotFound, match="no candidate 'three' here: there are one, two, baseline"):
        browse(whole, Filters(wrong="three"), said)
    with pytest.raises(NotFound, match="'three'"):
        browse(whole, Filters(), said, sort="highest", by="three")
    with pytest.raises(BadInput, match="'words' is not a group column: there are colour, old, rooms"):
        browse(whole, Filters(group=("words", "a")), said)
    with pytest.raises(BadInput, match="cannot be sorted by 'loudest'"):
        browse(whole, Filters(), said, sort="loudest", by="one")  # type: ignore[arg-type]  # what a link may say


@given(text=st.text(max_size=5), around=st.text(max_size=3))
def test_any_text_at_all_is_searched_for_as_it_is(text: str, around: str) -> None:
    cell = pl.Series([f"{around}{text.strip()}{around}"])
    assert cell.str.contains(text_pattern(text)).item()


def test_an_empty_test_set_has_one_empty_page() -> None:
    page = browse(
        test_set_of([]), Filters(text="x", wrong="one", disagree=True), answers_of([]), sort="disagreement"
    )
    assert (page.total, page.pages, page.number, page.rows.height) == (0, 1, 1, 0)


def test_the_front_door_browses_a_version_with_what_its_candidates_say(ws: lg.Workspace) -> None:
    ws.evaluate()
    flip(ws)
    add_example(ws.home, {"a": 9, "b": 9, "group": "red"}, label="no", id="new", actor=ANA)
    page = ws.browse(Filters(text="NEW"))
    assert page.rows.get_column("@id").to_list() == ["new"]
    assert page.verdicts("strong") == ["no score"]
    assert page.verdicts("baseline") == ["right"]
    ws.evaluate()
    assert ws.browse(Filters(id="new")).verdicts("strong") == ["wrong"]
    assert ws.browse(Filters(id="new"), version=1).total == 0
    wrong = ws.browse(Filters(wrong="strong", group=("group", "red")), size=1_000)
    y_true, scores = ws.test_set().y_true, ws.scores("strong")
    red = (ws.test_set().rows["group"] == "red").to_numpy()
    assert (
        wrong.positions.tolist()
        == np.flatnonzero(
            red & (scores >= 0.5) & (y_true == 0) | red & (scores < 0.5) & (y_true == 1)
        ).tolist()
    )
    assert ws.browse(replace(wrong.filters, id="new")).to_json()["total"] == 1
    assert "told score" in ws.browse(Filters(id="new")).frame().columns
    assert ws.browse(Filters(id="new")).frame()["told score"].to_list() == [None]


def test_a_relabel_turns_right_into_wrong_at_once(ws: lg.Workspace) -> None:
    ws.evaluate()
    right = ws.browse(Filters(label="no"), size=200)
    name = next(
        row for row, word in zip(right.rows["@id"], right.verdicts("strong"), strict=True) if word == "right"
    )
    relabel(ws.home, name, "yes", note="looked again", actor=ANA)
    assert ws.browse(Filters(id=name)).verdicts("strong") == ["wrong"]


def test_choices_are_what_there_is_in_the_version(ws: lg.Workspace) -> None:
    assert ws.choices().tags == ()
    add_example(ws.home, {"a": 1, "b": 1, "group": "red"}, tags=["hard"], problems=["Green"], actor=ANA)
    now = ws.choices()
    assert (now.tags, now.problems, now.origins) == (("hard",), ("Green",), ("pattern", "sample"))
    assert now.unlabelled
    assert now.groups == {"group": ("blue", "red")}
    assert ws.choices(1).origins == ("sample",)
    assert not ws.choices(1).unlabelled
    rows: list[dict[str, Any]] = [
        {"@label": "no", "colour": None, "old": False, "rooms": 2, "@changed_seq": 1}
    ]
    offered = choices(
        test_set_of([{"one": 0, **row, "@tags": [], "@problems": [], "@origin": "sample"} for row in rows])
    )
    assert offered.groups == {"colour": ("red", "blue", None), "old": ("false",), "rooms": ("2",)}
