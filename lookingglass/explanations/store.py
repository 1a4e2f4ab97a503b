"""Explanations that were made, as immutable files: one a candidate, settings and input. They may be deleted.

A file holds the explanation and its SHA-256; one that was damaged counts as not there and is made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from lookingglass.canonical import canonical_json
from lookingglass.errors import LookingGlassError, NotSaved
from lookingglass.explanations.result import Explanation
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.folders import EXPLANATIONS

_HEXADECIMAL = re.compile(r"[0-9a-f]{64}")
logger = logging.getLogger(__name__)


class ExplanationStore:
    """The folder ``explanations/`` of a workspace: ``<fingerprint>/<settings digest>/<input_id>.json``."""

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace / EXPLANATIONS

    def path(self, fingerprint: str, settings: ExplainSettings, input_id: str) -> Path:
        """Return where an explanation lies, there or not. Raises ValueError for names that are no hashes."""
        candidate = fingerprint.removeprefix("sha256:")
        if not _HEXADECIMAL.fullmatch(candidate) or not _HEXADECIMAL.fullmatch(input_id):
            raise ValueError("an explanation is kept by the hashes of its candidate and its input")
        return self.folder / candidate / settings.digest / f"{input_id}.json"

    def read(self, fingerprint: str, settings: ExplainSettings, input_id: str) -> Explanation | None:
        """Return a kept explanation, as one that costs no model call; None when there is none that is whole."""
        found = _read(self.path(fingerprint, settings, input_id))
        if found is None or (found.fingerprint, found.input_id, found.settings) != (
            fingerprint,
            input_id,
            settings,
        ):
            return None
        return found.asked_again()

    def read_all(
        self, fingerprint: str, settings: ExplainSettings, input_ids: Iterable[str]
    ) -> Iterator[Explanation]:
        """Yield those of the explanations that are kept, in the order of ``input_ids``."""
        for input_id in input_ids:
            found = self.read(fingerprint, settings, input_id)
            if found is not None:
                yield found

    def write(self, explanation: Explanation) -> Path:
        """Keep an explanation, whole or not at all, and return its file; one that is kept already stays as it is.

        Raises:
            NotSaved: it could not be written, or reads back differently.
        """
        path = self.path(explanation.fingerprint, explanation.settings, explanation.input_id)
        if _read(path) is not None:
            return path
        fields = explanation.to_json()
        sha256 = hashlib.sha256(canonical_json(fields)).hexdigest()
        # not canonical itself: the columns keep their order
        whole = json.dumps({"sha256": sha256, "explanation": fields}, ensure_ascii=False, allow_nan=False)
        temporary: Path | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
            temporary = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(whole.encode())
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise NotSaved(f"the explanation could not be kept in {path.parent}: {reason}.") from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
        if _read(path) is None:
            path.unlink(missing_ok=True)
            raise NotSaved(f"the explanation did not read back from {path.parent} as it was written.")
        return path

    def forget(self, explanation: Explanation) -> None:
        """Remove one explanation, such as that of an example that was erased while it was made."""
        self.path(explanation.fingerprint, explanation.settings, explanation.input_id).unlink(missing_ok=True)


def _read(path: Path) -> Explanation | None:
    try:
        whole = json.loads(path.read_bytes())
        fields = whole["explanation"]
        if hashlib.sha256(canonical_json(fields)).hexdigest() != whole["sha256"]:
            raise ValueError("its SHA-256 is another")
        return Explanation.from_json(fields)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, LookingGlassError) as error:
        logger.warning("the explanation in %s is not used: %s", path, error)
        return None
