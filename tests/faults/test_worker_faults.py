"""A model that misbehaves is a result with a sentence: the parent stays alive, neighbours and the next question too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from lookingglass.candidates import Worker
from lookingglass.config import Limits
from lookingglass.errors import CandidateFailed
from tests.core.candidates.models import CLASSES, INPUTS, acting, batch, half, logistic

MEMORY_MB = 300
LIMITS = Limits(memory_mb=MEMORY_MB, batch_seconds=2.0)


def _behaviours() -> dict[str, Callable[[Any], Any]]:
    """Return what the hostile estimator can do. Each function is carried by value, so it imports what it needs."""

    def wrong_in_third_row(value: float) -> Callable[[Any], Any]:
        def act(table: Any) -> Any:
            answer = half(len(table))
            answer[2, 0] = value
            return answer

        return act

    def outside(table: Any) -> Any:
        answer = half(len(table))
        answer[1] = [1.5, -0.5]
        return answer

    def hang(table: Any) -> Any:
        import time

        while True:
            time.sleep(1)

    def allocate(table: Any) -> Any:
        return np.ones((4 << 30) // 8)

    def crash(table: Any) -> Any:
        import ctypes

        return ctypes.string_at(0)

    def kill_itself(table: Any) -> Any:
        os.kill(os.getpid(), 9)

    def leave(table: Any) -> Any:
        os._exit(3)

    def system_exit(table: Any) -> Any:
        raise SystemExit("goodbye")

    def raise_lines(table: Any) -> Any:
        raise ValueError("first line\nsecond line")

    def chatter(table: Any) -> Any:
        print("x" * 300_000)
        os.write(1, b"LGW1" + bytes(200_000))
        os.write(2, b"y" * 200_000)
        return half(len(table))

    def babble(table: Any) -> Any:
        for fd in range(3, 4096):
            try:
                os.write(fd, b"this is not a frame at all, only noise")
            except OSError:
                continue
        return half(len(table))

    def announce_a_terabyte(table: Any) -> Any:
        import struct

        for fd in range(3, 4096):
            try:
                os.write(fd, struct.pack(">4sIQ", b"LGW1", 2, 1 << 40) + b"{}")
            except OSError:
                continue
        return half(len(table))

    return {
        "behave": lambda table: half(len(table)),
        "nan": wrong_in_third_row(float("nan")),
        "infinite": wrong_in_third_row(float("inf")),
        "outside": outside,
        "sums": lambda table: half(len(table)) * 1.5,
        "short": lambda table: half(len(table) - 1),
        "three classes": lambda table: np.full((len(table), 3), 1 / 3),
        "one column": lambda table: np.full((len(table), 1), 0.5),
        "flat": lambda table: np.full(len(table), 0.5),
        "cube": lambda table: np.full((len(table), 2, 2), 0.25),
        "enormous": lambda table: np.zeros((len(table), 100_000)),
        "text": lambda table: [["likely", "unlikely"]] * len(table),
        "nothing": lambda table: None,
        "hang": hang,
        "allocate": allocate,
        "crash": crash,
        "kill itself": kill_itself,
        "leave": leave,
        "system exit": system_exit,
        "raise": raise_lines,
        "chatter": chatter,
        "babble": babble,
        "terabyte": announce_a_terabyte,
    }


NAMES = list(_behaviours())


def _hostile_file() -> bytes:
    behaviours = list(_behaviours().values())
    return acting(lambda table: behaviours[int(table["a"].iloc[0])](table))


@pytest.fixture(scope="module")
def hostile() -> Iterator[Worker]:
    """One candidate that does, for each batch, what the first cell tells it."""
    manifest = {"inputs": INPUTS, "classes": CLASSES}
    with Worker("hostile", "joblib", manifest, {"model.joblib": _hostile_file()}, LIMITS) as worker:
        yield worker


def ask(worker: Worker, behaviour: str, rows: int = 8) -> np.ndarray:
    """Make the hostile candidate show one behaviour."""
    return worker.predict_proba(
        pa.table({"a": np.full(rows, float(NAMES.index(behaviour))), "b": np.zeros(rows)})
    )


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("nan", "answered NaN for row 3 of the batch"),
        ("infinite", "answered an infinite number for row 3 of the batch"),
        ("outside", "answered probabilities outside 0 to 1, first in row 2 of the batch"),
        ("sums", "answered probabilities that sum to 1.5, not 1, in row 1 of the batch"),
        ("short", "answered 7 scores for 8 rows"),
        ("three classes", "answered 3 classes, the manifest names 2"),
        ("one column", "answered 1 class, the manifest names 2"),
        ("flat", "answered one number a row, not one for each of 2 classes"),
        ("cube", "answered a table of 3 dimensions, not one of rows and 2 classes"),
        ("text", "answered a list that is no table of numbers"),
        ("nothing", "answered a NoneType that is no table of numbers"),
        ("raise", "the model raised ValueError: first line second line"),
        ("system exit", "the model raised SystemExit: goodbye"),
    ],
)
def test_an_answer_that_is_none_is_said_and_the_worker_stays(
    hostile: Worker, behaviour: str, sentence: str
) -> None:
    hostile.warm()
    before = hostile.pid
    with pytest.raises(CandidateFailed) as failure:
        ask(hostile, behaviour)
    assert str(failure.value) == sentence
    assert (ask(hostile, "behave") == 0.5).all()
    assert hostile.pid == before


def test_what_a_model_prints_does_not_disturb_its_answers(hostile: Worker) -> None:
    assert (ask(hostile, "chatter") == 0.5).all()
    assert (ask(hostile, "behave") == 0.5).all()


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("hang", "no answer within 2 s"),
        ("allocate", f"memory limit ({MEMORY_MB} MB) reached"),
        ("crash", "the worker process crashed (signal 11)"),
        ("kill itself", "the worker process was killed (signal 9)"),
        ("leave", "the worker process ended by itself (exit code 3)"),
        ("babble", "the worker process answered something that is no answer"),
        ("terabyte", "the worker process answered something that is no answer"),
        ("enormous", "the worker process answered something that is no answer"),
    ],
)
def test_a_worker_that_breaks_is_replaced_by_a_fresh_one(
    hostile: Worker, behaviour: str, sentence: str
) -> None:
    hostile.warm()
    before = hostile.pid
    with pytest.raises(CandidateFailed) as failure:
        ask(hostile, behaviour)
    assert str(failure.value) == sentence
    assert hostile.pid is None
    assert before is not None
    assert not Path(f"/proc/{before}").exists()  # collected: no zombie either
    assert (ask(hostile, "behave") == 0.5).all()


def test_a_worker_killed_from_outside_fails_once_and_its_neighbour_not_at_all(hostile: Worker) -> None:
    manifest = {"inputs": INPUTS, "classes": CLASSES}
    import skops.io

    with Worker(
        "neighbour", "skops", manifest, {"model.skops": skops.io.dumps(logistic())}, LIMITS
    ) as neighbour:
        expected = neighbour.predict_proba(batch())
        hostile.warm()
        assert hostile.pid is not None
        os.kill(hostile.pid, signal.SIGKILL)
        with pytest.raises(CandidateFailed, match=r"the worker process was killed \(signal 9\)"):
            ask(hostile, "behave")
        pid = neighbour.pid
        assert (neighbour.predict_proba(batch()) == expected).all()
        assert neighbour.pid == pid
    assert (ask(hostile, "behave") == 0.5).all()


def test_closing_a_worker_ends_a_question_under_way() -> None:
    """``close`` does not wait for a model that hangs, and a closed worker stays closed."""
    worker = Worker(
        "hanging", "joblib", {"inputs": INPUTS, "classes": CLASSES}, {"m.joblib": _hostile_file()}, Limits()
    )
    worker.warm()
    failures: list[str] = []
    asking = threading.Event()

    def question() -> None:
        asking.set()
        try:
            ask(worker, "hang")
        except CandidateFailed as failure:
            failures.append(str(failure))

    thread = threading.Thread(target=question)
    thread.start()
    asking.wait()
    worker.close()
    thread.join()
    assert failures == ["the worker was closed"]
    with pytest.raises(CandidateFailed, match="the worker was closed"):
        ask(worker, "behave")


def test_workers_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    """Even one that hangs in a question when its parent is killed with -9."""
    model = tmp_path / "model.joblib"
    model.write_bytes(_hostile_file())
    program = f"""
        import time
        from pathlib import Path
        from lookingglass.candidates import Worker
        from lookingglass.candidates.worker.channel import Channel
        from lookingglass.config import Limits
        from tests.faults.test_worker_faults import ask
        worker = Worker("x", "joblib", {{"inputs": {INPUTS}, "classes": {CLASSES}}},
                        {{"m.joblib": Path({str(model)!r}).read_bytes()}}, Limits())
        worker.warm()
        def receive(*_):  # the question was sent, so the worker will hang in it
            print(worker.pid, flush=True)
            time.sleep(1000)
        Channel.receive = receive
        ask(worker, "hang")
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        ended = os.pidfd_open(worker)
        try:
            parent.kill()
            parent.wait()
            import select

            poller = select.poll()
            poller.register(ended, select.POLLIN)
            assert poller.poll(30_000), "the worker is still there"
        finally:
            os.close(ended)


