"""Carries out what an erasure event says: takes the content it names out of files, scores, left-overs and the database.

The event comes first and everything here may be done again, so a process that is killed half way is finished by the
next one that opens the workspace. Knows nothing of test sets but the names of the columns in their files.
"""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lookingglass.errors import LookingGlassError
from lookingglass.files import INCOMING, FileStore, write_parquet
from lookingglass.folders import BACKGROUNDS, EXPLANATIONS, KEPT_FIGURES
from lookingglass.ledger import Event, Ledger

ID, INPUT_ID = "@id", "@input_id"
LEASE_SECONDS = 5.0
"""How long to wait for somebody who is scoring; then the scores are left for the next time."""

STALE_SECONDS = 3600.0
"""A left-over of this age that cannot be read is of no use to anybody and goes."""

KEPT_DIGITS = 2
"""Letters of a folder's name in which whole files lie; one of those that cannot be read is no table of ours."""

_PARQUET = b"PAR1"
logger = logging.getLogger(__name__)


def finish_erasures(folder: Path, ledger: Ledger, files: FileStore) -> None:
    """Carry out every erasure that is recorded and not finished; what keeps it from being done is logged, not raised.

    Content that is still there meanwhile is never read: readers go by the events.
    """
    for event, finished in ledger.erasures():
        if finished and not _came_back(event, files):
            continue
        try:
            carry_out(event, folder, ledger, files)
        except (LookingGlassError, OSError) as error:
            logger.warning("the erasure in event %s is not finished yet: %s", event.seq, error)


def carry_out(event: Event, folder: Path, ledger: Ledger, files: FileStore) -> bool:
    """Remove everything that one erasure event names; True when all of it is gone.

    False when somebody was scoring, or a file that was lately torn may hold it: looked at again the next time.

    Raises:
        NotSaved, OSError: something could not be removed; call it again.
    """
    erased = event.payload["erased"]
    for entry in erased["parts"]:
        files.remove(entry["sha256"])
    with files.exclusively() if erased["images"] else nullcontext():
        for sha in erased["images"]:
            if not _brought_again(ledger, sha, event.seq):
                files.remove(sha)
    complete = _remove_left_overs(folder, str(event.payload["example_id"]))
    complete &= _forget_scores(folder / "scores", _input_ids(erased))
    _forget_explanations(folder / EXPLANATIONS, _input_ids(erased))
    ledger.forget_content(entry["sha256"] for entry in erased["contents"])
    if complete:
        ledger.mark_forgotten(event.seq)
    return complete


def _came_back(event: Event, files: FileStore) -> bool:
    """Whether a file with erased rows is there again, as after files were brought back from a backup."""
    return any(files.has(entry["sha256"]) for entry in event.payload["erased"]["parts"])


def _brought_again(ledger: Ledger, sha: str, after: int) -> bool:
    """Whether an event after the erasure brought the same image anew, for another example."""
    return any(sha in event.payload.get("files", ()) for event in ledger.events("testset", after=after))


def _input_ids(erased: dict[str, Any]) -> list[bytes]:
    entries = [*erased["contents"], *erased["parts"]]
    return sorted({bytes.fromhex(entry["input_id"]) for entry in entries})


def _forget_scores(folder: Path, input_ids: list[bytes]) -> bool:
    """Take what candidates answered for these inputs out of every score file; False when a lease was not to be had."""
    complete = True
    for path in (folder / KEPT_FIGURES, *folder.glob(f".{KEPT_FIGURES}-*")):
        path.unlink(missing_ok=True)
    for place in sorted(path for path in folder.glob("*") if path.is_dir()):
        try:
            with FileLock(str(place / "lease"), timeout=LEASE_SECONDS):
                for path in sorted(place.glob("*.parquet")):
                    _without_inputs(path, input_ids)
                for path in (
                    *place.glob("*.tmp"),
                    *place.glob("failed-*.json"),
                ):  # a message may quote a value
                    path.unlink(missing_ok=True)
        except Timeout:
            complete = False
    return complete


def _forget_explanations(folder: Path, input_ids: list[bytes]) -> None:
    """Take away explanations of these inputs, and samples of others' variations that hold them: both are made anew."""
    import polars as pl

    for path in (*folder.glob("*/*/*.tmp"), *folder.glob("*/*.tmp")):
        path.unlink(missing_ok=True)
    for input_id in input_ids:
        for path in folder.glob(f"*/*/{input_id.hex()}.json"):
            path.unlink(missing_ok=True)
    theirs = pl.col(INPUT_ID).is_in(pl.Series(input_ids, dtype=pl.Binary).implode())
    for path in folder.glob(f"{BACKGROUNDS}/*.parquet"):
        try:
            there = pl.scan_parquet(path).filter(theirs).select(pl.len()).collect().item()
        except (pl.exceptions.PolarsError, FileNotFoundError):
            there = 1  # torn: of no use to anybody
        if there:
            path.unlink(missing_ok=True)


def _without_inputs(path: Path, input_ids: list[bytes]) -> None:
    """Replace a score file that answers for one of the inputs by a new one without them."""
    import polars as pl

    theirs = pl.col(INPUT_ID).is_in(pl.Series(input_ids, dtype=pl.Binary).implode())
    try:
        if not pl.scan_parquet(path).filter(theirs).select(pl.len()).collect().item():
            return
        rest = pl.read_parquet(path).filter(~theirs)
    except (pl.exceptions.PolarsError, FileNotFoundError):
        path.unlink(missing_ok=True)  # torn: scores come back by themselves
        return
    if rest.height:
        name = uuid.uuid4().hex
        temporary = path.with_name(f"{name}.tmp")
        write_parquet(rest, temporary)
        temporary.replace(path.with_name(f"{name}.parquet"))
    path.unlink(missing_ok=True)


def _remove_left_overs(folder: Path, example_id: str) -> bool:
    """Remove what no event speaks of and holds the example: files of imports that failed, were refused or killed.

    An import under way that holds it is refused when it comes to be recorded, since the erasure is recorded already.
    False when a file that is still being written, or was torn lately, may hold it: look again.
    """
    unread = []
    for path in _tables(folder):
        holds = _holds(path, example_id)
        if holds:
            path.unlink(missing_ok=True)
        elif holds is None and len(path.parent.name) != KEPT_DIGITS:
            unread.append(path)
    old = time.time() - STALE_SECONDS
    for path in (*folder.glob(f"files/{INCOMING}/*"), *folder.glob(".import-*"), *folder.glob(".export-*")):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < old:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    return not any(path.exists() for path in unread)


def _tables(folder: Path) -> Iterator[Path]:
    for pattern in ("files/[0-9a-f][0-9a-f]/*", f"files/{INCOMING}/*", ".import-*/*", ".export-*"):
        for path in folder.glob(pattern):
            try:
                with path.open("rb") as file:
                    if file.read(len(_PARQUET)) == _PARQUET:
                        yield path
            except OSError:
                continue


def _holds(path: Path, example_id: str) -> bool | None:
    """Whether a table has the example; None when it cannot be read."""
    import polars as pl

    try:
        columns = pl.scan_parquet(path)
        if ID not in columns.collect_schema():
            return False
        return bool(columns.filter(pl.col(ID) == example_id).select(pl.len()).collect().item())
    except FileNotFoundError:
        return False
    except (pl.exceptions.PolarsError, OSError):
        return None
