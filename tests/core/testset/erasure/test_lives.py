"""Erasing what was removed, came back or was imported with others; work goes on, and it does not come back."""

from __future__ import annotations

import polars as pl
import pytest

from lookingglass.errors import BadInput, Conflict, NotFound
from lookingglass.home import Home, open_home
from lookingglass.ledger.verify import verify
from lookingglass.testset import (
    add_example,
    check,
    commit_import,
    diff,
    edit_example,
    edit_many,
    erase_example,
    export,
    forget_versions,
    plan_import,
    read_version,
    remove,
    tag,
)
from tests.core.testset.conftest import ANA, BO, GOOD, HEADER
from tests.core.testset.erasure.remains import WHY, File, left, states


def test_an_example_that_was_removed_before_can_be_erased(filled: Home) -> None:
    remove(filled, "a", actor=ANA)
    before = states(filled)
    erase_example(filled, "a", WHY, BO)
    assert left(filled) == []
    after = states(filled)
    assert after[-1].digest == before[-1].digest
    assert [len(one.erased) for one in after] == [0, 1, 1, 1, 1, 1, 0, 0]
    assert verify(filled.folder).ok
    assert [row.words for row in diff(filled, 5, 6).rows] == ["a removed (its content was erased since)"]


def test_one_that_came_back_after_a_removal_is_erased_from_both_lives(filled: Home, file: File) -> None:
    remove(filled, "a", actor=ANA)
    add_example(filled, {"lvr": 1, "area": "NA", "code": "MARK-ONE"}, id="a", actor=ANA)
    erase_example(filled, "a", WHY, BO)
    assert left(filled) == []
    assert [len(one.erased) for one in states(filled)] == [0, 1, 1, 1, 1, 1, 0, 1, 0]
    assert verify(filled.folder).ok


def test_everybody_in_an_import_can_be_erased_one_after_the_other(filled: Home) -> None:
    before = states(filled)
    for done, name in enumerate("abcd", start=1):
        erase_example(filled, name, WHY, BO)
        assert verify(filled.folder).findings == ()
        after = states(filled)
        assert [one.digest for one in after[:6]] == [one.digest for one in before]
        assert len(after[5].erased) == done
    assert after[-1].examples == 0
    assert after[-1].digest == after[0].digest
    add_example(filled, {"lvr": 1, "area": "NA"}, actor=ANA)
    assert read_version(filled).ids == ["pattern-000001"]


def test_work_goes_on_after_an_erasure(filled: Home, file: File) -> None:
    """Edits, imports, another erasure of the same file, a check and an export, from kept and from fresh versions."""
    erase_example(filled, "a", WHY, BO)
    edit_many(filled, {"b": {"lvr": 0.25}, "d": {"@tags": ["t"]}}, actor=ANA, seen_version=6)
    tag(filled, "c", add=["x"], actor=ANA, seen_version=5)
    again = f"{HEADER}\nb,yes,2,,NA,None,false\ne,no,1,1,north,y,true\n"
    commit_import(filled, plan_import(filled, file(again, "again.csv")), ANA)
    kept = read_version(filled)
    erase_example(filled, "b", WHY, BO)
    forget_versions()
    fresh = read_version(filled)
    assert fresh.ids == ["c", "d", "e"]
    assert read_version(filled, kept.version).rows.equals(kept.rows.filter(pl.col("@id") != "b"))
    assert check(filled)
    out = export(read_version(filled, 4), filled.folder.parent / "out.csv")
    assert pl.read_csv(out)["key"].to_list() == ["c", "d"]
    assert verify(filled.folder).ok


def test_an_erased_example_does_not_come_back(filled: Home, file: File) -> None:
    """Neither by hand, nor by the same file, nor by an edit; the next free number is not its own either."""
    add_example(filled, {"lvr": 1, "area": "NA"}, actor=ANA)
    erase_example(filled, "pattern-000001", WHY, BO)
    erase_example(filled, "a", WHY, BO)
    head = filled.ledger.head()
    with pytest.raises(
        BadInput, match=r"this example brings back what was erased: a was erased by bo on 20..-"
    ):
        add_example(filled, {"lvr": 1, "area": "NA"}, id="a", actor=ANA)
    with pytest.raises(BadInput, match=r"^data.csv brings back what was erased: a was erased"):
        plan_import(filled, file(GOOD))
    with pytest.raises(
        NotFound, match=r"^a was erased by bo on .* \(the person asked for it\): it is no longer"
    ):
        edit_example(filled, "a", {"lvr": 1}, actor=ANA, seen_version=3)
    with pytest.raises(BadInput, match="a was erased"):
        edit_many(filled, {"a": {"lvr": 1}}, actor=ANA, seen_version=3)
    assert filled.ledger.head() == head
    event = add_example(filled, {"lvr": 1, "area": "NA"}, actor=ANA)
    assert event.payload["changes"][0]["example_id"] == "pattern-000002"


def test_an_import_that_was_planned_before_the_erasure_is_refused(filled: Home, file: File) -> None:
    plan = plan_import(filled, file(f"{HEADER}\na,no,0.1,1,north,MARK-ONE,true\n"))
    other = open_home(filled.folder)
    erase_example(other, "a", WHY, BO)
    other.close()
    with pytest.raises((BadInput, Conflict)):
        commit_import(filled, plan, ANA)
    assert left(filled) == []
