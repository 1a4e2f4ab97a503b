"""Every error a user can cause, each as one sentence that says what was wrong, where, and what to do.

The classes say how a caller should react; the functions below them make the sentences. Screens show ``str(error)``,
the command line prints it after ``error:`` and exits with ``exit_code``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class LookingGlassError(Exception):
    """A problem that a person caused or can mend; ``str()`` of it is one line fit to be shown."""

    exit_code = 2


class BadInput(LookingGlassError):
    """A file, name or value that cannot be used as it is. Nothing was changed."""


class BadSetting(BadInput, ValueError):
    """A number that somebody chose (a cost, a share, a beta) and that means nothing where it stands."""


class NotAllowed(LookingGlassError):
    """The actor lacks the role that this act needs. Nothing was changed."""


class NotFound(LookingGlassError):
    """A workspace, candidate, example, version or file that was named does not exist."""


class Conflict(LookingGlassError):
    """Somebody else changed the same thing meanwhile; the message says what they did. Nothing was changed."""


class Damaged(LookingGlassError):
    """Stored records or files are not what the ledger says they were."""


class NotSaved(LookingGlassError):
    """A record or a file could not be written (disk full, read-only, locked); the message says what is known of it."""


class CandidateFailed(LookingGlassError):
    """A candidate could not answer. Not a crash of ours: it is shown as that candidate's result."""


@dataclass(frozen=True)
class CellProblem:
    """One thing wrong with an uploaded table.

    ``row`` is the line a person sees: 1 for the first data row, None when the whole column or file is meant.
    """

    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        """Return the place and the problem, such as ``row 7, column lvr: 'abc' is not a number``."""
        place = ", ".join(
            part
            for part in (
                f"row {self.row:,}" if self.row is not None else "",
                f"column {self.column}" if self.column is not None else "",
            )
            if part
        )
        return f"{place}: {self.message}" if place else self.message


class ImportRejected(BadInput):
    """An uploaded table with problems in it; ``problems`` lists the first 20 of ``total``. Nothing was imported."""

    def __init__(self, file: str, problems: Sequence[CellProblem], total: int) -> None:
        self.file = file
        self.problems = tuple(problems[:20])
        self.total = total
        more = f" (and {total - 1:,} more)" if total > 1 else ""
        super().__init__(f"{file}: {self.problems[0]}{more}. Nothing was imported.")


@dataclass(frozen=True)
class EditProblem:
    """One cell of a table edit that cannot be saved. ``column`` is None when the whole example is meant."""

    example_id: str
    column: str | None
    message: str

    def __str__(self) -> str:
        """Return the place and the problem, such as ``lvr of row-000007: 'abc' is not a number``."""
        place = self.example_id if self.column is None else f"{self.column} of {self.example_id}"
        return f"{place}: {self.message}"


class EditsRejected(BadInput):
    """Edits of several examples of which some cannot be saved; ``problems`` names every one. Nothing was changed."""

    def __init__(self, problems: Sequence[EditProblem]) -> None:
        self.problems = tuple(problems)
        more = f" (and {len(self.problems) - 1:,} more)" if len(self.problems) > 1 else ""
        super().__init__(f"{self.problems[0]}{more}. Nothing was changed.")


@dataclass(frozen=True)
class ExampleConflict:
    """One example that somebody changed after a person had opened it.

    Attributes:
        base: the row as the person saw it, by column (``@label``, ``@tags`` ... and the stored columns).
        theirs: the row as it is now, None when it was removed.
        actor, time: who changed it last, and when.
        version: the latest version, in which ``theirs`` is; give it as ``seen_version`` to decide in its face.
        words: everything that was done to it since: "ana changed lvr of row-000007 from 0.8 to 0.9 at 2026-11-02T...".
    """

    example_id: str
    base: Mapping[str, Any]
    theirs: Mapping[str, Any] | None
    actor: str
    time: str
    version: int
    words: str


class EditConflict(Conflict):
    """Somebody changed the same examples after the person had opened them; the person decides. Nothing was changed.

    ``conflicts`` holds each example concerned; the attributes of the first are there directly too.
    """

    def __init__(self, conflicts: Sequence[ExampleConflict], seen_version: int) -> None:
        self.conflicts = tuple(conflicts)
        self.seen_version = seen_version
        first = self.conflicts[0]
        self.example_id, self.base, self.theirs = first.example_id, first.base, first.theirs
        self.actor, self.time, self.version = first.actor, first.time, first.version
        others = len(self.conflicts) - 1
        more = f" (and {others:,} more {'example' if others == 1 else 'examples'})" if others else ""
        them = "them" if others else "it"
        super().__init__(
            f"{first.words}{more}, after you opened {them} (version {seen_version}): look at {them} again. "
            "Nothing was changed."
        )


def one_line(text: str, limit: int = 300) -> str:
    """Return ``text`` on one line, cut to ``limit`` characters, for messages that quote somebody else's words."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
