"""skops files: scikit-learn models without pickle. A file with a type that nobody reviewed is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from lookingglass.candidates.formats.base import CodeRefused, FileRefused, import_now
from lookingglass.candidates.formats.estimator import EstimatorModel

_ZIP = b"PK\x03\x04"

TRUSTED_TYPES = frozenset(
    {
        "numpy.dtype",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.feature_selection._univariate_selection.chi2",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
    }
)
"""Types beyond skops' own list that ordinary classifiers need, each read: none calls what the file names.

``functools.partial`` (HistGradientBoosting with native categories) does, and stays out. A type on this list says
nothing about its content: crafted tree nodes can crash inference, which is why that too happens in the worker.
"""


class SkopsFormat:
    """A model saved with ``skops.io.dump``."""

    name = "skops"
    title = "skops file (scikit-learn without pickle)"
    suffixes: tuple[str, ...] = (".skops",)
    needs_worker = True
    needs_approval = False

    def recognises(self, head: bytes) -> bool:
        """A zip archive with a schema.json in it."""
        return head.startswith(_ZIP) and b"schema.json" in head

    def prepare(self) -> None:
        """Import scikit-learn and skops (about two seconds)."""
        import_now("pandas", "sklearn.pipeline", "skops.io")

    def load(self, data: bytes) -> EstimatorModel:
        """Return the classifier in ``data``; raises FileRefused for other files and for types we have not reviewed."""
        import skops.io

        try:
            untrusted = sorted(set(skops.io.get_untrusted_types(data=data)) - TRUSTED_TYPES)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - whatever a broken archive raises means the same to the person
            if data.startswith(_ZIP) and not zipfile.is_zipfile(io.BytesIO(data)):
                raise FileRefused("is cut off or damaged: copy it again") from None
            raise FileRefused("is not a skops file: save the model with skops.io.dump") from None
        if untrusted:
            raise CodeRefused(f"holds types that are not allowed: {_listed(untrusted)}")
        try:
            estimator = skops.io.loads(data, trusted=sorted(TRUSTED_TYPES))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the same
            raise FileRefused(f"cannot be loaded ({type(error).__name__}: {error})") from None
        return EstimatorModel(estimator)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
