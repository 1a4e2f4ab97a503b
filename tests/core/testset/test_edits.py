"""Single changes: what each writes, what it refuses, and what two people who change the same example are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lookingglass.errors import BadInput, Conflict, LookingGlassError, NotAllowed, NotFound
from lookingglass.home import Home, open_home
from lookingglass.testset import (
    add_example,
    commit_import,
    edit_example,
    history,
    latest_version,
    plan_import,
    read_version,
    relabel,
    remove,
    tag,
)
from tests.core.testset.conftest import ANA, BO, GOOD

File = Callable[..., Path]
VALUES = {"lvr": "1.25", "area": "NA", "code": "007"}


@pytest.fixture
def filled(home: Home, file: File) -> Home:
    """Return the small workspace with three examples, a, b and c, as version 1."""
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    return home


def test_an_added_pattern_is_typed_numbered_and_told(filled: Home) -> None:
    event = add_example(
        filled,
        VALUES,
        label="yes",
        tags=["hard", "hard "],
        problems=["Northern rows"],
        note="from the call",
        actor=BO,
    )
    assert event.payload["changes"][0]["example_id"] == "pattern-000001"
    row = read_version(filled).rows.row(-1, named=True)
    assert (row["lvr"], row["area"], row["code"], row["units"], row["@label"]) == (
        1.25,
        "NA",
        "007",
        None,
        "yes",
    )
    assert (row["@origin"], row["@source"], row["@tags"], row["@problems"]) == (
        "pattern",
        "written by hand",
        ["hard"],
        ["Northern rows"],
    )
    last = history(filled)[-1]
    assert (last.actor, last.words, last.note) == (
        "bo",
        "added pattern-000001, labelled yes",
        "from the call",
    )


def test_the_number_of_a_removed_example_is_not_given_again(filled: Home) -> None:
    add_example(filled, VALUES, actor=ANA)
    remove(filled, "pattern-000001", actor=ANA)
    assert add_example(filled, VALUES, actor=ANA).payload["changes"][0]["example_id"] == "pattern-000002"


def test_events_carry_no_values(filled: Home) -> None:
    """Values live in the content table, where one person's data can be erased; the chained event names columns."""
    event = edit_example(filled, "a", {"code": "SECRET-123"}, actor=ANA)
    assert event is not None
    assert "SECRET-123" not in str(event.payload)
    assert event.payload["changes"][0]["columns"] == ["code"]


def test_a_change_to_what_is_there_already_writes_nothing(filled: Home) -> None:
    head = filled.ledger.head()
    assert edit_example(filled, "a", {"lvr": 0.8}, actor=ANA) is None
    assert relabel(filled, "c", None, actor=ANA) is None
    assert relabel(filled, "c", "", actor=ANA) is None
    assert tag(filled, "a", remove=["never there"], actor=ANA) is None
    assert filled.ledger.head() == head


def test_only_a_change_of_inputs_changes_the_input_id(filled: Home) -> None:
    def now() -> tuple[bytes, int]:
        row = read_version(filled).rows.row(0, named=True)
        return row["@input_id"], row["@input_seq"]

    first = now()
    relabel(filled, "a", "yes", actor=ANA)
    tag(filled, "a", add=["hard"], problems=["p"], actor=ANA)
    assert now() == first
    edit_example(filled, "a", {"lvr": "0.9"}, actor=ANA)
    assert now()[0] != first[0]
    edit_example(filled, "a", {"lvr": "0.8"}, actor=ANA)
    assert now()[0] == first[0]
    assert now()[1] == read_version(filled).seq


