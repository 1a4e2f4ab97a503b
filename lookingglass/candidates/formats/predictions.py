"""Prediction files: scores computed elsewhere. No model runs, so nothing new can be scored or explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lookingglass.candidates.registry import Candidate
    from lookingglass.home import Home
    from lookingglass.testset import TestSet


class PredictionsFormat:
    """A CSV or Parquet file with the columns ``example_id`` and ``score``."""

    name = "predictions"
    title = "predictions file (example_id, score)"
    suffixes: tuple[str, ...] = (".csv", ".parquet")
    needs_worker = False
    needs_approval = False

    def recognises(self, head: bytes) -> bool:
        """A Parquet file, or text whose first line names both columns."""
        first_line = head.partition(b"\n")[0]
        return head.startswith(b"PAR1") or (b"example_id" in first_line and b"score" in first_line)

    def scores(self, home: Home, candidate: Candidate, test_set: TestSet) -> NDArray[np.float64]:
        """Return the scores that apply to the present inputs of each example, shape (n,), NaN where there is none."""
        from lookingglass.candidates.predictions import scores_for

        return scores_for(home, candidate, test_set)
