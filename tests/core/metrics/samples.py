"""Labels and scores that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Labels = NDArray[np.int8]
Floats = NDArray[np.float64]
Maker = Callable[[int, int], tuple[Labels, Floats]]


def draw(seed: int, n: int, share: float = 0.3, distance: float = 1.2) -> tuple[Labels, Floats]:
    """Return labels and probability-like scores: two normal classes ``distance`` apart, ``share`` of them positive."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(n) < share).astype(np.int8)
    z = rng.normal(size=n) + distance * y_true
    return y_true, 1 / (1 + np.exp(distance / 2 - z))


def tied(seed: int, n: int, share: float = 0.3) -> tuple[Labels, Floats]:
    """Return labels and scores with one decimal, so that most scores repeat."""
    y_true, y_score = draw(seed, n, share)
    return y_true, y_score.round(1)


@st.composite
def labelled_scores(draw_from: st.DrawFn, least: int = 0, most: int = 60) -> tuple[Labels, Floats]:
    """Any labels with any scores from 0 to 1, ties and single classes included."""
    n = draw_from(st.integers(least, most))
    labels = draw_from(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    grid = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0, 1))
    scores = draw_from(st.lists(grid, min_size=n, max_size=n))
    return np.array(labels, dtype=np.int8), np.array(scores, dtype=np.float64)
