"""Inspects uploaded files in the background, so that no session waits for another's model.

An upload is copied to a file with a name of ours, which is gone when the inspection ends. Knows nothing of widgets.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from lookingglass.candidates import Proposal, inspect_file
from lookingglass.errors import NotSaved
from lookingglass.home import Home
from lookingglass.ledger import Actor

AT_ONCE = 2
"""So many files are inspected at the same time on this server; each may take the memory that workers are allowed."""


@dataclass
class Job:
    """One inspection under way or done."""

    future: Future[Proposal] = field(default_factory=Future)
    step: str = "Waiting until another file is inspected"

    @property
    def done(self) -> bool:
        """Whether there is a result."""
        return self.future.done()

    def result(self) -> Proposal:
        """Return what was found, waiting for it. Raises LookingGlassError when the file could not be read at all."""
        return self.future.result()

    def told(self, words: str) -> None:
        """Note what is being done now."""
        self.step = words


def start_inspection(home: Home, upload: BinaryIO, file_name: str, actor: Actor, said: dict[str, Any]) -> Job:
    """Begin to inspect an upload.

    Args:
        said: format, inputs and classes as far as a person gave them.
    """
    job = Job()

    def work() -> Proposal:
        job.told("Copying the file")
        with own_copy(upload) as path:
            return inspect_file(home, path, file_name=file_name, actor=actor, on_step=job.told, **said)

    job.future = _inspectors().submit(work)
    return job


@contextmanager
def own_copy(upload: BinaryIO) -> Iterator[Path]:
    """Write an upload to a file that only this user can read, under a name of ours, and delete it afterwards.

    Raises:
        NotSaved: the disk is full or cannot be written.
    """
    folder = tempfile.TemporaryDirectory(prefix="looking-glass-")
    with folder:
        path = Path(folder.name) / "upload"
        try:
            upload.seek(0)
            with path.open("wb") as copy:
                shutil.copyfileobj(upload, copy)
        except OSError as error:
            raise NotSaved(
                f"The upload could not be kept while it is looked at ({error.strerror or error}): free some disk space."
            ) from error
        yield path


@functools.cache
def _inspectors() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="inspection")
