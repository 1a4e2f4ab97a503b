"""Connects to the database that holds a ledger, and puts its errors into words. Knows nothing of events.

SQLite is set up to lose nothing that was acknowledged: write-ahead log, synchronous=FULL, writers take their turn.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from lookingglass.errors import BadInput, Damaged, LookingGlassError, NotSaved, one_line

BUSY_SECONDS = 30
_WRITING = "lookingglass_writing"
_LOCK_NUMBER = 7236421
"""Names our advisory lock among those of other programs in the same PostgreSQL database."""


@dataclass(frozen=True)
class Database:
    """A database, and what messages call it (never with a password)."""

    engine: Engine
    name: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot: what is read within it belongs together. Raises Damaged or NotSaved in words."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise self.in_words(error) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that waits for its turn before it reads anything; committed when the block ends well.

        Database errors pass through: only the caller can find out whether its event was recorded.
        """
        with self.engine.connect() as connection:
            connection.execution_options(**{_WRITING: True})
            with connection.begin():
                yield connection

    def forget_deleted(self) -> None:
        """Leave no byte of deleted rows behind: rebuild the SQLite file and empty its log. PostgreSQL: VACUUM FULL.

        Raises:
            NotSaved: the disk is full, or others kept the log in use.
        """
        if self.engine.dialect.name != "sqlite":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as outside:
                outside.exec_driver_sql("VACUUM FULL content")
            return
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise NotSaved(f"{self.name} could not be written anew ({one_line(str(error))}).") from error
        finally:
            connection.close()
        if busy:
            raise NotSaved(f"The log of {self.name} is in use by another process.")

    def in_words(self, error: DBAPIError) -> LookingGlassError:
        """Return what a database error means for a person: Damaged, or NotSaved."""
        reason = one_line(str(error.orig))
        match getattr(error.orig, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return NotSaved(
                    f"{self.name} has been in use by another process for {BUSY_SECONDS} seconds: try again."
                )
            case sqlite3.SQLITE_FULL:
                return NotSaved(f"The disk with {self.name} is full: make room, then try again.")
            case sqlite3.SQLITE_READONLY:
                return NotSaved(f"{self.name} can only be read: let yourself write to it and its folder.")
            case sqlite3.SQLITE_CANTOPEN:
                return Damaged(f"{self.name} cannot be opened: is it there, and may you read it?")
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                return Damaged(
                    f"{self.name} is damaged ({reason}): keep a copy of it and bring it back from a backup."
                )
        return NotSaved(
            f"{self.name} could not be read or written ({reason}): look at the disk, then try again."
        )


def open_database(url: str, folder: Path) -> Database:
    """Connect to the database of a workspace.

    Args:
        url: ``sqlite:///ledger.db``, relative to ``folder`` and made when it is not there, or ``postgresql+psycopg://...``.

    Raises:
        BadInput: the URL cannot be used; the message says what can.
        NotSaved: there is no file yet and none can be made.
    """
    address = _parsed(url)
    backend = address.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(address, folder)
    if backend == "postgresql":
        return _open_postgresql(address)
    raise BadInput(
        f"ledger in workspace.toml names a {one_line(backend, 40)} database: "
        "SQLite (sqlite:///ledger.db) and PostgreSQL can be used."
    )


def ledger_path(url: str, folder: Path) -> Path | None:
    """Return the file that a ledger's URL means, seen from the workspace's folder; None for PostgreSQL."""
    address = _parsed(url)
    return _sqlite_path(address, folder) if address.get_backend_name() == "sqlite" else None


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise BadInput(
            "ledger in workspace.toml is not the URL of a database: write sqlite:///ledger.db."
        ) from None


def _sqlite_path(url: URL, folder: Path) -> Path:
    if not url.database or url.database == ":memory:" or url.query or url.database.startswith("file:"):
        raise BadInput("ledger in workspace.toml names no file: write sqlite:///ledger.db.")
    return folder.absolute() / url.database


def _open_sqlite(url: URL, folder: Path) -> Database:
    path = _sqlite_path(url, folder)
    if not path.exists():
        try:
            path.touch()
        except OSError as error:
            raise NotSaved(
                f"{path} cannot be made ({(error.strerror or '').lower()}): let yourself write to its folder."
            ) from None
    engine = create_engine(
        "sqlite://", creator=lambda: _connect_sqlite(path), poolclass=QueuePool, pool_size=5, max_overflow=-1
    )
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "connect", lambda _connection, record: record.info.update(file=_identity(path)))

    def check_file(_connection: object, record: Any, _proxy: object) -> None:
        """Leave a connection whose file was moved away, as when a backup is put in its place."""
        if record.info["file"] != _identity(path):
            raise DisconnectionError(f"{path} is another file now")

    event.listen(engine, "checkout", check_file)
    return Database(engine, str(path))


def _connect_sqlite(path: Path) -> sqlite3.Connection:
    options = "mode=rw"
    writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    if path.exists() and not writable:
        # Without its log beside it the file is all there is, and SQLite could not make one here.
        alone = not path.with_name(f"{path.name}-wal").exists()
        options = "mode=ro&immutable=1" if alone else "mode=ro"
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{options}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(
            "PRAGMA secure_delete=ON"
        )  # what is erased is overwritten, not only marked as free
        if writable and connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            # Refused while another process is at work in the new file; then the next connection does it.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode=WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _open_postgresql(url: URL) -> Database:
    try:
        engine = create_engine(url, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        driver = getattr(error, "name", None) or url.drivername
        raise BadInput(
            f"ledger in workspace.toml needs the Python package {driver}, which is not installed: install it, "
            "or use sqlite:///ledger.db."
        ) from None

    def take_turn(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITING):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")

    event.listen(engine, "begin", take_turn)
    return Database(engine, url.render_as_string(hide_password=True))
