"""Recording decisions and listing them: one event each in the ledger's stream of decisions, never changed."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import Any

from lookingglass.candidates import get_candidate
from lookingglass.decisions.record import Decision, Measured, NewDecision
from lookingglass.errors import BadInput, Conflict, one_line
from lookingglass.home import Home
from lookingglass.ledger import Actor, Ledger, StaleWrite
from lookingglass.testset.events import Head, events_until
from lookingglass.wording import short_hash, threshold_text

STREAM = "decisions"
AGREED = "threshold_agreed"
_TRIES = 20

_lock = threading.Lock()
_known: weakref.WeakKeyDictionary[Ledger, tuple[int, tuple[Decision, ...]]] = weakref.WeakKeyDictionary()


def agree(
    home: Home, new: NewDecision, actor: Actor, *, key: str | None = None, seen: int | None = None
) -> Decision:
    """Record what people agreed on, and return it.

    Args:
        key: idempotency key; a second call with it and the same decision returns the first one's.
        seen: sequence number of the decision in force for this fingerprint as the caller saw it, 0 for none; None does
            not look.

    Raises:
        NotFound: there is no such candidate, or no such version.
        BadInput: the candidate is retired or is another model by now, or the digest is not that of the version.
        Conflict: others agreed on this candidate after ``seen``.
        NotAllowed: the actor may not agree a threshold.
    """
    return _record(home, new.payload(), actor, key, seen)


def confirm(
    home: Home,
    decision: Decision,
    measured: Measured,
    actor: Actor,
    *,
    people: Sequence[str] | None = None,
    reason: str | None = None,
    key: str | None = None,
) -> Decision:
    """Record that a decision holds on a newer version of the test set, and return the new one.

    Threshold, aim, currency and volume stay as they were.

    Args:
        measured: what is measured at its threshold on the newer version.
        people: who confirms it, the actor alone when None. ``reason``: why, the decision's own when None.

    Raises:
        BadInput: the test set is what it was when the decision was made; and as ``agree`` raises.
        Conflict: another decision on this candidate came after it.
        NotFound, NotAllowed: as ``agree`` raises them.
    """
    again = NewDecision(
        candidate=decision.candidate,
        fingerprint=decision.fingerprint,
        measured=measured,
        threshold=decision.threshold,
        aim=decision.aim,
        people=(actor.name,) if people is None else people,
        reason=decision.reason if reason is None else reason,
        metric_reason=decision.metric_reason,
        ask_from=decision.ask_from,
        currency=decision.currency,
        volume=decision.volume,
        ask_cost=decision.ask_cost,
        origin=decision.origin,
    )
    if measured.digest == decision.digest:
        raise BadInput(
            f"the decision on {decision.candidate} was made on this very content of the test set: there is nothing to "
            "confirm. Nothing was changed."
        )
    return _record(home, again.payload(confirms=decision.seq), actor, key, seen=decision.seq)


def list_decisions(home: Home) -> list[Decision]:
    """Return every decision, oldest first; each knows by which later one it was replaced."""
    return list(_all(home))


def decision_in_force(home: Home, fingerprint: str) -> Decision | None:
    """Return the latest decision on one fingerprint, None when there is none."""
    return next((one for one in reversed(_all(home)) if one.fingerprint == fingerprint), None)


def times_used(home: Home, digest: str) -> int:
    """Return how many decisions, confirmations among them, were made on a test set with this very content."""
    return sum(one.digest == digest for one in _all(home))


def _all(home: Home) -> tuple[Decision, ...]:
    ledger = home.ledger
    last = ledger.last_seq(STREAM)
    with _lock:
        known = _known.get(ledger)
    if known is not None and known[0] == last:
        return known[1]
    events = ledger.events(STREAM, until=last, types=[AGREED])
    next_of: dict[str, int] = {}
    decisions = []
    for event in reversed(events):
        fingerprint = event.payload["fingerprint"]
        decisions.append(Decision.of(event, next_of.get(fingerprint)))
        next_of[fingerprint] = event.seq
    found = tuple(reversed(decisions))
    with _lock:
        _known[ledger] = (last, found)
    return found


def _record(home: Home, payload: dict[str, Any], actor: Actor, key: str | None, seen: int | None) -> Decision:
    for _ in range(_TRIES):
        last = home.ledger.last_seq(STREAM)
        if key is None or all(event.key != key for event in home.ledger.events(STREAM, until=last)):
            _check_subject(home, payload)
            if seen is not None:
                _check_seen(home, payload, seen)
        try:
            event = home.ledger.append(STREAM, AGREED, payload, actor, key=key, expected=last)
        except StaleWrite:
            continue
        return Decision.of(event)
    raise Conflict(
        "others are recording decisions without pause: try again in a moment. Nothing was changed."
    )


def _check_subject(home: Home, payload: dict[str, Any]) -> None:
    """Refuse a decision on something else than what is there."""
    candidate = get_candidate(home, payload["candidate"])
    name = candidate.name
    if candidate.retired:
        raise BadInput(f"{name} is retired, so nothing can be agreed for it. Nothing was changed.")
    if candidate.fingerprint != payload["fingerprint"]:
        raise BadInput(
            f"{name} has the fingerprint {short_hash(candidate.fingerprint)}, not "
            f"{short_hash(one_line(payload['fingerprint']))}: look at it again. Nothing was changed."
        )
    version = payload["version"]
    digest = Head.of(events_until(home, version)).digest
    if version < 1 or digest != payload["digest"]:
        raise BadInput(
            f"version {version} of the test set has the digest {short_hash(digest)}, not "
            f"{short_hash(one_line(payload['digest']))}: reload the page and look again. Nothing was changed."
        )


def _check_seen(home: Home, payload: dict[str, Any], seen: int) -> None:
    now = decision_in_force(home, payload["fingerprint"])
    if now is not None and now.seq != seen:
        at = threshold_text(now.threshold)
        raise Conflict(
            f"{one_line(now.actor, 80)} recorded another decision on {now.candidate} ({at}) at {now.time[:19]} UTC, "
            "after you looked: look again. Nothing was changed."
        )
