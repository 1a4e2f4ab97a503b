"""LIME's quarters of a column, with one mend: a quarter that holds a single value gives that value back.

LIME 0.2.0.1 standardises the ends of a quarter and forgets to turn back when both are the same: a column in which a
quarter of the rows are 1 is varied to 0. Everything else is LIME's own ``QuartileDiscretizer``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def quarters(
    data: NDArray[np.float64], levels: Sequence[int], names: Sequence[str], state: np.random.RandomState
) -> Any:
    """Return the discretizer to hand to ``LimeTabularExplainer``.

    Args:
        data: the background, shape (rows, columns).
        levels: places of the columns that are codes and stay as they are.
        state: LIME's own random state, which the draws within a quarter use too.
    """
    from lime.discretize import QuartileDiscretizer

    class Quarters(QuartileDiscretizer):  # type: ignore[misc] # lime has no types
        """Quarters that give back the value of one that holds no other."""

        def get_undiscretize_values(self, feature: int, values: NDArray[np.intp]) -> NDArray[np.float64]:
            """Return a number within each quarter that is named, as LIME draws it."""
            drawn: NDArray[np.float64] = super().get_undiscretize_values(feature, values)
            low, high = np.array(self.mins[feature])[values], np.array(self.maxs[feature])[values]
            means, stds = np.array(self.means[feature])[values], np.array(self.stds[feature])[values]
            single = (low - means) / stds == (high - means) / stds
            drawn[single] = low[single]
            return drawn

    return Quarters(data, list(levels), list(names), random_state=state)
