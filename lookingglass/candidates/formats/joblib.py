"""joblib and pickle files: loading one runs whatever its maker wrote, so an admin approves each by its SHA-256.

The approval is checked by the registry and again when a worker starts; even then it is only ever loaded in a worker.
"""

from __future__ import annotations

import io

from lookingglass.candidates.formats.base import FileRefused, import_now
from lookingglass.candidates.formats.estimator import EstimatorModel


class JoblibFormat:
    """A model saved with ``joblib.dump`` or ``pickle.dump``."""

    name = "joblib"
    title = "joblib or pickle file, which an admin has to approve"
    suffixes: tuple[str, ...] = (".joblib", ".pkl", ".pickle")
    needs_worker = True
    needs_approval = True

    def recognises(self, head: bytes) -> bool:
        """A pickle of protocol 2 or later."""
        return head[:1] == b"\x80" and head[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}

    def prepare(self) -> None:
        """Import scikit-learn and joblib (about two seconds)."""
        import_now("pandas", "sklearn.pipeline", "joblib")

    def load(self, data: bytes) -> EstimatorModel:
        """Return the classifier in ``data``; raises FileRefused when it is no such file."""
        import joblib

        try:
            estimator = joblib.load(io.BytesIO(data))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever unpickling raises means the same to the person
            raise FileRefused(
                f"is not a joblib file that can be loaded ({type(error).__name__}: {error})"
            ) from None
        return EstimatorModel(estimator)
