"""Collecting what is wrong with an uploaded table: every problem counted, the first twenty kept, none imported."""

from __future__ import annotations

from collections.abc import Iterable

from lookingglass.errors import CellProblem, ImportRejected

KEPT = 20


class ProblemList:
    """The problems of one file; those about the whole file come first, the others in the order of their rows."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.total = 0
        self._kept: list[CellProblem] = []

    def add(self, message: str, *, row: int | None = None, column: str | None = None) -> None:
        """Count one problem and keep it if it is among the first."""
        self.total += 1
        self._keep([CellProblem(row, column, message)])

    def add_many(self, first: Iterable[CellProblem], count: int) -> None:
        """Count ``count`` problems of which ``first`` are the ones with the lowest rows (at most ``KEPT`` matter)."""
        self.total += count
        self._keep(first)

    def reject(self, message: str, *, row: int | None = None, column: str | None = None) -> ImportRejected:
        """Return the error for a problem that ends the reading; it is told first."""
        self.total += 1
        return ImportRejected(self.file, [CellProblem(row, column, message), *self._kept], self.total)

    def raise_if_any(self) -> None:
        """Raise ImportRejected when there was a problem."""
        if self.total:
            raise ImportRejected(self.file, self._kept, self.total)

    def _keep(self, more: Iterable[CellProblem]) -> None:
        self._kept = sorted(
            [*self._kept, *more], key=lambda problem: -1 if problem.row is None else problem.row
        )[:KEPT]
