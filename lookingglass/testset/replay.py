"""From the events of the test set to the frame of a version: pure, vectorised, at the cost of what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.errors import Damaged
from lookingglass.home import Home
from lookingglass.ledger import ERASURE, Event
from lookingglass.testset.content import from_content, rows_frame
from lookingglass.testset.events import CHANGED, changes_of
from lookingglass.testset.layout import SEQ_TYPES, fitted, frame_types
from lookingglass.testset.rows import DIGEST_MODULUS, digest_sum
from lookingglass.testset.tombstones import ErasedRow, Erasures

_FEW = 256
_MOST_CHUNKS = 64


@dataclass(frozen=True)
class State:
    """A version's frame and its digest as a number.

    ``gone``: the row hash of each example that the version has and whose content was erased; the digest counts them.
    """

    frame: pl.DataFrame
    total: int
    gone: Mapping[str, bytes] = field(default_factory=dict)


def replay(home: Home, start: State, events: Sequence[Event], erasures: Erasures) -> State:
    """Return the state after ``events``, without what ``erasures`` names: ``start`` has to be without it already.

    Raises:
        Damaged: a stored part or content is not what the ledger says it is.
    """
    state = start
    waiting: list[Event] = []
    for event in events:
        if event.type == CHANGED:
            waiting.append(event)
            continue
        state = _after_changes(home, state, waiting, erasures)
        waiting = []
        if event.type == ERASURE:
            state = _with_gone(state, {str(event.payload["example_id"]): None})
        else:
            state = _after_import(home, state, event, erasures)
    return _after_changes(home, state, waiting, erasures)


def _with_gone(state: State, rows: Mapping[str, bytes | None]) -> State:
    """Return the state in which erased examples have these row hashes (None: they left the test set)."""
    gone, total = dict(state.gone), state.total
    for example, row_hash in rows.items():
        total -= int.from_bytes(gone.pop(example, b""))
        if row_hash is not None:
            gone[example] = row_hash
            total += int.from_bytes(row_hash)
    return replace(state, total=total % DIGEST_MODULUS, gone=gone)


def locate(frame: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Return "@id" and "position" (UInt32) of those ``ids`` that ``frame`` has, in frame order."""
    if not frame.height:
        return pl.DataFrame(schema={"@id": pl.String, "position": pl.UInt32})
    found = frame.get_column("@id").is_in(ids.implode()).arg_true()
    return pl.DataFrame({"@id": frame.get_column("@id").gather(found), "position": found})


def imported_rows(home: Home, event: Event, erasures: Erasures) -> tuple[pl.DataFrame, list[ErasedRow]]:
    """Return the rows that an import brought, in today's columns, and those of them that were erased."""
    sha, lacking = erasures.part(str(event.payload["file"]))
    return _read_part(home, sha), lacking


def _read_part(home: Home, sha: str) -> pl.DataFrame:
    path = home.files.path(sha)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha:
            raise Damaged(f"{path} is not the file that was imported: restore it from a backup.")
    return fitted(pl.read_parquet(path), home.config)


def applied(state: State, rows: pl.DataFrame, removed: Sequence[str] = ()) -> State:
    """Return the state with ``rows`` (complete, sequence numbers too) put in and the ids ``removed`` taken out.

    A row whose id is there takes that place; any other, and one that is also in ``removed``, goes to the end.
    """
    frame = state.frame
    touched = pl.concat([rows.get_column("@id"), pl.Series("@id", list(removed), dtype=pl.String)])
    there = locate(frame, touched)
    gone = (
        there.get_column("@id").is_in(list(removed))
        if removed
        else pl.repeat(False, there.height, eager=True)
    )
    in_place = there.filter(~gone).join(
        rows.select("@id").with_row_index("row"), on="@id", how="inner", maintain_order="left"
    )
    total = state.total - digest_sum(frame.get_column("@row_hash").gather(there.get_column("position")))
    total = (total + digest_sum(rows.get_column("@row_hash"))) % DIGEST_MODULUS
    kept = _replaced(
        frame,
        in_place.get_column("position").to_numpy(),
        rows[in_place.get_column("row").to_numpy()],
        there.get_column("position").filter(gone).to_numpy(),
    )
    taken = in_place.get_column("row").to_numpy()
    appended = rows[np.setdiff1d(np.arange(rows.height), taken)] if len(taken) else rows
    whole = kept.vstack(appended) if appended.height else kept
    return replace(state, frame=whole.rechunk() if whole.n_chunks() > _MOST_CHUNKS else whole, total=total)


def _replaced(
    frame: pl.DataFrame, positions: NDArray[Any], rows: pl.DataFrame, removed: NDArray[Any]
) -> pl.DataFrame:
    if not len(positions) and not len(removed):
        return frame
    if len(positions) + len(removed) <= _FEW:  # slices share memory with the frame before
        pieces: list[pl.DataFrame] = []
        at = 0
        instead = {int(position): rows.slice(row, 1) for row, position in enumerate(positions)}
        for position in sorted([*instead, *(int(position) for position in removed)]):
            pieces.append(frame.slice(at, position - at))
            if position in instead:
                pieces.append(instead[position])
            at = position + 1
        return pl.concat([*pieces, frame.slice(at)], rechunk=False)
    order = np.arange(frame.height)
    order[positions] = frame.height + np.arange(len(positions))
    return frame.vstack(rows)[np.delete(order, removed)]


