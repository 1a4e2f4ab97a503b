"""Reading and appending events through SQLAlchemy: SQLite by default, another database by its URL.

An event, its content and its place in the chain are one transaction. Knows nothing of what events mean.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import NullPool

from lookingglass.canonical import canonical_json, now_utc, sha256_hex
from lookingglass.config import PersonRole
from lookingglass.errors import BadInput, Conflict, Damaged, LookingGlassError, NotFound, one_line
from lookingglass.ledger import tables
from lookingglass.ledger.events import Actor, Event, event_hash, genesis_hash
from lookingglass.ledger.roles import check_permission

BUSY_SECONDS = 30
_CHUNK = 500


class StaleWrite(Conflict):
    """The stream moved on since the caller looked; ``events`` are those that came meanwhile."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        last = events[-1]
        super().__init__(
            f"{last.actor} changed this at {last.time[:19]} UTC, after you looked: look again, then repeat your change."
        )


class Ledger:
    """The ledger of one workspace. Safe between threads and processes.

    Args:
        url: ``sqlite:///ledger.db``, relative to ``folder``, or another SQLAlchemy URL.
        people: who holds which roles; nobody listed means local mode, in which everybody may do everything.
    """

    def __init__(self, url: str, folder: Path, people: Mapping[str, tuple[PersonRole, ...]]) -> None:
        self._people = dict(people)
        self._engine = _connect(url, folder)
        self._lock = threading.Lock()
        try:
            self._genesis = self._prepare()
        except LookingGlassError:
            self.close()
            raise
        except DatabaseError as error:
            self.close()
            raise _unusable(error) from None

    def close(self) -> None:
        """Close the database connections."""
        self._engine.dispose()

    def append(
        self,
        stream: str,
        type: str,
        payload: Mapping[str, Any],
        actor: Actor,
        *,
        key: str | None = None,
        expected: int | None = None,
        content: Mapping[str, bytes] | None = None,
    ) -> Event:
        """Write one event, whole or not at all, and return it as the database holds it.

        Args:
            key: idempotency key; the same key again returns the event that it wrote, whatever ``expected`` says.
            expected: sequence number of the stream's last event as the caller saw it, 0 for none.
            content: bytes by SHA-256 that the payload refers to.

        Raises:
            NotAllowed: the actor lacks the role.
            StaleWrite: the stream moved on since ``expected``.
            Conflict: the key was used for something else.
        """
        check_permission(self._people, actor, type)
        stored = canonical_json(dict(payload)).decode()
        try:
            with self._writing() as connection:
                earlier = self._by_key(connection, key)
                if earlier is not None:
                    if (earlier.stream, earlier.type, canonical_json(earlier.payload).decode()) != (
                        stream,
                        type,
                        stored,
                    ):
                        raise Conflict(
                            f"the request {key} was made before with other content: reload and try again."
                        )
                    return earlier
                if expected is not None:
                    since = self._select(connection, stream=stream, after=expected)
                    if since:
                        raise StaleWrite(since)
                self._put_content(connection, content or {})
                seq = self._insert(connection, stream, type, stored, actor, key)
        except OperationalError as error:
            raise _unusable(error) from None
        return self.event(seq)

    def events(
        self,
        stream: str | None = None,
        *,
        after: int = 0,
        until: int | None = None,
        types: Iterable[str] | None = None,
    ) -> list[Event]:
        """Return events in order: of one stream, of some types, after and up to (and with) a sequence number."""
        with self._engine.connect() as connection:
            return self._select(connection, stream=stream, after=after, until=until, types=types)

    def event(self, seq: int) -> Event:
        """Return one event. Raises NotFound."""
        found = self.events(after=seq - 1, until=seq)
        if not found:
            raise NotFound(f"the ledger has no event {seq}.")
        return found[0]

    def head(self) -> tuple[int, str]:
        """Return (sequence number, hash) of the last event; (0, genesis hash) when there is none."""
        with self._engine.connect() as connection:
            return self._head(connection)

    def last_seq(self, stream: str) -> int:
        """Return the sequence number of the stream's last event, 0 when there is none."""
        with self._engine.connect() as connection:
            query = select(func.max(tables.events.c.seq)).where(tables.events.c.stream == stream)
            return connection.execute(query).scalar_one() or 0

    def content(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """Return stored content by SHA-256; what was erased is missing. Raises Damaged when bytes do not match."""
        wanted = list(dict.fromkeys(hashes))
        found: dict[str, bytes] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), _CHUNK):
                part = tables.content.c.sha256.in_(wanted[start : start + _CHUNK])
                for sha, body in connection.execute(
                    select(tables.content.c.sha256, tables.content.c.body).where(part)
                ):
                    if sha256_hex(body) != sha:
                        raise Damaged(
                            f"the content {sha[:8]} in the ledger was changed: bring the ledger back from a backup."
                        )
                    found[sha] = body
        return found

    def _prepare(self) -> str:
        with self._lock, self._writing() as connection:
            if not inspect(connection).has_table("about"):
                tables.create(connection, uuid.uuid4().hex)
            rows = connection.execute(select(tables.about.c.name, tables.about.c.value))
            facts = dict(rows.tuples().all())
        version = int(facts["schema_version"])
        if version > tables.SCHEMA_VERSION:
            raise BadInput(
                f"the ledger was written by a newer Looking Glass (format {version}, this one reads "
                f"{tables.SCHEMA_VERSION}): update this one."
            )
        return genesis_hash(facts["ledger_id"])

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One writing transaction, which waits for its turn before it reads anything."""
        with self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(7236421)"))
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def _head(self, connection: Connection) -> tuple[int, str]:
        query = (
            select(tables.events.c.seq, tables.events.c.hash).order_by(tables.events.c.seq.desc()).limit(1)
        )
        row = connection.execute(query).first()
        return (row.seq, row.hash) if row else (0, self._genesis)

    def _by_key(self, connection: Connection, key: str | None) -> Event | None:
        if key is None:
            return None
        row = connection.execute(select(tables.events).where(tables.events.c.key == key)).first()
        return _event(row) if row else None

    def _select(
        self,
        connection: Connection,
        *,
        stream: str | None = None,
        after: int = 0,
        until: int | None = None,
        types: Iterable[str] | None = None,
    ) -> list[Event]:
        query = select(tables.events).where(tables.events.c.seq > after).order_by(tables.events.c.seq)
        if stream is not None:
            query = query.where(tables.events.c.stream == stream)
        if until is not None:
            query = query.where(tables.events.c.seq <= until)
        if types is not None:
            query = query.where(tables.events.c.type.in_(list(types)))
        return [_event(row) for row in connection.execute(query)]

    def _put_content(self, connection: Connection, content: Mapping[str, bytes]) -> None:
        for sha, body in content.items():
            if sha256_hex(body) != sha:
                raise ValueError(f"content does not match its name {sha[:8]}")
            known = connection.execute(
                select(tables.content.c.sha256).where(tables.content.c.sha256 == sha)
            ).first()
            if known is None:
                connection.execute(tables.content.insert().values(sha256=sha, body=body))

    def _insert(
        self, connection: Connection, stream: str, type: str, payload: str, actor: Actor, key: str | None
    ) -> int:
        last, prev_hash = self._head(connection)
        fields = {
            "seq": last + 1,
            "stream": stream,
            "type": type,
            "payload": payload,
            "actor": actor.name,
            "authentication": actor.authentication,
            "time": now_utc(),
            "key": key,
            "prev_hash": prev_hash,
        }
        connection.execute(tables.events.insert().values(**fields, hash=event_hash(**fields)))  # type: ignore[arg-type]
        return last + 1


def _event(row: Row[Any]) -> Event:
    return Event(
        seq=row.seq,
        stream=row.stream,
        type=row.type,
        payload=json.loads(row.payload),
        actor=row.actor,
        authentication=row.authentication,
        time=row.time,
        key=row.key,
        prev_hash=row.prev_hash,
        hash=row.hash,
    )


def _connect(url: str, folder: Path) -> Engine:
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            file = folder / (address.database or "ledger.db")
            # No pool: a connection belongs to the thread and the moment that uses it, and none is left open behind.
            engine = create_engine(
                address.set(database=str(file)), poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS}
            )
            event.listen(engine, "connect", _set_up_sqlite)
            return engine
        return create_engine(address)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise BadInput(
            f"ledger = {url!r} in workspace.toml cannot be used: {one_line(str(error))}."
        ) from None


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _unusable(error: DatabaseError) -> LookingGlassError:
    return Damaged(
        f"the ledger cannot be read or written ({one_line(str(error.orig))}): nothing was recorded."
    )
