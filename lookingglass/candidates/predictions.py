"""Predictions candidates: reads and checks their files, and says which of their scores apply to a test-set version.

A score belongs to the inputs its maker saw: once an example's inputs are edited, older scores of it no longer apply.
"""

from __future__ import annotations

import csv
import functools
import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lookingglass.candidates.formats import SCORE_FORMATS
from lookingglass.candidates.registry import Candidate, get_candidate
from lookingglass.errors import BadInput, CellProblem, ImportRejected, NotFound, one_line
from lookingglass.files import FileStore
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from lookingglass.testset import TestSet

SCORES_ADDED = "scores_added"
ID, SCORE = "example_id", "score"
BYTE_BUDGET = 1 << 30
"""A predictions file, and what it decodes to, may not be larger (a small Parquet file can hold very much)."""


_LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class ScoresAdded:
    """What ``add_scores`` did. ``kept`` rows had a score already, which stays; ``waiting`` name no present example."""

    event: Event | None
    rows: int
    new: int
    kept: int
    waiting: int

    @property
    def words(self) -> str:
        """One plain sentence."""
        kept = f"; {self.kept:,} had a score already, which stays" if self.kept else ""
        waiting = (
            f"; {self.waiting:,} are of examples that are not in the test set yet" if self.waiting else ""
        )
        return f"{self.new:,} of {self.rows:,} scores are new{kept}{waiting}."


def scores_without_model(home: Home, candidate: Candidate, test_set: TestSet) -> NDArray[np.float64]:
    """Return P(positive) of a candidate that runs no model (predictions, baseline), shape (n,), NaN where unknown."""
    return SCORE_FORMATS[candidate.manifest.format].scores(home, candidate, test_set)


def scores_for(home: Home, candidate: Candidate, test_set: TestSet) -> NDArray[np.float64]:
    """Return P(positive) from the candidate's files for each example, shape (n,), NaN where there is none.

    A score from a file registered at ledger position s applies to an example whose present inputs are no younger than
    s, or were never edited since the example was added; the first file with such a score wins.
    """
    import numpy as np
    import polars as pl

    result = test_set.rows.select("@id", "@input_seq", "@added_seq").with_columns(
        pl.lit(None, pl.Float64).alias("result")
    )
    for seq, sha in _files_of(home, candidate):
        applies = (pl.col("@input_seq") <= seq) | (pl.col("@input_seq") == pl.col("@added_seq"))
        stored = _stored(home, sha)
        if (
            10 * result.height < stored.height
        ):  # a few rows against a large file: no table of all its ids is made
            stored = stored.filter(pl.col(ID).is_in(result.get_column("@id").implode()))
        result = result.join(stored, left_on="@id", right_on=ID, how="left", maintain_order="left")
        score = pl.coalesce("result", pl.when(applies).then(pl.col(SCORE)))
        result = result.with_columns(score.alias("result")).drop(SCORE)
    return np.asarray(result["result"].fill_null(float("nan")).to_numpy(), dtype=np.float64)


def sources_of(home: Home, candidate: Candidate) -> tuple[tuple[int | str, ...], ...]:
    """Return what the scores of a candidate without a model depend on: each file's ledger position, hash and state.

    Raises:
        Damaged: one of the files is missing.
    """
    facts = ((seq, sha, home.files.path(sha).stat()) for seq, sha in _files_of(home, candidate))
    return tuple((seq, sha, fact.st_mtime_ns, fact.st_size) for seq, sha, fact in facts)