REFUSED: dict[str, tuple[Callable[[Home], object], str]] = {
    "unknown column": (
        lambda h: edit_example(h, "a", {"nope": "1"}, actor=ANA),
        "there is no column 'nope' to set: there are lvr, units, area, code, new.",
    ),
    "label by set": (
        lambda h: edit_example(h, "a", {"deny": "no"}, actor=ANA),
        "deny is the label: change it with relabel, or give it with --label.",
    ),
    "wrong type": (
        lambda h: edit_example(h, "a", {"lvr": "abc"}, actor=ANA),
        "column lvr: 'abc' is not a number.",
    ),
    "out of range": (
        lambda h: edit_example(h, "a", {"lvr": 4}, actor=ANA),
        "column lvr: 4 is above the largest allowed, 3.",
    ),
    "emptied": (
        lambda h: edit_example(h, "a", {"lvr": ""}, actor=ANA),
        "column lvr: is empty, and this column may not be.",
    ),
    "unknown category": (
        lambda h: edit_example(h, "a", {"area": "west"}, actor=ANA),
        "column area: 'west' is not one of north, south, NA.",
    ),
    "nothing": (
        lambda h: edit_example(h, "a", {}, actor=ANA),
        "nothing to change: say what with --set COLUMN=VALUE.",
    ),
    "unknown label": (
        lambda h: relabel(h, "a", "maybe", actor=ANA),
        "deny: 'maybe' is not a label of this task (no, yes).",
    ),
    "no such example": (
        lambda h: relabel(h, "zz", "no", actor=ANA),
        "there is no example 'zz' in the latest version, 1, of the test set.",
    ),
    "taken id": (
        lambda h: add_example(h, VALUES, id="a", actor=ANA),
        "there is already an example 'a': edit it, or choose another id.",
    ),
    "empty id": (lambda h: add_example(h, VALUES, id=" ", actor=ANA), "an example's id may not be empty."),
    "control in id": (
        lambda h: add_example(h, VALUES, id="a\tb", actor=ANA),
        "the id 'a b' holds a control character: leave it out.",
    ),
    "missing column": (
        lambda h: add_example(h, {"area": "north"}, actor=ANA),
        "the example lacks lvr: give a value for each, with --set COLUMN=VALUE.",
    ),
    "origin": (
        lambda h: add_example(h, VALUES, origin="dream", actor=ANA),
        "the origin of an example is sample or pattern, not 'dream'.",
    ),
    "bad tag": (
        lambda h: tag(h, "a", add=["x;y"], actor=ANA),
        "the tag 'x;y' holds a semicolon or a control character: leave it out.",
    ),
    "empty tag": (lambda h: tag(h, "a", add=[" "], actor=ANA), "a tag may not be empty."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_told_and_changes_nothing(case: str, filled: Home) -> None:
    act, message = REFUSED[case]
    head = filled.ledger.head()
    with pytest.raises((BadInput, NotFound)) as caught:
        act(filled)
    assert str(caught.value) == message
    assert filled.ledger.head() == head


def test_the_second_of_two_people_is_told_what_the_first_did(filled: Home) -> None:
    first = edit_example(filled, "a", {"lvr": "0.9"}, actor=ANA, seen_version=1)
    assert first is not None
    with pytest.raises(Conflict) as caught:
        edit_example(filled, "a", {"lvr": "0.7"}, actor=BO, seen_version=1)
    assert str(caught.value) == (
        f"ana changed lvr of a from 0.8 to 0.9 at {first.time}, after you opened it (version 1): look at it again. "
        "Nothing was changed."
    )
    assert latest_version(filled) == 2
    assert edit_example(filled, "a", {"lvr": "0.7"}, actor=BO, seen_version=2) is not None


def test_a_change_to_another_example_is_no_conflict(filled: Home) -> None:
    edit_example(filled, "a", {"lvr": "0.9"}, actor=ANA, seen_version=1)
    assert relabel(filled, "b", "no", actor=BO, seen_version=1) is not None


@pytest.mark.parametrize("way", ["remove", "import", "several"])
def test_a_conflict_tells_removals_imports_and_several_changes(way: str, filled: Home, file: File) -> None:
    if way == "remove":
        event = remove(filled, "a", actor=ANA)
        told = f"ana removed a at {event.time}"
    elif way == "import":
        changed = GOOD.replace("a,no,0.8", "a,yes,0.8")
        done = commit_import(filled, plan_import(filled, file(changed)), ANA)
        assert done is not None
        told = f"ana changed deny of a from no to yes at {done.time}"
    else:
        one = relabel(filled, "a", "yes", actor=ANA)
        two = edit_example(filled, "a", {"code": "", "units": "2"}, actor=BO)
        assert one is not None
        assert two is not None
        told = f"ana changed deny of a from no to yes at {one.time}; "
        told += f"bo changed units of a from 1 to 2 and code from 001 to (empty) at {two.time}"
    with pytest.raises(Conflict) as caught:
        remove(filled, "a", actor=BO, seen_version=1)
    assert (
        str(caught.value)
        == f"{told}, after you opened it (version 1): look at it again. Nothing was changed."
    )


def test_many_people_at_once_lose_nothing(filled: Home) -> None:
    """Without a seen version each change goes on top of the others'; versions are numbered without a gap."""
    errors: list[Exception] = []

    def add_some(name: str) -> None:
        own = open_home(filled.folder)
        try:
            for number in range(4):
                add_example(own, VALUES, id=f"{name}{number}", actor=ANA)
        except LookingGlassError as error:
            errors.append(error)
        finally:
            own.ledger.close()

    threads = [threading.Thread(target=add_some, args=(name,)) for name in "uvw"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert read_version(filled).examples == 3 + 12
    assert [entry.version for entry in history(filled)] == list(range(1, 14))
    assert [entry.examples for entry in history(filled)] == list(range(3, 16))


def test_the_same_request_twice_is_done_once(filled: Home) -> None:
    one = add_example(filled, VALUES, actor=ANA, key="click-1")
    assert add_example(filled, VALUES, actor=ANA, key="click-1") == one
    assert latest_version(filled) == 2


def test_roles_are_checked_where_it_is_written(make_home: Callable[..., Home], file: File) -> None:
    home = make_home("team", people={"ana": ("editor",), "bo": ("viewer",)})
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    with pytest.raises(NotAllowed):
        relabel(home, "a", "yes", actor=BO)
    assert latest_version(home) == 1
