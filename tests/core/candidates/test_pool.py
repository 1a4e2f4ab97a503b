"""The pool: one warm process per candidate, the least recently asked ended first, nothing left when it closes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper

from lookingglass.candidates import Candidate, WorkerPool, register, register_baseline
from lookingglass.errors import CandidateFailed
from lookingglass.home import Home
from tests.core.candidates.conftest import ANA


def constant_model(share: float) -> bytes:
    """Return an ONNX model that answers ``share`` whatever a and b are: quick to start."""
    nodes = [
        helper.make_node("Sub", ["a", "a"], ["zero_a"]),
        helper.make_node("Mul", ["b", "zero_a"], ["zero"]),
        helper.make_node("Add", ["zero", "share"], ["chance"]),
    ]
    columns = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("a", "b")]
    output = helper.make_tensor_value_info("chance", TensorProto.FLOAT, [None, 1])
    tensor = helper.make_tensor("share", TensorProto.FLOAT, [1], [share])
    graph = helper.make_graph(nodes, "constant", columns, [output], initializer=[tensor])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


ROWS = pa.table({"a": [1.0, 2.0], "b": [3.0, 4.0]})


@pytest.fixture
def three(home: Home, tmp_path: Path) -> list[Candidate]:
    """Register three quick models that answer 0.25, 0.5 and 0.75."""
    candidates = []
    for share in (0.25, 0.5, 0.75):
        path = tmp_path / f"m{share}.onnx"
        path.write_bytes(constant_model(share))
        candidates.append(register(home, f"m{share}", path, classes=["no", "yes"], actor=ANA))
    return candidates


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    """Return a pool that keeps two processes."""
    with WorkerPool(max_alive=2) as made:
        yield made


def share(pool: WorkerPool, home: Home, candidate: Candidate) -> float:
    """Ask one candidate."""
    return float(pool.get(home, candidate).predict_proba(ROWS)[0, 1])


def test_a_worker_stays_warm_and_is_one_candidates_own(
    home: Home, three: list[Candidate], pool: WorkerPool
) -> None:
    assert [share(pool, home, each) for each in three[:2]] == [0.25, 0.5]
    pids = [pool.get(home, each).pid for each in three[:2]]
    assert None not in pids
    assert len(set(pids)) == 2
    assert [share(pool, home, each) for each in three[:2]] == [0.25, 0.5]
    assert [pool.get(home, each).pid for each in three[:2]] == pids


def test_the_least_recently_asked_rests_and_comes_back_when_asked(
    home: Home, three: list[Candidate], pool: WorkerPool
) -> None:
    first, second, third = three
    workers = [pool.get(home, each) for each in three]
    for each in (first, second, first, third):
        share(pool, home, each)
    assert [worker.pid is None for worker in workers] == [False, True, False]
    assert share(pool, home, second) == 0.5


def test_many_threads_get_the_same_worker_and_their_own_answers(
    home: Home, three: list[Candidate], pool: WorkerPool
) -> None:
    answers: dict[int, list[float]] = {}

    def ask(number: int) -> None:
        each = three[number % 2]
        answers[number] = [share(pool, home, each) for _ in range(5)]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [[0.25, 0.5][number % 2]] * 5 for number in range(8)}


def test_a_worker_started_by_a_thread_outlives_it(
    home: Home, three: list[Candidate], pool: WorkerPool
) -> None:
    """The kernel's parent-death signal follows the starting thread; a web server's threads end all the time."""
    thread = threading.Thread(target=lambda: pool.get(home, three[0]).warm())
    thread.start()
    thread.join()
    worker = pool.get(home, three[0])
    before = worker.pid
    assert before is not None
    assert np.isclose(share(pool, home, three[0]), 0.25)
    assert worker.pid == before


def test_closing_ends_every_process_for_good(home: Home, three: list[Candidate]) -> None:
    pool = WorkerPool()
    pool.warm(home, three)
    workers = [pool.get(home, each) for each in three]
    pids = [worker.pid for worker in workers]
    assert None not in pids
    pool.close()
    pool.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    with pytest.raises(CandidateFailed, match="the workers were closed"):
        pool.get(home, three[0])
    with pytest.raises(CandidateFailed, match="the worker was closed"):
        workers[0].predict_proba(ROWS)


def test_warming_passes_over_what_has_no_model(home: Home, pool: WorkerPool) -> None:
    pool.warm(home, [register_baseline(home, 0.5, 1, ANA)])
    with pytest.raises(CandidateFailed, match="has no model to run"):
        pool.get(home, register_baseline(home, 0.5, 1, ANA))
