"""Many processes and threads write to one ledger, and nothing is lost or written twice."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from pathlib import Path

from lookingglass.ledger import Actor, Event, Ledger, StaleWrite
from lookingglass.ledger.verify import verify
from tests.core.ledger.acts import ANA, CHANGED
from tests.core.ledger.conftest import Opener


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
