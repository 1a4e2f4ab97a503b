"""The candidates of a workspace, read from its ledger: who they are, in which order they came, which are retired.

Nothing is kept beside the events; a list of candidates is derived anew whenever their stream has moved on.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, replace
from typing import Any

from lookingglass.candidates.manifest import DESCRIPTIVE, Manifest, parse_manifest
from lookingglass.errors import BadInput, NotFound, one_line
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event, Ledger

STREAM = "candidates"
REGISTERED, DESCRIBED, RETIRED = "candidate_registered", "candidate_described", "candidate_retired"


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


def retire(home: Home, name: str, actor: Actor, reason: str = "") -> Event:
    """Take a candidate out of the evaluations to come; its name stays taken and its history stays.

    Raises:
        NotFound: there is no such candidate.
        BadInput: it is retired already.
        NotAllowed: the actor may not.
    """
    candidate = get_candidate(home, name)
    if candidate.retired:
        raise BadInput(f"{name} is retired already. Nothing was changed.")
    return home.ledger.append(STREAM, RETIRED, {"name": name, "reason": reason}, actor)


def describe(home: Home, name: str, actor: Actor, **fields: str | None) -> Event:
    """Change what is said about a candidate: any of ``DESCRIPTIVE``; None leaves a field as it is.

    Raises:
        NotFound: there is no such candidate, or no such parent.
        BadInput: nothing would change, or a field that may not change (the fingerprint is immutable).
    """
    candidate = get_candidate(home, name)
    given = {key: value for key, value in fields.items() if value is not None}
    fixed = sorted(set(given) - set(DESCRIPTIVE))
    if fixed:
        raise BadInput(f"{fixed[0]} of a candidate cannot change: register the new model under a new name.")
    changed = {key: value for key, value in given.items() if getattr(candidate.manifest, key) != value}
    if not changed:
        raise BadInput(f"{name} says so already. Nothing was changed.")
    if changed.get("parent"):
        get_candidate(home, changed["parent"])
    _described(candidate.manifest, changed)
    return home.ledger.append(STREAM, DESCRIBED, {"name": name, **changed}, actor)


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
            )
        elif event.type == RETIRED:
            candidates[name] = replace(candidates[name], retired=True)
        elif event.type == DESCRIBED:
            changed = {key: value for key, value in event.payload.items() if key in DESCRIPTIVE}
            candidates[name] = replace(
                candidates[name], manifest=_described(candidates[name].manifest, changed)
            )
    return candidates


def _described(manifest: Manifest, changed: dict[str, str]) -> Manifest:
    return parse_manifest({**manifest.model_dump(), **changed}, f"candidate {manifest.name}")