def add_scores(
    home: Home, name: str, path: Path, actor: Actor, *, file_name: str | None = None, key: str | None = None
) -> ScoresAdded:
    """Give a predictions candidate further scores; one that is there already is never replaced.

    Args:
        file_name: how the file is called in what is told and recorded, when ``path`` is a copy under another name.
        key: idempotency key; the same request again is recorded once.

    Raises:
        NotFound: no such candidate or file.
        BadInput, ImportRejected: not a predictions candidate, or a file with something wrong in it.
    """
    from lookingglass.testset import read_version

    candidate = get_candidate(home, name)
    if candidate.manifest.format != "predictions":
        raise BadInput(
            f"{name} is a {candidate.manifest.format} candidate: it answers itself, scores cannot be added to it."
        )
    data, file_name = read_limited(path), file_name or path.name
    frame = parse_predictions(data, file_name, home.config.task.id)
    ids = set(frame[ID].to_list())
    test_set = read_version(home)
    scores = scores_for(home, candidate, test_set)
    present = {
        id_: bool(score == score) for id_, score in zip(test_set.ids, scores, strict=True) if id_ in ids
    }
    absent = ids - present.keys()
    for _, sha in _files_of(home, candidate):
        known = set(_stored(home, sha)[ID].to_list()) & absent
        present.update(dict.fromkeys(known, True))
    kept = sum(present.values())
    result = ScoresAdded(None, len(ids), len(ids) - kept, kept, len(absent))
    if result.new == 0:
        return result
    sha = home.files.add_bytes(data)
    payload = {"name": name, "fingerprint": candidate.fingerprint, "file": sha, "file_name": file_name}
    event = home.ledger.append(
        "candidates", SCORES_ADDED, {**payload, "rows": result.rows, "new": result.new}, actor, key=key
    )
    return ScoresAdded(event, result.rows, result.new, result.kept, result.waiting)


