"""The score store: what each candidate answered for each input, as immutable Parquet files that may be deleted.

A file holds ``@input_id`` and the probability of every class in the manifest's order (``p0``, ``p1`` ...). Scores
belong to (fingerprint, input), so they serve every version in which that input occurs. Knows nothing of labels.
"""

from __future__ import annotations

import json
import logging
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.errors import NotSaved
from lookingglass.files import write_parquet

Floats = NDArray[np.float64]
MOST_SMALL = 24
"""So many small files of one candidate are put together into one."""

SMALL_BYTES = 1 << 20
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why a candidate could not answer for one test-set version; kept so that a hanging model is not asked again."""

    digest: str
    version: int
    error: str
    time: str


class ScoreStore:
    """Score files of all candidates of one workspace, under ``folder`` (``<workspace>/scores``)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def candidate_folder(self, fingerprint: str) -> Path:
        """Return the folder of one candidate's score files, made when it is first asked for."""
        folder = self._place(fingerprint)
        with _saving(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def files(self, fingerprint: str) -> tuple[Path, ...]:
        """Return the candidate's score files in the order of their names."""
        return tuple(sorted(self._place(fingerprint).glob("*.parquet")))

    def write(self, fingerprint: str, input_ids: pl.Series, probabilities: Floats) -> Path:
        """Store one batch, whole or not at all, and return its file.

        Args:
            input_ids: n binary ids.
            probabilities: shape (n, classes), float64.

        Raises:
            NotSaved: the disk is full or cannot be written; nothing of the batch was stored.
        """
        folder = self.candidate_folder(fingerprint)
        columns: dict[str, pl.Series | Floats] = {"@input_id": input_ids}
        columns.update(
            {
                f"p{index}": np.ascontiguousarray(probabilities[:, index])
                for index in range(probabilities.shape[1])
            }
        )
        name = uuid.uuid4().hex
        temporary = folder / f"{name}.tmp"
        with _saving(folder):
            try:
                write_parquet(pl.DataFrame(columns), temporary)
                with temporary.open("rb") as file:
                    os.fsync(file.fileno())
                return temporary.replace(folder / f"{name}.parquet")
            finally:
                temporary.unlink(missing_ok=True)

    def merge_small(self, fingerprint: str) -> tuple[frozenset[Path], Path] | None:
        """Put many small score files together into one, so that a thousand single changes leave no thousand files.

        The new file is complete before the others go, so a reader finds every score at any moment; one that was about
        to read a file that went looks again. Call it only while nobody else writes scores of this candidate.

        Returns:
            The files that went and the one that took their place; None when there was nothing to do.

        Raises:
            NotSaved: the disk is full or cannot be written; the small files are still there.
        """
        small = [file for file in self.files(fingerprint) if file.stat().st_size < SMALL_BYTES]
        if len(small) < MOST_SMALL:
            return None
        columns = pl.read_parquet_schema(small[0])
        stored = read_scores(small, list(columns)).unique("@input_id", keep="first", maintain_order=True)
        probabilities = stored.select(pl.exclude("@input_id")).to_numpy()
        into = self.write(fingerprint, stored.get_column("@input_id"), probabilities)
        for file in small:
            file.unlink(missing_ok=True)
        return frozenset(small), into

    def aligned(self, fingerprint: str, input_ids: pl.Series, class_index: int) -> Floats:
        """Return one class's probability for each of ``input_ids``, shape (n,), NaN where there is no score.

        Reads every file; ``AlignedScores`` gives the same from what it has kept.
        """
        files = self.files(fingerprint)
        wanted = input_ids.alias("@input_id").to_frame()
        if not files or wanted.is_empty():
            return np.full(len(input_ids), np.nan)
        column = f"p{class_index}"
        stored = read_scores(files, ["@input_id", column]).unique("@input_id", keep="first")
        joined = wanted.join(stored, on="@input_id", how="left", maintain_order="left")
        return joined[column].fill_null(np.nan).to_numpy().astype(np.float64, copy=False)

    def failure(self, fingerprint: str, digest: str) -> Failure | None:
        """Return why the candidate failed on the version with this digest, None when it did not."""
        path = self._failure_path(fingerprint, digest)
        try:
            return Failure(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None

    def write_failure(self, fingerprint: str, failure: Failure) -> None:
        """Remember that the candidate failed on one version."""
        path = self.candidate_folder(fingerprint) / self._failure_path(fingerprint, failure.digest).name
        temporary = path.with_suffix(f".{uuid.uuid4().hex}.tmp")
        with _saving(path):
            temporary.write_text(json.dumps(asdict(failure)), encoding="utf-8")
            temporary.replace(path)

    def forget_failure(self, fingerprint: str, digest: str) -> None:
        """Let the candidate be asked again for the version with this digest."""
        self._failure_path(fingerprint, digest).unlink(missing_ok=True)

    def _failure_path(self, fingerprint: str, digest: str) -> Path:
        return self._place(fingerprint) / f"failed-{digest.removeprefix('sha256:')[:32]}.json"

    def _place(self, fingerprint: str) -> Path:
        return self.folder / fingerprint.removeprefix("sha256:")


class ScoreFileGone(Exception):
    """A score file is no longer there: it was put together with others since its folder was listed."""


def read_scores(files: Sequence[Path], columns: list[str]) -> pl.DataFrame:
    """Read score files; one that is torn is put away, for scores come back and a workspace must not stop over them.

    Raises:
        ScoreFileGone: one of them is not there any more.
    """
    empty = pl.DataFrame(schema={name: pl.Binary if name == "@input_id" else pl.Float64 for name in columns})
    if not files:
        return empty
    try:
        return pl.read_parquet(list(files), columns=columns)
    except (pl.exceptions.PolarsError, OSError):
        parts = [empty]
        for file in files:
            if not file.exists():
                raise ScoreFileGone(str(file)) from None
            try:
                parts.append(pl.read_parquet(file, columns=columns))
            except (pl.exceptions.PolarsError, OSError) as error:
                logger.warning("the scores in %s cannot be read and are made again: %s", file, error)
                with suppress(OSError):
                    file.unlink()
        return pl.concat(parts)


@contextmanager
def _saving(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise NotSaved(
            f"Scores could not be kept in {place}: {reason}. What was scored before is kept."
        ) from error
