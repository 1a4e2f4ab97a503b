"""Unpacking an uploaded zip of a table with its images: nothing lands outside the folder, nothing grows without end.

Knows nothing of what the table or the images hold.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lookingglass.errors import BadInput, one_line
from lookingglass.testset.checked_bytes import size_words

ZIP_MAGIC = b"PK\x03\x04"
TABLES = (".csv", ".tsv", ".parquet", ".pq", ".jsonl", ".ndjson", ".csv.gz", ".jsonl.gz")
_BLOCK = 1 << 20
_OF_A_SYSTEM = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class UnpackLimits:
    """How much a zip may hold. ``files``: how many; ``unpacked_bytes``: all of them together, counted while writing."""

    files: int = 100_000
    unpacked_bytes: int = 2 << 30


def is_zip(path: Path) -> bool:
    """Whether the file begins as a zip does."""
    with path.open("rb") as file:
        return file.read(4) == ZIP_MAGIC


def unpack(path: Path, into: Path, *, file: str | None = None, limits: UnpackLimits | None = None) -> Path:
    """Unpack a zip into the folder ``into`` and return the one table in it; its images lie beside it.

    Args:
        into: an empty folder of its own.
        file: what to call the zip in messages, its own name when None.

    Raises:
        BadInput: it is no zip, is damaged or locked, holds too much, a path that leads outside, or not just one table.
    """
    called = file or path.name
    limits = limits or UnpackLimits()
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if any(item.filename == "[Content_Types].xml" for item in members):
                raise BadInput(f"{called}: it is a spreadsheet: save it as CSV (UTF-8) and import that.")
            if len(members) > limits.files:
                raise BadInput(
                    f"{called}: it holds {len(members):,} files, more than {limits.files:,}: split it."
                )
            tables = _unpack_all(archive, members, into, called, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{called}: it cannot be unpacked ({one_line(str(error), 80)}): pack it again."
        ) from None
    except RuntimeError:
        raise BadInput(f"{called}: it is locked with a password: pack it again without one.") from None
    if len(tables) != 1:
        found = ", ".join(one_line(str(table.relative_to(into)), 60) for table in tables[:5])
        raise BadInput(
            f"{called}: it must hold exactly one table (CSV, Parquet or JSON Lines) beside its images, "
            f"and holds {f'{len(tables)}: {found}' if tables else 'none'}."
        )
    return tables[0]


def _unpack_all(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], into: Path, called: str, limits: UnpackLimits
) -> list[Path]:
    left = limits.unpacked_bytes
    seen: set[str] = set()
    tables: list[Path] = []
    for item in members:
        inside = PurePosixPath(item.filename.replace("\\", "/"))
        if {part.lower() for part in inside.parts} & set(_OF_A_SYSTEM):
            continue
        shown = one_line(repr(item.filename), 80)
        if inside.is_absolute() or ".." in inside.parts or ":" in item.filename or "\x00" in item.filename:
            raise BadInput(f"{called}: the path {shown} leads outside of it: pack it again with plain names.")
        if stat.S_ISLNK(item.external_attr >> 16):
            raise BadInput(f"{called}: {shown} is a link to another file: pack the file itself.")
        name = str(inside).casefold()
        if name in seen:
            raise BadInput(f"{called}: {shown} is in it twice: pack it again.")
        seen.add(name)
        target = into / inside
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            left = _write(archive, item, target, left)
        except OSError as error:
            raise BadInput(
                f"{called}: {shown} cannot be unpacked ({(error.strerror or 'no reason given').lower()})."
            ) from None
        if left < 0:
            raise BadInput(
                f"{called}: it unpacks to more than {size_words(limits.unpacked_bytes)}: split it into smaller ones."
            )
        if target.name.lower().endswith(TABLES):
            tables.append(target)
    return tables


def _write(archive: zipfile.ZipFile, item: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Write one file and return how many bytes are left; negative as soon as it is too much, whatever it claims."""
    with archive.open(item) as source, target.open("xb") as copy:
        while left >= 0 and (block := source.read(_BLOCK)):
            left -= len(block)
            if left >= 0:
                copy.write(block)
    return left
