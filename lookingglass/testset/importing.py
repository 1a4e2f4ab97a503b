"""Importing a file: first a plan that says what would change, then the commit that changes exactly that.

An import adds and changes examples by their id and never removes one.
"""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import BadInput, Conflict
from lookingglass.files import write_parquet
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event, StaleWrite
from lookingglass.testset.changes import CellChange, changes_between
from lookingglass.testset.checked_bytes import ReadLimits
from lookingglass.testset.events import IMPORTED, STREAM, same_key, testset_events
from lookingglass.testset.image_cells import ImageIntake, Pictures, new_images
from lookingglass.testset.layout import ORIGINS, id_name, row_types
from lookingglass.testset.model import TestSet
from lookingglass.testset.reading import UploadedRows, read_table
from lookingglass.testset.replay import locate
from lookingglass.testset.rows import digest_number, digest_sum, digest_text, with_hashes
from lookingglass.testset.tombstones import refuse_erased
from lookingglass.testset.versions import read_version
from lookingglass.wording import plural

SHOWN_CHANGES = 20
_TOLD_CHANGES = 3
_TRIES = 20


@dataclass(frozen=True, eq=False)
class ImportPlan:
    """What importing a file would do to version ``base_version``; nothing has changed yet.

    Attributes:
        file: the uploaded file's name; ``upload`` its SHA-256.
        added, changed, unchanged: how many of its rows are new, differ from what is there, or are there already.
        changes: the first 20 cells that would change, with old and new value.
        rows: the added and changed rows with their hashes, in file order.
        replaced: the hashes that the changed rows have now.
        images: the SHA-256 of every image that the import brings.
    """

    file: str
    upload: str
    base_version: int
    origin: str
    source: str
    note: str
    added: int
    changed: int
    unchanged: int
    examples: int
    digest: str
    changes: tuple[CellChange, ...]
    rows: pl.DataFrame = field(repr=False)
    replaced: pl.Series = field(repr=False)
    uploaded: UploadedRows = field(repr=False)
    images: tuple[str, ...] = field(default=(), repr=False)

    @property
    def changes_nothing(self) -> bool:
        """Whether every row is there already as it is."""
        return not self.added and not self.changed

    @property
    def words(self) -> str:
        """Say in one sentence what the import would do."""
        return self._told("would ", "add", "change", "leave")

    @property
    def words_when_done(self) -> str:
        """Say in one sentence what the import did."""
        return self._told("", "added", "changed", "left")

    def _told(self, would: str, add: str, change: str, leave: str) -> str:
        if self.changes_nothing:
            rows = "its one row is" if self.unchanged == 1 else f"all {self.unchanged:,} rows are"
            return f"{self.file} changes nothing: {rows} in the test set already."
        cells = "; ".join(str(cell) for cell in self.changes[:_TOLD_CHANGES])
        more = ", …" if cells and (self.changed > 1 or len(self.changes) > _TOLD_CHANGES) else ""
        detail = f" ({cells}{more})" if cells else ""
        parts = [f"{verb} {count:,}" for verb, count in ((add, self.added), (change, self.changed)) if count]
        parts[0] += f" {plural('example', self.added or self.changed)}"
        left = f", {leave} {self.unchanged:,} as {'it is' if self.unchanged == 1 else 'they are'}"
        return f"{self.file} {would}{', '.join(parts)}{detail}{left if self.unchanged else ''}."

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON-able values."""
        return {
            "file": self.file,
            "version": self.base_version,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "changes": [change.to_json() for change in self.changes],
            "words": self.words,
        }


def plan_import(
    home: Home,
    path: Path,
    *,
    origin: str = "sample",
    source: str | None = None,
    delimiter: str | None = None,
    note: str = "",
    name: str | None = None,
    limits: ReadLimits | None = None,
    images: Path | None = None,
) -> ImportPlan:
    """Read a file and say what importing it would do. Changes nothing.

    Args:
        origin: of examples that are new and whose row does not say (column @origin): sample or pattern.
        source: of such examples, the file's name when None. An example that is there keeps its origin, source, tags
            and problems unless the file carries them.
        delimiter: between CSV cells, a comma when None.
        note: why, for the history.
        name: what to call the file (an upload's own name, when it lies under another one).
        images: the folder in which file names of images are looked up, the table's own folder when None.

    Raises:
        ImportRejected: with each cell that does not fit.
        BadInput: the rows have no ids although examples are there already, or the origin is neither of the two.
    """
    if origin not in ORIGINS:
        raise BadInput(f"the origin of examples is sample or pattern, not {origin!r}.")
    file = name or path.name
    intake = ImageIntake(home.files, Pictures.beside(path) if images is None else Pictures(images))
    uploaded = read_table(path, home.config, delimiter=delimiter, limits=limits, name=file, images=intake)
    with path.open("rb") as stream:
        upload = hashlib.file_digest(stream, "sha256").hexdigest()
    return _plan(home, uploaded, file, upload, origin, file if source is None else source, note)


def commit_import(home: Home, plan: ImportPlan, actor: Actor, *, key: str | None = None) -> Event | None:
    """Do what the plan says; None when it changes nothing.

    When the test set moved on since the plan was made and the import would still do the same, it is done.

    Args:
        key: idempotency key of the request; a second commit with it returns the first one's event.

    Raises:
        Conflict: somebody else changed examples of this file meanwhile, so that the plan no longer holds.
        NotAllowed: the actor may not change the test set.
    """
    stored: str | None = None
    current = plan
    for _ in range(_TRIES):
        events = testset_events(home)
        earlier = same_key(events, key)
        if earlier is not None:
            return earlier
        if len(events) != current.base_version:
            current = _plan(home, plan.uploaded, plan.file, plan.upload, plan.origin, plan.source, plan.note)
        if current.changes_nothing:
            return None
        if current is not plan and not _same_work(plan, current):
            last = events[-1]
            raise Conflict(
                f"{last.actor} changed examples of {plan.file} at {last.time}, while this import waited: look "
                "at what it would do now, and import it again. Nothing was changed."
            )
        images = plan.uploaded.images
        if stored is None:
            if images is not None:
                images.keep(home.files, current.images)  # may take long: nobody is kept waiting meanwhile
            stored = _store(home, plan.rows)
        try:
            with home.files.exclusively() if current.images else nullcontext():
                if images is not None:
                    images.keep(home.files, [sha for sha in current.images if not home.files.has(sha)])
                return home.ledger.append(
                    STREAM,
                    IMPORTED,
                    _payload(current, stored, len(events) + 1),
                    actor,
                    key=key,
                    expected=events[-1].seq if events else 0,
                )
        except StaleWrite:
            continue
    raise Conflict("the test set is being changed by others without pause: import again in a moment.")


def _payload(plan: ImportPlan, stored: str, version: int) -> dict[str, Any]:
    return {
        "version": version,
        "file": stored,
        "rows": plan.rows.height,
        "added": plan.added,
        "changed": plan.changed,
        "unchanged": plan.unchanged,
        "source": plan.source,
        "origin": plan.origin,
        "note": plan.note,
        "upload": plan.upload,
        "upload_name": plan.file,
        "numbered": not plan.uploaded.has_ids,
        "digest": plan.digest,
        "examples": plan.examples,
        **({"files": list(plan.images)} if plan.images else {}),
    }


def _store(home: Home, rows: pl.DataFrame) -> str:
    """Keep the rows as a file, packed so that it is quickly read: it is read more often than written."""
    return home.files.add_written(lambda path: write_parquet(rows, path, compression="lz4", statistics=False))


def _same_work(one: ImportPlan, other: ImportPlan) -> bool:
    """Say whether two plans put the same rows in the place of the same rows: nobody's change is written over."""
    same_rows = one.rows.get_column("@row_hash").equals(other.rows.get_column("@row_hash"))
    return same_rows and one.replaced.equals(other.replaced)


def _plan(
    home: Home, uploaded: UploadedRows, file: str, upload: str, origin: str, source: str, note: str
) -> ImportPlan:
    base = read_version(home)
    incoming = uploaded.frame
    if not uploaded.has_ids:
        _refuse_numbering_again(home, base, upload, file)
        numbers = pl.int_range(1, incoming.height + 1, eager=True).cast(pl.String).str.zfill(6)
        incoming = incoming.with_columns(("row-" + numbers).alias("@id"))
    refuse_erased(home, incoming.get_column("@id"), file)
    there = locate(base.rows, incoming.get_column("@id"))
    before = base.rows[there.get_column("position").to_numpy()]
    rows = with_hashes(_completed(incoming, before, home.config, origin, source), home.config.inputs)
    if not before.height:
        different, added = rows, rows.height
        replaced = before
    else:
        old = before.select("@id", pl.col("@row_hash").alias("old"))
        compared = rows.select("@id", "@row_hash").join(old, on="@id", how="left", maintain_order="left")
        fresh = compared.get_column("old").is_null()
        differs = (compared.get_column("old") != compared.get_column("@row_hash")).fill_null(value=False)
        different, added = rows.filter(fresh | differs), int(fresh.sum())
        replaced = before.filter(
            before.get_column("@id").is_in(compared.filter(differs).get_column("@id").implode())
        )
    if not uploaded.has_ids and replaced.height:
        raise BadInput(_numbered_already(file, home.config))
    total = digest_number(base.digest) - digest_sum(replaced.get_column("@row_hash"))
    total += digest_sum(different.get_column("@row_hash"))
    return ImportPlan(
        file=file,
        upload=upload,
        base_version=base.version,
        origin=origin,
        source=source,
        note=note,
        added=added,
        changed=replaced.height,
        unchanged=rows.height - different.height,
        examples=base.examples + added,
        digest=digest_text(total),
        changes=_first_changes(replaced, different, home.config),
        rows=different,
        replaced=replaced.get_column("@row_hash"),
        uploaded=uploaded,
        images=tuple(new_images(different, base.rows, home.config)),
    )


def _completed(
    incoming: pl.DataFrame, before: pl.DataFrame, config: WorkspaceConfig, origin: str, source: str
) -> pl.DataFrame:
    """Return whole rows: what the file does not carry of an example is kept, and given its default when it is new."""
    defaults = {
        "@origin": pl.lit(origin),
        "@source": pl.lit(source),
        "@tags": pl.lit(pl.Series([[]], dtype=pl.List(pl.String))).first(),
        "@problems": pl.lit(pl.Series([[]], dtype=pl.List(pl.String))).first(),
    }
    if before.height:
        kept = before.select("@id", *(pl.col(name).alias(f"kept {name}") for name in defaults))
        incoming = incoming.join(kept, on="@id", how="left", maintain_order="left")
    expressions = []
    for name, default in defaults.items():
        choices = [pl.col(at) for at in (name, f"kept {name}") if at in incoming.columns]
        expressions.append(pl.coalesce(*choices, default).alias(name))
    return incoming.with_columns(expressions).select(list(row_types(config)))


def _first_changes(
    replaced: pl.DataFrame, rows: pl.DataFrame, config: WorkspaceConfig
) -> tuple[CellChange, ...]:
    if not replaced.height:
        return ()
    names = list(row_types(config))
    old = {row["@id"]: row for row in replaced.head(SHOWN_CHANGES).select(names).iter_rows(named=True)}
    new = rows.filter(pl.col("@id").is_in(list(old))).select(names)
    changes = [
        change
        for row in new.iter_rows(named=True)
        for change in changes_between(old[row["@id"]], row, config)
    ]
    return tuple(changes[:SHOWN_CHANGES])


def _refuse_numbering_again(home: Home, base: TestSet, upload: str, file: str) -> None:
    """Rows can be numbered once; the very same file again is let through, since it gets the same numbers."""
    imports = [event for event in testset_events(home) if event.type == IMPORTED]
    first = next((event for event in imports if event.payload["numbered"]), None)
    if first is not None and first.payload["upload"] == upload:
        return
    if imports or base.rows.get_column("@id").str.starts_with("row-").any():
        raise BadInput(_numbered_already(file, home.config))


def _numbered_already(file: str, config: WorkspaceConfig) -> str:
    name = id_name(config)
    return (
        f"{file} has no column {name}: rows are numbered on the first import only, so later files must say "
        f"which example each row is (export the test set to see the ids). Nothing was imported."
    )
