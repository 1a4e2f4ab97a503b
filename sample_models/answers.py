"""Asks the committed model files for their scores, in this process, with numpy, skops and ONNX Runtime alone.

It shares no code with the product, so that what it says can be held against what the dashboard shows. Knows nothing of
any one use case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sample_models.tables import ID_COLUMN, Row, read_rows

THRESHOLD = 0.5


@dataclass(frozen=True)
class Share:
    """``k`` of ``n``."""

    k: int
    n: int

    def __str__(self) -> str:
        """Return the share as per cent with its count."""
        return f"{100 * self.k / self.n:.1f} % ({self.k} of {self.n:,})"


def share_of(hits: np.ndarray) -> Share:
    """Return how many of ``hits`` (bool, any length) are true."""
    return Share(int(hits.sum()), len(hits))


def wrong_yes(y_true: np.ndarray, score: np.ndarray) -> Share:
    """Return how many of the negatives score at or above the threshold (false positive rate)."""
    return share_of(score[~y_true] >= THRESHOLD)


def wrong_no(y_true: np.ndarray, score: np.ndarray) -> Share:
    """Return how many of the positives score below the threshold (false negative rate)."""
    return share_of(score[y_true] < THRESHOLD)


def right_yes(y_true: np.ndarray, score: np.ndarray) -> Share:
    """Return how many of the positives score at or above the threshold (recall)."""
    return share_of(score[y_true] >= THRESHOLD)


@cache
def skops_model(file: Path, trusted: tuple[str, ...]) -> Any:
    """Return the model of a skops file, which may hold the types ``trusted``; each file is read once."""
    import skops.io

    return skops.io.load(file, trusted=list(trusted))


def onnx_probabilities(file: Path, feed: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the output ``probabilities`` of an ONNX file, float32, shape (rows, classes)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file.read_bytes(), options)
    return np.asarray(session.run(["probabilities"], dict(feed))[0])


def prediction_scores(file: Path, rows: Sequence[Row]) -> np.ndarray:
    """Return the scores of a predictions file for ``rows``, float64, shape (rows,)."""
    scores = {row[ID_COLUMN]: float(row["score"]) for row in read_rows(file)}
    return np.array([scores[row[ID_COLUMN]] for row in rows])
