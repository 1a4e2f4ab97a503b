"""Immutable files of a workspace, named by their SHA-256. Knows nothing of what is in them or who refers to them.

A file is complete before it has its name, and has its name before any event speaks of it: a crash in between leaves a
nameless or an unused file, never a broken record.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from lookingglass.errors import Damaged, NotSaved

if TYPE_CHECKING:
    import polars as pl

INCOMING = "incoming"
"""Folder of files that are being written; what a crash leaves there is of no use to anybody."""

LOCK = "lock"
LOCK_SECONDS = 30.0


class FileStore:
    """The folder ``files/`` of a workspace: ``files/ab/abcdef...``, each file written once and never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add_bytes(self, data: bytes) -> str:
        """Keep ``data`` and return its SHA-256; keeping the same bytes again changes nothing.

        Raises:
            NotSaved: the disk is full or cannot be written; no file has appeared under that name.
        """

        def fill(target: io.BufferedRandom, _: Path) -> str:
            target.write(data)
            return hashlib.sha256(data).hexdigest()

        return self._add(fill)

    def add_written(self, write: Callable[[Path], object]) -> str:
        """Keep the file that ``write`` makes at the path it is given, and return its SHA-256.

        Raises:
            NotSaved: the disk is full or cannot be written; no file has appeared under that name.
        """

        def fill(target: io.BufferedRandom, path: Path) -> str:
            write(path)
            target.seek(0)
            return hashlib.file_digest(target, "sha256").hexdigest()

        return self._add(fill)

    def path(self, sha: str) -> Path:
        """Return where the file with this SHA-256 lies.

        Raises:
            Damaged: it is not there, or ``sha`` is not 64 lower-case hexadecimal digits.
        """
        path = self._place(sha)
        if not path.is_file():
            raise Damaged(f"{path} is missing: put it back from a backup (its name is its SHA-256).")
        return path

    def read(self, sha: str) -> bytes:
        """Return the content of a file, checked against its name.

        Raises:
            Damaged: it is missing, cannot be read, or is no longer what its name says.
        """
        path = self.path(sha)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Damaged(f"{path} cannot be read: {_reason(error)}.") from None
        if hashlib.sha256(data).hexdigest() != sha:
            raise Damaged(
                f"{path} was changed (its SHA-256 is no longer its name): put it back from a backup."
            )
        return data

    def size(self, sha: str) -> int:
        """Return the size of a file in bytes; raises Damaged when it is missing."""
        return self.path(sha).stat().st_size

    def has(self, sha: str) -> bool:
        """Whether the file with this SHA-256 is there."""
        return self._place(sha).is_file()

    def remove(self, sha: str) -> None:
        """Remove a file that an erasure names, such that it stays away after a power cut; one that is gone is fine."""
        place = self._place(sha)
        if place.parent.is_dir():
            place.unlink(missing_ok=True)
            _sync_folder(place.parent)

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keep files away from removal, and removal away from files, until an event says who needs them.

        Whoever names a file in an event that may be removed at the same time keeps it and records the event in here;
        whoever removes one looks for such events and removes it in here.

        Raises:
            NotSaved: somebody else stayed too long, or the disk cannot be written.
        """
        try:
            _make_folder(self.folder)
            lock = FileLock(str(self.folder / LOCK))
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout:
            raise NotSaved(
                f"{self.folder} was in use for {LOCK_SECONDS:.0f} seconds: try again in a moment. Nothing was changed."
            ) from None
        except OSError as error:
            raise NotSaved(
                f"{self.folder} cannot be written: {_reason(error)}. Nothing was changed."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def is_empty(self) -> bool:
        """Whether no file was ever kept here."""
        return not any(self.folder.glob("[0-9a-f][0-9a-f]/*"))

    def _place(self, sha: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha):
            raise Damaged(f"{sha[:80]!r} does not name a file of {self.folder}: 64 hexadecimal digits do.")
        return self.folder / sha[:2] / sha

    def _add(self, fill: Callable[[io.BufferedRandom, Path], str]) -> str:
        try:
            _make_folder(self.folder / INCOMING)
            handle, name = tempfile.mkstemp(dir=self.folder / INCOMING)
            incoming = Path(name)
            try:
                with os.fdopen(handle, "w+b") as target:
                    sha = fill(target, incoming)
                    target.flush()
                    os.fchmod(target.fileno(), 0o444)
                    os.fsync(target.fileno())
                self._name(incoming, sha)
            finally:
                incoming.unlink(missing_ok=True)
        except OSError as error:
            raise NotSaved(
                f"The file could not be kept in {self.folder}: {_reason(error)}. Nothing was changed."
            ) from error
        return sha

    def _name(self, incoming: Path, sha: str) -> None:
        place = self._place(sha)
        _make_folder(place.parent)
        if not _holds(place, sha):
            os.replace(incoming, place)
        _sync_folder(place.parent)


def _holds(path: Path, sha: str) -> bool:
    """Whether the file is there and whole; one that was damaged is replaced by the good copy at hand."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha
    except OSError:
        return False


def write_parquet(frame: pl.DataFrame, path: Path, **options: Any) -> None:
    """Write a table, with the options of polars. Raises OSError, also where polars has an error of its own."""
    import polars as pl

    try:
        frame.write_parquet(path, **options)
    except pl.exceptions.PolarsError as error:
        reason = errno.ENOSPC if "No space left" in str(error) else errno.EIO
        raise OSError(reason, os.strerror(reason)) from error


def _make_folder(folder: Path) -> None:
    """Make a folder such that it survives a power cut."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
