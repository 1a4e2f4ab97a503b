"""What happened lately, in plain words: one sentence for each event of the ledger, with who did it and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lookingglass.errors import one_line
from lookingglass.home import Home
from lookingglass.ledger import Event
from lookingglass.testset import VersionInfo, history
from lookingglass.wording import plural, threshold_text


@dataclass(frozen=True)
class Happening:
    """One event as a person would tell it. ``words`` follow the actor's name: "registered the candidate boosted"."""

    seq: int
    time: str
    actor: str
    words: str


def _workspace_created(event: Event) -> str:
    return "made this workspace"


def _workspace_renamed(event: Event) -> str:
    return f"renamed this workspace from {event.payload['old']} to {event.payload['new']}"


def _workspace_configured(event: Event) -> str:
    note = f": {event.payload['note']}" if event.payload["note"] else ""
    return f"stands for the change of workspace.toml by hand{note}"


def _candidate_registered(event: Event) -> str:
    change = event.payload.get("manifest", {}).get("change")
    return f"registered the candidate {event.payload['name']}" + (f": {change}" if change else "")


def _candidate_described(event: Event) -> str:
    return f"described the candidate {event.payload['name']} anew"


def _candidate_retired(event: Event) -> str:
    return f"retired the candidate {event.payload['name']}" + (
        f": {event.payload['reason']}" if event.payload.get("reason") else ""
    )


def _scores_added(event: Event) -> str:
    return f"brought further predictions for {event.payload['name']}"


def _file_approved(event: Event) -> str:
    return f"approved the file {event.payload['sha256'][:8]} to be loaded: {event.payload['reason']}"


def _problem_opened(event: Event) -> str:
    return f"opened the problem {event.payload['name']}, described by {_patterns(event)}"


def _threshold_agreed(event: Event) -> str:
    told = event.payload
    verb = "agreed" if told["confirms"] is None else "confirmed"
    nobody = told["threshold"] is None
    what = "to answer nobody with" if nobody else f"the threshold {threshold_text(told['threshold'])} for"
    words = f"{verb} {what} {told['candidate']} on version {told['version']} of the test set"
    return words if told["confirms"] is not None else f"{words}: {one_line(told['reason'], 200)}"


def _explanation_reviewed(event: Event) -> str:
    told = event.payload
    verdict = {"right": "right", "wrong": "wrong", "unsure": "not clear"}[told["verdict"]]
    comment = f": {one_line(told['comment'], 200)}" if told["comment"] else ""
    return (
        f"found the reasons of {told['candidate']} for {one_line(told['example_id'], 60)} {verdict}{comment}"
    )


def _policy_set(event: Event) -> str:
    told = event.payload
    count = len(told["policy"]["limits"])
    late = ", after results were looked at" if told["after_results"] else ""
    return f"set policy {told['version']} with {count} {plural('limit', count)}{late}"


def _unknown(event: Event) -> str:
    return f"recorded {event.type!r}, which this version of Looking Glass does not know"


def _patterns(event: Event) -> str:
    count = len(event.payload["pattern_ids"])
    return f"{count} {plural('pattern', count)}"


WORDS: dict[str, Callable[[Event], str]] = {
    "workspace_created": _workspace_created,
    "workspace_renamed": _workspace_renamed,
    "workspace_configured": _workspace_configured,
    "candidate_registered": _candidate_registered,
    "candidate_described": _candidate_described,
    "candidate_retired": _candidate_retired,
    "scores_added": _scores_added,
    "file_approved": _file_approved,
    "problem_opened": _problem_opened,
    "threshold_agreed": _threshold_agreed,
    "policy_set": _policy_set,
    "explanation_reviewed": _explanation_reviewed,
}
"""Event type -> its sentence; the test set's own events are told by its history."""


def _told(info: VersionInfo) -> str:
    return f"{info.words}: {info.note}" if info.action == "erase" else info.words


def happenings(home: Home, limit: int) -> list[Happening]:
    """Return the latest ``limit`` events, newest first."""
    head, _ = home.ledger.head()
    events = home.ledger.events(after=max(0, head - limit))
    versions = (
        {info.version: _told(info) for info in history(home)}
        if any(e.stream == "testset" for e in events)
        else {}
    )
    told = [
        Happening(
            event.seq,
            event.time,
            event.actor,
            versions[event.payload["version"]]
            if event.stream == "testset"
            else WORDS.get(event.type, _unknown)(event),
        )
        for event in events
    ]
    return told[::-1]
