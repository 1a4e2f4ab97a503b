"""What a worker process shuts behind itself before it touches a model, and words for how much that was.

Each measure is tried; what the system does not offer is reported, never silently missing. Knows nothing of models.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lookingglass.candidates.worker import landlock, seccomp
from lookingglass.candidates.worker.libc import die_with_parent, drop_capabilities, leave_the_network

SYSTEM_PATHS = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/sys/vm/overcommit_memory",
    "/sys",
    "/dev/urandom",
    "/dev/random",
)
"""What Python, numpy and their libraries read while they load; beside it only Python's own folders stay readable."""

OPEN_FILES = 128


@dataclass(frozen=True)
class IsolationLevel:
    """Which measures are in force around a worker. ``words`` is the sentence for people."""

    files: bool
    network: bool
    processes: bool
    memory: bool

    @property
    def name(self) -> str:
        """``full``, ``partial`` or ``limits``."""
        if self.files and self.network and self.processes and self.memory:
            return "full"
        return "partial" if self.files or self.network else "limits"

    @property
    def words(self) -> str:
        """One plain sentence, such as "full isolation: no network, read-only files, memory and time limits"."""
        limits = "memory and time limits" if self.memory else "time limits"
        kept = [
            words for there, words in ((self.network, "no network"), (self.files, "read-only files")) if there
        ]
        missing = [
            words
            for there, words in (
                (
                    self.files,
                    "this system offers no Landlock, so a model could read and write this user's files",
                ),
                (
                    self.network,
                    "this system offers neither network namespaces nor seccomp, so a model could use the network",
                ),
                (self.processes, "this system offers no seccomp, so a model could start other processes"),
                (self.memory, "this system enforces no memory limit"),
            )
            if not there
        ]
        title = {"full": "full isolation", "partial": "partial isolation", "limits": "limits only"}[self.name]
        return "; ".join([f"{title}: {', '.join([*kept, limits])}", *missing])

    def to_json(self) -> dict[str, bool | str]:
        """Return the flags with their name and words."""
        return {**asdict(self), "name": self.name, "words": self.words}


def shut(readable: Sequence[str]) -> IsolationLevel:
    """Give up network, files, processes and privileges, as far as this system allows, while there is one thread.

    Args:
        readable: Python's own folders, which the imports still to come will read.

    Returns:
        What is in force; ``memory`` is false until ``limit_memory`` was called.
    """
    no_network = leave_the_network()
    drop_capabilities()
    die_with_parent(signal.SIGKILL)  # once more: a change of credentials clears it
    files = landlock.restrict_to_reading([*SYSTEM_PATHS, *readable], writable=["/dev/null"]) > 0
    filtered = seccomp.forbid_sockets_and_processes()
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    return IsolationLevel(files=files, network=no_network or filtered, processes=filtered, memory=False)


def limit_memory(megabytes: int) -> bool:
    """Bound this process's memory to what it has now, warm, plus ``megabytes``; returns whether that is enforced.

    Also bounds open files. Called after the imports: their size is none of the model's doing.
    """
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    warm = _virtual_bytes()
    if warm is None:
        return False
    return _lower(resource.RLIMIT_AS, warm + megabytes * 1024 * 1024)


def allow_cpu(seconds: float) -> None:
    """Let this process compute for ``seconds`` more; past that it is ended by SIGXCPU even if the parent is gone."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _lower(which: int, value: int) -> bool:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(which, (value, value))
    except (ValueError, OSError):
        return False
    return resource.getrlimit(which)[0] == value


def _virtual_bytes() -> int | None:
    if sys.platform != "linux":
        return None
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
