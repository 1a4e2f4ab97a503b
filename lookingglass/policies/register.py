"""Recording policies and listing them: one event each in the ledger's stream of policies, replaced and never edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lookingglass.errors import BadInput, Conflict, one_line
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event, StaleWrite
from lookingglass.policies.policy import Policy

STREAM = "policies"
POLICY_SET = "policy_set"
_TRIES = 20


@dataclass(frozen=True)
class PolicyRecord:
    """A policy as it was recorded.

    Attributes:
        version: 1 for the first of the workspace. ``digest``: of what it says.
        seq, actor, authentication, time: of its event.
        after_results: whether it was set after results were looked at, as the author said; a later policy always is,
            since the earlier one was checked against them.
        replaced_by: version of the one that came after it, None for the one in force.
    """

    version: int
    policy: Policy
    digest: str
    seq: int
    actor: str
    authentication: str
    time: str
    after_results: bool
    replaced_by: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "version": self.version,
            "digest": self.digest,
            "seq": self.seq,
            "actor": self.actor,
            "authentication": self.authentication,
            "time": self.time,
            "after_results": self.after_results,
            "replaced_by": self.replaced_by,
            "policy": self.policy.to_json(),
        }


def set_policy(
    home: Home,
    policy: Policy,
    actor: Actor,
    *,
    after_results: bool,
    key: str | None = None,
    seen: int | None = None,
) -> PolicyRecord:
    """Record a policy and return it; it is in force from then on.

    Args:
        after_results: whether results were looked at before. From the second policy on it is recorded so in any case.
        key: idempotency key; a second call with it and the same policy returns the first one's record.
        seen: version of the policy in force as the caller saw it, 0 for none; None does not look.

    Raises:
        BadInput: it says what the policy in force says.
        Conflict: another policy was set after ``seen``.
        NotAllowed: the actor may not set a policy.
    """
    for _ in range(_TRIES):
        events = home.ledger.events(STREAM)
        repeated = next((event for event in events if key is not None and event.key == key), None)
        records = _records(events)
        if repeated is None:
            _check(records, policy, seen)
        before = events if repeated is None else [event for event in events if event.seq < repeated.seq]
        payload = {
            "version": len(before) + 1,
            "digest": policy.digest,
            "after_results": bool(after_results or before),
            "policy": policy.to_json(),
        }
        try:
            event = home.ledger.append(
                STREAM, POLICY_SET, payload, actor, key=key, expected=events[-1].seq if events else 0
            )
        except StaleWrite:
            continue
        return _record(event, None)
    raise Conflict("others are setting policies without pause: try again in a moment. Nothing was changed.")


def list_policies(home: Home) -> list[PolicyRecord]:
    """Return every policy, oldest first; each knows by which one it was replaced."""
    return _records(home.ledger.events(STREAM, types=[POLICY_SET]))


def policy_in_force(home: Home) -> PolicyRecord | None:
    """Return the latest policy, None when there is none."""
    records = list_policies(home)
    return records[-1] if records else None


def _records(events: list[Event]) -> list[PolicyRecord]:
    last = len(events)
    return [_record(event, at + 1 if at < last else None) for at, event in enumerate(events, start=1)]


def _record(event: Event, replaced_by: int | None) -> PolicyRecord:
    told = event.payload
    return PolicyRecord(
        told["version"],
        Policy.from_json(told["policy"]),
        told["digest"],
        event.seq,
        event.actor,
        event.authentication,
        event.time,
        told["after_results"],
        replaced_by,
    )


def _check(records: list[PolicyRecord], policy: Policy, seen: int | None) -> None:
    now = records[-1] if records else None
    if seen is not None and seen != (now.version if now else 0):
        raise Conflict(
            f"{one_line(now.actor, 80) if now else 'nobody'} set policy {now.version if now else 0} after you looked: "
            "look again. Nothing was changed."
        )
    if now is not None and now.digest == policy.digest:
        raise BadInput(f"policy {now.version}, which is in force, says the same. Nothing was changed.")
