"""Tags and problem names of an example: what they may look like, and how a file carries them.

CSV cells hold them with ``;`` between; Parquet and JSON Lines hold lists of text (or the same text as CSV).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from lookingglass.errors import BadInput
from lookingglass.testset.cells import Converted, Fault, quoted
from lookingglass.testset.problems_found import KEPT

LONGEST = 120
_DIRECTION = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def clean_mark(text: str, what: str = "tag") -> str:
    """Return one tag or problem name in its kept form (NFC, no spaces around).

    Raises:
        BadInput: it is empty, longer than 120 characters, or holds a semicolon or control character.
    """
    mark = unicodedata.normalize("NFC", text).strip()
    if not mark:
        raise BadInput(f"a {what} may not be empty.")
    if len(mark) > LONGEST:
        raise BadInput(f"the {what} {quoted(mark)} is longer than {LONGEST} characters.")
    if ";" in mark or any(unicodedata.category(c) == "Cc" for c in mark) or _DIRECTION & set(mark):
        raise BadInput(f"the {what} {quoted(mark)} holds a semicolon or a control character: leave it out.")
    return mark


def clean_marks(texts: Iterable[str], what: str = "tag") -> list[str]:
    """Return tags or problem names in their kept form, sorted, each once. Raises BadInput like ``clean_mark``."""
    return sorted({clean_mark(text, what) for text in texts})


def join_marks(marks: Iterable[str]) -> str:
    """Return tags or problem names as one CSV cell."""
    return ";".join(marks)


def parse_marks(name: str, cells: pl.Series | list[Any]) -> Converted:
    """Read a column of tags or problem names; a missing cell means none."""
    what = "tag" if name == "@tags" else "problem name"
    marks: list[list[str]] = []
    positions: list[int] = []
    messages: list[str] = []
    known: dict[str, list[str]] = {}
    for at, cell in enumerate(cells.to_list() if isinstance(cells, pl.Series) else cells):
        try:
            if isinstance(cell, str):
                if cell not in known:
                    known[cell] = clean_marks((part for part in cell.split(";") if part.strip()), what)
                marks.append(known[cell])
            elif cell is None or (isinstance(cell, list) and all(isinstance(part, str) for part in cell)):
                marks.append(clean_marks(cell or (), what))
            else:
                raise BadInput(f"{quoted(cell)} is not a list of {what}s")
        except BadInput as error:
            marks.append([])
            positions.append(at)
            if len(messages) < KEPT:
                messages.append(str(error).removesuffix("."))
    faults = (Fault(np.asarray(positions, dtype=np.int64), tuple(messages)),) if positions else ()
    return Converted(pl.Series(name, marks, dtype=pl.List(pl.String)), faults)
