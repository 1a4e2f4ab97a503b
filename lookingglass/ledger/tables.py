"""The ledger's tables, and the triggers that let SQLite itself refuse any change of what was written."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, MetaData, String, Table, Text, text

SCHEMA_VERSION = 1

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("stream", String(40), nullable=False),
    Column("type", String(60), nullable=False),
    Column("payload", Text, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("authentication", String(200), nullable=False),
    Column("time", String(40), nullable=False),
    Column("key", String(200), unique=True),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Index("events_stream_seq", "stream", "seq"),
)

content = Table(
    "content",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

about = Table(
    "about", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False)
)

APPEND_ONLY = (
    ("events", "UPDATE"),
    ("events", "DELETE"),
    ("about", "UPDATE"),
    ("about", "DELETE"),
    ("content", "UPDATE"),
)
"""What may never happen to a table. Rows of ``content`` may be deleted: a person's data can be erased."""


def create(connection: Connection, ledger_id: str) -> None:
    """Create tables and triggers in an empty database."""
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        for table, verb in APPEND_ONLY:
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
                )
            )
    connection.execute(
        about.insert(),
        [{"name": "ledger_id", "value": ledger_id}, {"name": "schema_version", "value": str(SCHEMA_VERSION)}],
    )
