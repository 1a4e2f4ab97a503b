"""What an event is, and the hash that ties it to the one before. docs/ledger.md describes the same format in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lookingglass.canonical import canonical_json, sha256_hex

NOT_AUTHENTICATED = "not authenticated"


@dataclass(frozen=True)
class Actor:
    """Who does something, and how we know: in local mode a name that nobody checked."""

    name: str
    authentication: str = NOT_AUTHENTICATED


@dataclass(frozen=True)
class Event:
    """One thing that a person did, as recorded.

    Attributes:
        seq: its place in the ledger, from 1; order comes from this, never from ``time``.
        stream: the part of the workspace that it changes: workspace, testset, candidates, problems.
        key: idempotency key, None when the caller gave none.
    """

    seq: int
    stream: str
    type: str
    payload: dict[str, Any]
    actor: str
    authentication: str
    time: str
    key: str | None
    prev_hash: str
    hash: str


def event_hash(
    *,
    seq: int,
    stream: str,
    type: str,
    payload: str,
    actor: str,
    authentication: str,
    time: str,
    key: str | None,
    prev_hash: str,
) -> str:
    """Return the SHA-256 of an event: of the canonical JSON of a list of its fields, the payload as its stored text."""
    return sha256_hex(
        canonical_json([seq, stream, type, payload, actor, authentication, time, key, prev_hash])
    )


def genesis_hash(ledger_id: str) -> str:
    """Return the hash before the first event, bound to this one ledger."""
    return sha256_hex(canonical_json(["looking glass ledger", ledger_id]))
