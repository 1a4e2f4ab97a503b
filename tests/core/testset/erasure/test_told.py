"""What versions, history and differences say of an erased example: the fact, and nothing of its content."""

from __future__ import annotations

from lookingglass.happenings import happenings
from lookingglass.home import Home
from lookingglass.testset import diff, erase_example, history
from tests.core.testset.conftest import BO
from tests.core.testset.erasure.remains import WHY, states


def test_versions_that_never_had_it_say_nothing(filled: Home) -> None:
    erase_example(filled, "d", WHY, BO)
    assert [len(one.erased) for one in states(filled)] == [0, 0, 0, 1, 1, 1, 0]
    assert [entry.erased for entry in history(filled)] == [0, 0, 1, 1, 1, 0]


def test_history_and_happenings_say_it_in_plain_words(filled: Home) -> None:
    erase_example(filled, "a", WHY, BO)
    told = history(filled)
    assert [entry.since for entry in told] == ["content of 1 example was erased since"] * 5 + [""]
    assert (told[-1].words, told[-1].note, told[-1].examples) == ("erased the content of a", WHY, 3)
    assert told[3].words == "changed code of a"
    assert [entry.examples for entry in told] == [3, 3, 4, 4, 4, 3]
    assert happenings(filled, 1)[0].words == f"erased the content of a: {WHY}"
    assert history(filled, 2)[0].erased == 1


def test_a_difference_across_an_erasure_tells_the_fact_alone(filled: Home) -> None:
    erase_example(filled, "a", WHY, BO)

    def told(before: int, after: int) -> list[tuple[str, str, str | None]]:
        return [(row.words, row.actor, row.undoes) for row in diff(filled, before, after).rows if row.erased]

    assert diff(filled, 0, 1).frame().filter("erased").get_column("example_id").to_list() == ["a"]
    assert told(0, 1) == [("a added (its content was erased since)", "ana", None)]
    assert told(1, 2) == []
    assert told(1, 3) == [("a edited (its content was erased since)", "ana", None)]
    assert told(5, 6) == [("a erased", "bo", None)]
    assert told(0, 6) == []
    assert told(6, 5) == [("a added (its content was erased since)", "bo", "erased")]
    assert told(1, 0) == [("a removed (its content was erased since)", "ana", "added")]
    found = diff(filled, 1, 6)
    assert [stone.example_id for stone in found.erased] == ["a"]
    assert found.counts()["erased"] == 1
    assert found.frame().height == len(found.rows)
    assert [row.words for row in found.rows] == [
        "a erased",
        "lvr of b edited from 1.5 to 1",
        "c relabelled from (empty) to no",
        "d added",
    ]
