"""Within one moment a thread reads the same of the ledger however often it asks; what it writes itself it sees."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event as sqlalchemy_event

from lookingglass.ledger import Ledger, StaleWrite, one_moment
from tests.core.ledger.acts import ANA, BO, CHANGED


def test_what_others_write_is_seen_when_the_moment_is_over(ledger: Ledger) -> None:
    ledger.append("testset", CHANGED, {"n": 1}, ANA)

    def told() -> tuple[int, int, int]:
        return len(ledger.events("testset")), ledger.last_seq("testset"), ledger.head()[0]

    with ThreadPoolExecutor(1) as other:
        with one_moment():
            assert told() == (1, 1, 1)
            other.submit(ledger.append, "testset", CHANGED, {"n": 2}, BO).result()
            assert told() == (1, 1, 1)
            assert other.submit(told).result() == (2, 2, 2), "another thread is in no moment"
        assert told() == (2, 2, 2)


def test_what_is_written_within_the_moment_is_seen_and_so_is_all_before_it(ledger: Ledger) -> None:
    with ThreadPoolExecutor(1) as other, one_moment():
        assert ledger.last_seq("testset") == 0
        other.submit(ledger.append, "testset", CHANGED, {"n": 1}, BO).result()
        with pytest.raises(StaleWrite):
            ledger.append("testset", CHANGED, {"n": 2}, ANA, expected=0)
        assert ledger.last_seq("testset") == 1, "who was refused must see why"
        ledger.append("testset", CHANGED, {"n": 2}, ANA, expected=1)
        assert [one.payload["n"] for one in ledger.events("testset")] == [1, 2]


def test_the_same_question_is_one_query_and_a_list_is_the_askers_own(ledger: Ledger) -> None:
    ledger.append("testset", CHANGED, {"n": 1}, ANA)
    queries: list[str] = []
    engine = ledger._database.engine
    here = threading.get_ident()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if threading.get_ident() == here and statement.startswith("SELECT"):
            queries.append(statement)

    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    with one_moment():
        ledger.events("testset").clear()
        for _ in range(5):
            assert len(ledger.events("testset")) == 1
            assert ledger.last_seq("testset") == 1
    assert len(queries) == 2, queries
    for _ in range(5):
        ledger.last_seq("testset")
    assert len(queries) == 7, queries
