"""The ledger's tables, and the triggers that let the database itself refuse any change of what was written."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, MetaData, String, Table, Text, text

SCHEMA_VERSION = 2
"""2 added erasure: the table ``forgotten``, and content that an erasure event names may be deleted."""

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

ERASURE = "examples_erased"
_IS_ERASURE = text(f"type = '{ERASURE}'")
erasures = Index("events_erasures", events.c.seq, sqlite_where=_IS_ERASURE, postgresql_where=_IS_ERASURE)
"""Makes the few erasures among many events quick to find, also for the triggers below."""

content = Table(
    "content",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

about = Table(
    "about", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False)
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("time", String(40), nullable=False),
)
"""The erasure events whose content is gone from this database and the files beside it."""

IN_EVERY_FORMAT = frozenset({"events", "content", "about"})

REFUSAL = "the ledger is append-only"

# ROW is OLD or NEW of the trigger that asks; payloads of other events are never parsed.
_ERASED = (
    "EXISTS (SELECT 1 FROM (SELECT payload FROM events WHERE type = 'examples_erased') AS erasure, "
    "json_each(erasure.payload, '$.erased.contents') AS one "
    "WHERE json_extract(one.value, '$.sha256') = ROW.sha256)"
)
_ERASED_IN_POSTGRESQL = (
    "EXISTS (SELECT 1 FROM events AS erasure, "
    "jsonb_array_elements(erasure.payload::jsonb -> 'erased' -> 'contents') AS one "
    "WHERE erasure.type = 'examples_erased' AND one ->> 'sha256' = ROW.sha256)"
)

# INSERT OR REPLACE deletes rows without firing DELETE triggers, so each insert is looked at too.
_OUT_OF_PLACE = {
    "events": (
        "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events) "
        "OR EXISTS (SELECT 1 FROM events WHERE hash = NEW.hash OR prev_hash = NEW.prev_hash OR key = NEW.key) "
        "OR NEW.prev_hash IS NOT (SELECT coalesce((SELECT hash FROM events ORDER BY seq DESC LIMIT 1), NEW.prev_hash))"
    ),
    "content": " OR ".join(
        ("EXISTS (SELECT 1 FROM content WHERE sha256 = NEW.sha256)", _ERASED.replace("ROW", "NEW"))
    ),
    "about": "EXISTS (SELECT 1 FROM about WHERE name = NEW.name)",
    "forgotten": (
        "EXISTS (SELECT 1 FROM forgotten WHERE seq = NEW.seq) "
        "OR NOT EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq AND type = 'examples_erased')"
    ),
}
_MAY_BE_DELETED = {"content": _ERASED.replace("ROW", "OLD")}


def create(connection: Connection, ledger_id: str) -> None:
    """Create tables and triggers in an empty database, within the caller's transaction."""
    metadata.create_all(connection, checkfirst=False)
    statements = (
        [statement for table in _OUT_OF_PLACE for statement in _sqlite_guards(table)]
        if connection.dialect.name == "sqlite"
        else _postgresql_guards()
    )
    _run(connection, statements)
    connection.execute(
        about.insert(),
        [{"name": "ledger_id", "value": ledger_id}, {"name": "schema_version", "value": str(SCHEMA_VERSION)}],
    )


def upgrade(connection: Connection) -> None:
    """Bring a ledger of format 1 to the present format in its place, within the caller's transaction.

    No event, content or hash changes. A Looking Glass that knows format 1 only then refuses to open it.
    """
    forgotten.create(connection)
    erasures.create(connection)
    if connection.dialect.name == "sqlite":
        _run(connection, [f"DROP TRIGGER content_no_{name}" for name in ("delete", "replace")])
        _run(connection, [one for one in _sqlite_guards("content") if "content_no_update" not in one])
        _run(connection, [*_sqlite_guards("forgotten"), "DROP TRIGGER about_no_update"])
    else:
        _run(connection, [*_postgresql_content_guards(), _postgresql_guard("forgotten")])
        _run(connection, ["DROP TRIGGER about_append_only ON about"])
    where = about.c.name == "schema_version"
    connection.execute(about.update().where(where).values(value=str(SCHEMA_VERSION)))
    sqlite = connection.dialect.name == "sqlite"
    _run(connection, [_sqlite_guards("about")[0] if sqlite else _postgresql_guard("about")])


def _run(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _sqlite_guards(table: str) -> list[str]:
    allowed = _MAY_BE_DELETED.get(table)
    moments = {
        "update": f"UPDATE ON {table}",
        "delete": f"DELETE ON {table}" + (f" WHEN NOT {allowed}" if allowed else ""),
        "replace": f"INSERT ON {table} WHEN {_OUT_OF_PLACE[table]}",
    }
    return [
        f"CREATE TRIGGER {table}_no_{name} BEFORE {moment} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for name, moment in moments.items()
    ]


def _postgresql_guards() -> list[str]:
    function = (
        "CREATE FUNCTION lookingglass_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    triggers = [_postgresql_guard(table) for table in _OUT_OF_PLACE]
    return [function, *triggers, *_postgresql_content_guards()]


def _postgresql_guard(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION lookingglass_refuse()"
    )


def _postgresql_content_guards() -> list[str]:
    """Return what lets content go that an erasure names, row by row, and refuses to take it back."""
    functions = [
        f"CREATE FUNCTION lookingglass_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN {row}; END $$"
        for name, condition, row in (
            ("keep_unless_erased", "NOT " + _ERASED_IN_POSTGRESQL.replace("ROW", "OLD"), "OLD"),
            ("refuse_erased", _ERASED_IN_POSTGRESQL.replace("ROW", "NEW"), "NEW"),
        )
    ]
    return [
        *functions,
        "DROP TRIGGER content_append_only ON content",
        "CREATE TRIGGER content_append_only BEFORE UPDATE OR TRUNCATE ON content "
        "FOR EACH STATEMENT EXECUTE FUNCTION lookingglass_refuse()",
        "CREATE TRIGGER content_no_delete BEFORE DELETE ON content "
        "FOR EACH ROW EXECUTE FUNCTION lookingglass_keep_unless_erased()",
        "CREATE TRIGGER content_no_return BEFORE INSERT ON content "
        "FOR EACH ROW EXECUTE FUNCTION lookingglass_refuse_erased()",
    ]
