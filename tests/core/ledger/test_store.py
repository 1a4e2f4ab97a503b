"""The ledger against a plain list, its idempotency keys, compare-and-set, content, and what the database refuses."""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from lookingglass.errors import BadInput, Conflict, Damaged, NotFound, NotSaved
from lookingglass.ledger import Actor, Event, Ledger, NewEvent, StaleWrite
from lookingglass.ledger.verify import verify
from tests.core.ledger.conftest import Opener, Tamper

ANA, BO = Actor("ana"), Actor("bo", "OIDC")
CHANGED = "examples_changed"
COPIED = "stream, type, '{}', actor, authentication, time"

NEW_EVENTS = st.builds(
    NewEvent,
    stream=st.sampled_from(["testset", "candidates", "problems"]),
    type=st.sampled_from([CHANGED, "testset_imported", "problem_opened"]),
    payload=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.integers() | st.floats(0, 1)
    ),
    key=st.none() | st.sampled_from(["k1", "k2", "k3"]),
    expected=st.none() | st.integers(0, 12),
)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(calls=st.lists(st.lists(NEW_EVENTS, min_size=1, max_size=3), max_size=8))
def test_any_sequence_of_calls_does_what_a_plain_list_does(
    tmp_path_factory: pytest.TempPathFactory, calls: list[list[NewEvent]]
) -> None:
    """The model: a list of (stream, type, payload, key); a call adds all of its events or none."""
    folder = tmp_path_factory.mktemp("ws")
    (folder / "workspace.toml").write_text('name = "x"\n', encoding="utf-8")
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    model: list[NewEvent] = []
    try:
        for call in calls:
            outcome = expected_outcome(model, call)
            if isinstance(outcome, list):
                assert [event.seq for event in ledger.append_many(call, ANA)] == outcome
                model += [new for new, seq in zip(call, outcome, strict=True) if seq > len(model)]
            else:
                with pytest.raises(outcome):
                    ledger.append_many(call, ANA)
        events = ledger.events()
        told = [(event.seq, event.stream, event.type, event.payload, event.key) for event in events]
        assert told == [(n, m.stream, m.type, dict(m.payload), m.key) for n, m in enumerate(model, start=1)]
        assert ledger.head()[0] == len(model)
        for stream in ("testset", "candidates", "problems"):
            assert ledger.events(stream) == [event for event in events if event.stream == stream]
            assert ledger.last_seq(stream) == last_of(model, stream)
    finally:
        ledger.close()
    assert verify(folder).ok


def last_of(model: list[NewEvent], stream: str) -> int:
    """Return the number of the stream's last event in the model, 0 for none."""
    return max((n for n, m in enumerate(model, start=1) if m.stream == stream), default=0)


def expected_outcome(model: list[NewEvent], call: list[NewEvent]) -> list[int] | type[Exception]:
    """Return the numbers that a call must answer, or what it must raise."""
    keys = [new.key for new in call if new.key is not None]
    if len(set(keys)) < len(keys):
        return ValueError
    earlier: list[int | None] = []
    for new in call:
        found = next(
            (n for n, m in enumerate(model, start=1) if new.key is not None and m.key == new.key), None
        )
        if found is not None:
            old = model[found - 1]
            if (old.stream, old.type, repr(sorted(old.payload.items()))) != (
                new.stream,
                new.type,
                repr(sorted(new.payload.items())),
            ):
                return Conflict
        earlier.append(found)
    for new, found in zip(call, earlier, strict=True):
        if found is None and new.expected is not None and new.expected != last_of(model, new.stream):
            return StaleWrite
    numbers, following = [], len(model) + 1
    for found in earlier:
        numbers.append(found or following)
        following += found is None
    return numbers


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


def test_content_is_kept_with_its_event_and_once(ledger: Ledger) -> None:
    rows = {sha(b"row"): b"row", sha(b"\x00\xff"): b"\x00\xff"}
    ledger.append("testset", CHANGED, {"content": sha(b"row")}, ANA, content=rows)
    ledger.append("testset", CHANGED, {"content": sha(b"row")}, ANA, content=rows)
    assert ledger.content([*rows, sha(b"unknown")]) == rows
    assert ledger.content([]) == {}


def test_a_refused_event_leaves_no_content(ledger: Ledger) -> None:
    with pytest.raises(StaleWrite):
        ledger.append("testset", CHANGED, {}, ANA, expected=3, content={sha(b"row"): b"row"})
    assert ledger.content([sha(b"row")]) == {}


def test_content_under_a_wrong_name_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="does not match its name"):
        ledger.append("testset", CHANGED, {}, ANA, content={sha(b"row"): b"other"})


