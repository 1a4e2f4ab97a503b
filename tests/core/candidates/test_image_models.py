"""Models that look at images: what arrays they receive in the worker, in each format, and how little travels."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
import skops.io
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression

from lookingglass.candidates import register
from lookingglass.candidates.formats.base import AnswerRefused, Question
from lookingglass.candidates.formats.estimator import EstimatorModel
from lookingglass.candidates.formats.images import decoded
from lookingglass.candidates.formats.onnx import OnnxFormat
from lookingglass.config import Column, Limits, Task, WorkspaceConfig
from lookingglass.creating import create_workspace
from lookingglass.errors import BadInput, CandidateFailed
from lookingglass.ledger import Actor
from lookingglass.testset import add_example, edit_example, relabel
from lookingglass.testset.images import picture_of
from lookingglass.workspace import Workspace, open_workspace

ANA = Actor("ana")
CLASSES = ("dark", "light")


def images(count: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Return images of 3 rows and 4 columns, each about as light as it is late in the row of them."""
    shape = (count, 3, 4) if channels == 1 else (count, 3, 4, 3)
    noise = np.random.default_rng(seed).integers(0, 30, shape)
    light = np.linspace(0, 220, count).reshape(-1, *[1] * (len(shape) - 1))
    return (light + noise).astype(np.uint8)


def question(pixels: np.ndarray, *, more: dict[str, Any] | None = None) -> Question:
    cells = np.empty(len(pixels), dtype=object)
    cells[:] = [picture_of(each).png for each in pixels]
    return Question({"image": cells, **(more or {})}, len(pixels), False, CLASSES)


