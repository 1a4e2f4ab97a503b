"""Approvals of single files that are programs (joblib, pickle), by SHA-256, as events in the ledger."""

from __future__ import annotations

import re

from lookingglass.errors import BadInput
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event

APPROVED = "file_approved"


def approve_file(home: Home, sha: str, reason: str, actor: Actor, *, key: str | None = None) -> Event:
    """Allow the one file with this SHA-256 to be loaded in a worker. Needs the admin role where roles are kept.

    Args:
        key: idempotency key; the same request again returns the event that it wrote.

    Raises:
        BadInput: not a SHA-256, or no reason given.
        NotAllowed: the actor is not an admin.
    """
    sha = sha.lower().removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{64}", sha):
        raise BadInput(
            "An approval names one file by its SHA-256: 64 hexadecimal digits, as `sha256sum FILE` prints them."
        )
    if not reason.strip():
        raise BadInput("An approval needs a reason: say who looked at the file and where it comes from.")
    return home.ledger.append(
        "candidates", APPROVED, {"sha256": sha, "reason": reason.strip()}, actor, key=key
    )


def approved_files(home: Home) -> dict[str, Event]:
    """Return the approved files: SHA-256 in hexadecimal -> the event of its first approval."""
    approved: dict[str, Event] = {}
    for event in home.ledger.events("candidates", types=[APPROVED]):
        approved.setdefault(event.payload["sha256"], event)
    return approved
