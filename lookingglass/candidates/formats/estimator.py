"""Asking a scikit-learn classifier, however it was loaded. Runs inside the worker; knows nothing of files."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from lookingglass.candidates.formats.base import AnswerRefused, Facts, FileRefused, Question

if TYPE_CHECKING:
    from numpy.typing import NDArray


class EstimatorModel:
    """A fitted classifier with ``predict_proba`` and ``classes_``."""

    def __init__(self, estimator: Any) -> None:
        if not callable(getattr(estimator, "predict_proba", None)):
            raise FileRefused(
                f"holds a {type(estimator).__name__} that has no predict_proba: save a classifier that answers "
                "with probabilities (CalibratedClassifierCV gives one to those that do not)"
            )
        if getattr(estimator, "classes_", None) is None:
            raise FileRefused(
                f"holds a {type(estimator).__name__} without classes_: save it after fitting it"
            )
        self._estimator = estimator
        names = getattr(estimator, "feature_names_in_", None)
        count = getattr(estimator, "n_features_in_", None)
        self.facts = Facts(
            inputs=None if names is None else tuple(str(name) for name in names),
            input_count=None if count is None else int(count),
            classes=tuple(str(name) for name in estimator.classes_),
        )

    def probabilities(self, question: Question) -> NDArray[Any]:
        """Return ``predict_proba`` of the batch, shape (rows, classes)."""
        import numpy as np

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = self._estimator.predict_proba(_as_estimators_want(question))
        try:
            array = np.asarray(answer)
            array = array if array.dtype == np.float32 else array.astype(np.float64)
        except (TypeError, ValueError):
            array = np.empty(())
        if array.ndim == 0:
            raise AnswerRefused(f"answered a {type(answer).__name__} that is no table of numbers")
        return array


def _as_estimators_want(question: Question) -> Any:
    """Return a list of str, an array of images (n, height, width[, 3]), or a data frame with the columns in order."""
    columns = question.columns
    if len(columns) == 1:
        (values,) = columns.values()
        if question.text:
            return ["" if value is None or value != value else value for value in values]
        if values.dtype == object and len(values) and isinstance(values[0], bytes):
            return _decode_images(values)
    import pandas as pd

    return pd.DataFrame(columns, copy=False)


def _decode_images(values: NDArray[Any]) -> NDArray[Any]:
    import numpy as np
    from PIL import Image

    arrays = [np.asarray(Image.open(io.BytesIO(value))) for value in values]
    if len({array.shape for array in arrays}) > 1:
        raise AnswerRefused("was given images of different sizes")
    return np.stack(arrays).astype(np.uint8)
