"""Who may record what: one row for each type of event. Knows nothing of how people prove who they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from lookingglass.config import PersonRole
from lookingglass.errors import NotAllowed, one_line

People = Mapping[str, tuple[PersonRole, ...]]


@dataclass(frozen=True)
class Permission:
    """Which roles may record one type of event; an admin always may.

    ``act`` completes the sentence "Bo may not ...".
    """

    act: str
    roles: tuple[PersonRole, ...]


PERMISSIONS: dict[str, Permission] = {
    "workspace_created": Permission(
        "make a workspace", ("viewer", "reviewer", "editor", "approver", "admin")
    ),
    "workspace_renamed": Permission("rename the workspace", ("editor",)),
    "workspace_configured": Permission("record the configuration", ("editor",)),
    "testset_imported": Permission("import examples", ("editor",)),
    "examples_changed": Permission("change examples", ("editor",)),
    "examples_erased": Permission("erase the content of an example", ("editor",)),
    "candidate_registered": Permission("register a candidate", ("editor",)),
    "candidate_described": Permission("describe a candidate", ("editor",)),
    "candidate_retired": Permission("retire a candidate", ("editor",)),
    "scores_added": Permission("bring predictions", ("editor",)),
    "file_approved": Permission("approve a model file", ("admin",)),
    "problem_opened": Permission("open a problem", ("editor", "reviewer")),
    "explanation_reviewed": Permission("review explanations", ("reviewer", "editor", "approver")),
    "threshold_agreed": Permission("agree a threshold", ("approver", "editor")),
    "policy_set": Permission("set a policy", ("approver",)),
}
"""Event type -> who may record it. A type that is not here cannot be recorded at all."""


def may(people: People, name: str, event_type: str) -> bool:
    """Whether the person may record events of this type; with nobody listed everybody may (local mode)."""
    permission = PERMISSIONS[event_type]
    return not people or bool({*permission.roles, "admin"} & set(_roles_of(people, name)))


def require(people: People, name: str, event_type: str) -> None:
    """Refuse an act that the person may not do.

    Raises:
        NotAllowed: they are not listed, or hold none of the roles; the message says which one is needed.
        ValueError: the type has no row in ``PERMISSIONS``.
    """
    if event_type not in PERMISSIONS:
        raise ValueError(
            f"event type {event_type!r} has no row in PERMISSIONS of lookingglass/ledger/roles.py"
        )
    if may(people, name, event_type):
        return
    permission = PERMISSIONS[event_type]
    needed = " or ".join(permission.roles)
    held = _roles_of(people, name)
    who = one_line(name, 80)
    has = f"{who} is only {' and '.join(held)}" if held else f"{who} is not listed"
    raise NotAllowed(
        f"{who} may not {permission.act}: that needs the role {needed}, and {has}. "
        "An admin can give it in [people] of workspace.toml. Nothing was changed."
    )


def _roles_of(people: People, name: str) -> tuple[PersonRole, ...]:
    """Return the roles of a person; an accent typed in one or in two characters makes no difference."""
    wanted = unicodedata.normalize("NFC", name)
    return tuple(
        role
        for listed, roles in people.items()
        if unicodedata.normalize("NFC", listed) == wanted
        for role in roles
    )
