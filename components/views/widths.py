"""How wide the columns of a table are, so that names and ids are read whole. Pixels in; knows no data."""

from __future__ import annotations

from collections.abc import Iterable

LETTER, ROOM, EDITABLE = 7.6, 22, 26
"""Pixels of a letter, of the space around a cell's words, and of the sign before the header of an editable column."""
LEAST, MOST = 64, 300


def width_of(header: str, cells: Iterable[object] = (), *, editable: bool = False, most: int = MOST) -> int:
    """Return the width in which a column's header and its cells are read whole, up to ``most`` pixels."""
    longest = max((len(str(cell)) for cell in cells if cell is not None), default=0)
    head = len(header) * LETTER + (EDITABLE if editable else 0)
    return int(max(LEAST, min(max(head, longest * LETTER) + ROOM, most)))


def is_cut(header: str) -> bool:
    """Whether a column's header is too long to be read whole, so that it has to stand somewhere else too."""
    return len(header) * LETTER + ROOM > MOST
