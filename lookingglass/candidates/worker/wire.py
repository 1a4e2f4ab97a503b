"""How parent and worker talk: length-prefixed frames of a JSON header and raw bytes, never pickle.

Knows nothing of models or processes. Both ends check every length before they read what it announces.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Sequence
from typing import Any

Header = dict[str, Any]
Bytes = bytes | bytearray | memoryview

PREFIX = struct.Struct(">4sIQ")
"""Magic, length of the JSON header, length of the body."""

MAGIC = b"LGW1"
MAX_HEADER = 1 << 20
"""No header is longer than this; tables and model files travel in the body."""

_CHUNK = 1 << 20


class WireError(Exception):
    """The other side sent something that is not a frame, or more than it was asked for."""


class Closed(Exception):
    """The other side is gone."""


def start_of_frame(header: Header, body_length: int) -> bytes:
    """Return the bytes that come before the body: prefix and JSON header."""
    encoded = json.dumps(header, ensure_ascii=False, allow_nan=False).encode("utf-8")
    if len(encoded) > MAX_HEADER:
        raise WireError(f"a header of {len(encoded):,} bytes is too long")
    return PREFIX.pack(MAGIC, len(encoded), body_length) + encoded


def parse_prefix(prefix: Bytes, max_body: int) -> tuple[int, int]:
    """Return (header length, body length), both within their bounds.

    Raises:
        WireError: not a frame, or longer than allowed.
    """
    magic, header_length, body_length = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("what came is not a frame")
    if header_length > MAX_HEADER or body_length > max_body:
        raise WireError("what came is longer than what was asked for")
    return header_length, body_length


def parse_header(encoded: Bytes) -> Header:
    """Return the JSON object of a frame's header; raises WireError."""
    try:
        header = json.loads(bytes(encoded))
    except (ValueError, RecursionError) as error:
        raise WireError("a header is not JSON") from error
    if not isinstance(header, dict):
        raise WireError("a header is not a JSON object")
    return header


def write_frame(fd: int, header: Header, bodies: Sequence[Bytes] = ()) -> None:
    """Write one whole frame to a blocking descriptor (the worker's side)."""
    start = start_of_frame(header, sum(memoryview(body).nbytes for body in bodies))
    for part in (start, *bodies):
        rest = memoryview(part).cast("B")
        while rest:
            rest = rest[os.write(fd, rest[:_CHUNK]) :]


def read_frame(fd: int, max_body: int) -> tuple[Header, bytearray]:
    """Read one whole frame from a blocking descriptor (the worker's side).

    Raises:
        Closed: the other side closed before a whole frame came.
        WireError: what came is not a frame.
    """
    header_length, body_length = parse_prefix(_read_exactly(fd, PREFIX.size), max_body)
    header = parse_header(_read_exactly(fd, header_length))
    return header, _read_exactly(fd, body_length)


def _read_exactly(fd: int, length: int) -> bytearray:
    data = bytearray(length)
    rest = memoryview(data)
    while rest:
        count = os.readv(fd, [rest[:_CHUNK]])
        if count == 0:
            raise Closed
        rest = rest[count:]
    return data
