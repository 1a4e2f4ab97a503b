"""Immutable files named by their SHA-256: bulk data is written here before the event that refers to it."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from pathlib import Path

from lookingglass.canonical import sha256_hex
from lookingglass.errors import Damaged, NotFound

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


class FileStore:
    """The files of one workspace, under ``folder`` as ``ab/abcdef...``. A crash leaves an orphan, never a half file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add_bytes(self, data: bytes) -> str:
        """Store ``data`` and return its SHA-256; storing it again changes nothing."""
        sha = sha256_hex(data)
        if not self._place(sha).exists():
            temporary = self._temporary()
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._move(temporary, sha)
        return sha

    def add_path(self, path: Path) -> str:
        """Copy the file at ``path`` into the store, without holding all of it in memory, and return its SHA-256."""
        temporary = self._temporary()
        digest = hashlib.sha256()
        try:
            with path.open("rb") as source, temporary.open("xb") as file:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            self._move(temporary, digest.hexdigest())
        finally:
            temporary.unlink(missing_ok=True)
        return digest.hexdigest()

    def path(self, sha: str) -> Path:
        """Return where the file with this SHA-256 lies. Raises NotFound when it is not there."""
        place = self._place(sha)
        if not place.is_file():
            raise NotFound(f"the file {sha[:8]} is missing from {self.folder}: bring it back from a backup.")
        return place

    def read(self, sha: str) -> bytes:
        """Return the file's bytes, checked against its name. Raises NotFound, or Damaged when they do not match."""
        data = self.path(sha).read_bytes()
        if sha256_hex(data) != sha:
            raise Damaged(f"the file {sha[:8]} in {self.folder} was changed: bring it back from a backup.")
        return data

    def size(self, sha: str) -> int:
        """Return the file's size in bytes."""
        return self.path(sha).stat().st_size

    def _place(self, sha: str) -> Path:
        if not _SHA256.fullmatch(sha):
            raise ValueError(f"not a SHA-256: {sha!r}")
        return self.folder / sha[:2] / sha

    def _temporary(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{uuid.uuid4().hex}.tmp"

    def _move(self, temporary: Path, sha: str) -> None:
        place = self._place(sha)
        place.parent.mkdir(exist_ok=True)
        temporary.replace(place)
        _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` last through a power cut; systems that cannot open folders do without."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
