"""One spelling for every record: canonical JSON, SHA-256 and UTC time. Knows nothing of what is recorded.

The spelling is documented in docs/ledger.md; hashes that people keep outside depend on it, so it never changes.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from lookingglass.errors import BadInput


def canonical_json(obj: object) -> bytes:
    """Return ``obj`` as the one UTF-8 JSON text that stands for it.

    Object keys are sorted by code point, there is no space between tokens, only ``"``, ``\\`` and control characters
    below U+0020 are escaped, and a float is written with the fewest digits that read back as the same float.

    Args:
        obj: dicts with str keys, lists or tuples, str, int, finite float, bool and None, nested as you like.

    Raises:
        BadInput: a text holds half a surrogate pair and so cannot be written as UTF-8.
        ValueError: a float is not finite, or an object contains itself.
        TypeError: anything else is in it, a key that is not a str among them.
    """
    _require_text_keys(obj)
    text = json.dumps(obj, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        broken = (
            text[max(0, error.start - 20) : error.start + 1]
            .encode("utf-8", "backslashreplace")
            .decode("utf-8")
        )
        raise BadInput(
            f"The text …{broken} is not valid Unicode (half a surrogate pair): type it again."
        ) from None


def _require_text_keys(obj: object) -> None:
    """Refuse keys that JSON would silently turn into text: 1 and "1" would become the same key."""
    waiting = [obj]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, dict | list | tuple) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, dict):
            wrong = next((key for key in item if not isinstance(key, str)), None)
            if wrong is not None or None in item:
                raise TypeError(f"keys of a canonical object are text, not {wrong!r}")
            waiting.extend(item.values())
        else:
            waiting.extend(item)


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def now_utc() -> str:
    """Return the present time in UTC with microseconds, such as ``2026-11-21T04:10:07.123456Z``.

    Clocks are set back and forth: order comes from sequence numbers, never from this.
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
