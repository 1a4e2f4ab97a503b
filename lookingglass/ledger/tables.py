"""The ledger's tables, and the triggers that let the database itself refuse any change of what was written."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, MetaData, String, Table, Text

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
    Column("prev_hash", String(64), nullable=False, unique=True),
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

REFUSAL = "the ledger is append-only"

# INSERT OR REPLACE deletes rows without firing DELETE triggers, so each insert is looked at too.
_OUT_OF_PLACE = {
    "events": (
        "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events) "
        "OR EXISTS (SELECT 1 FROM events WHERE hash = NEW.hash OR prev_hash = NEW.prev_hash OR key = NEW.key) "
        "OR NEW.prev_hash IS NOT (SELECT coalesce((SELECT hash FROM events ORDER BY seq DESC LIMIT 1), NEW.prev_hash))"
    ),
    "content": "EXISTS (SELECT 1 FROM content WHERE sha256 = NEW.sha256)",
    "about": "EXISTS (SELECT 1 FROM about WHERE name = NEW.name)",
}


def create(connection: Connection, ledger_id: str) -> None:
    """Create tables and triggers in an empty database, within the caller's transaction."""
    metadata.create_all(connection, checkfirst=False)
    statements = _sqlite_guards() if connection.dialect.name == "sqlite" else _postgresql_guards()
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.execute(
        about.insert(),
        [{"name": "ledger_id", "value": ledger_id}, {"name": "schema_version", "value": str(SCHEMA_VERSION)}],
    )


def _sqlite_guards() -> list[str]:
    statements = []
    for table, out_of_place in _OUT_OF_PLACE.items():
        for name, moment in (
            ("update", "UPDATE"),
            ("delete", "DELETE"),
            ("replace", f"INSERT ON {table} WHEN {out_of_place}"),
        ):
            on = "" if " ON " in moment else f" ON {table}"
            statements.append(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {moment}{on} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
    return statements


def _postgresql_guards() -> list[str]:
    function = (
        "CREATE FUNCTION lookingglass_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    triggers = [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION lookingglass_refuse()"
        for table in _OUT_OF_PLACE
    ]
    return [function, *triggers]
