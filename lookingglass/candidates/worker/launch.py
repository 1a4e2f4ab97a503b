"""Starts worker processes and ends them: what they may see, read and import, and that none is left behind.

Knows nothing of what is asked of them.
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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lookingglass
from lookingglass.candidates.worker import wire
from lookingglass.candidates.worker.channel import Channel, OutOfTime
from lookingglass.candidates.worker.sandbox import IsolationLevel
from lookingglass.config import Limits

_PROGRAM = """
import sys
sys.path.extend(sys.argv[4:])
from lookingglass.candidates.worker.child import main
main(sys.argv[1:4])
"""

SMALL = 1 << 16
"""Answers that are no tables are never longer."""


class Process:
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
            self.popen = _launcher().executor.submit(_launch, child_reads, child_writes).result()
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
    process = Process(None, limits)
    try:
        hello, _ = process.channel.ask(process.start_message, [], limits.start_seconds, SMALL)
        return IsolationLevel(**hello["isolation"])
    except (OutOfTime, wire.Closed, wire.WireError):
        return process.isolation
    finally:
        process.end()


_alive: weakref.WeakSet[Process] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    for process in list(_alive):
        process.end()


def workers_are_ending() -> bool:
    """Whether this process is on its way out, which ends its workers while somebody may still wait for their answers.

    The kernel ends a worker with the thread that started it, and at exit that thread goes before those that ask.
    """
    return _launcher.cache_info().currsize > 0 and not _launcher().thread.is_alive()


@dataclass(frozen=True)
class _Launcher:
    executor: ThreadPoolExecutor
    thread: threading.Thread


@functools.cache
def _launcher() -> _Launcher:
    # One thread that lives as long as this process starts every worker: the kernel ends a worker when the *thread*
    # that started it ends, and the threads of a web server end all the time.
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="candidate-launcher")
    return _Launcher(executor, executor.submit(threading.current_thread).result())


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
