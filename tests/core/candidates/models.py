"""Models for the tests of candidates: small real ones, and hostile ones that only an approved joblib file can hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.linear_model import LogisticRegression

import tests

CLASSES = ["no", "yes"]
INPUTS = ["a", "b"]


def frame(rows: int = 60) -> pd.DataFrame:
    """Return ``rows`` of two informative numbers."""
    random = np.random.default_rng(7)
    return pd.DataFrame({name: random.normal(size=rows) for name in INPUTS})


def labels(table: pd.DataFrame) -> np.ndarray:
    """Return the label that goes with each row of ``frame``."""
    return np.where(table["a"] + table["b"] > 0.3, "yes", "no")


def logistic() -> LogisticRegression:
    """Return a fitted logistic regression on INPUTS."""
    table = frame()
    return LogisticRegression().fit(table, labels(table))


def batch(rows: int = 8) -> pa.Table:
    """Return ``rows`` to be answered."""
    return pa.table({name: values.to_numpy() for name, values in frame(rows).items()})


def half(rows: int) -> np.ndarray:
    """Return the answer one half for everything."""
    return np.full((rows, 2), 0.5)


def acting(act: Callable[[Any], Any], classes: list[str] | None = None, **attributes: Any) -> bytes:
    """Return a joblib-readable pickle of an estimator whose ``predict_proba(X)`` is ``act(X)``, carried by value."""

    def predict_proba(self: Any, table: Any) -> Any:
        return act(table)

    body = {"predict_proba": predict_proba, "classes_": np.array(classes or CLASSES), **attributes}
    estimator = type("Acting", (), body)()
    cloudpickle.register_pickle_by_value(tests)
    try:
        return cloudpickle.dumps(estimator)
    finally:
        cloudpickle.unregister_pickle_by_value(tests)
