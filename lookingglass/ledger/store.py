"""Reading and appending events through SQLAlchemy: SQLite by default, PostgreSQL by its URL.

Events, their content and their place in the chain are one transaction. Knows nothing of what events mean.
"""

from __future__ import annotations

import json
import threading
import uuid
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from lookingglass.canonical import canonical_json, now_utc, sha256_hex
from lookingglass.errors import BadInput, Conflict, Damaged, LookingGlassError, NotFound, NotSaved, one_line
from lookingglass.ledger import tables
from lookingglass.ledger.database import Database, open_database
from lookingglass.ledger.events import Actor, Event, NewEvent, StaleWrite, event_hash, genesis_hash
from lookingglass.ledger.moment import in_moment, next_moment
from lookingglass.ledger.roles import People, require

_CHUNK = 500
LONGEST_KEY = 200


class Ledger:
    """The ledger of one workspace. Safe between threads and processes.

    Args:
        url: ``sqlite:///ledger.db``, relative to ``folder``, or a PostgreSQL URL.
        folder: the workspace's folder.
        people: who holds which roles; nobody listed means local mode, in which everybody may do everything.
        make: whether tables are made in a database that has none; False says that it is no ledger.

    Raises:
        BadInput: the URL cannot be used, or a newer Looking Glass wrote the ledger.
        Damaged: it is not a ledger, or no longer one.
        NotSaved: there is no ledger yet and none can be made here.
    """

    def __init__(self, url: str, folder: Path, people: People, *, make: bool = True) -> None:
        self._people = dict(people)
        self._make = make
        self._database: Database = open_database(url, folder)
        self._turn = threading.Lock()
        weakref.finalize(self, self._database.engine.dispose)  # for those who forget to close
        try:
            self._genesis = self._prepare()
        except BaseException:
            self.close()
            raise

    def let_act(self, people: People) -> None:
        """From now on these people hold these roles."""
        self._people = dict(people)

    def close(self) -> None:
        """Close the database connections; a ledger that is used again opens new ones."""
        self._database.engine.dispose()

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
        """Write one event, whole or not at all, and return it.

        Args:
            key: idempotency key, up to 200 characters; the same key again returns the event that it wrote, whatever
                ``expected`` says.
            expected: sequence number of the stream's last event as the caller saw it, 0 for none.
            content: bytes by SHA-256 that the payload refers to.

        Raises:
            NotAllowed: the actor lacks the role.
            StaleWrite: the stream moved on since ``expected``.
            Conflict: the key was used for something else.
            NotSaved: the database could not be written; the message says whether anything was recorded.
            Damaged: the database is no longer one.
        """
        return self.append_many([NewEvent(stream, type, payload, key, expected)], actor, content=content)[0]

    def append_many(
        self, new: Sequence[NewEvent], actor: Actor, *, content: Mapping[str, bytes] | None = None
    ) -> list[Event]:
        """Write several events in this order, all of them or none, and return them.

        Keys are looked up and ``expected`` is compared before the first is written, so ``expected`` speaks of each
        stream as it was before the call. Raises what ``append`` raises.
        """
        for one in new:
            require(self._people, actor.name, one.type)
        payloads = [canonical_json(dict(one.payload)).decode() for one in new]
        _check_keys(new)
        _check_content(content or {})
        written: list[Event] = []
        try:
            with self._turn, self._database.writing() as connection:
                self._check_version(connection)
                if self._format(connection) < tables.SCHEMA_VERSION:
                    tables.upgrade(connection)
                earlier = [
                    _repeated(connection, one, payload) for one, payload in zip(new, payloads, strict=True)
                ]
                for one, found in zip(new, earlier, strict=True):
                    if found is None:
                        _check_expected(connection, one)
                _put_content(connection, content or {})
                result = []
                for one, payload, found in zip(new, payloads, earlier, strict=True):
                    if found is None:
                        found = self._insert(connection, one, payload, actor)
                        written.append(found)
                    result.append(found)
        except DBAPIError as error:
            self._look_again(written, error)
        finally:
            next_moment()
        return result

    def events(
        self,
        stream: str | None = None,
        after: int = 0,
        until: int | None = None,
        types: Iterable[str] | None = None,
    ) -> list[Event]:
        """Return events in order: of one stream, of some types, after and up to (and with) a sequence number."""
        wanted = None if types is None else tuple(types)

        def ask() -> list[Event]:
            with self._database.reading() as connection:
                return _select(connection, stream=stream, after=after, until=until, types=wanted)

        return list(in_moment((self, "events", stream, after, until, wanted), ask))

    def event(self, seq: int) -> Event:
        """Return one event. Raises NotFound."""
        found = self.events(after=seq - 1, until=seq)
        if not found:
            raise NotFound(f"The ledger has no event {seq}: its last one is {self.head()[0]}.")
        return found[0]

    def head(self) -> tuple[int, str]:
        """Return (sequence number, hash) of the last event; (0, genesis hash) when there is none."""

        def ask() -> tuple[int, str]:
            with self._database.reading() as connection:
                return self._head(connection)

        return in_moment((self, "head"), ask)

    def last_seq(self, stream: str) -> int:
        """Return the sequence number of the stream's last event, 0 when there is none."""

        def ask() -> int:
            with self._database.reading() as connection:
                return _last_seq(connection, stream)

        return in_moment((self, "last_seq", stream), ask)

    def content(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """Return stored content by SHA-256; what was erased is missing. Raises Damaged when bytes do not match."""
        wanted = list(dict.fromkeys(hashes))
        found: dict[str, bytes] = {}
        with self._database.reading() as connection:
            for start in range(0, len(wanted), _CHUNK):
                part = tables.content.c.sha256.in_(wanted[start : start + _CHUNK])
                query = select(tables.content.c.sha256, tables.content.c.body).where(part)
                for sha, body in connection.execute(query):
                    if sha256_hex(body) != sha:
                        raise Damaged(
                            f"The content {sha[:8]} in {self._database.name} was changed: "
                            "bring the ledger back from a backup."
                        )
                    found[sha] = body
        return found

    def erasures(self) -> list[tuple[Event, bool]]:
        """Return each event that erased content, oldest first, and whether all of that content is gone by now."""
        with self._database.reading() as connection:
            if self._format(connection) < tables.SCHEMA_VERSION:
                return []
            query = (
                select(tables.events).where(text(f"type = '{tables.ERASURE}'")).order_by(tables.events.c.seq)
            )
            rows = connection.execute(query).all()
            done = set(connection.execute(select(tables.forgotten.c.seq)).scalars()) if rows else set()
        return [(_event(row), row.seq in done) for row in rows]

    def forget_content(self, hashes: Iterable[str]) -> None:
        """Delete content that an erasure event names, such that no byte of it stays in the database or its log.

        Raises:
            NotSaved: the database could not be written, or is in use; call it again.
        """
        wanted = list(hashes)
        try:
            with self._turn, self._database.writing() as connection:
                for start in range(0, len(wanted), _CHUNK):
                    part = tables.content.c.sha256.in_(wanted[start : start + _CHUNK])
                    connection.execute(tables.content.delete().where(part))
            self._database.forget_deleted()
        except DBAPIError as error:
            raise self._database.in_words(error) from error

    def mark_forgotten(self, seq: int) -> None:
        """Note that everything which the erasure event ``seq`` names is gone. Raises NotSaved."""
        try:
            with self._turn, self._database.writing() as connection:
                known = select(tables.forgotten.c.seq).where(tables.forgotten.c.seq == seq)
                if connection.execute(known).first() is None:
                    connection.execute(tables.forgotten.insert().values(seq=seq, time=now_utc()))
        except DBAPIError as error:
            raise self._database.in_words(error) from error

    def _prepare(self) -> str:
        """Return the genesis hash; in an empty database, first make the tables."""
        name = self._database.name
        with self._database.reading() as connection:
            names = set(inspect(connection).get_table_names())
            if names >= tables.IN_EVERY_FORMAT:
                return self._check_version(connection)
            if not names and not self._make:
                raise Damaged(f"{name} is a database without any table: bring the ledger back from a backup.")
            if names:
                raise Damaged(
                    f"{name} is not a ledger of Looking Glass: name another file as ledger in workspace.toml."
                )
        try:
            with self._turn, self._database.writing() as connection:
                if not inspect(connection).get_table_names():
                    tables.create(connection, uuid.uuid4().hex)
                return self._check_version(connection)
        except DBAPIError as error:
            raise self._database.in_words(error) from error

    def _check_version(self, connection: Connection) -> str:
        """Return the genesis hash of a ledger that this program understands."""
        name = self._database.name
        facts = {row.name: row.value for row in connection.execute(select(tables.about))}
        version = facts.get("schema_version", "")
        if "ledger_id" not in facts or not version.isdecimal():
            raise Damaged(f"{name} does not say which ledger it is: bring it back from a backup.")
        if int(version) > tables.SCHEMA_VERSION:
            raise BadInput(
                f"{name} was written by a newer Looking Glass (format {version}, this one "
                f"knows {tables.SCHEMA_VERSION}): update this one. Nothing was changed."
            )
        return genesis_hash(facts["ledger_id"])

    @staticmethod
    def _format(connection: Connection) -> int:
        query = select(tables.about.c.value).where(tables.about.c.name == "schema_version")
        return int(connection.execute(query).scalar_one())

    def _head(self, connection: Connection) -> tuple[int, str]:
        columns = (tables.events.c.seq, tables.events.c.hash)
        row = connection.execute(select(*columns).order_by(tables.events.c.seq.desc()).limit(1)).first()
        return (row.seq, row.hash) if row else (0, self._genesis)

    def _insert(self, connection: Connection, new: NewEvent, payload: str, actor: Actor) -> Event:
        last, prev_hash = self._head(connection)
        event = Event(
            seq=last + 1,
            stream=new.stream,
            type=new.type,
            payload=json.loads(payload),
            actor=actor.name,
            authentication=actor.authentication,
            time=now_utc(),
            key=new.key,
            prev_hash=prev_hash,
            hash="",
        )
        fields = {**asdict(event), "payload": payload}
        del fields["hash"]
        digest = event_hash(**fields)
        connection.execute(tables.events.insert().values(**fields, hash=digest))
        return Event(**{**fields, "payload": event.payload, "hash": digest})

    def _look_again(self, written: Sequence[Event], error: DBAPIError) -> None:
        """After a failure, read from a fresh connection what was recorded; return only when all of it was.

        Raises:
            LookingGlassError: nothing was recorded, or nobody can tell; the message says which.
        """
        trouble = self._database.in_words(error)
        self._database.engine.dispose()
        if written:
            try:
                there = {event.hash for event in self.events(after=written[0].seq - 1)}
            except LookingGlassError:
                raise NotSaved(
                    f"{trouble} It is not known whether this was recorded: look before you repeat it."
                ) from error
            if all(event.hash in there for event in written):
                return
        raise type(trouble)(f"{trouble} Nothing was recorded.") from error


def _check_keys(new: Sequence[NewEvent]) -> None:
    keys = [one.key for one in new if one.key is not None]
    if any(not 0 < len(key) <= LONGEST_KEY for key in keys):
        raise ValueError(f"an idempotency key has 1 to {LONGEST_KEY} characters")
    if len(set(keys)) < len(keys):
        raise ValueError("two events of one call have the same idempotency key")


def _check_content(content: Mapping[str, bytes]) -> None:
    for sha, body in content.items():
        if sha256_hex(body) != sha:
            raise ValueError(f"content does not match its name {sha[:8]}")


def _repeated(connection: Connection, new: NewEvent, payload: str) -> Event | None:
    """Return the event that an earlier request with the same key wrote."""
    if new.key is None:
        return None
    row = connection.execute(select(tables.events).where(tables.events.c.key == new.key)).first()
    if row is None:
        return None
    if (row.stream, row.type, row.payload) != (new.stream, new.type, payload):
        raise Conflict(
            f"The request {one_line(new.key, 40)} was made before with other content (event {row.seq}): "
            "reload and try again. Nothing was changed."
        )
    return _event(row)


def _check_expected(connection: Connection, new: NewEvent) -> None:
    if new.expected is not None and _last_seq(connection, new.stream) != new.expected:
        raise StaleWrite(new.stream, new.expected, _select(connection, stream=new.stream, after=new.expected))


def _put_content(connection: Connection, content: Mapping[str, bytes]) -> None:
    for sha, body in content.items():
        known = select(tables.content.c.sha256).where(tables.content.c.sha256 == sha)
        if connection.execute(known).first() is None:
            connection.execute(tables.content.insert().values(sha256=sha, body=body))


def _last_seq(connection: Connection, stream: str) -> int:
    query = select(func.max(tables.events.c.seq)).where(tables.events.c.stream == stream)
    return connection.execute(query).scalar_one() or 0


def _select(
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


def _event(row: Row[Any]) -> Event:
    try:
        payload = json.loads(row.payload)
    except (TypeError, ValueError):
        raise Damaged(
            f"Event {row.seq} cannot be read: run `lookingglass audit verify` and bring the ledger back from a backup."
        ) from None
    return Event(
        seq=row.seq,
        stream=row.stream,
        type=row.type,
        payload=payload,
        actor=row.actor,
        authentication=row.authentication,
        time=row.time,
        key=row.key,
        prev_hash=row.prev_hash,
        hash=row.hash,
    )
