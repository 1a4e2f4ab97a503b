"""Small models whose reasons can be worked out by hand, asked in the test's own process through the real adapter.

Only the isolated worker is left out: ``Box`` takes its place in the pool and counts what it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lookingglass.candidates import Candidate, Manifest
from lookingglass.config import Column, Limits, Task, WorkspaceConfig
from lookingglass.explanations.asked import ModelAsked
from lookingglass.files import FileStore
from lookingglass.home import Home

Positive = Callable[[dict[str, list[Any]]], Sequence[float]]
FINGERPRINT = "sha256:" + "ab" * 32


@dataclass
class Box:
    """A model in this process in the place of a worker, and of the pool that it comes from."""

    positive: Positive
    classes: tuple[str, str] = ("no", "yes")
    batches: list[list[tuple[Any, ...]]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def get(self, _home: Home, _candidate: Candidate) -> Box:
        return self

    def predict_proba(self, inputs: pa.Table) -> NDArray[np.float64]:
        columns = {name: inputs.column(name).to_pylist() for name in inputs.column_names}
        with self.lock:
            self.batches.append(list(zip(*columns.values(), strict=True)))
        yes = np.asarray(self.positive(columns), dtype=np.float64)
        return np.column_stack([yes if name == "yes" else 1 - yes for name in self.classes])

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Every row that was sent, in order."""
        return [row for batch in self.batches for row in batch]


def asked(box: Box, columns: dict[str, Column], *, batch_rows: int = 4096) -> ModelAsked:
    """Return the adapter around ``box`` for a candidate that takes these columns."""
    config = WorkspaceConfig(
        name="boxes",
        task=Task(label="outcome", positive="yes"),
        columns={**columns, "outcome": Column(role="label", type="category", values=("no", "yes"))},
        limits=Limits(batch_rows=batch_rows),
    )
    manifest = Manifest(name="box", format="skops", inputs=tuple(columns), classes=box.classes)
    candidate = Candidate("box", FINGERPRINT, manifest, {}, 1, "", "ana", False, 0)
    no_ledger: Any = None
    home = Home(Path("/nowhere"), config, no_ledger, FileStore(Path("/nowhere")))
    pool: Any = box
    return ModelAsked(home, candidate, pool)


def text_columns(*names: str) -> dict[str, Column]:
    """Return text columns of these names."""
    return {name: Column(role="text", type="text") for name in names}