def _after_import(home: Home, state: State, event: Event, erasures: Erasures) -> State:
    part, lacking = imported_rows(home, event, erasures)
    state = applied(state, with_seqs(state.frame, part, event.seq))
    return _with_gone(state, {row.example_id: row.row_hash for row in lacking}) if lacking else state


def with_seqs(frame: pl.DataFrame, rows: pl.DataFrame, seq: int) -> pl.DataFrame:
    """Return ``rows`` with the sequence numbers they get when put into ``frame`` by the event ``seq``."""
    there = locate(frame, rows.get_column("@id"))
    if not there.height:
        plain = rows.with_columns(pl.lit(seq, dtype=pl.Int64).alias(name) for name in SEQ_TYPES)
        return plain.select(list(frame.columns))
    before = frame.select("@added_seq", "@input_seq", "@input_id")[there.get_column("position").to_numpy()]
    before = before.rename({"@added_seq": "added", "@input_seq": "input", "@input_id": "same"})
    joined = rows.join(there.select("@id").hstack(before), on="@id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("added").fill_null(seq).alias("@added_seq"),
        pl.lit(seq, dtype=pl.Int64).alias("@changed_seq"),
        pl.when(pl.col("same").eq_missing(pl.col("@input_id")))
        .then(pl.col("input"))
        .otherwise(seq)
        .alias("@input_seq"),
    ).select(list(frame.columns))


@dataclass
class _Standing:
    """Where one touched example stands while changes are followed: its content and numbers, or None when it is out."""

    content: str | None
    input_id: bytes
    added: int
    changed: int
    inputs: int


def _after_changes(home: Home, state: State, events: Sequence[Event], erasures: Erasures) -> State:
    """Follow a run of single changes: each example touched is written once, as the last of them left it."""
    if not events:
        return state
    steps = [(event, change) for event in events for change in changes_of(event)]
    if erasures.key:
        erased = [change for _, change in steps if change["example_id"] in erasures.tombstones]
        state = _with_gone(state, {one["example_id"]: _erased_hash(one, erasures) for one in erased})
        steps = [step for step in steps if step[1]["example_id"] not in erasures.tombstones]
    fresh = _contents(home, steps)
    ids = pl.Series("@id", list({change["example_id"] for _, change in steps}), dtype=pl.String)
    there = locate(state.frame, ids)
    base = state.frame.select("@id", "@input_id", "@added_seq", "@changed_seq", "@input_seq")[
        there.get_column("position").to_numpy()
    ]
    standing: dict[str, _Standing | None] = {row[0]: _Standing(None, *row[1:]) for row in base.iter_rows()}
    removed: set[str] = set()
    for event, change in steps:
        example, content = str(change["example_id"]), change["content"]
        before = standing.get(example)
        if content is None:
            standing[example] = None
            removed.add(example)
            continue
        input_id = fresh[content][1]
        if before is None:
            standing[example] = _Standing(content, input_id, event.seq, event.seq, event.seq)
        else:
            inputs = before.inputs if before.input_id == input_id else event.seq
            standing[example] = _Standing(content, input_id, before.added, event.seq, inputs)
    left = [one for one in standing.values() if one is not None and one.content is not None]
    left.sort(key=lambda one: one.added)
    rows = pl.DataFrame(schema=frame_types(home.config))
    if left:
        numbers = pl.DataFrame(
            {
                "@added_seq": [one.added for one in left],
                "@changed_seq": [one.changed for one in left],
                "@input_seq": [one.inputs for one in left],
            },
            schema=SEQ_TYPES,
        )
        found = pl.concat([fresh[one.content or ""][0] for one in left])
        rows = found.hstack(numbers).select(list(state.frame.columns))
    return applied(state, rows, sorted(removed & set(there.get_column("@id"))))


def _erased_hash(change: Mapping[str, Any], erasures: Erasures) -> bytes | None:
    """Return the row hash that a change left an erased example with; None when the change removed it."""
    return erasures.contents[change["content"]].row_hash if change["content"] is not None else None


def _contents(
    home: Home, steps: Sequence[tuple[Event, Mapping[str, Any]]]
) -> Mapping[str, tuple[pl.DataFrame, bytes]]:
    """Return content hash -> (one-row frame with hashes, input id) of everything that ``steps`` wrote."""
    wanted = {str(change["content"]): (event, change) for event, change in steps if change["content"]}
    if not wanted:
        return {}
    stored = home.ledger.content(list(wanted))
    for sha, (event, change) in wanted.items():
        if sha not in stored:
            raise Damaged(
                f"what version {event.payload['version']} says of {change['example_id']} is missing: run "
                "`lookingglass audit verify` and bring the ledger back from a backup."
            )
    rows = [from_content(stored[sha]) for sha in wanted]
    order = sorted(range(len(rows)), key=lambda at: tuple(rows[at]))
    frame = rows_frame([rows[at] for at in order], home.config)
    shas = list(wanted)
    input_ids = frame.get_column("@input_id").to_list()
    return {shas[at]: (frame.slice(place, 1), input_ids[place]) for place, at in enumerate(order)}
