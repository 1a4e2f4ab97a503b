"""Checks a ledger from the outside: recomputes the chain, and every file and content that events refer to.

Written from docs/ledger.md alone. It imports nothing of Looking Glass and shares no code with the writer, so that a
mistake there cannot hide itself here; it reads SQLite with the standard library and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

KNOWN_FORMAT = 2
ERASURE = "examples_erased"
COLUMNS = (
    "seq", "stream", "type", "payload", "actor", "authentication", "time", "key", "prev_hash", "hash",
)  # fmt: skip
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CannotVerify(Exception):
    """There is nothing that could be verified; ``str()`` of it is one sentence that says why."""


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold.

    Attributes:
        seq: the event concerned, None when the ledger as a whole is meant.
        code: altered | missing | out-of-order | cut-off | other-chain | file-missing | file-changed | content-missing |
            content-changed | not-erased | database.
        message: the finding in words.
    """

    seq: int | None
    code: str
    message: str


@dataclass(frozen=True)
class Verification:
    """What was looked at and what did not hold, in the order of the ledger.

    Attributes:
        events, files, contents: how many of each were checked.
        head: ``SEQ:HASH`` of the last event, for the next report.
    """

    ledger: str
    events: int
    head: str
    files: int
    contents: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether everything held."""
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        """Return the verification as a plain object."""
        return {"ok": self.ok, **asdict(self), "findings": [asdict(finding) for finding in self.findings]}


@dataclass
class _Chain:
    """What is known after walking over the events."""

    findings: list[Finding] = field(default_factory=list)
    hashes: dict[int, str] = field(default_factory=dict)
    last: int = 0
    last_hash: str = ""
    files: dict[str, int] = field(default_factory=dict)
    contents: dict[str, int] = field(default_factory=dict)
    gone_files: dict[str, int] = field(default_factory=dict)
    gone_contents: dict[str, int] = field(default_factory=dict)

    def add(self, seq: int | None, code: str, message: str) -> None:
        self.findings.append(Finding(seq, code, message))


def parse_head(text: str) -> tuple[int, str]:
    """Return the sequence number and hash of a head such as reports print, ``SEQ:HASH``.

    Raises:
        CannotVerify: it is not one.
    """
    match = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text.strip().lower())
    if match is None:
        raise CannotVerify(
            f"{text[:100]!r} is not a head: copy SEQ:HASH (a number, a colon, 64 hexadecimal digits)."
        )
    return int(match[1]), match[2]


def verify(workspace: Path, head: tuple[int, str] | None = None) -> Verification:
    """Check the ledger of a workspace, and the files and contents that its events refer to.

    Args:
        head: sequence number and hash that the ledger had once, from a report or a backup.

    Raises:
        CannotVerify: there is no ledger that this program can read.
    """
    path = _ledger_file(workspace)
    chain = _Chain()
    contents = 0
    try:
        with closing(_connect(path)) as connection:
            for (message,) in connection.execute("PRAGMA integrity_check"):
                if message != "ok":
                    chain.add(None, "database", f"the database file is damaged: {message}.")
                    break
            genesis = _genesis(connection, path)
            _walk(connection, genesis, chain)
            _compare_with_head(chain, genesis, head)
            contents = _check_contents(connection, chain)
    except sqlite3.DatabaseError as error:
        chain.add(None, "database", f"the database file is damaged or cannot be read: {error}.")
    _check_files(workspace / "files", chain)
    return Verification(
        ledger=str(path),
        events=len(chain.hashes),
        head=f"{chain.last}:{chain.last_hash}",
        files=len(chain.files.keys() - chain.gone_files.keys()),
        contents=contents,
        findings=tuple(sorted(chain.findings, key=lambda finding: finding.seq or 0)),
    )


def _ledger_file(workspace: Path) -> Path:
    settings = workspace / "workspace.toml"
    try:
        url = tomllib.loads(settings.read_text(encoding="utf-8")).get("ledger", "sqlite:///ledger.db")
    except (OSError, ValueError):
        raise CannotVerify(
            f"{workspace} is not a workspace: there is no workspace.toml in it that can be read."
        ) from None
    prefix = "sqlite:///"
    if not isinstance(url, str) or not url.startswith(prefix):
        raise CannotVerify(f"only SQLite ledgers can be verified, and {settings} names another database.")
    path = workspace / url.removeprefix(prefix)
    if not path.is_file():
        raise CannotVerify(f"{path} is not there: name a workspace that has a ledger.")
    return path


def _connect(path: Path) -> sqlite3.Connection:
    """Open for reading only; in a folder that cannot be written SQLite must be told that nobody else writes either."""
    place = f"file:{quote(str(path.absolute()))}?mode=ro"
    connection = sqlite3.connect(place, uri=True, timeout=30, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        connection.close()
        if not isinstance(error, sqlite3.OperationalError) or path.with_name(f"{path.name}-wal").exists():
            raise
        connection = sqlite3.connect(f"{place}&immutable=1", uri=True, isolation_level=None)
    # Text that is not UTF-8 must become a finding, not a crash.
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    connection.execute("BEGIN")
    return connection


def _genesis(connection: sqlite3.Connection, path: Path) -> str:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"about", "events", "content"} <= tables:
        raise CannotVerify(f"{path} is not a ledger of Looking Glass.")
    about = dict(connection.execute("SELECT name, value FROM about"))
    version = str(about.get("schema_version", ""))
    if version.isdecimal() and int(version) > KNOWN_FORMAT:
        raise CannotVerify(f"{path} has format {version}, and this program knows {KNOWN_FORMAT}: update it.")
    text = _json(["looking glass ledger", str(about.get("ledger_id"))])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _walk(connection: sqlite3.Connection, genesis: str, chain: _Chain) -> None:
    chain.last_hash = genesis
    query = f"SELECT {', '.join(COLUMNS)} FROM events ORDER BY seq"  # noqa: S608 - the names are ours, above
    for row in connection.execute(query):
        event = dict(zip(COLUMNS, row, strict=True))
        seq = event["seq"]
        if not isinstance(seq, int):
            chain.add(None, "altered", f"an event has no number: {str(seq)[:40]!r} stands in its place.")
            continue
        if seq > chain.last + 1:
            gone = (
                f"event {chain.last + 1} is"
                if seq == chain.last + 2
                else f"events {chain.last + 1} to {seq - 1} are"
            )
            chain.add(chain.last + 1, "missing", f"{gone} missing.")
        elif seq <= chain.last:
            chain.add(seq, "out-of-order", f"event {seq} comes a second time.")
        altered = _altered(event)
        if altered:
            chain.add(seq, "altered", f"event {seq} was altered, or moved from another place: {altered}.")
        elif event["prev_hash"] != chain.last_hash and seq == chain.last + 1:
            before = f"event {seq - 1}" if seq > 1 else "the beginning of this ledger"
            chain.add(
                seq,
                "out-of-order",
                f"event {seq} does not follow {before}: something before it was altered or replaced.",
            )
        chain.hashes[seq] = chain.last_hash = str(event["hash"])
        chain.last = seq
        _note_references(event, chain)
        if not altered and event["type"] == ERASURE:
            _note_erasure(event, chain)


def _altered(event: dict[str, Any]) -> str | None:
    """Return why an event is not what was recorded, in words."""
    for name in COLUMNS[1:]:
        if not isinstance(event[name], str) and not (name == "key" and event[name] is None):
            return f"its {name} is not text"
    try:
        canonical = _json(_load(event["payload"]))
    except (ValueError, RecursionError):
        return "its payload is not JSON"
    if canonical != event["payload"]:
        return "its payload is not in canonical form"
    hashed = _json([event[name] for name in COLUMNS[:-1]])
    if hashlib.sha256(hashed.encode("utf-8", "surrogateescape")).hexdigest() != event["hash"]:
        return "its hash does not fit what it says"
    return None


def _compare_with_head(chain: _Chain, genesis: str, head: tuple[int, str] | None) -> None:
    if head is None:
        return
    seq, wanted = head
    found = genesis if seq == 0 else chain.hashes.get(seq)
    if seq > chain.last:
        gone = f"event {seq}" if seq == chain.last + 1 else f"events {chain.last + 1} to {seq}"
        chain.add(
            chain.last + 1,
            "cut-off",
            f"the ledger ends at event {chain.last}, but it once went to {seq}: {gone} cut off.",
        )
    elif found != wanted:
        chain.add(
            seq,
            "other-chain",
            f"event {seq} is not the one that the head speaks of: it or one before it was replaced.",
        )


def _note_references(event: dict[str, Any], chain: _Chain) -> None:
    """Collect the SHA-256 under the keys ``file``, ``files`` and ``content``, however deep in the payload."""
    try:
        waiting = [_load(event["payload"])]
    except (TypeError, ValueError, RecursionError):
        return  # already reported as altered
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item.values())
            for key, known in (("file", chain.files), ("files", chain.files), ("content", chain.contents)):
                for text in _texts(item.get(key)):
                    if _SHA256.fullmatch(text):
                        known.setdefault(text, event["seq"])
                        # What is brought back after it was erased has to be there again.
                        gone = chain.gone_files if known is chain.files else chain.gone_contents
                        if gone.pop(text, None) is not None:
                            known[text] = event["seq"]


def _note_erasure(event: dict[str, Any], chain: _Chain) -> None:
    """Collect what a sound erasure event says is gone: exactly what it names, and only what came before it."""
    erased = _load(event["payload"]).get("erased")
    if not isinstance(erased, dict):
        return
    for kind, gone in (
        ("contents", chain.gone_contents),
        ("parts", chain.gone_files),
        ("images", chain.gone_files),
    ):
        entries = erased.get(kind)
        for entry in entries if isinstance(entries, list) else []:
            text = entry.get("sha256") if isinstance(entry, dict) else entry
            if isinstance(text, str) and _SHA256.fullmatch(text):
                gone[text] = event["seq"]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, str):
                yield item


def _check_contents(connection: sqlite3.Connection, chain: _Chain) -> int:
    missing = {sha: seq for sha, seq in chain.contents.items() if sha not in chain.gone_contents}
    count = 0
    for sha, body in connection.execute("SELECT sha256, body FROM content ORDER BY sha256"):
        count += 1
        seq = missing.pop(sha, None)
        if sha in chain.gone_contents:
            _still_there(chain, chain.gone_contents[sha], f"the content {sha[:12]}")
        data = body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogateescape")
        if hashlib.sha256(data).hexdigest() != sha:
            chain.add(seq, "content-changed", f"the content {str(sha)[:12]} was changed{_of(seq)}.")
    for sha, seq in missing.items():
        chain.add(seq, "content-missing", f"the content {sha[:12]} is missing{_of(seq)}.")
    return count


def _check_files(folder: Path, chain: _Chain) -> None:
    for sha, seq in chain.gone_files.items():
        if (folder / sha[:2] / sha).exists():
            _still_there(chain, seq, f"the file {folder / sha[:2] / sha}")
    for sha, seq in chain.files.items():
        if sha in chain.gone_files:
            continue
        path = folder / sha[:2] / sha
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            chain.add(seq, "file-missing", f"the file {path} is missing{_of(seq)}.")
        except OSError as error:
            chain.add(seq, "file-missing", f"the file {path} cannot be read ({error.strerror}){_of(seq)}.")
        else:
            if found != sha:
                chain.add(seq, "file-changed", f"the file {path} was changed{_of(seq)}.")


def _still_there(chain: _Chain, seq: int, what: str) -> None:
    chain.add(
        seq,
        "not-erased",
        f"{what} is still there, but event {seq} erased it: open the workspace to finish that.",
    )


def _of(seq: int | None) -> str:
    return f" (event {seq} refers to it)" if seq is not None else ""


def _load(text: str) -> Any:
    return json.loads(text)


def _json(value: object) -> str:
    """Return canonical JSON: keys sorted, no spaces, only what must be is escaped, floats as short as they go."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            if not math.isfinite(value):
                raise ValueError("a number is not finite")
            return repr(value)
        case str():
            return '"' + "".join(_ESCAPES.get(letter, letter) for letter in value) + '"'
        case list():
            return "[" + ",".join(_json(item) for item in value) + "]"
        case dict():
            return "{" + ",".join(f"{_json(key)}:{_json(value[key])}" for key in sorted(value)) + "}"
    raise ValueError(f"{type(value).__name__} is not JSON")


_ESCAPES = {chr(code): f"\\u{code:04x}" for code in range(0x20)} | {
    '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
}  # fmt: skip
