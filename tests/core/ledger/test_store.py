"""What is appended is what is read; a request is written once, and nobody writes over what they have not seen."""

from __future__ import annotations

from typing import Any

import pytest

from lookingglass.errors import BadInput, Conflict, NotFound
from lookingglass.ledger import Ledger, StaleWrite
from tests.core.ledger.acts import ANA, BO, CHANGED


def test_what_is_returned_is_what_is_read(ledger: Ledger) -> None:
    event = ledger.append("testset", CHANGED, {"b": (1, 2), "a": {"x": None}}, BO, key="k")
    assert event.payload == {"b": [1, 2], "a": {"x": None}}
    assert (event.actor, event.authentication, event.key) == ("bo", "OIDC", "k")
    assert ledger.events() == [event]
    assert ledger.event(1) == event
    assert ledger.head() == (1, event.hash)


def test_events_are_chosen_by_stream_place_and_type(ledger: Ledger) -> None:
    for number in range(6):
        ledger.append("ab"[number % 2], (CHANGED, "scores_added", "problem_opened")[number % 3], {}, ANA)

    def numbers(**chosen: Any) -> list[int]:
        return [event.seq for event in ledger.events(**chosen)]

    assert numbers() == [1, 2, 3, 4, 5, 6]
    assert numbers(stream="a") == [1, 3, 5]
    assert numbers(after=2, until=4) == [3, 4]
    assert numbers(types=[CHANGED]) == [1, 4]
    assert numbers(types=[CHANGED, "scores_added"], stream="b") == [2, 4]
    assert numbers(types=[]) == []
    assert (ledger.last_seq("a"), ledger.last_seq("b"), ledger.last_seq("c")) == (5, 6, 0)
    with pytest.raises(NotFound, match="no event 7: its last one is 6"):
        ledger.event(7)


def test_the_same_request_twice_is_one_event(ledger: Ledger) -> None:
    first = ledger.append("testset", CHANGED, {"n": 1}, ANA, key="click", expected=0)
    ledger.append("testset", CHANGED, {"n": 2}, BO)
    assert ledger.append("testset", CHANGED, {"n": 1}, ANA, key="click", expected=0) == first
    assert ledger.head()[0] == 2


@pytest.mark.parametrize(
    "other", [("testset", CHANGED, {"n": 2}), ("testset", "scores_added", {"n": 1}), ("x", CHANGED, {"n": 1})]
)
def test_a_key_used_for_something_else_is_refused(
    ledger: Ledger, other: tuple[str, str, dict[str, int]]
) -> None:
    ledger.append("testset", CHANGED, {"n": 1}, ANA, key="click")
    with pytest.raises(Conflict, match=r"click was made before with other content \(event 1\)"):
        ledger.append(*other, ANA, key="click")
    assert ledger.head()[0] == 1


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_keys_have_a_sensible_length(ledger: Ledger, key: str) -> None:
    with pytest.raises(ValueError, match="1 to 200 characters"):
        ledger.append("testset", CHANGED, {}, ANA, key=key)


def test_of_two_people_at_once_one_wins_and_the_other_is_told(ledger: Ledger) -> None:
    seen = ledger.append("testset", CHANGED, {}, ANA).seq
    ledger.append("candidates", "scores_added", {}, ANA)
    won = ledger.append("testset", CHANGED, {"by": "bo"}, BO, expected=seen)
    with pytest.raises(StaleWrite, match="bo changed this at") as stale:
        ledger.append("testset", CHANGED, {"by": "ana"}, ANA, expected=seen)
    assert stale.value.events == [won]
    assert ledger.head()[0] == 3


def test_a_page_from_before_a_restored_backup_is_stale(ledger: Ledger) -> None:
    ledger.append("testset", CHANGED, {}, ANA)
    with pytest.raises(
        StaleWrite, match=r"event 5 of testset, which this ledger lacks: was a backup restored\?"
    ):
        ledger.append("testset", CHANGED, {}, ANA, expected=5)


def test_an_event_that_cannot_be_written_is_not_there(ledger: Ledger) -> None:
    for payload, error in (
        ({"x": float("nan")}, ValueError),
        ({"x": "\udce9"}, BadInput),
        ({1: 2}, TypeError),
    ):
        with pytest.raises(error):
            ledger.append("testset", CHANGED, payload, ANA)  # type: ignore[arg-type]  # wrong on purpose
    assert ledger.events() == []
