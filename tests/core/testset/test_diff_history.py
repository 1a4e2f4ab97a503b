"""Who changed which cell, from what to what, when and why; and the same story told version by version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookingglass.errors import NotFound
from lookingglass.home import Home
from lookingglass.testset import (
    add_example,
    commit_import,
    diff,
    edit_example,
    history,
    plan_import,
    relabel,
    remove,
    tag,
)
from tests.core.testset.conftest import ANA, BO, GOOD


@pytest.fixture
def story(home: Home, file: Callable[..., Path]) -> Home:
    """Return a workspace in which ana and bo each changed something of the same example."""
    commit_import(home, plan_import(home, file(GOOD), note="the start"), ANA)
    edit_example(home, "a", {"lvr": "0.9"}, note="typo", actor=ANA)
    relabel(home, "a", "yes", note="after the review", actor=BO)
    edit_example(home, "a", {"code": "002"}, actor=ANA)
    tag(home, "b", add=["hard"], actor=BO)
    remove(home, "c", note="asked for", actor=BO)
    add_example(home, {"lvr": 1, "area": "north"}, id="p", note="from the call", actor=ANA)
    return home


def test_each_cell_names_the_one_who_changed_it_and_why(story: Home) -> None:
    found = diff(story, 1)
    assert [(row.words, row.actor, row.note) for row in found.rows] == [
        ("c removed", "bo", "asked for"),
        ("a relabelled from no to yes", "bo", "after the review"),
        ("lvr of a edited from 0.8 to 0.9", "ana", "typo"),
        ("code of a edited from 001 to 002", "ana", ""),
        ("@tags of b tagged from (empty) to hard", "bo", ""),
        ("p added", "ana", "from the call"),
    ]
    times = {entry.version: entry.time for entry in history(story)}
    assert found.rows[1].time == times[3]
    assert found.counts() == {"added": 1, "removed": 1, "relabelled": 1, "edited": 1, "tagged": 1}
    columns = ["example_id", "what", "column", "old", "new", "actor", "time", "note", "undoes", "erased"]
    assert found.frame().columns == columns
    assert found.to_json()["changes"][2]["old"] == 0.8


def test_back_in_time_the_values_are_swapped(story: Home) -> None:
    back = {(row.example_id, row.column): (row.what, row.old, row.new) for row in diff(story, 7, 1).rows}
    assert back["a", "lvr"] == ("edited", 0.9, 0.8)
    assert back["c", None] == ("added", None, None)
    assert back["p", None] == ("removed", None, None)


def test_back_in_time_nobody_is_named_for_what_they_did_not_do(story: Home) -> None:
    """Who added a row is not called its remover: what is named is the change that the comparison undoes."""
    relabel(story, "p", "yes", note="a second look", actor=BO)
    told = {(row.example_id, row.what): row for row in diff(story, 8, 1).rows if row.column is None}
    gone, back = told["p", "removed"], told["c", "added"]
    assert (gone.actor, gone.note, gone.undoes) == ("ana", "from the call", "added")
    assert gone.by_whom == f"which goes back before it was added by ana {gone.time[:16].replace('T', ' ')}"
    assert (back.actor, back.note, back.undoes) == ("bo", "asked for", "removed")
    cells = {row.column: row for row in diff(story, 8, 1).rows if row.example_id == "a"}
    assert (cells["lvr"].actor, cells["lvr"].undoes) == ("ana", "edited")
    assert (cells["deny"].actor, cells["deny"].undoes) == ("bo", "relabelled")


def test_who_added_an_example_is_named_even_when_somebody_else_changed_it_since(story: Home) -> None:
    relabel(story, "p", "yes", actor=BO)
    added = next(row for row in diff(story, 6).rows if row.what == "added")
    assert (added.example_id, added.actor, added.undoes) == ("p", "ana", None)
    assert added.by_whom == f"by ana {added.time[:16].replace('T', ' ')}"


def test_a_version_and_itself_do_not_differ(story: Home) -> None:
    assert diff(story, 7, 7).rows == ()


@pytest.mark.parametrize("versions", [(0, 8), (-1, 7), (9, 7)])
def test_a_version_that_is_not_there_is_told(versions: tuple[int, int], story: Home) -> None:
    with pytest.raises(NotFound, match="there is no version"):
        diff(story, *versions)


def test_history_in_plain_words(story: Home) -> None:
    assert [f"{entry.actor} {entry.words}" for entry in history(story)] == [
        "ana imported data.csv: 3 examples added",
        "ana changed a: lvr from 0.8 to 0.9",
        "bo relabelled a from no to yes",
        "ana changed a: code from 001 to 002",
        "bo tagged b: tags from (empty) to hard",
        "bo removed c",
        "ana added p, without a label",
    ]
    assert [entry.examples for entry in history(story)] == [3, 3, 3, 3, 3, 2, 3]
    assert [entry.version for entry in history(story, limit=2)] == [6, 7]
