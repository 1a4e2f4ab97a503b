"""Figures that outlive the process: those of the newest version in one file, so that a dashboard starts with them.

The file is derived like the scores beside it and may go at any time. It is believed only when the same code made it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import uuid
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lookingglass
from lookingglass.figures import Figure
from lookingglass.metrics.bootstrap import ResampledFigure

Key = tuple[Any, ...]
Figures = Mapping[str, Figure]


def read_kept(path: Path) -> list[tuple[Key, Figures]]:
    """Return what was written with ``write_kept``; nothing when it is not there, torn, or made by other code."""
    try:
        told = json.loads(path.read_bytes())
        if told["made_by"] != _made_by():
            return []
        return [
            (
                tuple(_from_json(part) for part in entry["key"]),
                {name: _figure(fields) for name, fields in entry["figures"].items()},
            )
            for entry in told["entries"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def write_kept(path: Path, entries: Iterable[tuple[Hashable, Figures]], contents: Collection[bytes]) -> None:
    """Write the entries whose key names only these contents; the old file stays where that cannot be done."""
    chosen = [
        {
            "key": [_to_json(part) for part in key],
            "figures": {name: asdict(figure) for name, figure in figures.items()},
        }
        for key, figures in entries
        if isinstance(key, tuple) and all(part in contents for part in key if isinstance(part, bytes))
    ]
    temporary = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    with contextlib.suppress(OSError, TypeError):
        data = json.dumps({"made_by": _made_by(), "entries": chosen}).encode()
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@functools.cache
def _made_by() -> str:
    """Return a digest of the code that makes figures and of the versions of the libraries they rest on."""
    digest = hashlib.sha256("/".join(version(name) for name in ("numpy", "scipy")).encode())
    package = Path(lookingglass.__file__).parent
    for path in sorted(
        [package / "figures.py", *package.glob("metrics/*.py"), *package.glob("evaluation/*.py")]
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _to_json(part: bytes | str | float | None) -> Any:
    return {"content": part.hex()} if isinstance(part, bytes) else part


def _from_json(part: Any) -> bytes | str | float | None:
    if isinstance(part, dict):
        return bytes.fromhex(part["content"])
    if isinstance(part, str | float | None):
        return part
    raise TypeError(f"{part!r} is no part of a key")


def _figure(fields: dict[str, Any]) -> Figure:
    return ResampledFigure(**fields) if "seed" in fields else Figure(**fields)
