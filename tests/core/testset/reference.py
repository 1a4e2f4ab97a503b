"""The encoding of docs/test-set-digest.md written once more, slowly and from the page: the oracle of the tests."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

META = ("@id", "@label", "@origin", "@source", "@tags", "@problems")


def field(name: str, value: Any) -> bytes:
    """Return one field."""
    if value is None:
        return f"{name}=-\n".encode()
    if isinstance(value, bool):
        text = b"true" if value else b"false"
    elif isinstance(value, float):
        text = str(struct.unpack(">q", struct.pack(">d", value + 0.0))[0]).encode()
    elif isinstance(value, list):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    else:
        text = str(value).encode()
    return f"{name}={len(text)}:".encode() + text + b"\n"


def row_hash(row: Mapping[str, Any]) -> bytes:
    """Return the hash of a whole row."""
    names = [*META, *sorted(name for name in row if not name.startswith("@"))]
    return hashlib.sha256(
        b"lookingglass row 1\n" + b"".join(field(name, row[name]) for name in names)
    ).digest()


def input_id(row: Mapping[str, Any], inputs: Sequence[str]) -> bytes:
    """Return the hash of a row's inputs."""
    names = ["@id", *sorted(inputs)]
    return hashlib.sha256(
        b"lookingglass input 1\n" + b"".join(field(name, row[name]) for name in names)
    ).digest()


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of a version."""
    total = sum(int.from_bytes(row_hash(row), "big") for row in rows) % 2**256
    return f"sha256:{total:064x}"