def read_limited(path: Path) -> bytes:
    """Return the bytes of a file a person named; raises NotFound, or BadInput when it is no file or too large."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise BadInput(f"{path} is not a file.")
        if size > BYTE_BUDGET:
            raise BadInput(f"{path.name} has {size:,} bytes: candidates may have at most {BYTE_BUDGET:,}.")
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except PermissionError:
        raise BadInput(f"{path} cannot be read: this user may not open it.") from None


def parse_predictions(
    data: bytes, file_name: str, id_name: str = ID, budget: int = BYTE_BUDGET
) -> pl.DataFrame:
    """Return the checked content of a predictions file: ``example_id`` (text, unique) and ``score`` (0 to 1).

    Args:
        data: CSV (UTF-8, comma) or Parquet.
        id_name: also accepted as the name of the id column.
        budget: bytes that the file may decode to.

    Raises:
        ImportRejected: rows with a missing or repeated id, or a score that is no number from 0 to 1.
        BadInput: other columns, another kind of file, too large.
    """
    import polars as pl

    frame = _from_parquet(data, file_name, budget) if data[:4] == b"PAR1" else _from_csv(data, file_name)
    if ID not in frame.columns and id_name in frame.columns:
        frame = frame.rename({id_name: ID})
    if sorted(frame.columns) != [ID, SCORE]:
        raise BadInput(
            f"{file_name} has the columns {one_line(', '.join(frame.columns), 120)}: a predictions file has two, "
            f"{ID} and {SCORE}."
        )
    if frame.is_empty():
        raise BadInput(f"{file_name} has no rows: write one line for each example.")
    if (
        not isinstance(frame.schema[SCORE], (pl.String, pl.Float64, pl.Float32))
        and not frame.schema[SCORE].is_integer()
    ):
        raise BadInput(f"{file_name}: column {SCORE} holds {frame.schema[SCORE]}, not numbers.")
    typed = frame.select(
        pl.col(ID).cast(pl.String).alias(ID),
        pl.col(SCORE).cast(pl.Float64, strict=False).alias(SCORE),
        pl.col(SCORE).cast(pl.String).alias("text"),
    )
    _refuse_bad_rows(typed, file_name)
    return typed.select(
        pl.col(ID).map_elements(_normal, return_dtype=pl.String) if _any_not_ascii(typed) else ID, SCORE
    )


def _refuse_bad_rows(frame: pl.DataFrame, file_name: str) -> None:
    import polars as pl

    score = pl.col(SCORE)
    checks: tuple[tuple[str, pl.Expr, Callable[[dict[str, str | None]], str]], ...] = (
        (ID, pl.col(ID).is_null() | (pl.col(ID) == ""), lambda row: "the id is missing"),
        (
            ID,
            ~pl.col(ID).is_first_distinct() & pl.col(ID).is_not_null(),
            lambda row: f"{_quoted(row[ID])} occurs twice",
        ),
        (SCORE, ~score.is_between(0, 1).fill_null(False), _about_score),
    )
    problems, total = [], 0
    for column, wrong, words in checks:
        rows = frame.with_row_index("row").filter(wrong)
        total += rows.height
        problems += [
            CellProblem(row["row"] + 1, column, words(row)) for row in rows.head(20).iter_rows(named=True)
        ]
    if problems:
        raise ImportRejected(file_name, sorted(problems, key=lambda problem: problem.row or 0), total)


def _about_score(row: dict[str, str | None]) -> str:
    return f"{_quoted(row['text'])} is not a number from 0 to 1" if row["text"] else "the score is missing"


def _from_csv(data: bytes, file_name: str) -> pl.DataFrame:
    import polars as pl

    _refuse_other_bytes(data, file_name)
    header = next(
        csv.reader([data[:_LONGEST_HEADER].decode(errors="ignore").lstrip("\ufeff\r\n").split("\n")[0]]), []
    )
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise BadInput(
            f"{file_name} has the one column {one_line(header[0], 60)}: separate its two columns, {ID} and {SCORE}, "
            "by a comma, and write numbers with a point."
        )
    twice = next((name for at, name in enumerate(header) if name in header[:at]), None)
    if twice is not None:
        raise BadInput(f"{file_name}: the column {one_line(twice, 60)!r} is in the header twice.")
    try:
        return pl.read_csv(io.BytesIO(data), infer_schema=False, encoding="utf8")
    except pl.exceptions.PolarsError as error:
        raise BadInput(
            f"{file_name} is not a CSV file with {ID},{SCORE}: {one_line(str(error), 120)}."
        ) from None


def _refuse_other_bytes(data: bytes, file_name: str) -> None:
    """Refuse what is no text, or stops being text somewhere, with the line where it does."""
    try:
        data.decode("utf-8")
        at = data.find(b"\0")
    except UnicodeDecodeError as error:
        at = error.start
    if at < 0:
        return
    line = data.count(b"\n", 0, at) + 1
    if line == 1:
        raise BadInput(f"{file_name} is neither Parquet nor UTF-8 text: save it as one of them.")
    raise BadInput(
        f"{file_name} is neither Parquet nor UTF-8 text from line {line:,} on: it is damaged or of another encoding; "
        "save it again as one of them."
    )


def _from_parquet(data: bytes, file_name: str, budget: int) -> pl.DataFrame:
    import polars as pl

    from lookingglass.testset.checked_bytes import ReadLimits
    from lookingglass.testset.parquet_table import ParquetTable
    from lookingglass.testset.problems_found import ProblemList

    table = ParquetTable(io.BytesIO(data), ProblemList(file_name), ReadLimits(decoded_bytes=budget))
    names = table.columns or []
    if len(names) > 2:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    batches = [pl.DataFrame(batch.columns) for batch in table.batches(lambda name: True)]
    return pl.concat(batches) if batches else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _any_not_ascii(frame: pl.DataFrame) -> bool:
    import polars as pl

    return bool(frame.select((pl.col(ID).str.len_bytes() != pl.col(ID).str.len_chars()).any()).item())


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _quoted(text: str | None) -> str:
    return repr(one_line(text or "", 60))


def _files_of(home: Home, candidate: Candidate) -> list[tuple[int, str]]:
    files = [(candidate.seq, sha) for sha in candidate.files.values()]
    added = home.ledger.events("candidates", types=[SCORES_ADDED])
    return files + [
        (event.seq, event.payload["file"]) for event in added if event.payload["name"] == candidate.name
    ]


def _stored(home: Home, sha: str) -> pl.DataFrame:
    facts = home.files.path(sha).stat()
    return _parsed(home.files.folder, sha, (facts.st_mtime_ns, facts.st_size), home.config.task.id)


@functools.lru_cache(maxsize=32)
def _parsed(folder: Path, sha: str, _facts: tuple[int, int], id_name: str) -> pl.DataFrame:
    """Read a predictions file, checked against its hash; read again when the file on the disk was touched."""
    return parse_predictions(FileStore(folder).read(sha), sha, id_name)
