"""One version of the living test set, as every reader gets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import NotFound
from lookingglass.files import FileStore
from lookingglass.testset.image_cells import with_images
from lookingglass.testset.layout import id_name
from lookingglass.testset.replay import locate
from lookingglass.testset.tombstones import Tombstone

_PLAIN_TYPES = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}
META_FOR_PEOPLE = ("@origin", "@source", "@tags", "@problems")


@dataclass(frozen=True, eq=False)
class TestSet:
    """The state of the test set after its ``version``-th change.

    Attributes:
        version: 0 is the empty test set.
        digest: ``sha256:`` over all content, the same whatever the order (docs/test-set-digest.md).
        seq, time: of the ledger event that made this version (0 and "" for version 0).
        rows: one row an example in order of first addition: the meta columns that start with @, then each stored
            column in its declared type.
        config: the workspace's configuration that it was read with.
        erased: what stays of each example of this version whose content was erased since; ``rows`` leaves them out, the
            digest still counts them.
        files: where the images lie that the cells of image columns name.
    """

    __test__ = False  # the name starts like a test class; pytest should not look inside

    version: int
    digest: str
    seq: int
    time: str
    rows: pl.DataFrame
    config: WorkspaceConfig
    files: FileStore | None = None
    erased: tuple[Tombstone, ...] = ()

    @property
    def identity(self) -> tuple[int, str, int]:
        """What names this version as it can be read now: whatever is derived from its rows is kept under this."""
        return self.version, self.digest, len(self.erased)

    @property
    def examples(self) -> int:
        """How many examples there are."""
        return self.rows.height

    @property
    def labelled(self) -> int:
        """How many examples have a label."""
        return self.rows.height - int(self.rows.get_column("@label").null_count())

    @property
    def positives(self) -> int:
        """How many examples have the positive label."""
        return int((self.y_true == 1).sum())

    @cached_property
    def y_true(self) -> NDArray[np.int8]:
        """1 for the positive label, 0 for another, -1 for none; shape (examples,)."""
        label = self.rows.get_column("@label")
        answers = (label == self.config.task.positive).cast(pl.Int8).fill_null(-1).to_numpy().copy()
        answers.setflags(write=False)
        return answers

    @cached_property
    def is_sample(self) -> NDArray[np.bool_]:
        """Whether each example was drawn from real use (True) or written as a pattern (False); shape (examples,)."""
        samples = (self.rows.get_column("@origin") == "sample").to_numpy().copy()
        samples.setflags(write=False)
        return samples

    @property
    def ids(self) -> list[str]:
        """The examples' ids, in frame order."""
        return self.rows.get_column("@id").to_list()

    def position(self, example_id: str) -> int:
        """Return the frame position of one example. Raises NotFound."""
        there = locate(self.rows, pl.Series("@id", [example_id], dtype=pl.String))
        if not there.height:
            raise NotFound(f"there is no example {example_id!r} in version {self.version} of the test set.")
        return int(there.item(0, "position"))

    def inputs(
        self, columns: Sequence[str], rows: Sequence[int] | NDArray[np.integer[Any]] | None = None
    ) -> pa.Table:
        """Return the named columns, in this order, of the examples at positions ``rows`` (all when None).

        Text comes as arrow ``string``, numbers as ``double``, whole numbers as ``int64``, booleans as ``bool``, images
        as ``binary`` (PNG; only those of the rows asked for are read).
        """
        chosen = self.rows.select(columns)
        if rows is not None:
            chosen = chosen[np.asarray(rows, dtype=np.int64)]
        chosen = with_images(chosen, self.config, self.files)
        table = chosen.to_arrow(compat_level=pl.CompatLevel.oldest())
        return table.cast(pa.schema((f.name, _PLAIN_TYPES.get(f.type, f.type)) for f in table.schema))

    def frame(self) -> pl.DataFrame:
        """Return the examples under the names that files use: id, label, stored columns, then what starts with @."""
        label = self.config.task.label
        names = {"@id": id_name(self.config), "@label": label}
        stored = list(self.config.stored)
        return self.rows.select("@id", "@label", *stored, *META_FOR_PEOPLE).rename(names)

    def summary(self) -> dict[str, Any]:
        """Return version, digest and counts as JSON-able values."""
        return {
            "version": self.version,
            "digest": self.digest,
            "examples": self.examples,
            "labelled": self.labelled,
            "positives": self.positives,
            **({"erased": len(self.erased)} if self.erased else {}),
        }

    def to_json(self, limit: int | None = None) -> dict[str, Any]:
        """Return the version and its examples (the first ``limit``) as JSON-able values."""
        stored = list(self.config.stored)
        chosen = self.rows if limit is None else self.rows.head(limit)
        return {
            "workspace": self.config.name,
            "test_set": self.summary(),
            "erased": [stone.to_json() for stone in self.erased],
            "examples": [
                {
                    "id": row["@id"],
                    "label": row["@label"],
                    "origin": row["@origin"],
                    "source": row["@source"],
                    "tags": row["@tags"],
                    "problems": row["@problems"],
                    "columns": {name: row[name] for name in stored},
                }
                for row in chosen.iter_rows(named=True)
            ],
        }
