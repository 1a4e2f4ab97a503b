"""What a record is: who acts, what an event holds, and the hash that ties it to the one before.

Knows nothing of databases. docs/ledger.md describes the same format in words.
"""

from __future__ import annotations

import getpass
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.errors import BadInput, Conflict, one_line

NOT_AUTHENTICATED = "not authenticated"
LONGEST_NAME = 200
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that a name may not hold: control and format characters, half surrogate pairs, line breaks."""


@dataclass(frozen=True)
class Actor:
    """Who does something, and how we know: in local mode a name that nobody checked.

    Raises:
        BadInput: the name is empty, has more than 200 characters, or holds characters that cannot be seen.
    """

    name: str
    authentication: str = NOT_AUTHENTICATED

    def __post_init__(self) -> None:
        for value in (self.name, self.authentication):
            if not value.strip() or len(value) > LONGEST_NAME:
                raise BadInput(
                    f"A person's name has 1 to {LONGEST_NAME} characters: say who you are "
                    "(on the command line with --as NAME)."
                )
            if any(unicodedata.category(letter) in UNSEEN for letter in value):
                raise BadInput(
                    f"The name {ascii(value)[:80]} holds characters that cannot be seen: type it again."
                )


def system_user() -> str | None:
    """Return the operating system's name for whoever runs this process; None for a container's user without one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError from Python 3.13 on
        return None


@dataclass(frozen=True)
class Event:
    """One thing that a person did, as recorded.

    Attributes:
        seq: its place in the ledger: 1, 2, 3 ... without a gap; order comes from this, never from ``time``.
        stream: the part of the workspace that it changes: workspace, testset, candidates, problems, decisions.
        type: what happened; a key of ``PERMISSIONS``.
        payload: what exactly, as plain JSON values.
        actor, authentication: who did it, and how we know.
        time: the writer's clock in UTC, which may be wrong.
        key: idempotency key, None when the caller gave none.
        prev_hash, hash: of the event before (the genesis hash for the first) and of this one; 64 hexadecimal digits.
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

    def to_json(self) -> dict[str, Any]:
        """Return the event as a plain object, as ``audit export`` writes it."""
        return asdict(self)


@dataclass(frozen=True)
class NewEvent:
    """An event to be recorded; ``Ledger.append`` says what ``key`` and ``expected`` do."""

    stream: str
    type: str
    payload: Mapping[str, Any]
    key: str | None = None
    expected: int | None = None


class StaleWrite(Conflict):
    """The stream moved on since the caller looked; ``events`` came meanwhile, oldest first. Nothing was changed."""

    def __init__(self, stream: str, expected: int, events: Sequence[Event]) -> None:
        self.stream = stream
        self.expected = expected
        self.events = list(events)
        super().__init__(
            f"{self._what_happened()} Look again, then repeat what you did. Nothing was changed."
        )

    def _what_happened(self) -> str:
        if not self.events:
            return f"You saw event {self.expected} of {self.stream}, which this ledger lacks: was a backup restored?"
        last = self.events[-1]
        others = f", and {len(self.events) - 1:,} more" if len(self.events) > 1 else ""
        return (
            f"{one_line(last.actor, 80)} changed this at {last.time[:19]} UTC, after you looked "
            f"(event {last.seq}, {last.type}{others})."
        )


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
