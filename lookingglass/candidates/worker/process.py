"""The parent's side of one worker: starts it, asks it, bounds its time and turns whatever goes wrong into one sentence.

Knows nothing of the ledger or of test sets; the model's bytes go to the worker through a pipe.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lookingglass.candidates.worker import wire
from lookingglass.candidates.worker.channel import OutOfTime
from lookingglass.candidates.worker.facts import compare
from lookingglass.candidates.worker.launch import SMALL, Process
from lookingglass.candidates.worker.sandbox import IsolationLevel
from lookingglass.config import Limits
from lookingglass.errors import CandidateFailed, one_line

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Files = Mapping[str, bytes]


class UnsafeFile(CandidateFailed):
    """The file brings code of its own, or asks for some that nobody reviewed; the model was not loaded."""


class Worker:
    """One candidate's process: started when first asked, warm afterwards, never used for another candidate.

    Safe to use from several threads; questions are answered one after the other. After a failure the process is gone
    and the next question starts a fresh one.

    Args:
        candidate_name: for messages and for people who look at the process.
        format: a name from ``MODEL_FORMATS``.
        manifest: ``inputs`` and ``classes`` as in the manifest (None at registration: the model is asked first), and
            optionally ``text``: whether the one input is a text, given to the model as a list of str; by default a
            single string column is; ``pixels``: how many numbers the one input is, where that is an image.
        files: file name -> bytes, or a function that reads them (then they are not kept in memory).
        limits: memory beyond the warm size, seconds per question and for the start.
    """

    def __init__(
        self,
        candidate_name: str,
        format: str,  # the word of the contract and of manifests
        manifest: Mapping[str, Any],
        files: Files | Callable[[], Files],
        limits: Limits,
    ) -> None:
        self.candidate_name = candidate_name
        self.format = format
        self.limits = limits
        self._inputs: list[str] | None = _names(manifest.get("inputs"))
        self._classes: list[str] | None = _names(manifest.get("classes"))
        self._text: bool | None = manifest.get("text")
        self._pixels: int | None = manifest.get("pixels")
        self._files = files
        self._process: Process | None = None
        self._lock = threading.RLock()
        self._closed = False

    @property
    def isolation(self) -> IsolationLevel:
        """Which measures are in force around the process, which is started if it is not running."""
        return self._started().isolation

    @property
    def facts(self) -> dict[str, Any]:
        """What the model says of itself (see ``Facts``); starts the process. Raises CandidateFailed."""
        return dict(self._started().facts)

    @property
    def pid(self) -> int | None:
        """The process id, None when the process is not running."""
        process = self._process
        return process.popen.pid if process is not None and process.popen.poll() is None else None

    def settle(self, inputs: list[str], classes: list[str], text: bool | None = None) -> None:
        """Say which inputs and classes are meant, once the model has told its own; raises CandidateFailed."""
        with self._lock:
            compare(self.facts, inputs, classes, self._pixels)
            self._inputs, self._classes, self._text = list(inputs), list(classes), text

    def predict_proba(self, inputs: pa.Table) -> NDArray[np.float64]:
        """Ask the model for the probability of every class.

        Args:
            inputs: n rows with the manifest's ``inputs`` as columns.

        Returns:
            Shape (n, classes) in the manifest's class order, float64, within [0, 1], rows summing to 1.

        Raises:
            CandidateFailed: with the reason in words fit for the screen.
        """
        import numpy as np
        import pyarrow as pa

        from lookingglass.candidates.worker.answers import checked

        with self._lock:
            process = self._started()
            names, classes = self._inputs or inputs.column_names, self._classes or []
            if inputs.num_rows == 0:
                return np.empty((0, len(classes)))
            table = inputs.select(names)
            text = self._text if self._text is not None else _is_one_string(table)
            header = {
                "text": text,
                "classes": classes,
                "cpu_seconds": _cpu_seconds(self.limits.batch_seconds),
            }
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            room = 8 * inputs.num_rows * max(64, len(classes)) + SMALL
            answer, body = self._ask(
                process, header, [memoryview(sink.getvalue())], self.limits.batch_seconds, room
            )
            return checked(answer, body, inputs.num_rows, len(classes))

    def warm(self) -> None:
        """Start the process and load the model, if that has not happened yet; raises CandidateFailed."""
        self._started()

    def rest(self) -> None:
        """End the process if nobody is asking it; the next question starts a fresh one."""
        if self._lock.acquire(blocking=False):
            try:
                self._discard()
            finally:
                self._lock.release()

    def close(self) -> None:
        """End the process for good, even in the middle of a question (which then fails)."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._discard()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> Process:
        with self._lock:
            if self._closed:
                raise CandidateFailed("the worker was closed")
            if self._process is None:
                # read first: a file that is gone or damaged is told at once, and no process starts for it
                (name, data), *_ = (self._files() if callable(self._files) else self._files).items()
                try:
                    self._process = Process(self.format, self.limits)
                except OSError as error:
                    raise CandidateFailed(
                        f"no worker process could be started: {one_line(str(error))}"
                    ) from None
                try:
                    self._begin(self._process, name, data)
                except BaseException:
                    self._discard()  # half started, it would be taken for one that has its model
                    raise
            return self._process

    def _begin(self, process: Process, name: str, data: bytes) -> None:
        seconds = self.limits.start_seconds
        hello, _ = self._ask(
            process, process.start_message, [], seconds, SMALL, f"did not start within {seconds:g} s"
        )
        process.isolation = IsolationLevel(**hello["isolation"])
        header = {"cpu_seconds": _cpu_seconds(seconds)}
        late = f"was not loaded within {seconds:g} s"
        answer, _ = self._ask(process, header, [data], seconds, SMALL, late, file_name=name)
        process.facts = answer["facts"]
        compare(process.facts, self._inputs, self._classes, self._pixels)

    def _ask(
        self,
        process: Process,
        header: wire.Header,
        bodies: list[wire.Bytes],
        seconds: float,
        max_body: int,
        late: str | None = None,
        file_name: str = "",
    ) -> tuple[wire.Header, bytearray]:
        late = late or f"no answer within {seconds:g} s"
        try:
            answer, body = process.channel.ask(header, bodies, seconds, max_body)
        except OutOfTime:
            self._discard()
            raise CandidateFailed(late) from None
        except wire.Closed:
            code = process.exit_code()
            self._discard()
            raise CandidateFailed(self._how_it_ended(code, late)) from None
        except wire.WireError:
            self._discard()
            raise CandidateFailed("the worker process answered something that is no answer") from None
        except BaseException:
            self._discard()  # interrupted half-way: what comes next would not be the answer to the next question
            raise
        if "failure" in answer:
            if file_name or answer["failure"] == "memory":
                self._discard()
            failed = UnsafeFile if answer["failure"] == "code" else CandidateFailed
            raise failed(self._words(answer, file_name))
        return answer, body

    def _words(self, answer: wire.Header, file_name: str) -> str:
        words = one_line(str(answer.get("words", "")), 500)
        if answer["failure"] == "memory":
            return f"memory limit ({self.limits.memory_mb:,} MB) reached"
        if answer["failure"] in {"file", "code"}:
            return f"{file_name} {words}"
        return words if answer["failure"] == "answer" else f"the model raised {words}"

    def _how_it_ended(self, code: int | None, late: str) -> str:
        if self._closed:
            return "the worker was closed"
        if code is None:
            return "the worker process closed its connection"
        if code >= 0:
            return f"the worker process ended by itself (exit code {code})"
        if -code == signal.SIGXCPU:
            return late
        return f"the worker process {'was killed' if -code == signal.SIGKILL else 'crashed'} (signal {-code})"

    def _discard(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.end()
                self._process = None


def _cpu_seconds(wall_seconds: float) -> float:
    return wall_seconds * (os.cpu_count() or 1)


def _names(names: object) -> list[str] | None:
    return [str(name) for name in names] if isinstance(names, (list, tuple)) else None


def _is_one_string(table: pa.Table) -> bool:
    import pyarrow as pa

    if table.num_columns != 1:
        return False
    kind = table.schema.field(0).type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
