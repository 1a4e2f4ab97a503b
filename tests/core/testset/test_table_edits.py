"""Several examples changed in one event: all or nothing, every bad cell named at once, and told in plain words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookingglass.errors import BadInput, Conflict, EditConflict, EditsRejected
from lookingglass.happenings import happenings
from lookingglass.home import Home
from lookingglass.ledger.verify import verify
from lookingglass.testset import (
    commit_import,
    diff,
    edit_example,
    edit_many,
    forget_versions,
    history,
    latest_version,
    plan_import,
    read_version,
    relabel,
    remove,
)
from tests.core.testset.conftest import ANA, BO, GOOD

File = Callable[..., Path]


@pytest.fixture
def filled(home: Home, file: File) -> Home:
    """Return the small workspace with three examples, a, b and c, as version 1."""
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    return home


def cells(home: Home, name: str) -> dict[str, object]:
    test_set = read_version(home)
    return test_set.rows.row(test_set.position(name), named=True)


def test_several_examples_change_in_one_event_and_one_version(filled: Home) -> None:
    event = edit_many(
        filled,
        {
            "a": {"lvr": "0.9", "@label": "yes"},
            "b": {"units": 4, "@tags": ["hard", "odd"], "@problems": "north; south"},
            "c": {"lvr": 2},  # as it is already: left out of the event
        },
        note="typed in again",
        actor=BO,
        seen_version=1,
    )
    assert event is not None
    assert latest_version(filled) == 2
    assert [change["example_id"] for change in event.payload["changes"]] == ["a", "b"]
    assert [cells(filled, "a")[name] for name in ("lvr", "@label", "@changed_seq")] == [0.9, "yes", event.seq]
    assert [cells(filled, "b")[name] for name in ("units", "@tags", "@problems")] == [
        4,
        ["hard", "odd"],
        ["north", "south"],
    ]
    assert cells(filled, "c")["@changed_seq"] == 1
    before = read_version(filled)
    forget_versions()
    again = read_version(filled)
    assert again.rows.equals(before.rows)
    assert again.digest == event.payload["digest"]
    assert verify(filled.folder).ok


def test_every_reader_copes_with_several_changes_in_one_event(filled: Home) -> None:
    """History, what happened lately, differences, the words of a conflict and the checker."""
    edit_many(filled, {"a": {"lvr": 0.9, "units": 2}, "b": {"lvr": 1}}, note="why", actor=ANA)
    last = history(filled)[-1]
    told = "changed 2 examples: lvr of a from 0.8 to 0.9, units from 1 to 2; lvr of b from 1.5 to 1"
    assert (last.words, last.changed, last.added, last.removed, last.note) == (told, 2, 0, 0, "why")
    assert happenings(filled, 1)[0].words == told
    found = diff(filled, 1)
    assert [(row.words, row.actor, row.note) for row in found.rows] == [
        ("lvr of a edited from 0.8 to 0.9", "ana", "why"),
        ("units of a edited from 1 to 2", "ana", "why"),
        ("lvr of b edited from 1.5 to 1", "ana", "why"),
    ]
    edit_example(filled, "b", {"code": "x"}, actor=BO)
    assert [row.actor for row in diff(filled, 1).rows] == ["ana", "ana", "ana", "bo"]
    with pytest.raises(Conflict, match=r"ana changed lvr of b from 1.5 to 1 at .*; bo changed code of b"):
        relabel(filled, "b", "no", actor=BO, seen_version=1)
    assert verify(filled.folder).findings == ()


def test_relabelling_several_says_so(filled: Home) -> None:
    event = edit_many(filled, {"a": {"@label": "yes"}, "b": {"@label": ""}}, actor=ANA)
    assert event is not None
    assert event.payload["action"] == "relabel"
    assert history(filled)[-1].words == "relabelled 2 examples: a from no to yes; b from yes to (empty)"
    edit_many(filled, {"a": {"@label": "no"}}, actor=ANA)
    assert history(filled)[-1].words == "relabelled a from yes to no"
    edit_many(filled, {"a": {"@tags": ["t"]}, "b": {"@tags": ["t"]}}, actor=ANA)
    assert (
        history(filled)[-1].words
        == "tagged 2 examples: tags of a from (empty) to t; tags of b from (empty) to t"
    )


def test_a_long_event_is_told_short(home: Home, file: File) -> None:
    rows = "".join(f"r{at},no,1,1,north,,\n" for at in range(6))
    commit_import(home, plan_import(home, file("key,deny,lvr,units,area,code,new\n" + rows)), ANA)
    edit_many(home, {f"r{at}": {"lvr": 2} for at in range(6)}, actor=ANA)
    assert history(home)[-1].words == (
        "changed 6 examples: lvr of r0 from 1 to 2; lvr of r1 from 1 to 2; lvr of r2 from 1 to 2; and 3 more"
    )


def test_every_bad_cell_is_named_at_once_and_nothing_is_changed(filled: Home) -> None:
    head = filled.ledger.head()
    with pytest.raises(EditsRejected) as caught:
        edit_many(
            filled,
            {
                "a": {"lvr": "abc", "units": "1.5", "code": "fine"},
                "b": {"area": "west", "nope": 1, "@label": "maybe", "@origin": "sample"},
                "c": {"lvr": "", "@tags": "x" * 200, "deny": "no"},
                "\t": {"lvr": 1},
            },
            actor=ANA,
            seen_version=1,
        )
    assert [(one.example_id, one.column, one.message) for one in caught.value.problems] == [
        ("a", "lvr", "'abc' is not a number"),
        ("a", "units", "'1.5' is not a whole number"),
        ("b", "area", "'west' is not one of north, south, NA"),
        ("b", "nope", "there is no column 'nope' to set: there are lvr, units, area, code, new"),
        ("b", "deny", "'maybe' is not a label of this task (no, yes)"),
        ("b", "@origin", "@origin cannot be edited: @label, @tags, @problems and the columns can"),
        ("c", "lvr", "is empty, and this column may not be"),
        ("c", "@tags", f"the tag '{'x' * 39}…' is longer than 120 characters"),
        ("c", "deny", "deny is the label: change it with relabel, or give it with --label"),
        ("\t", None, "an example's id may not be empty"),
    ]
    assert str(caught.value) == "lvr of a: 'abc' is not a number (and 9 more). Nothing was changed."
    assert filled.ledger.head() == head


def test_examples_that_there_are_not_are_all_named(filled: Home) -> None:
    head = filled.ledger.head()
    with pytest.raises(EditsRejected) as caught:
        edit_many(filled, {"a": {"lvr": 1}, "x": {"lvr": 1}, "y": {"lvr": 1}}, actor=ANA)
    assert [one.example_id for one in caught.value.problems] == ["x", "y"]
    assert str(caught.value) == (
        "x: there is no example 'x' in the latest version, 1, of the test set (and 1 more). Nothing was changed."
    )
    assert filled.ledger.head() == head


def test_nothing_to_change_is_told_apart_from_no_difference(filled: Home) -> None:
    with pytest.raises(BadInput, match="no cell was edited"):
        edit_many(filled, {"a": {}}, actor=ANA)
    assert edit_many(filled, {"a": {"lvr": 0.8}, "b": {"@label": "yes"}}, actor=ANA) is None
    assert latest_version(filled) == 1


def test_the_same_request_twice_is_done_once(filled: Home) -> None:
    first = edit_many(filled, {"a": {"lvr": 1}, "b": {"lvr": 1}}, actor=ANA, key="k")
    assert edit_many(filled, {"a": {"lvr": 1}, "b": {"lvr": 1}}, actor=ANA, key="k") == first
    assert latest_version(filled) == 2


def test_a_conflict_holds_each_example_as_seen_and_as_it_is_now(filled: Home) -> None:
    edit_example(filled, "a", {"lvr": "0.9"}, actor=ANA)
    event = edit_example(filled, "a", {"units": "7"}, actor=BO)
    gone = remove(filled, "b", actor=BO)
    assert event is not None
    head = filled.ledger.head()
    with pytest.raises(EditConflict) as caught:
        edit_many(filled, {"c": {"lvr": 1}, "b": {"lvr": 1}, "a": {"code": "z"}}, actor=ANA, seen_version=1)
    error = caught.value
    assert filled.ledger.head() == head
    assert [one.example_id for one in error.conflicts] == ["b", "a"]
    removed, changed = error.conflicts
    assert (removed.base["lvr"], removed.theirs, removed.actor, removed.time) == (1.5, None, "bo", gone.time)
    assert changed.theirs is not None
    assert [(changed.base[name], changed.theirs[name]) for name in ("lvr", "units", "code", "@label")] == [
        (0.8, 0.9),
        (1, 7),
        ("001", "001"),
        ("no", "no"),
    ]
    assert (changed.actor, changed.time, changed.version) == ("bo", event.time, 4)
    assert (error.example_id, error.theirs, error.seen_version) == ("b", None, 1)
    assert str(error) == (
        f"bo removed b at {gone.time} (and 1 more example), after you opened them (version 1): look at them again. "
        "Nothing was changed."
    )
    assert edit_many(filled, {"a": {"code": "z"}}, actor=ANA, seen_version=changed.version) is not None


def test_different_cells_of_one_example_are_still_a_conflict(filled: Home) -> None:
    """A person decides, who sees the row as opened, as it is now, and what they typed."""
    edit_example(filled, "a", {"lvr": "0.9"}, actor=ANA)
    for act in (
        lambda: edit_example(filled, "a", {"code": "z"}, actor=BO, seen_version=1),
        lambda: relabel(filled, "a", "yes", actor=BO, seen_version=1),
        lambda: remove(filled, "a", actor=BO, seen_version=1),
        lambda: edit_many(filled, {"a": {"code": "z"}}, actor=BO, seen_version=1),
    ):
        with pytest.raises(EditConflict) as caught:
            act()
        theirs = caught.value.theirs
        assert theirs is not None
        assert (caught.value.base["lvr"], theirs["lvr"], caught.value.actor) == (0.8, 0.9, "ana")
    assert latest_version(filled) == 2
