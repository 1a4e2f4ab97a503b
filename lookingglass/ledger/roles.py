"""Who may do what: checked where events are written, whatever a page or a command shows or hides."""

from __future__ import annotations

from collections.abc import Mapping

from lookingglass.config import PersonRole
from lookingglass.errors import NotAllowed
from lookingglass.ledger.events import Actor

ADMIN: PersonRole = "admin"
EDITORS: frozenset[PersonRole] = frozenset({"editor"})

PERMISSIONS: dict[str, frozenset[PersonRole]] = {
    "workspace_created": frozenset({"editor", "approver", "reviewer", "viewer"}),
    "testset_imported": EDITORS,
    "examples_changed": EDITORS,
    "candidate_registered": EDITORS,
    "candidate_described": EDITORS,
    "candidate_retired": EDITORS,
    "scores_added": EDITORS,
    "file_approved": frozenset(),
    "problem_opened": frozenset({"editor", "reviewer"}),
}
"""Event type -> the roles that may write it, beside admin, who may write all of them."""


def check_permission(people: Mapping[str, tuple[PersonRole, ...]], actor: Actor, event_type: str) -> None:
    """Raise NotAllowed unless ``actor`` may write events of this type. With nobody listed everybody may: local mode."""
    if event_type not in PERMISSIONS:
        raise ValueError(f"no permissions are declared for events of type {event_type!r}")
    if not people:
        return
    roles = people.get(actor.name)
    needed = " or ".join(sorted(PERMISSIONS[event_type] | {ADMIN}))
    if roles is None:
        raise NotAllowed(
            f"{actor.name} is not among the [people] of workspace.toml: an admin can add them there, as {needed}."
        )
    if not (PERMISSIONS[event_type] | {ADMIN}) & set(roles):
        raise NotAllowed(
            f"{actor.name} is {', '.join(roles)} and this needs {needed}: "
            "an admin can change that in [people] of workspace.toml."
        )