def test_more_content_than_one_query_takes(ledger: Ledger) -> None:
    rows = {sha(b"%d" % number): b"%d" % number for number in range(1203)}
    ledger.append("testset", CHANGED, {}, ANA, content=rows)
    assert ledger.content(rows) == rows


def test_changed_content_is_never_served(ledger: Ledger, tamper: Tamper) -> None:
    ledger.append("testset", CHANGED, {}, ANA, content={sha(b"row"): b"row"})
    tamper("UPDATE content SET body = X'00'")
    with pytest.raises(Damaged, match="was changed: bring the ledger back"):
        ledger.content([sha(b"row")])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'eve' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT seq, COPIED, key, prev_hash, hash FROM events",
        "INSERT OR REPLACE INTO events SELECT 3, COPIED, key, 'x', 'y' FROM events WHERE seq = 2",
        "INSERT INTO events SELECT 4, COPIED, NULL, hash, 'y' FROM events WHERE seq = 2",
        "INSERT INTO events SELECT 3, COPIED, NULL, 'x', 'y' FROM events WHERE seq = 2",
        "UPDATE content SET body = X'00'",
        "DELETE FROM content",
        "INSERT OR REPLACE INTO content SELECT sha256, X'00' FROM content",
        "UPDATE about SET value = '0'",
        "DELETE FROM about",
        "INSERT OR REPLACE INTO about VALUES ('ledger_id', 'mine')",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_written(
    ledger: Ledger, folder: Path, statement: str
) -> None:
    ledger.append("testset", CHANGED, {"n": 1}, ANA, content={sha(b"row"): b"row"})
    ledger.append("testset", CHANGED, {"n": 2}, ANA, key="k2")
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement.replace("COPIED", COPIED))
        connection.rollback()
    assert verify(folder).ok


def test_an_event_that_cannot_be_written_is_not_there(ledger: Ledger) -> None:
    for payload, error in (
        ({"x": float("nan")}, ValueError),
        ({"x": "\udce9"}, BadInput),
        ({1: 2}, TypeError),
    ):
        with pytest.raises(error):
            ledger.append("testset", CHANGED, payload, ANA)  # type: ignore[arg-type]  # wrong on purpose
    assert ledger.events() == []


def test_sqlite_is_set_up_to_lose_nothing(ledger: Ledger) -> None:
    with ledger._database.reading() as connection:
        settings_ = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings_ == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def append_some(folder: Path, name: str, count: int) -> None:
    """Append ``count`` events through a ledger of one's own."""
    ledger = Ledger("sqlite:///ledger.db", folder, {})
    for number in range(count):
        ledger.append(name, CHANGED, {"by": name, "number": number}, Actor(name))
    ledger.close()


def check_everybodys_events(events: list[Event], names: list[str], count: int) -> None:
    """Check that each writer's events are all there, in that writer's order."""
    assert [event.seq for event in events] == list(range(1, len(names) * count + 1))
    for name in names:
        mine = [event.payload["number"] for event in events if event.actor == name]
        assert mine == list(range(count))


def test_many_processes_append_and_nothing_is_lost(folder: Path, open_ledger: Opener) -> None:
    """They also race to make the ledger, which is not there yet."""
    names = [f"process {number}" for number in range(4)]
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=append_some, args=(folder, name, 25)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    check_everybodys_events(open_ledger().events(), names, 25)
    assert verify(folder).ok


def in_threads(work: Callable[[int], None], count: int) -> None:
    """Run ``work(0)``, ``work(1)`` ... in threads of their own; a failure of one is raised here."""
    failures: list[Exception] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_many_threads_share_one_ledger(ledger: Ledger, folder: Path) -> None:
    names = [f"thread {number}" for number in range(8)]

    def work(number: int) -> None:
        for at in range(20):
            ledger.append("testset", CHANGED, {"number": at}, Actor(names[number]))
            seq, digest = ledger.head()
            assert ledger.event(seq).hash == digest

    in_threads(work, 8)
    check_everybodys_events(ledger.events(), names, 20)
    assert verify(folder).ok


def test_threads_that_compare_and_set_count_without_losing_one(ledger: Ledger) -> None:
    """A counter that everybody raises by one, repeating after each conflict, ends at the number of raises."""

    def work(_number: int) -> None:
        done = 0
        while done < 10:
            events = ledger.events("testset")
            last = events[-1].seq if events else 0
            count = events[-1].payload["count"] if events else 0
            try:
                ledger.append("testset", CHANGED, {"count": count + 1}, ANA, expected=last)
            except StaleWrite:
                continue
            done += 1

    in_threads(work, 4)
    assert [event.payload["count"] for event in ledger.events()] == list(range(1, 41))


