"""The parent's side of one worker: starts it, asks it, bounds its time and turns whatever goes wrong into one sentence.

Knows nothing of the ledger or of test sets; the model's bytes go to the worker through a pipe.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.util
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lookingglass
from lookingglass.candidates.worker import wire
from lookingglass.candidates.worker.channel import Channel, OutOfTime
from lookingglass.candidates.worker.sandbox import IsolationLevel
from lookingglass.config import Limits
from lookingglass.errors import CandidateFailed, one_line

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Files = Mapping[str, bytes]

_PROGRAM = """
import sys
sys.path.extend(sys.argv[4:])
from lookingglass.candidates.worker.child import main
main(sys.argv[1:4])
"""
_SMALL = 1 << 16


class Worker:
    """One candidate's process: started when first asked, warm afterwards, never used for another candidate.

    Safe to use from several threads; questions are answered one after the other. After a failure the process is gone
    and the next question starts a fresh one.

    Args:
        candidate_name: for messages and for people who look at the process.
        format: a name from ``MODEL_FORMATS``.
        manifest: ``inputs`` and ``classes`` as in the manifest (None at registration: the model is asked first), and
            optionally ``text``: whether the one input is a text, given to the model as a list of str; by default a
            single string column is.
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
        self._files = files
        self._process: _Process | None = None
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
            _compare(self.facts, inputs, classes)
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
            room = 8 * inputs.num_rows * max(64, len(classes)) + _SMALL
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

    def _started(self) -> _Process:
        with self._lock:
            if self._closed:
                raise CandidateFailed("the worker was closed")
            if self._process is None:
                self._process = _Process(self.format, self.limits)
                self._begin(self._process)
            return self._process

    def _begin(self, process: _Process) -> None:
        seconds = self.limits.start_seconds
        hello, _ = self._ask(
            process, process.start_message, [], seconds, _SMALL, f"did not start within {seconds:g} s"
        )
        process.isolation = IsolationLevel(**hello["isolation"])
        (name, data), *_ = (self._files() if callable(self._files) else self._files).items()
        header = {"cpu_seconds": _cpu_seconds(seconds)}
        late = f"was not loaded within {seconds:g} s"
        answer, _ = self._ask(process, header, [data], seconds, _SMALL, late, file_name=name)
        process.facts = answer["facts"]
        try:
            _compare(process.facts, self._inputs, self._classes)
        except CandidateFailed:
            self._discard()
            raise

    def _ask(
        self,
        process: _Process,
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
            raise CandidateFailed(self._words(answer, file_name))
        return answer, body

    def _words(self, answer: wire.Header, file_name: str) -> str:
        words = one_line(str(answer.get("words", "")), 500)
        if answer["failure"] == "memory":
            return f"memory limit ({self.limits.memory_mb:,} MB) reached"
        if answer["failure"] == "file":
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


class _Process:
    """A started worker process with its pipes; the model is not loaded yet."""

    def __init__(self, format_name: str | None, limits: Limits) -> None:
        self.isolation = IsolationLevel(files=False, network=False, processes=False, memory=False)
        self.facts: dict[str, Any] = {}
        self.start_message: wire.Header = {
            "format": format_name,
            "memory_mb": limits.memory_mb,
            "readable": list(_python_folders()),
        }
        child_reads, we_write = os.pipe()
        we_read, child_writes = os.pipe()
        try:
            self.popen = _launcher().submit(_launch, child_reads, child_writes).result()
        except BaseException:
            os.close(we_write)
            os.close(we_read)
            raise
        finally:
            os.close(child_reads)
            os.close(child_writes)
        self.channel = Channel(we_read, we_write)
        _alive.add(self)

    def kill(self) -> None:
        """End the whole process group at once."""
        if self.popen.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.popen.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill, collect the exit code, close the pipes."""
        _alive.discard(self)
        self.kill()
        self.popen.wait()
        self.channel.close()

    def exit_code(self) -> int | None:
        """Return the exit code of a process that closed its pipe, None if it does not end by itself."""
        try:
            return self.popen.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return None


@functools.cache
def isolation_level() -> IsolationLevel:
    """Return which measures this system offers, by starting a worker without a model (a tenth of a second, once)."""
    limits = Limits()
    process = _Process(None, limits)
    try:
        hello, _ = process.channel.ask(process.start_message, [], limits.start_seconds, _SMALL)
        return IsolationLevel(**hello["isolation"])
    except (OutOfTime, wire.Closed, wire.WireError):
        return process.isolation
    finally:
        process.end()


_alive: weakref.WeakSet[_Process] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    for process in list(_alive):
        process.end()


@functools.cache
def _launcher() -> ThreadPoolExecutor:
    # One thread that lives as long as this process starts every worker: the kernel ends a worker when the *thread*
    # that started it ends, and the threads of a web server end all the time.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="candidate-launcher")


os.register_at_fork(after_in_child=_launcher.cache_clear)


def _launch(child_reads: int, child_writes: int) -> subprocess.Popen[bytes]:
    arguments = [str(child_reads), str(child_writes), str(os.getpid()), *_import_folders()]
    return subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", _PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_environment(),
        pass_fds=(child_reads, child_writes),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "BLIS")
    environment = {f"{library}_NUM_THREADS": "1" for library in threads}
    environment |= {
        "LC_ALL": "C.UTF-8",
        "LOKY_MAX_CPU_COUNT": "1",
        "MALLOC_ARENA_MAX": "2",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    environment |= {"ARROW_DEFAULT_MEMORY_POOL": "system"}
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):  # some Pythons do not start without
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment


@functools.cache
def _import_folders() -> tuple[str, ...]:
    """Return the folders from which this process has our package and numpy, for a child that sees only Python's own."""
    spec = importlib.util.find_spec("numpy")
    origins = [lookingglass.__file__, spec.origin if spec is not None else None]
    return tuple(dict.fromkeys(str(Path(origin).resolve().parents[1]) for origin in origins if origin))


@functools.cache
def _python_folders() -> tuple[str, ...]:
    """Return what a worker may read: Python, its packages, and this package, but never the folder around it."""
    package = Path(lookingglass.__file__).resolve().parent
    folders = [
        sys.prefix,
        sys.base_prefix,
        *(sysconfig.get_path(name) for name in ("stdlib", "platlib", "purelib")),
    ]
    folders += [
        folder for folder in _import_folders() if Path(folder) != package.parent or "site-packages" in folder
    ]
    return tuple(dict.fromkeys([str(package), *(folder for folder in folders if folder and folder != "/")]))


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


def _compare(facts: Mapping[str, Any], inputs: list[str] | None, classes: list[str] | None) -> None:
    """Compare what the model says of itself with the manifest; raises CandidateFailed."""
    wanted = facts["inputs"]
    if inputs is not None and wanted is not None and wanted != inputs:
        if sorted(wanted) != sorted(inputs):
            raise CandidateFailed(
                f"wants other columns: {_listed(wanted)}; the manifest names {_listed(inputs)}"
            )
        if facts["ordered"]:
            raise CandidateFailed(
                f"wants its columns in the order {_listed(wanted)}; the manifest names {_listed(inputs)}"
            )
    count = facts["input_count"]
    if inputs is not None and wanted is None and count is not None and count != len(inputs):
        raise CandidateFailed(f"wants {count} columns; the manifest names {len(inputs)}")
    own = facts["classes"]
    if classes is not None and own is not None and own != classes:
        if sorted(own) != sorted(classes):
            raise CandidateFailed(f"has other classes: {_listed(own)}; the manifest names {_listed(classes)}")
        raise CandidateFailed(
            f"has its classes in the order {_listed(own)}; the manifest names {_listed(classes)}"
        )


def _listed(names: list[str]) -> str:
    return one_line(
        ", ".join(names) if len(names) <= 12 else f"{', '.join(names[:12])} and {len(names) - 12} more"
    )
