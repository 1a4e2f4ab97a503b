"""Hashes with known answers, worked out here byte by byte, and who may be an actor."""

from __future__ import annotations

import hashlib
import uuid

import pytest

from lookingglass.errors import BadInput
from lookingglass.ledger import Actor, StaleWrite, store
from lookingglass.ledger.events import Event, event_hash, genesis_hash
from tests.core.ledger.conftest import Opener

TIME = "2026-11-21T04:10:07.123456Z"


def test_the_chain_has_the_known_hashes(open_ledger: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes that are hashed are spelled out here; nobody's own function makes them."""
    monkeypatch.setattr(store, "now_utc", lambda: TIME)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=7))
    ledger = open_ledger()
    monkeypatch.undo()
    genesis = hashlib.sha256(b'["looking glass ledger","00000000000000000000000000000007"]').hexdigest()
    assert ledger.head() == (0, genesis)

    monkeypatch.setattr(store, "now_utc", lambda: TIME)
    first = ledger.append("testset", "examples_changed", {"b": 'é"', "a": [1, 0.5]}, Actor("ana"), key="k1")
    spelled = (
        r'[1,"testset","examples_changed","{\"a\":[1,0.5],\"b\":\"é\\\"\"}","ana","not authenticated",'
        f'"{TIME}","k1","{genesis}"]'
    )
    assert first.hash == hashlib.sha256(spelled.encode()).hexdigest()
    assert first.prev_hash == genesis

    second = ledger.append("problems", "problem_opened", {}, Actor("bo", "OIDC"))
    spelled = f'[2,"problems","problem_opened","{{}}","bo","OIDC","{TIME}",null,"{first.hash}"]'
    assert second.hash == hashlib.sha256(spelled.encode()).hexdigest()
    assert ledger.head() == (2, second.hash)


FIELDS = {
    "seq": 1,
    "stream": "s",
    "type": "t",
    "payload": "{}",
    "actor": "ana",
    "authentication": "OIDC",
    "time": TIME,
    "key": None,
    "prev_hash": "0" * 64,
}


@pytest.mark.parametrize(
    ("field", "other"),
    [*[(name, "x") for name in FIELDS if name != "seq"], ("seq", 2), ("key", ""), ("key", "null")],
)
def test_every_field_counts(field: str, other: object) -> None:
    assert event_hash(**{**FIELDS, field: other}) != event_hash(**FIELDS)  # type: ignore[arg-type]  # a plain dict


def test_text_cannot_move_from_one_field_to_the_next() -> None:
    one = event_hash(**{**FIELDS, "stream": "ab", "type": "c"})  # type: ignore[arg-type]  # a plain dict
    other = event_hash(**{**FIELDS, "stream": "a", "type": "bc"})  # type: ignore[arg-type]  # a plain dict
    assert one != other


def test_two_ledgers_have_different_beginnings() -> None:
    assert genesis_hash("a") != genesis_hash("b")


@pytest.mark.parametrize("name", ["ana", "Ana María Ñandú", "李雷", "o'brien <x>", "a" * 200])
def test_plain_names_are_names(name: str) -> None:
    assert Actor(name).authentication == "not authenticated"


@pytest.mark.parametrize("name", ["", "  ", "a" * 201, "a\nb", "a\x00", "a\u202eb", "a\u200bb", "\udce9"])
def test_names_that_mislead_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="name"):
        Actor(name)


def test_a_stale_write_says_who_did_what_meanwhile() -> None:
    event = Event(7, "testset", "examples_changed", {}, "bo", "OIDC", TIME, None, "0" * 64, "1" * 64)
    error = StaleWrite("testset", 6, [event])
    assert str(error) == (
        "bo changed this at 2026-11-21T04:10:07 UTC, after you looked (event 7, examples_changed). "
        "Look again, then repeat what you did. Nothing was changed."
    )
    assert "and 1 more" in str(StaleWrite("testset", 5, [event, event]))
    assert "was a backup restored?" in str(StaleWrite("testset", 9, []))
