"""Which applications train the candidates and which make the living test set. Knows nothing of models.

The split is drawn with SHA-256, not with a library's random numbers, so that every version of every library
on every machine draws the same one.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sample_models.tables import ID_COLUMN, Row, read_rows

APPLICATIONS = Path(__file__).parent / "data" / "applications.csv"
SEED = 1990
TEST_SHARE = 0.5
STRATA = ("deny", "black")


@dataclass(frozen=True)
class Split:
    """The two parts, each in the order of the source; values are the source's own text, never re-typed."""

    columns: tuple[str, ...]
    train: tuple[Row, ...]
    test: tuple[Row, ...]


def read_applications(path: Path = APPLICATIONS) -> list[Row]:
    """Read the source table as text, each row with an id: app-0001 is the first row, and so on."""
    return [{ID_COLUMN: f"app-{number:04d}", **row} for number, row in enumerate(read_rows(path), start=1)]


def is_complete(row: Row) -> bool:
    """Whether every question of the application was answered (one row of the source was not)."""
    return all(value != "" for value in row.values())


def draw(rows: Sequence[Row], seed: int = SEED, test_share: float = TEST_SHARE) -> Split:
    """Split ``rows`` by label and group: of each stratum the share ``test_share``, rounded up, is test.

    A row's place in its stratum is the SHA-256 of "seed:id". Incomplete rows always go to the test part:
    candidates learn from complete answers only, and how they meet a missing answer is there to be seen.
    """
    strata: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in rows:
        if is_complete(row):
            strata[tuple(row[column] for column in STRATA)].append(row[ID_COLUMN])
    train_ids: set[str] = set()
    for ids in strata.values():
        drawn = sorted(ids, key=lambda example_id: hashlib.sha256(f"{seed}:{example_id}".encode()).digest())
        train_ids.update(drawn[: int(len(drawn) * (1 - test_share))])
    return Split(
        columns=tuple(rows[0]),
        train=tuple(row for row in rows if row[ID_COLUMN] in train_ids),
        test=tuple(row for row in rows if row[ID_COLUMN] not in train_ids),
    )
