"""Who acts and what is written in the tests of the ledger."""

from __future__ import annotations

import hashlib

from lookingglass.ledger import Actor

ANA, BO = Actor("ana"), Actor("bo", "OIDC")

CHANGED = "examples_changed"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
