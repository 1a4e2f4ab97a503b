"""The manifest of a candidate (candidate.toml): what it is, what it wants, where it came from; and its fingerprint."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from lookingglass.candidates.formats import FORMATS
from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.config import first_problem
from lookingglass.errors import BadInput, NotFound, one_line

MANIFEST_FILE = "candidate.toml"

DESCRIPTIVE = ("description", "trained_on", "trained_by", "data_hash", "code_commit", "change", "parent")
"""The fields that ``describe`` may change later: none of them is part of the fingerprint."""


def _as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, (datetime.date, datetime.datetime)) else value


def _as_names(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Text = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_as_names)]
CandidateName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class Manifest(BaseModel):
    """Everything that is said about one candidate.

    Attributes:
        name: letters, digits, dot, underscore and hyphen, at most 64, beginning with a letter or digit.
        format: a name from ``FORMATS``.
        file: the model's file, beside the manifest.
        inputs: columns in the order the model wants.
        classes: the model's own class order.
        prevalence: the one answer of a baseline, 0 to 1; no other format has it.
        description, trained_on, trained_by, data_hash, code_commit, change, parent: whatever answers "what is this and
            what changed?"; ``parent`` is the name of the candidate before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: CandidateName
    format: str
    file: Name | None = None
    description: Text = ""
    inputs: Names = ()
    classes: Names = ()
    trained_on: Annotated[Text, BeforeValidator(_as_text)] = ""
    trained_by: Text = ""
    data_hash: Text = ""
    code_commit: Text = ""
    change: Text = ""
    parent: CandidateName | None = None
    prevalence: Annotated[float, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Manifest:
        if self.format not in FORMATS:
            raise ValueError(
                f"format {one_line(self.format, 40)!r} is not one of {', '.join(sorted(FORMATS))}"
            )
        for field, names in (("inputs", self.inputs), ("classes", self.classes)):
            if len(set(names)) < len(names):
                raise ValueError(
                    f"{field} names {next(each for each in names if names.count(each) > 1)!r} twice"
                )
        if self.file is not None and (
            self.file in {".", ".."} or Path(self.file).name != self.file or "\\" in self.file
        ):
            raise ValueError(
                f"file {one_line(self.file, 60)!r} must be a file beside {MANIFEST_FILE}, without folders"
            )
        return self


def check_name(name: str) -> None:
    """Raise BadInput unless ``name`` can be the name of a candidate."""
    try:
        Manifest(name=name, format="baseline")
    except ValidationError:
        raise BadInput(
            f"{one_line(name, 40)!r} cannot be the name of a candidate: use at most 64 letters, digits, dots, "
            "hyphens and underscores, beginning with a letter or digit."
        ) from None


def parse_manifest(fields: Mapping[str, Any], source: str) -> Manifest:
    """Return the manifest with these fields; raises BadInput that names ``source`` and the key."""
    try:
        return Manifest.model_validate(dict(fields))
    except ValidationError as error:
        raise BadInput(f"{source}: {first_problem(error)}.") from None


def load_manifest(path: Path) -> Manifest:
    """Read a candidate.toml, or the one in the folder ``path``.

    Raises:
        NotFound: there is no such file.
        BadInput: it is not TOML or not a manifest; the message names the key.
    """
    path = path / MANIFEST_FILE if path.is_dir() else path
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(
            f"{path.parent} has no {MANIFEST_FILE}: write one, or name the model file itself."
        ) from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not valid TOML: {one_line(str(error))}.") from None
    return parse_manifest(fields, str(path))


def fingerprint(manifest: Manifest, files: Mapping[str, str]) -> str:
    """Return the identity of a candidate: ``sha256:`` and the hash of its format, inputs, classes and file hashes.

    Args:
        files: file name -> SHA-256 in hexadecimal; the names do not count, the content does.
    """
    identity: dict[str, Any] = {
        "format": manifest.format,
        "inputs": list(manifest.inputs),
        "classes": list(manifest.classes),
        "files": sorted(files.values()),
    }
    if manifest.prevalence is not None:
        identity["prevalence"] = manifest.prevalence
    return "sha256:" + sha256_hex(canonical_json(identity))
