"""Checks what a worker answered before anybody believes it: shape, finite, 0 to 1, rows that sum to 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.candidates.worker.wire import Header
from lookingglass.errors import CandidateFailed

TOLERANCE = {"float32": 1e-4}
"""How far from 1 a row's sum, and how far outside 0 to 1 a probability, may be by rounding; 1e-6 for other types."""


def checked(header: Header, body: bytearray, rows: int, classes: int) -> NDArray[np.float64]:
    """Return the worker's answer as an array of shape (rows, classes), float64, clipped into [0, 1].

    Raises:
        CandidateFailed: any other shape, NaN or infinite numbers, numbers outside 0 to 1, rows that do not sum to 1.
            Rows are counted from 1 within the batch.
    """
    shape = header.get("shape")
    if not isinstance(shape, list) or not shape or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise CandidateFailed("answered something that is no table of numbers")
    if shape[:1] != [rows]:
        raise CandidateFailed(f"answered {_counted(shape[0], 'score')} for {_counted(rows, 'row')}")
    if len(shape) == 1:
        raise CandidateFailed(f"answered one number a row, not one for each of {classes} classes")
    if len(shape) != 2:
        raise CandidateFailed(
            f"answered a table of {len(shape)} dimensions, not one of rows and {classes} classes"
        )
    if shape[1] != classes:
        raise CandidateFailed(
            f"answered {_counted(shape[1], 'class', 'classes')}, the manifest names {classes}"
        )
    if len(body) != 8 * rows * classes:
        raise CandidateFailed("answered a table whose size is not what it announced")
    answer = np.frombuffer(body, dtype="<f8").reshape(rows, classes)
    tolerance = TOLERANCE.get(str(header.get("precision")), 1e-6)
    _refuse_row(np.isnan(answer).any(axis=1), "answered NaN for row {row:,} of the batch")
    _refuse_row(np.isinf(answer).any(axis=1), "answered an infinite number for row {row:,} of the batch")
    outside = (answer < -tolerance) | (answer > 1 + tolerance)
    _refuse_row(
        outside.any(axis=1), "answered probabilities outside 0 to 1, first in row {row:,} of the batch"
    )
    sums = answer.sum(axis=1)
    off = np.abs(sums - 1) > tolerance * classes
    if off.any():
        row = int(off.argmax())
        raise CandidateFailed(
            f"answered probabilities that sum to {sums[row]:.6g}, not 1, in row {row + 1:,} of the batch"
        )
    clipped: NDArray[np.float64] = np.clip(answer, 0.0, 1.0)
    return clipped


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _refuse_row(wrong: Any, words: str) -> None:
    if wrong.any():
        raise CandidateFailed(words.format(row=int(wrong.argmax()) + 1))