def test_a_model_file_larger_than_the_limit_is_said() -> None:
    limits = Limits(memory_mb=64)
    with (
        Worker(
            "fat", "onnx", {"inputs": None, "classes": None}, {"m.onnx": bytes(200 << 20)}, limits
        ) as worker,
        pytest.raises(CandidateFailed) as failure,
    ):
        worker.warm()
    assert str(failure.value) == "memory limit (64 MB) reached"


def test_a_batch_larger_than_the_limit_is_said(hostile: Worker) -> None:
    with pytest.raises(CandidateFailed, match=r"memory limit \(300 MB\) reached"):
        ask(hostile, "behave", rows=25_000_000)
    assert (ask(hostile, "behave") == 0.5).all()


def test_a_system_that_starts_no_process_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with (
        Worker("x", "onnx", {"inputs": None, "classes": None}, {"m.onnx": b""}, LIMITS) as worker,
        pytest.raises(CandidateFailed, match=r"no worker process could be started: .*No such file"),
    ):
        worker.warm()


def test_a_start_that_takes_too_long_is_said() -> None:
    limits = Limits(start_seconds=0.01)
    with Worker("slow", "skops", {"inputs": None, "classes": None}, {"m.skops": b"x"}, limits) as worker:
        with pytest.raises(CandidateFailed, match=r"did not start within 0\.01 s"):
            worker.warm()
        assert worker.pid is None
