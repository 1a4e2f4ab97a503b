"""The candidates of a workspace, read from its ledger: who they are, in which order they came, which are retired.

Nothing is kept beside the events; a list of candidates is derived anew whenever their stream has moved on.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lookingglass.candidates.checks import CheckResult, read_checks
from lookingglass.candidates.manifest import DESCRIPTIVE, Manifest, parse_manifest
from lookingglass.errors import BadInput, Conflict, NotFound, one_line
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event, Ledger, StaleWrite

STREAM = "candidates"
REGISTERED, DESCRIBED, RETIRED = "candidate_registered", "candidate_described", "candidate_retired"
_ATTEMPTS = 10


@dataclass(frozen=True)
class Candidate:
    """One registered candidate.

    Attributes:
        name, fingerprint: what people call it, and what it is; the fingerprint never changes.
        manifest: with the latest description.
        files: file name -> SHA-256 in the workspace's file store.
        seq, time, actor: the event that registered it.
        retired: no longer evaluated; its history stays.
        order: 0 for the first registered in the workspace, then 1 ...; gives each candidate its colour for good.
        checks: what its file passed before it was registered; none for those registered before that was recorded.
        retired_because: the reason given when it was retired, '' without one.
    """

    name: str
    fingerprint: str
    manifest: Manifest
    files: dict[str, str]
    seq: int
    time: str
    actor: str
    retired: bool
    order: int
    checks: tuple[CheckResult, ...] = ()
    retired_because: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a plain object for ``candidates list --json``."""
        fields = self.manifest.model_dump(mode="json", exclude={"name", "format"})
        return {
            "name": self.name,
            "fingerprint": self.fingerprint,
            "format": self.manifest.format,
            "registered": {"seq": self.seq, "time": self.time, "by": self.actor},
            "retired": self.retired,
            **fields,
            "files": dict(self.files),
            "checks": [each.to_json() for each in self.checks],
        }


_lock = threading.Lock()
_known: weakref.WeakKeyDictionary[Ledger, tuple[int, dict[str, Candidate]]] = weakref.WeakKeyDictionary()


def list_candidates(home: Home, include_retired: bool = False) -> list[Candidate]:
    """Return the candidates in the order of their registration."""
    return [candidate for candidate in _all(home).values() if include_retired or not candidate.retired]


def get_candidate(home: Home, name: str) -> Candidate:
    """Return the candidate called ``name``, retired or not; raises NotFound naming those there are."""
    candidates = _all(home)
    if name not in candidates:
        there = ", ".join(each.name for each in candidates.values() if not each.retired)
        raise NotFound(
            f"There is no candidate {one_line(name, 64)!r} here; there are: {one_line(there) or 'none yet'}."
        )
    return candidates[name]


def earlier_request(home: Home, key: str | None) -> Event | None:
    """Return the event that an earlier request with this idempotency key wrote here, None when there is none."""
    if key is None:
        return None
    return next((event for event in home.ledger.events(STREAM) if event.key == key), None)


def retire(home: Home, name: str, actor: Actor, reason: str = "", *, key: str | None = None) -> Event:
    """Take a candidate out of the evaluations to come; its name stays taken and its history stays.

    Args:
        key: idempotency key; the same request again returns the event that it wrote.

    Raises:
        NotFound: there is no such candidate.
        BadInput: it is retired already.
        NotAllowed: the actor may not.
    """
    earlier = earlier_request(home, key)
    if earlier is not None and earlier.payload.get("name") == name:
        return earlier
    candidate = get_candidate(home, name)
    if candidate.retired:
        raise BadInput(f"{name} is retired already. Nothing was changed.")
    return home.ledger.append(STREAM, RETIRED, {"name": name, "reason": reason}, actor, key=key)


def describe(home: Home, name: str, actor: Actor, *, key: str | None = None, **fields: str | None) -> Event:
    """Change what is said about a candidate: any of ``DESCRIPTIVE``; None leaves a field as it is.

    Args:
        key: idempotency key; the same request again returns the event that it wrote.
        fields: new values; an empty ``parent`` says that there is none.

    Raises:
        NotFound: there is no such candidate, or no such parent.
        BadInput: nothing would change, a field that may not change (the fingerprint is immutable), or a parent that
            descends from the candidate.
        Conflict: other people kept changing the candidates meanwhile.
    """
    earlier = earlier_request(home, key)
    if earlier is not None and earlier.payload.get("name") == name:
        return earlier
    for _ in range(_ATTEMPTS):
        seen = home.ledger.last_seq(STREAM)
        changed = _changes(home, name, fields)
        try:
            # A parent is judged by everybody's parents, so nothing may change between the look and the record.
            expected = seen if "parent" in changed else None
            payload = {"name": name, **changed}
            return home.ledger.append(STREAM, DESCRIBED, payload, actor, key=key, expected=expected)
        except StaleWrite:
            continue
    raise Conflict(f"{name} could not be described: others kept changing the candidates. Try again.")


