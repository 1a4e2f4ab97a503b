"""One canonical form for what is hashed: JSON with sorted keys and no spaces, SHA-256, and UTC times."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime


def canonical_json(value: object) -> bytes:
    """Return ``value`` as UTF-8 JSON with sorted keys and no spaces; the same value always gives the same bytes.

    Raises:
        ValueError: a number that is not finite.
        TypeError: something that JSON cannot hold, or a key that is not text.
    """
    _check_keys(value)
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _check_keys(value: object) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"keys must be text, not {key!r}")
            _check_keys(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check_keys(inner)


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def now_utc() -> str:
    """Return the present time as ``2026-11-21T14:03:07.123456Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
