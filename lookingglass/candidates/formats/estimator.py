"""Asking a scikit-learn classifier, however it was loaded. Runs inside the worker; knows nothing of files."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from lookingglass.candidates.formats.base import AnswerRefused, Facts, FileRefused, Question
from lookingglass.candidates.formats.images import decoded, holds_images

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
            answer = self._estimator.predict_proba(_as_estimators_want(question, self.facts.input_count))
        try:
            array = np.asarray(answer)
            array = array if array.dtype == np.float32 else array.astype(np.float64)
        except (TypeError, ValueError):
            array = np.empty(())
        if array.ndim == 0:
            raise AnswerRefused(f"answered a {type(answer).__name__} that is no table of numbers")
        return array


def _as_estimators_want(question: Question, width: int | None) -> Any:
    """Return a list of str, an array of images (n, height, width[, 3]), or a data frame with the columns in order.

    A model that takes exactly as many columns as an image has numbers gets each image as one row of them.
    """
    columns = question.columns
    if len(columns) == 1:
        (values,) = columns.values()
        if question.text:
            return ["" if value is None or value != value else value for value in values]
        if holds_images(values):
            images = decoded(values)
            flat = images.reshape(len(images), -1)
            return flat if width == flat.shape[1] else images
    if any(holds_images(values) for values in columns.values()):
        raise AnswerRefused("takes an image beside other columns: scikit-learn models are given it alone")
    import pandas as pd

    return pd.DataFrame(columns, copy=False)