def mean_model(shape: list[Any], kind: int = TensorProto.FLOAT) -> bytes:
    """Return an ONNX model that answers with the mean of its numbers divided by 255, whatever their rank."""
    axes = list(range(1, len(shape)))
    nodes = [
        helper.make_node("Cast", ["image"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers"], ["mean"], axes=axes, keepdims=0),
        helper.make_node("Div", ["mean", "white"], ["probability"]),
    ]
    white = helper.make_tensor("white", TensorProto.FLOAT, [], [255.0])
    graph = helper.make_graph(
        nodes,
        "mean",
        [helper.make_tensor_value_info("image", kind, shape)],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None])],
        [white],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def corner_model(shape: list[Any]) -> bytes:
    """Return an ONNX model that answers with the first number of each image divided by 255."""
    zeros, ones = [0] * (len(shape) - 1), [1] * (len(shape) - 1)
    tensors = [
        helper.make_tensor("starts", TensorProto.INT64, [len(zeros)], zeros),
        helper.make_tensor("ends", TensorProto.INT64, [len(ones)], ones),
        helper.make_tensor("axes", TensorProto.INT64, [len(ones)], list(range(1, len(shape)))),
        helper.make_tensor("column", TensorProto.INT64, [1], [-1]),
        helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
    ]
    nodes = [
        helper.make_node("Slice", ["image", "starts", "ends", "axes"], ["corner"]),
        helper.make_node("Reshape", ["corner", "column"], ["flat"]),
        helper.make_node("Div", ["flat", "white"], ["probability"]),
    ]
    graph = helper.make_graph(
        nodes,
        "corner",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Open a workspace with twelve grey images of 3 rows and 4 columns."""
    columns = {
        "image": Column(role=("image",), type="image", size=(3, 4), channels=1),
        "answer": Column(role=("label",), type="category", values=CLASSES),
    }
    config = WorkspaceConfig(
        name="light",
        task=Task(kind="image", label="answer", positive="light"),
        columns=columns,
        limits=Limits(memory_mb=400, batch_seconds=20),
    )
    create_workspace(tmp_path / "ws", config, actor=ANA).close()
    with open_workspace(tmp_path / "ws") as ws:
        for at, pixels in enumerate(images(12)):
            add_example(
                ws.home,
                {"image": picture_of(pixels).png},
                label=CLASSES[at >= 6],
                id=f"e{at:02d}",
                origin="sample",
                actor=ANA,
            )
        yield ws


def file(folder: Path, data: bytes, name: str = "model.onnx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


# --- what a model receives ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3])
def test_png_bytes_become_one_array_of_bytes(channels: int) -> None:
    pixels = images(5, channels)
    array = decoded(question(pixels).columns["image"])
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, pixels)


@pytest.mark.parametrize(
    ("shape", "channels"),
    [
        ([None, 3, 4], 1),
        ([None, 3, 4, 1], 1),
        ([None, 1, 3, 4], 1),
        ([None, 3, 4, 3], 3),
        ([None, 3, 3, 4], 3),
        (["n", "h", "w", "c"], 3),
        ([None, 12], 1),
        ([None, 36], 3),
    ],
)
@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.UINT8])
def test_onnx_gets_the_numbers_in_the_rank_it_declares(shape: list[Any], channels: int, kind: int) -> None:
    """Grey and colour, channels first and last, flat; plain numbers from 0 to 255 in any type."""
    pixels = images(6, channels)
    answers = OnnxFormat().load(mean_model(shape, kind)).probabilities(question(pixels))
    expected = pixels.reshape(6, -1).mean(axis=1) / 255
    np.testing.assert_allclose(answers[:, 1], expected, atol=1e-6)


@pytest.mark.parametrize(("shape", "first"), [([None, 3, 4, 3], "rows"), ([None, 3, 3, 4], "channels")])
def test_onnx_axes_are_in_the_order_the_file_declares(shape: list[Any], first: str) -> None:
    """Channels come first only where the file says so and does not also say that they come last."""
    pixels = images(4, 3)
    model = OnnxFormat().load(mean_model(shape))
    seen = model._feed(question(pixels))["image"]  # the one place that knows
    expected = pixels if first == "rows" else pixels.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(seen, expected)
    corner = OnnxFormat().load(corner_model(shape)).probabilities(question(pixels))[:, 1]
    np.testing.assert_allclose(corner, pixels[:, 0, 0, 0] / 255, atol=1e-6)


def test_onnx_with_an_input_of_another_rank_says_so() -> None:
    with pytest.raises(AnswerRefused, match="takes an input of 5 dimensions, which images are not"):
        OnnxFormat().load(mean_model([None, 1, 1, 3, 4])).probabilities(question(images(2)))


def test_an_estimator_of_as_many_columns_as_pixels_gets_each_image_as_one_row() -> None:
    """The very rows it was trained on: rows of the image one after another."""
    pixels = images(12)
    model = LogisticRegression(max_iter=5000).fit(
        pixels.reshape(12, -1), [CLASSES[at >= 6] for at in range(12)]
    )
    answers = EstimatorModel(model).probabilities(question(pixels))
    np.testing.assert_array_equal(answers, model.predict_proba(pixels.reshape(12, -1)))


def test_an_estimator_of_another_width_gets_the_images_as_they_are() -> None:
    class Own:
        classes_ = CLASSES

        def predict_proba(self, given: np.ndarray) -> np.ndarray:
            assert (given.dtype, given.shape) == (np.uint8, (5, 3, 4))
            light = given.mean(axis=(1, 2)) / 255
            return np.column_stack([1 - light, light])

    assert EstimatorModel(Own()).probabilities(question(images(5))).shape == (5, 2)


def test_an_estimator_is_not_given_an_image_beside_other_columns() -> None:
    model = LogisticRegression(max_iter=5000).fit(
        images(12).reshape(12, -1), [CLASSES[at >= 6] for at in range(12)]
    )
    with pytest.raises(AnswerRefused, match="takes an image beside other columns"):
        EstimatorModel(model).probabilities(question(images(2), more={"age": np.array([1.0, 2.0])}))


# --- in a workspace -------------------------------------------------------------------------------------------------


def test_onnx_and_skops_candidates_score_images_in_their_workers(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Inputs are proposed, scores are those that the model gives outside, and a relabel asks nobody again."""
    pixels = images(12)
    model = LogisticRegression(max_iter=2000).fit(
        pixels.reshape(12, -1) / 1.0, [CLASSES[at >= 6] for at in range(12)]
    )
    skops_file = file(tmp_path, skops.io.dumps(model), "model.skops")
    onnx_file = file(tmp_path, mean_model([None, 3, 4], TensorProto.UINT8))
    assert register(workspace.home, "linear", skops_file, actor=ANA).manifest.inputs == ("image",)
    register(workspace.home, "mean", onnx_file, classes=CLASSES, actor=ANA)
    assert workspace.evaluate().model_rows_scored == 24
    np.testing.assert_allclose(
        workspace.scores("linear"), model.predict_proba(pixels.reshape(12, -1) / 1.0)[:, 1], atol=1e-9
    )
    np.testing.assert_allclose(workspace.scores("mean"), pixels.reshape(12, -1).mean(axis=1) / 255, atol=1e-6)
    relabel(workspace.home, "e00", "light", actor=ANA)
    assert workspace.evaluate().model_rows_scored == 0
    edit_example(workspace.home, "e00", {"image": picture_of(images(1, seed=7)[0]).png}, actor=ANA)
    assert workspace.evaluate().model_rows_scored == 2


def test_only_the_images_asked_for_travel(workspace: Workspace, tmp_path: Path) -> None:
    """After one edit the worker is sent one image, and not the test set."""
    register(workspace.home, "mean", file(tmp_path, mean_model([None, 12])), classes=CLASSES, actor=ANA)
    workspace.evaluate()
    sent: list[pa.Table] = []
    worker = workspace.engine.pool.get(workspace.home, workspace.candidate("mean"))
    ask: Callable[[pa.Table], Any] = worker.predict_proba

    def note(table: pa.Table) -> Any:
        sent.append(table)
        return ask(table)

    worker.predict_proba = note  # type: ignore[method-assign]  # to look at what goes through
    new = picture_of(images(1, seed=7)[0]).png
    edit_example(workspace.home, "e03", {"image": new}, actor=ANA)
    workspace.evaluate()
    assert [table.column("image").to_pylist() for table in sent] == [[new]]


def test_a_model_for_images_of_another_size_is_refused_when_it_is_added(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Flat models by their width, the others by what they answer; each in one sentence, and nothing is recorded."""
    model = LogisticRegression().fit(np.arange(64).reshape(4, 16), [*CLASSES, *CLASSES])
    with pytest.raises(BadInput, match=r"16 columns|takes 16"):
        register(workspace.home, "wide", file(tmp_path, skops.io.dumps(model), "m.skops"), actor=ANA)
    path = file(tmp_path, mean_model([None, 8, 8]))
    with pytest.raises(BadInput, match="could not compute the batch"):
        register(workspace.home, "large", path, classes=CLASSES, actor=ANA)
    assert [candidate.name for candidate in workspace.candidates] == []


def test_a_damaged_image_is_that_candidates_failure(workspace: Workspace, tmp_path: Path) -> None:
    register(workspace.home, "mean", file(tmp_path, mean_model([None, 12])), classes=CLASSES, actor=ANA)
    name = str(workspace.test_set().rows["image"][5])
    path = workspace.home.files.path(name.removeprefix("sha256:"))
    path.chmod(0o644)
    path.write_bytes(b"something else")
    (result,) = [each for each in workspace.evaluate().candidates if each.name == "mean"]
    assert result.status == "failed"
    assert "was changed" in str(result.error)


def test_the_helper_never_guesses_at_bytes_that_are_no_png() -> None:
    cells = np.empty(1, dtype=object)
    cells[0] = io.BytesIO(b"no image").getvalue()
    with pytest.raises((SyntaxError, CandidateFailed)):
        decoded(cells)
