"""The sample models loaded into the test's own process, for stock LIME to ask: the tests' second opinion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import skops.io
from numpy.typing import NDArray

from lookingglass.demo import samples_folder


def sample_model(use_case: str, candidate: str) -> Any:
    """Return a skops sample model. It is one of ours, so what it holds is trusted."""
    path = samples_folder() / use_case / "candidates" / candidate / "model.skops"
    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


def probabilities(model: Any, columns: dict[str, list[Any]]) -> NDArray[np.float64]:
    """Ask a model of several columns."""
    return np.asarray(model.predict_proba(pd.DataFrame(columns)), dtype=np.float64)
