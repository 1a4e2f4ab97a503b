"""The baseline: answers the share of positives it was registered with, for everybody. What a model must beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lookingglass.candidates.registry import Candidate
    from lookingglass.home import Home
    from lookingglass.testset import TestSet


class BaselineFormat:
    """A constant probability, kept in the manifest as ``prevalence``."""

    name = "baseline"
    title = "baseline: the same answer for everybody"
    suffixes: tuple[str, ...] = ()
    needs_worker = False
    needs_approval = False

    def recognises(self, head: bytes) -> bool:
        """No file is a baseline: the workspace registers it itself."""
        return False

    def scores(self, home: Home, candidate: Candidate, test_set: TestSet) -> NDArray[np.float64]:
        """Return the prevalence for each example, shape (n,)."""
        import numpy as np

        prevalence = candidate.manifest.prevalence
        return np.full(len(test_set.ids), np.nan if prevalence is None else prevalence)
