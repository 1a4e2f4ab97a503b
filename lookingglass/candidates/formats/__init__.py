"""The registry of candidate formats: one adapter a file. A new format is one new file here and one row below."""

from __future__ import annotations

from pathlib import Path

from lookingglass.candidates.formats.base import Format, ModelFormat, ScoreFormat
from lookingglass.candidates.formats.baseline import BaselineFormat
from lookingglass.candidates.formats.joblib import JoblibFormat
from lookingglass.candidates.formats.onnx import OnnxFormat
from lookingglass.candidates.formats.predictions import PredictionsFormat
from lookingglass.candidates.formats.skops import SkopsFormat

MODEL_FORMATS: dict[str, ModelFormat] = {
    entry.name: entry for entry in (OnnxFormat(), SkopsFormat(), JoblibFormat())
}
"""Formats that run a model, in an isolated worker."""

SCORE_FORMATS: dict[str, ScoreFormat] = {
    entry.name: entry for entry in (PredictionsFormat(), BaselineFormat())
}
"""Formats that answer without a model."""

FORMATS: dict[str, Format] = {**SCORE_FORMATS, **MODEL_FORMATS}
"""Every format by its name."""

HEAD_BYTES = 4096


def format_of(file_name: str, data: bytes) -> str | None:
    """Return the name of the format that the file's suffix and first bytes speak for, None when no format fits.

    The content decides between formats that share nothing; a known suffix with foreign content is still proposed, so
    that the refusal can say "model.skops is not a skops file" instead of "unknown".
    """
    head, suffix = data[:HEAD_BYTES], Path(file_name).suffix.lower()
    by_suffix = [entry.name for entry in FORMATS.values() if suffix in entry.suffixes]
    if by_suffix:
        return by_suffix[0]
    by_content = [entry.name for entry in FORMATS.values() if entry.recognises(head)]
    return by_content[0] if len(by_content) == 1 else None
