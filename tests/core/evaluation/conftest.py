"""A small real workspace: 200 rows, two trained models, a predictions file and the baseline."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lookingglass as lg
from lookingglass.candidates import WorkerPool, register
from lookingglass.creating import create_workspace_from_file
from lookingglass.ledger import Actor
from lookingglass.testset import relabel

ANA = Actor("ana")


def rows(count: int, start: int = 0, seed: int = 1) -> pd.DataFrame:
    """Return ``count`` examples with two informative features, one group and a label."""
    random = np.random.default_rng(seed + start)
    a, b = random.normal(size=count), random.normal(size=count)
    return pd.DataFrame(
        {
            "example_id": [f"x-{number:05d}" for number in range(start, start + count)],
            "a": a.round(6),
            "b": b.round(6),
            "group": random.choice(["red", "blue"], count),
            "outcome": np.where(a + 0.5 * b + random.normal(size=count) > 0.7, "yes", "no"),
        }
    )


@pytest.fixture(scope="session")
def model_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Train real models once: ``weak`` on the weaker feature, the others on both, each regularised differently."""
    import skops.io
    from sklearn.linear_model import LogisticRegression

    folder = tmp_path_factory.mktemp("models")
    train = rows(400, start=50_000)
    files = {}
    wanted = {"strong": (["a", "b"], 1.0), "weak": (["b"], 1.0)}
    wanted |= {
        name: (["a", "b"], strength)
        for name, strength in (("third", 0.1), ("fourth", 0.01), ("fifth", 0.001))
    }
    for name, (inputs, strength) in wanted.items():
        files[name] = folder / f"{name}.skops"
        skops.io.dump(LogisticRegression(C=strength).fit(train[inputs], train["outcome"]), files[name])
    return files


def flip(ws: lg.Workspace, example: str = "x-00000") -> None:
    """Relabel one example to the other answer."""
    test_set = ws.test_set()
    now = test_set.y_true[test_set.ids.index(example)]
    relabel(ws.home, example, "no" if now else "yes", note="looked again", actor=ANA)


@pytest.fixture(scope="session")
def pool() -> Iterator[WorkerPool]:
    """Keep workers warm between tests: starting one costs more than a test."""
    shared = WorkerPool()
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, model_files: dict[str, Path]) -> Path:
    """Make the workspace once: candidates strong, weak, told (a predictions file) and the baseline, nothing scored."""
    folder = tmp_path_factory.mktemp("prepared")
    data, told = folder / "data.csv", folder / "told.csv"
    rows(200).to_csv(data, index=False)
    told_scores = np.random.default_rng(3).uniform(size=200).round(6)
    pd.DataFrame({"example_id": rows(200)["example_id"], "score": told_scores}).to_csv(told, index=False)
    with create_workspace_from_file(
        folder / "ws", data, label="outcome", positive="yes", groups=["group"], actor=ANA
    ) as workspace:
        register(workspace.home, "strong", model_files["strong"], actor=ANA)
        register(workspace.home, "weak", model_files["weak"], actor=ANA)
        register(workspace.home, "told", told, actor=ANA)
    return folder / "ws"


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where each test's workspace lies: the same place, because workers stay warm for a place."""
    return tmp_path_factory.mktemp("place") / "ws"


@pytest.fixture
def ws(place: Path, prepared: Path, pool: WorkerPool) -> Iterator[lg.Workspace]:
    """Open a fresh copy of the prepared workspace."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(prepared, place)
    with lg.open_workspace(place, pool=pool) as workspace:
        yield workspace
