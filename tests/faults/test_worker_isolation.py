"""What an approved pickle, which may run any code, can reach from inside its worker: nothing that the level denies."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from lookingglass.candidates import Worker, isolation_level
from lookingglass.config import Limits
from tests.core.candidates.models import CLASSES, INPUTS, acting


def _probes(secret: str, port: int) -> dict[str, tuple[str | None, Callable[[], Any]]]:
    """Return attempt -> (the flag of the isolation level that must prevent it, the attempt itself).

    None marks what must succeed: it shows that the others fail for the right reason.
    """

    def read(path: str) -> Callable[[], Any]:
        def attempt() -> Any:
            with open(path, "rb") as file:
                return file.read(1)

        return attempt

    def write(path: str) -> Callable[[], Any]:
        def attempt() -> Any:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT)
            os.write(fd, b"x")
            os.close(fd)

        return attempt

    def thread() -> Any:
        started = threading.Thread(target=int)
        started.start()
        started.join()

    def read_numpy() -> Any:
        with open(np.__file__, "rb") as file:
            return file.read(1)

    def tcp() -> Any:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()

    def udp() -> Any:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", ("127.0.0.1", port))

    def unix() -> Any:
        socket.socket(socket.AF_UNIX).close()

    def fork() -> Any:
        if os.fork() == 0:
            os._exit(0)
        os.wait()

    def execute() -> Any:
        import subprocess

        subprocess.run(["/bin/true"], check=True)

    def parent_memory() -> Any:
        with open(f"/proc/{os.getppid()}/mem", "rb") as file:
            return file.read(0)

    def parent_limits() -> Any:
        import resource

        resource.prlimit(os.getppid(), resource.RLIMIT_CORE)

    def raise_own_limit() -> Any:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    folder = str(Path(secret).parent)
    return {
        "read a file of numpy": (None, read_numpy),
        "start a thread": (None, thread),
        "read /etc/passwd": ("files", read("/etc/passwd")),
        "read a file of the workspace": ("files", read(secret)),
        "list the workspace": ("files", lambda: os.listdir(folder)),
        "read the parent's environment": ("files", lambda: read(f"/proc/{os.getppid()}/environ")()),
        "read the parent's memory": ("files", parent_memory),
        "overwrite a file of the workspace": ("files", write(secret)),
        "make a file": ("files", write(folder + "/made")),
        "make a folder": ("files", lambda: os.mkdir(folder + "/made-folder")),
        "remove a file": ("files", lambda: os.unlink(secret)),
        "connect by TCP": ("network", tcp),
        "send by UDP": ("network", udp),
        "open a UNIX socket": ("processes", unix),
        "fork": ("processes", fork),
        "run a program": ("processes", execute),
        "signal the parent": ("processes", lambda: os.kill(os.getppid(), 0)),
        "read the parent's limits": ("processes", parent_limits),
        "raise its own memory limit": ("memory", raise_own_limit),
    }


PROBES = list(_probes("/secret", 1))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, bool], Worker, Path]]:
    """Let one worker try everything; True where it succeeded."""
    secret = tmp_path_factory.mktemp("workspace") / "secret"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        attempts = [attempt for _, attempt in _probes(str(secret), listener.getsockname()[1]).values()]

        def act(table: Any) -> Any:
            answers = np.zeros((len(table), 2))
            for row, number in enumerate(table["a"]):
                try:
                    attempts[int(number)]()
                    answers[row, 1] = 1
                except Exception:  # noqa: BLE001 - refused in whatever way is refused
                    answers[row, 0] = 1
            return answers

        manifest = {"inputs": INPUTS, "classes": CLASSES}
        with Worker("curious", "joblib", manifest, {"m.joblib": acting(act)}, Limits()) as worker:
            numbers = np.arange(len(attempts), dtype=float)
            answers = worker.predict_proba(pa.table({"a": numbers, "b": numbers}))
            yield dict(zip(PROBES, answers[:, 1] == 1, strict=True)), worker, secret


@pytest.mark.parametrize("probe", PROBES)
def test_what_the_level_denies_fails_and_the_rest_works(
    outcome: tuple[dict[str, bool], Worker, Path], probe: str
) -> None:
    succeeded, worker, _ = outcome
    flag = _probes("/secret", 1)[probe][0]
    if flag is None:
        assert succeeded[probe]
    elif getattr(worker.isolation, flag):
        assert not succeeded[probe]


def test_nothing_was_written(outcome: tuple[dict[str, bool], Worker, Path]) -> None:
    _, worker, secret = outcome
    if worker.isolation.files:
        assert secret.read_text() == "secret"
        assert os.listdir(secret.parent) == ["secret"]


def test_every_worker_has_the_level_that_is_said_of_this_system(
    outcome: tuple[dict[str, bool], Worker, Path],
) -> None:
    assert outcome[1].isolation == isolation_level()


def test_the_worker_sees_none_of_the_parents_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hush")

    def act(table: Any) -> Any:
        found = float("SECRET_TOKEN" in os.environ or "HOME" in os.environ)
        return np.tile([1 - found, found], (len(table), 1))

    manifest = {"inputs": INPUTS, "classes": CLASSES}
    with Worker("curious", "joblib", manifest, {"m.joblib": acting(act)}, Limits()) as worker:
        assert worker.predict_proba(pa.table({"a": [0.0], "b": [0.0]}))[0, 1] == 0
