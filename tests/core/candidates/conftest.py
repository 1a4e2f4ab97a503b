"""A small workspace with a test set of eight examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
import skops.io
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

from lookingglass.config import Column, Limits, Task, WorkspaceConfig, write_config
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.testset import commit_import, plan_import
from tests.core.candidates.models import CLASSES, INPUTS, frame, labels, logistic

ANA = Actor("ana")


def small_config(**more: object) -> WorkspaceConfig:
    """Return the configuration of a workspace with two numbers, one group and the label yes or no."""
    columns = {
        "outcome": Column(role=("label",), type="category", values=("no", "yes")),
        "a": Column(role=("feature",), type="number"),
        "b": Column(role=("feature",), type="number"),
        "group": Column(role=("group",), type="category", values=("x", "y")),
    }
    task = Task(label="outcome", positive="yes", positive_name="denied", unit="application")
    limits = Limits(memory_mb=300, batch_seconds=5)
    fields: dict[str, object] = {"name": "small", "task": task, "columns": columns, "limits": limits}
    return WorkspaceConfig.model_validate({**fields, **more})


def add_rows(home: Home, folder: Path, ids: list[str]) -> None:
    """Import one example for each id."""
    table = frame(len(ids))
    table.insert(0, "example_id", ids)
    table["group"] = "x"
    table["outcome"] = labels(table)
    path = folder / f"rows-{len(ids)}-{ids[0]}.csv"
    table.to_csv(path, index=False)
    commit_import(home, plan_import(home, path), ANA)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Open a workspace with the examples e0 to e7."""
    write_config(tmp_path / "ws", small_config())
    opened = open_home(tmp_path / "ws")
    add_rows(opened, tmp_path, [f"e{number}" for number in range(8)])
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def skops_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a trained logistic regression on a and b."""
    path = tmp_path_factory.mktemp("models") / "model.skops"
    skops.io.dump(logistic(), path)
    return path


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return that regression as ONNX, naming its columns and classes, for what is the same in all formats.

    Its worker starts in a tenth of the time.
    """
    model = to_onnx(logistic(), initial_types=[("X", FloatTensorType([None, 2]))], options={"zipmap": False})
    onnx.helper.set_model_props(model, {"inputs": ",".join(INPUTS), "classes": ",".join(CLASSES)})
    path = tmp_path_factory.mktemp("models") / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path
