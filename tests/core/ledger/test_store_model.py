"""The ledger against a plain list: any sequence of calls does what the list does."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookingglass.errors import Conflict
from lookingglass.ledger import Ledger, NewEvent, StaleWrite
from lookingglass.ledger.verify import verify
from tests.core.ledger.acts import ANA, CHANGED

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