def test_the_same_click_in_many_threads_is_one_event(ledger: Ledger) -> None:
    seen: list[int] = []
    in_threads(lambda _n: seen.append(ledger.append("testset", CHANGED, {"n": 1}, ANA, key="click").seq), 8)
    assert seen == [1] * 8


def test_a_ledger_of_a_newer_version_is_refused_at_the_door_and_while_open(
    ledger: Ledger, open_ledger: Opener, tamper: Tamper
) -> None:
    tamper("UPDATE about SET value = '3' WHERE name = 'schema_version'")
    with pytest.raises(
        BadInput, match=r"newer Looking Glass \(format 3, this one knows 2\): update this one"
    ):
        open_ledger()
    with pytest.raises(BadInput, match="newer Looking Glass"):
        ledger.append("testset", CHANGED, {}, ANA)
    assert ledger.events() == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("DROP TABLE about", "is not a ledger of Looking Glass"),
        ("DELETE FROM about WHERE name = 'ledger_id'", "does not say which ledger it is"),
        ("UPDATE about SET value = 'new' WHERE name = 'schema_version'", "does not say which ledger it is"),
    ],
)
def test_what_is_no_ledger_any_more_is_told(
    ledger: Ledger, open_ledger: Opener, tamper: Tamper, script: str, told: str
) -> None:
    tamper(script)
    with pytest.raises(Damaged, match=told):
        open_ledger()


def test_another_programs_database_is_left_alone(folder: Path, open_ledger: Opener) -> None:
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(Damaged, match="is not a ledger of Looking Glass"):
        open_ledger()


def test_a_file_that_is_no_database_is_told(folder: Path, open_ledger: Opener) -> None:
    (folder / "ledger.db").write_text("Dear diary, " * 500, encoding="utf-8")
    with pytest.raises(Damaged, match=r"is damaged .* backup"):
        open_ledger()


def test_an_event_that_was_made_unreadable_is_told(ledger: Ledger, tamper: Tamper) -> None:
    ledger.append("testset", CHANGED, {}, ANA)
    tamper("UPDATE events SET payload = '{'")
    with pytest.raises(Damaged, match="Event 1 cannot be read: run `lookingglass audit verify`"):
        ledger.events()


def test_a_closed_ledger_holds_no_file_and_opens_again_when_used(ledger: Ledger, folder: Path) -> None:
    ledger.append("testset", CHANGED, {}, ANA)
    ledger.close()
    assert not (folder / "ledger.db-wal").exists()
    assert ledger.head()[0] == 1


def test_a_writer_that_waits_too_long_is_told_and_has_written_nothing(
    folder: Path, open_ledger: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lookingglass.ledger.database.BUSY_SECONDS", 0)
    ledger = open_ledger()
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotSaved, match=r"in use by another process .* try again. Nothing was recorded."):
            ledger.append("testset", CHANGED, {}, ANA)
        assert ledger.events() == []
        other.execute("COMMIT")
    assert ledger.append("testset", CHANGED, {}, ANA).seq == 1


class Failing:
    """Stands for a commit that fails: before it did anything, or after it was done."""

    def __init__(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
        from sqlalchemy.engine.default import DefaultDialect

        real = DefaultDialect.do_commit

        def do_commit(dialect: DefaultDialect, connection: Any) -> None:
            monkeypatch.undo()
            if after:
                real(dialect, connection)
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error

        monkeypatch.setattr(type(ledger._database.engine.dialect), "do_commit", do_commit)


def test_a_commit_that_failed_is_not_reported_as_saved(
    ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append("testset", CHANGED, {"n": 1}, ANA)
    Failing(ledger, monkeypatch, after=False)
    with pytest.raises(NotSaved, match="Nothing was recorded") as failed:
        ledger.append("testset", CHANGED, {"n": 2}, ANA)
    assert isinstance(failed.value.__cause__, DBAPIError)
    assert ledger.head()[0] == 1
    assert verify(folder).ok


def test_a_commit_that_seemed_to_fail_but_is_there_is_reported_as_saved(
    ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Failing(ledger, monkeypatch, after=True)
    event = ledger.append("testset", CHANGED, {"n": 1}, ANA)
    assert ledger.events() == [event]
    assert verify(folder).ok


def test_when_nobody_can_tell_whether_it_was_saved_that_is_said(
    ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Failing(ledger, monkeypatch, after=True)

    def unreadable(*_args: object, **_kwargs: object) -> list[Event]:
        raise Damaged("gone.")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "events", unreadable)
        with pytest.raises(NotSaved, match="not known whether this was recorded: look before you repeat it"):
            ledger.append("testset", CHANGED, {"n": 1}, ANA)