def _changes(home: Home, name: str, fields: Mapping[str, str | None]) -> dict[str, str | None]:
    candidate = get_candidate(home, name)
    given: dict[str, str | None] = {field: value for field, value in fields.items() if value is not None}
    if given.get("parent") == "":
        given["parent"] = None
    fixed = sorted(set(given) - set(DESCRIPTIVE))
    if fixed:
        raise BadInput(f"{fixed[0]} of a candidate cannot change: register the new model under a new name.")
    changed = {key: value for key, value in given.items() if getattr(candidate.manifest, key) != value}
    if not changed:
        raise BadInput(f"{name} says so already. Nothing was changed.")
    parent = changed.get("parent")
    if parent is not None:
        above = [get_candidate(home, parent).name, *ancestors(home, parent)]
        if name in above:
            how = "itself" if parent == name else f"{parent}, which came from {name}"
            raise BadInput(f"{name} cannot have come from {how}: name another parent. Nothing was changed.")
    _described(candidate.manifest, changed)
    return changed


def ancestors(home: Home, name: str) -> tuple[str, ...]:
    """Return the candidates that this one came from, the nearest first; each once, whatever the record says."""
    candidates, found = _all(home), list[str]()
    parent = candidates[name].manifest.parent if name in candidates else None
    while parent in candidates and parent is not None and parent not in found:
        found.append(parent)
        parent = candidates[parent].manifest.parent
    return tuple(found)


def descendants(home: Home) -> list[tuple[Candidate, int]]:
    """Return every candidate, retired ones too, as a tree read from top to bottom: (candidate, how deep it stands).

    A candidate stands below its parent, those of one parent in the order of their registration; one whose parent is
    not here stands at the top.
    """
    candidates = _all(home)
    below: dict[str | None, list[Candidate]] = {}
    for candidate in candidates.values():
        parent = candidate.manifest.parent
        top = parent not in candidates or candidate.name in ancestors(home, candidate.name)
        below.setdefault(None if top else parent, []).append(candidate)
    tree: list[tuple[Candidate, int]] = []
    waiting = [(candidate, 0) for candidate in reversed(below.get(None, []))]
    while waiting:
        candidate, depth = waiting.pop()
        tree.append((candidate, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(candidate.name, []))]
    return tree


def _all(home: Home) -> dict[str, Candidate]:
    ledger = home.ledger
    last = ledger.last_seq(STREAM)
    with _lock:
        known = _known.get(ledger)
    if known is not None and known[0] == last:
        return known[1]
    candidates = _derive(ledger.events(STREAM, until=last))
    with _lock:
        _known[ledger] = (last, candidates)
    return candidates


def _derive(events: list[Event]) -> dict[str, Candidate]:
    candidates: dict[str, Candidate] = {}
    for event in events:
        name = event.payload.get("name", "")
        if event.type == REGISTERED:
            candidates[name] = Candidate(
                name=name,
                fingerprint=event.payload["fingerprint"],
                manifest=parse_manifest(event.payload["manifest"], f"event {event.seq}"),
                files=dict(event.payload["files"]),
                seq=event.seq,
                time=event.time,
                actor=event.actor,
                retired=False,
                order=len(candidates),
                checks=read_checks(event.payload.get("checks")),
            )
        elif event.type == RETIRED:
            reason = str(event.payload.get("reason", ""))
            candidates[name] = replace(candidates[name], retired=True, retired_because=reason)
        elif event.type == DESCRIBED:
            changed = {key: value for key, value in event.payload.items() if key in DESCRIPTIVE}
            candidates[name] = replace(
                candidates[name], manifest=_described(candidates[name].manifest, changed)
            )
    return candidates


def _described(manifest: Manifest, changed: Mapping[str, str | None]) -> Manifest:
    return parse_manifest({**manifest.model_dump(), **changed}, f"candidate {manifest.name}")
