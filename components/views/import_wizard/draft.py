"""What a person has given in one wizard so far, kept for the session: the upload, the answers, what was read from it.

The uploaded bytes lie once, in a temporary folder with names of our own, and go when the draft is done or replaced.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import streamlit as st

from components import state
from lookingglass.errors import BadInput, NotSaved, one_line
from lookingglass.testset.unpacking import is_zip, unpack

Value = TypeVar("Value")
_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".jsonl", ".ndjson", ".json")
_BLOCK = 1 << 20
_UNSET = object()


class Upload:
    """One uploaded file on disk. ``name`` is what the person calls it and never a path; ``path`` is the table."""

    def __init__(self, name: str, source: BinaryIO) -> None:
        self.name = one_line(name, 120) or "the upload"
        self.folder = Path(tempfile.mkdtemp(prefix="looking-glass-upload-"))
        self.close = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.path = self.folder / f"table{_ending(name)}"
        try:
            with self.path.open("xb") as copy:
                shutil.copyfileobj(source, copy, _BLOCK)
            self.size = self.path.stat().st_size
            if is_zip(self.path):
                inside = self.folder / "unpacked"
                inside.mkdir()
                table = unpack(self.path, inside, file=self.name)
                self.path.unlink()
                self.path = table
        except OSError as error:
            self.close()
            raise NotSaved(
                f"{self.name} could not be kept on this server ({(error.strerror or 'no reason given').lower()}): "
                "make room for temporary files, then upload it again."
            ) from error
        except BadInput:
            self.close()
            raise


def _ending(name: str) -> str:
    """Return the ending that tells how to read the file, one of ours, whatever the name says."""
    lower = name.lower()
    packed = ".gz" if lower.endswith(".gz") else ""
    lower = lower.removesuffix(".gz")
    return next((ending for ending in _ENDINGS if lower.endswith(ending)), ".csv") + packed


@dataclass(eq=False)
class Draft:
    """One person's wizard.

    Attributes:
        name: of this wizard in the session; begins the keys of its widgets.
        step: the key of the step that is shown.
        uploads: how many files were uploaded so far; each has an uploader of its own, so that the last one's bytes go.
        given: what was chosen and typed, by field; it outlives the steps and a new upload.
        told: what to say once above the steps. ``done``: what was done last, until the next upload.
    """

    name: str
    step: str = "file"
    uploads: int = 0
    upload: Upload | None = None
    given: dict[str, Any] = field(default_factory=dict)
    told: str | None = None
    done: str | None = None
    _made: dict[str, tuple[Hashable, Any]] = field(default_factory=dict)

    def take(self, name: str, source: BinaryIO) -> None:
        """Take in a new upload in the place of the one before; answers stay. Raises BadInput and NotSaved."""
        self.uploads += 1
        self.done = None
        self.leave_upload()
        self.upload = Upload(name, source)

    def leave_upload(self) -> None:
        """Delete the upload and what was read from it; answers stay."""
        if self.upload is not None:
            self.upload.close()
        self.upload = None
        self._made.clear()

    def once(self, what: str, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return what ``make`` gave for this key, asking it again when the key, or the upload, is another."""
        found = self._made.get(what)
        if found is None or found[0] != key:
            found = (key, make())
            self._made[what] = found
        return found[1]  # type: ignore[no-any-return] - what stands under one name always comes from the same maker

    def forget(self, what: str) -> None:
        """Have ``what`` made anew when it is next asked for."""
        self._made.pop(what, None)

    def key(self, name: str) -> str:
        """Return the key of this wizard's widget for one field."""
        return f"{self.name}: {name}"

    def collect(self) -> None:
        """Take over what the fields say now: typing and going on at once may leave no run in which they are drawn."""
        for name in self.given:
            now = state.widget(self.key(name), _UNSET)
            if now is not _UNSET:
                self.given[name] = now

    def prepare(self, name: str, default: object, options: Sequence[object]) -> str:
        """Make the field's choice, about to be drawn, say what was given before; return its key.

        Args:
            options: what can be chosen; anything else gives way to ``default``.
        """
        key = self.key(name)
        now = state.widget(key, _UNSET)
        if now is _UNSET:
            now = self.given.get(name, default)
        if isinstance(now, list):
            now = [value for value in now if value in options]
        elif now not in options:
            now = default
        state.show_in(key, now)
        return key

    def ask(self, name: str, label: str, **settings: Any) -> str:
        """Draw a text field that says what was given before; what it says now is kept and returned."""
        key = self.key(name)
        given = state.widget(key, self.given.get(name)) or ""
        self.given[name] = st.text_input(label, state.text_in(key, given), key=key, **settings) or ""
        said: str = self.given[name]
        return said


def draft_of(name: str) -> Draft:
    """Return this session's draft of one wizard, a new one before it was begun."""
    found = state.kept(name)
    if not isinstance(found, Draft):
        found = Draft(name)
        state.keep(name, found)
    found.collect()
    return found


def drop_draft(name: str) -> None:
    """Forget a wizard with everything given in it; its upload is deleted."""
    found = state.kept(name)
    if isinstance(found, Draft):
        found.leave_upload()
    state.forget(name)
