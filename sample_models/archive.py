"""Writes fitted estimators as skops and ONNX files whose bytes depend on nothing but the estimator.

skops itself writes the time of day, memory addresses and random file names into its archive, and skl2onnx leaves the
order of the operator sets to chance. Knows nothing of any use case.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import skops.io

SCHEMA = "schema.json"
EPOCH = (1980, 1, 1, 0, 0, 0)


class _Renumber:
    """Replaces memory addresses by 1, 2, 3 ... and file names by 1.npy, 2.npy ..., in order of appearance."""

    def __init__(self) -> None:
        self.ids: dict[int, int] = {}
        self.files: dict[str, str] = {}

    def __call__(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self(item) for item in node]
        if not isinstance(node, dict):
            return node
        renumbered: dict[str, Any] = {}
        for key, value in node.items():
            if key == "__id__":
                renumbered[key] = self.ids.setdefault(value, len(self.ids) + 1)
            elif key == "file" and isinstance(value, str):
                suffix = value.rpartition(".")[2]
                renumbered[key] = self.files.setdefault(value, f"{len(self.files) + 1}.{suffix}")
            else:
                renumbered[key] = self(value)
        return renumbered


def skops_bytes(estimator: object) -> bytes:
    """Return ``estimator`` as the bytes of a deflated skops archive.

    Raises:
        ValueError: the archive holds a file that its own schema does not name.
    """
    source = zipfile.ZipFile(io.BytesIO(skops.io.dumps(estimator)))
    renumber = _Renumber()
    schema = renumber(json.loads(source.read(SCHEMA)))
    orphans = set(source.namelist()) - set(renumber.files) - {SCHEMA}
    if orphans:
        raise ValueError(f"skops wrote files that its schema does not name: {sorted(orphans)}")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for old, new in renumber.files.items():
            _write(archive, new, source.read(old))
        _write(archive, SCHEMA, json.dumps(schema, separators=(",", ":")).encode())
    return out.getvalue()


def onnx_file(graph: Any) -> bytes:
    """Return an ONNX model (a ``ModelProto``, whose operator sets are put in order) as the bytes of a file.

    Raises:
        onnx.checker.ValidationError: it is no valid model.
    """
    import onnx

    opsets = sorted(graph.opset_import, key=lambda each: str(each.domain))
    del graph.opset_import[:]
    graph.opset_import.extend(opsets)
    onnx.checker.check_model(graph)
    return bytes(graph.SerializeToString(deterministic=True))


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data, compresslevel=9)
