"""The worker's own program: shut the sandbox, import what the format needs, load one model, answer until told to stop.

Started by ``process`` with two pipe descriptors; it never sees the workspace. Standard library only at the top, because
everything else is imported after the sandbox is shut.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lookingglass.candidates.formats import MODEL_FORMATS
from lookingglass.candidates.formats.base import AnswerRefused, CodeRefused, FileRefused, Model, Question
from lookingglass.candidates.worker import sandbox, wire
from lookingglass.candidates.worker.libc import die_with_parent

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_BODY = 1 << 40
"""The parent is trusted not to send more than it has."""


def main(arguments: list[str]) -> None:
    """Serve one parent: ``arguments`` are the descriptors to read from and write to, and the parent's process id."""
    reading, writing, parent = (int(argument) for argument in arguments)
    os.set_inheritable(reading, False)
    os.set_inheritable(writing, False)
    die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        return
    try:
        _serve(reading, writing)
    except (wire.Closed, BrokenPipeError):
        return
    except MemoryError:  # what came did not fit; to end here tells a parent that is still sending
        wire.write_frame(writing, {"failure": "memory"})


def _serve(reading: int, writing: int) -> None:
    start, _ = wire.read_frame(reading, MAX_BODY)
    level = sandbox.shut(start["readable"])
    sys.path[:] = [path for path in sys.path if os.access(path, os.R_OK) and _can_list(path)]
    model_format = MODEL_FORMATS.get(start["format"]) if start["format"] else None
    if model_format is not None:
        gc.disable()  # looking for garbage takes a tenth of the time in which libraries load, and finds next to none
        # Where pytest is installed, scikit-learn loads it for tests of its own.
        sys.modules["pytest"] = None  # type: ignore[assignment]  # this is how an import is refused
        import pyarrow  # noqa: F401 - loaded now, so that its size is not taken from the model's memory

        model_format.prepare()
    gc.freeze()
    gc.enable()
    level = replace(level, memory=sandbox.limit_memory(start["memory_mb"]))
    wire.write_frame(writing, {"isolation": vars(level)})
    if model_format is None:
        return
    header, body = wire.read_frame(reading, MAX_BODY)
    sandbox.allow_cpu(header["cpu_seconds"])
    data = bytes(body)
    del body
    try:
        model = model_format.load(data)
        answer: wire.Header = {"facts": model.facts.to_json()}
    except BaseException as error:  # noqa: BLE001 - whatever loading a model raises is told to the parent
        wire.write_frame(writing, _failure(error))
        return
    del data
    wire.write_frame(writing, answer)
    while True:
        _answer(model, reading, writing)


def _answer(model: Model, reading: int, writing: int) -> None:
    header, body = wire.read_frame(reading, MAX_BODY)
    sandbox.allow_cpu(header["cpu_seconds"])
    began = time.monotonic()
    try:
        probabilities = model.probabilities(_question(header, body))
        shape, kind = list(probabilities.shape), str(probabilities.dtype)
        data = _raw(probabilities)
    except BaseException as error:  # noqa: BLE001 - whatever a model raises is its answer
        wire.write_frame(writing, _failure(error))
        return
    result = {"shape": shape, "precision": kind, "seconds": time.monotonic() - began}
    wire.write_frame(writing, result, [data])


def _raw(probabilities: NDArray[Any]) -> memoryview:
    import numpy as np

    return memoryview(np.ascontiguousarray(probabilities, dtype="<f8").tobytes())


def _failure(error: BaseException) -> wire.Header:
    if isinstance(error, MemoryError):
        return {"failure": "memory"}
    if isinstance(error, CodeRefused):
        return {"failure": "code", "words": str(error)[:2000]}
    if isinstance(error, FileRefused):
        return {"failure": "file", "words": str(error)[:2000]}
    if isinstance(error, AnswerRefused):
        return {"failure": "answer", "words": str(error)[:2000]}
    return {"failure": "raised", "words": f"{type(error).__name__}: {error}"[:2000]}


def _question(header: wire.Header, body: bytearray) -> Question:
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(body)).read_all()
    columns = {name: _column(table.column(name)) for name in table.column_names}
    return Question(columns, table.num_rows, bool(header["text"]), tuple(header["classes"]))


def _column(values: Any) -> NDArray[Any]:
    """Return an Arrow column as models receive it: float64, int64, bool, or objects (str, bytes), NaN where missing."""
    import numpy as np
    import pyarrow as pa

    kind = values.type
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and values.null_count):
        return _flat(values.cast(pa.float64()), "<f8")
    if pa.types.is_integer(kind):
        return _flat(values.cast(pa.int64()), "<i8")
    if pa.types.is_boolean(kind) and not values.null_count:
        return _flat(values.cast(pa.uint8()), "u1").astype(bool)
    array = np.empty(len(values), dtype=object)
    array[:] = [np.nan if value is None else value for value in values.to_pylist()]
    return array


def _flat(values: Any, kind: str) -> NDArray[Any]:
    """Return a copy of an Arrow column, NaN where missing (floats only); ``to_numpy`` would import pandas for it."""
    import numpy as np

    parts = [np.empty(0, dtype=kind)]
    for chunk in values.chunks:
        validity, data = chunk.buffers()
        start, end = chunk.offset, chunk.offset + len(chunk)
        part = np.frombuffer(data, dtype=kind, count=end)[start:].copy() if len(chunk) else parts[0]
        if chunk.null_count:
            there = np.unpackbits(np.frombuffer(validity, dtype="u1"), count=end, bitorder="little")[start:]
            part[there == 0] = np.nan
        parts.append(part)
    return np.concatenate(parts)


def _can_list(path: str) -> bool:
    try:
        os.scandir(path).close()
    except NotADirectoryError:
        return True
    except OSError:
        return False
    return True
