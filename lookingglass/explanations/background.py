"""The frozen background that variations of tables and images are drawn from: a seeded sample of real use.

It is taken from the first version of the test set with enough samples, so later changes of the test set move no
explanation. Its name is a hash over what is in it; a copy lies in the workspace under that name.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lookingglass.errors import BadInput
from lookingglass.files import write_parquet
from lookingglass.folders import BACKGROUNDS, EXPLANATIONS
from lookingglass.home import Home
from lookingglass.memo import BoundedCache
from lookingglass.testset import TestSet, latest_version, read_version
from lookingglass.testset.tombstones import erasures

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 5000
"""As many samples at most."""

IMAGES = 200
"""The colour of an image's ground is measured on this many of them at most."""

ENOUGH, LEAST = 100, 10
SEED = 2016
logger = logging.getLogger(__name__)
_kept: BoundedCache[Background] = BoundedCache(8)


@dataclass(frozen=True, eq=False)
class Background:
    """A frozen sample.

    Attributes:
        name: 64 hexadecimal digits over the input ids of its rows.
        rows: ``@id``, ``@input_id`` and every input column, in a seeded order.
        version: of the test set that it was taken from.
        test_set: that version, which knows where its images lie.
    """

    name: str
    rows: pl.DataFrame
    version: int
    test_set: TestSet

    def images(self, column: str) -> list[NDArray[np.uint8]]:
        """Return the pixels of some images of one column, each (height, width) or (height, width, 3)."""
        from lookingglass.testset.images import pixels_of, read_image

        files = self.test_set.files
        if files is None:
            return []
        names = self.rows.get_column(column).head(IMAGES)
        return [pixels_of(read_image(files, name)) for name in names]


def background_of(home: Home) -> Background:
    """Return the workspace's background, keeping a copy of it under its name.

    Raises:
        BadInput: no version of the test set has enough samples.
        NotFound, Damaged: the test set cannot be read.
    """
    latest = latest_version(home)
    first = _first_with(home, ENOUGH, latest) or _first_with(home, LEAST, latest)
    if first is None:
        raise BadInput(
            f"to explain tables and images at least {LEAST} samples are needed, from which variations are drawn: "
            "import examples of real use first."
        )
    key = (str(home.folder), first, read_version(home, first).digest, erasures(home).key)
    background = _kept.get(key, lambda: _made(home, first))
    if home.read_only is None:
        _keep_copy(home.folder / EXPLANATIONS / BACKGROUNDS, background)
    return background


def _first_with(home: Home, enough: int, latest: int) -> int | None:
    """Return the first version with so many samples. One that had them once is not looked for again."""
    key = (str(home.folder), enough, erasures(home).key)
    known = _first.get(key)
    begin = 1
    if known is not None:
        version, digest = known
        if version <= latest and read_version(home, version).digest == digest:
            return version
    for version in range(begin, latest + 1):
        test_set = read_version(home, version)
        if test_set.examples >= enough and int(test_set.is_sample.sum()) >= enough:
            _first[key] = (version, test_set.digest)
            return version
    return None


_first: dict[tuple[str, int, str], tuple[int, str]] = {}


def _made(home: Home, version: int) -> Background:
    test_set = read_version(home, version)
    samples = np.flatnonzero(test_set.is_sample)
    if len(samples) > ROWS:
        samples = np.random.RandomState(SEED).permutation(samples)[:ROWS]
    inputs = [name for name in home.config.inputs if name in test_set.rows.columns]
    rows = test_set.rows.select("@id", "@input_id", *inputs)[samples]
    hashed = hashlib.sha256(b"".join(rows.get_column("@input_id").to_list()))
    return Background(hashed.hexdigest(), rows, version, test_set)


def _keep_copy(folder: Path, background: Background) -> None:
    """Keep the rows as a file for whoever asks later what was drawn from; without it explanations are the same."""
    path = folder / f"{background.name}.parquet"
    if path.exists():
        return
    temporary: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        write_parquet(background.rows, temporary)
        temporary.replace(path)
    except OSError as error:
        logger.warning("the background of explanations could not be kept in %s: %s", folder, error)
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
