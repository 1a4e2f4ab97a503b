"""The test set's history in plain words: one entry a version, read from the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lookingglass.config import WorkspaceConfig
from lookingglass.home import Home
from lookingglass.ledger import ERASURE, Event
from lookingglass.testset.changes import CellChange, changes_between, from_to, shown
from lookingglass.testset.content import from_content
from lookingglass.testset.events import CHANGED, changes_of, testset_events
from lookingglass.testset.tombstones import erasures_in

TOLD = 3
"""How many of several changes in one event are told with their values."""


@dataclass(frozen=True)
class VersionInfo:
    """How one version came about.

    Attributes:
        erased: how many examples of this version had their content erased since.
        words: what was done, to follow the actor's name: "relabelled row-000007 from no to yes".
        added, changed, removed: how many examples; ``examples`` how many there are since.
        note: why, as the person put it.
    """

    version: int
    seq: int
    time: str
    actor: str
    authentication: str
    action: str
    added: int
    changed: int
    removed: int
    examples: int
    digest: str
    note: str
    words: str
    erased: int = 0

    @property
    def since(self) -> str:
        """Say what was erased of this version since, "" when nothing was."""
        if not self.erased:
            return ""
        return f"content of {self.erased:,} {_examples(self.erased)} was erased since"

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON-able values."""
        return dict(vars(self))


def history(home: Home, limit: int | None = None, *, until: int | None = None) -> list[VersionInfo]:
    """Return every version (the last ``limit`` up to ``until``) with who made it, when and how, oldest first."""
    events = testset_events(home)[:until]
    told = events if limit is None else events[max(0, len(events) - limit) :]
    shas = {
        sha
        for event in told
        if event.type == CHANGED
        for change in changes_of(event)
        for sha in (change["content"], change["previous"])
        if sha is not None
    }
    content = home.ledger.content(sorted(shas)) if shas else {}
    gone = _gone_of_each(testset_events(home))
    return [_entry(event, content, home.config, gone.get(event.seq, 0)) for event in told]


def _gone_of_each(events: Sequence[Event]) -> dict[int, int]:
    """Return sequence number -> how many examples of the version that it made had their content erased by now."""
    erased = erasures_in(events)
    counts: dict[int, int] = {}
    present: set[str] = set()
    for event in events if erased.key else ():
        if event.type == CHANGED:
            for change in changes_of(event):
                if change["example_id"] in erased.tombstones:
                    (present.discard if change["content"] is None else present.add)(change["example_id"])
        elif event.type == ERASURE:
            present.discard(event.payload["example_id"])
        else:
            present.update(row.example_id for row in erased.part(str(event.payload["file"]))[1])
        counts[event.seq] = len(present)
    return counts


def _entry(event: Event, content: Mapping[str, bytes], config: WorkspaceConfig, gone: int) -> VersionInfo:
    payload = event.payload
    if event.type == CHANGED:
        changes = changes_of(event)
        action = str(payload["action"])
        added = sum(change["previous"] is None for change in changes)
        removed = sum(change["content"] is None for change in changes)
        changed = len(changes) - added - removed
        words = _in_words(action, changes, content, config)
    elif event.type == ERASURE:
        action, added, changed, removed = str(payload["action"]), 0, 0, 0
        words = f"erased the content of {payload['example_id']}"
    else:
        action, removed = "import", 0
        added, changed = int(payload["added"]), int(payload["changed"])
        words = _import_in_words(payload)
    return VersionInfo(
        version=int(payload["version"]),
        seq=event.seq,
        time=event.time,
        actor=event.actor,
        authentication=event.authentication,
        action=action,
        added=added,
        changed=changed,
        removed=removed,
        examples=int(payload["examples"]),
        digest=str(payload["digest"]),
        note=str(payload["note"]),
        words=words,
        erased=gone,
    )


def _import_in_words(payload: Mapping[str, Any]) -> str:
    parts = [
        f"{payload[what]:,} {_examples(payload[what])} {what}"
        for what in ("added", "changed")
        if payload[what]
    ]
    return f"imported {payload['upload_name']}: {', '.join(parts)}"


def _examples(count: int) -> str:
    return "example" if count == 1 else "examples"


def _in_words(
    action: str, changes: Sequence[Mapping[str, Any]], content: Mapping[str, bytes], config: WorkspaceConfig
) -> str:
    """Say what an event did: one change in full, several by their number and the first few of them."""
    if len(changes) == 1:
        return _change_in_words(action, changes[0], content, config)
    more = f"; and {len(changes) - TOLD:,} more" if len(changes) > TOLD else ""
    if action == "add":
        names = ", ".join(change["example_id"] for change in changes[:TOLD])
        return f"added {len(changes):,} examples: {names}{more}"
    done = {"relabel": "relabelled", "tag": "tagged"}.get(action, "changed")
    parts = [_cells_in_words(action, change, content, config) for change in changes[:TOLD]]
    return f"{done} {len(changes):,} examples: {'; '.join(parts)}{more}"


def _cells_in_words(
    action: str, change: Mapping[str, Any], content: Mapping[str, bytes], config: WorkspaceConfig
) -> str:
    """Say one of several changes: ``lvr of row-000007 from 0.8 to 0.9, units from 1 to 2``."""
    example = change["example_id"]
    cells = _cells(change, content, config)
    if cells is None:
        return f"{', '.join(change['columns'])} of {example}"
    if action == "relabel":
        return f"{example} from {shown(cells[0].old)} to {shown(cells[0].new)}"
    first, *rest = (from_to(cell).lstrip("@") for cell in cells)
    column, values = first[: len(cells[0].column.lstrip("@"))], first[len(cells[0].column.lstrip("@")) :]
    return ", ".join([f"{column} of {example}{values}", *rest])


def _cells(
    change: Mapping[str, Any], content: Mapping[str, bytes], config: WorkspaceConfig
) -> list[CellChange] | None:
    """Return the cells that a change of an example changed; None when its content was erased."""
    after, before = content.get(change["content"]), content.get(change["previous"])
    if after is None or before is None:
        return None
    return changes_between(from_content(before), from_content(after), config)


def _change_in_words(
    action: str, change: Mapping[str, Any], content: Mapping[str, bytes], config: WorkspaceConfig
) -> str:
    """Say one change with its values; without them when its content was erased."""
    example = change["example_id"]
    if action == "remove":
        return f"removed {example}"
    if action == "add":
        after = content.get(change["content"])
        if after is None:
            return f"added {example}"
        label = from_content(after)["@label"]
        return f"added {example}, {'labelled ' + shown(label) if label is not None else 'without a label'}"
    cells = _cells(change, content, config)
    if cells is None:
        return f"changed {', '.join(change['columns'])} of {example}"
    if action == "relabel" and len(cells) == 1:
        return f"relabelled {example} from {shown(cells[0].old)} to {shown(cells[0].new)}"
    if action == "tag":
        return f"tagged {example}: {', '.join(from_to(cell).lstrip('@') for cell in cells)}"
    return f"changed {example}: {', '.join(from_to(cell) for cell in cells)}"
