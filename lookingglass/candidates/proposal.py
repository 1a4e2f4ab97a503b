"""A file somebody offers as a candidate, and what it would be as one. Knows nothing of how that is found out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookingglass.candidates.checks import CheckResult
from lookingglass.candidates.formats import FORMATS
from lookingglass.candidates.manifest import Manifest, load_manifest
from lookingglass.candidates.predictions import read_limited
from lookingglass.candidates.registry import list_candidates
from lookingglass.canonical import sha256_hex
from lookingglass.errors import BadInput, LookingGlassError
from lookingglass.home import Home


@dataclass(frozen=True)
class Offer:
    """A file somebody wants to register, with what is said about it so far."""

    file_name: str
    data: bytes
    fields: dict[str, Any]

    @property
    def sha(self) -> str:
        """SHA-256 of the file in hexadecimal."""
        return sha256_hex(self.data)


@dataclass(frozen=True)
class Proposal:
    """What an inspected file would be as a candidate.

    Attributes:
        name: a free name, made from the file's; the person may choose another.
        file_name, sha, size: the file that was inspected: its name as given, SHA-256 in hexadecimal, bytes.
        format: a name from ``FORMATS``; None when it is not known.
        inputs, classes: columns and classes in the model's order, as given or proposed; empty where nobody knows.
        model_inputs, model_classes: what the model itself says; None where it does not say.
        manifest: everything that a registration needs; None while a check fails.
        checks: one result each, in the order in which they were made.
        tried_rows: rows of the test set that it answered, or rows of a predictions file.
        error: why it cannot be registered as it is; None when it can.
        way: how the command line mends that, or ''.
    """

    name: str
    file_name: str
    sha: str
    size: int
    format: str | None
    inputs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    model_inputs: tuple[str, ...] | None = None
    model_classes: tuple[str, ...] | None = None
    manifest: Manifest | None = None
    checks: tuple[CheckResult, ...] = ()
    tried_rows: int = 0
    error: LookingGlassError | None = None
    way: str = ""

    @property
    def refusal(self) -> str | None:
        """The sentence of the first failed check, None when all is well."""
        return None if self.error is None else str(self.error)

    @property
    def waits_for_approval(self) -> bool:
        """Whether the file is a program that nobody approved yet, so that it was not even opened."""
        needs = self.format is not None and FORMATS[self.format].needs_approval
        return needs and any(
            each.code == "no-code-in-file" and each.outcome == "failed" for each in self.checks
        )

    def to_json(self) -> dict[str, Any]:
        """Return a plain object for ``candidates inspect --json``."""
        return {
            "name": self.name,
            "file": self.file_name,
            "sha256": self.sha,
            "bytes": self.size,
            "format": self.format,
            "inputs": list(self.inputs),
            "classes": list(self.classes),
            "checks": [each.to_json() for each in self.checks],
            "refusal": self.refusal,
        }


def open_offer(path: Path, said: dict[str, Any], file_name: str | None = None) -> Offer:
    """Read a file, or the folder that its candidate.toml describes; ``said`` goes before what that says."""
    if path.is_dir():
        manifest = load_manifest(path)
        if manifest.file is None:
            raise BadInput(
                f'{path / "candidate.toml"}: file is missing: name the model file, such as file = "model.skops".'
            )
        fields = manifest.model_dump(exclude_defaults=True) | said
        file = path / manifest.file
    else:
        fields, file = dict(said), path
    fields["file"] = _safe_name(file_name or file.name)
    return Offer(fields["file"], read_limited(file), fields)


def free_name(home: Home, hint: str) -> str:
    """Return a name that a candidate can have and none has: made from ``hint``, with a number where it is taken."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", hint).strip("._-")[:60] or "candidate"
    taken = {candidate.name for candidate in list_candidates(home, include_retired=True)}
    names = (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


def listed(names: Sequence[str] | None) -> list[str] | None:
    """Return names as a list; None stays None."""
    return None if names is None else list(names)


def _safe_name(name: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in name)[:200] or "file"
