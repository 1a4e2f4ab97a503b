"""ONNX files: what is answered, in every shape that exporters give inputs and outputs, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

from lookingglass.candidates import Worker
from lookingglass.candidates.formats.onnx_file import NotOnnx, summarise
from lookingglass.config import Limits
from lookingglass.errors import CandidateFailed
from tests.core.candidates.models import CLASSES, INPUTS, batch, frame, logistic

LIMITS = Limits(memory_mb=300, batch_seconds=20)


def worker(data: bytes, inputs: list[str] | None = None, classes: list[str] | None = None) -> Worker:
    """Return a worker for an ONNX file."""
    manifest = {"inputs": inputs or INPUTS, "classes": classes or CLASSES}
    return Worker("model", "onnx", manifest, {"model.onnx": data}, LIMITS)


def graph(
    nodes: list[Any], inputs: list[Any], outputs: list[Any], opsets: dict[str, int] | None = None, **more: Any
) -> bytes:
    """Return an ONNX model made by hand."""
    made = helper.make_graph(nodes, "made", inputs, outputs, **more)
    imports = [
        helper.make_opsetid(domain, version) for domain, version in ({"": 17} | (opsets or {})).items()
    ]
    model = helper.make_model(made, opset_imports=imports, ir_version=9)
    return bytes(model.SerializeToString())


def value(name: str, shape: list[Any], kind: int = TensorProto.FLOAT) -> Any:
    """Describe one input or output."""
    return helper.make_tensor_value_info(name, kind, shape)


def table_model(zipmap: bool) -> bytes:
    """Return the logistic regression as one float table in, probabilities or dictionaries out."""
    types = [("X", FloatTensorType([None, 2]))]
    return bytes(to_onnx(logistic(), initial_types=types, options={"zipmap": zipmap}).SerializeToString())


def columns_model() -> bytes:
    """Return a model with one input per column, in another order than INPUTS: P(yes) = sigmoid(a - b)."""
    nodes = [
        helper.make_node("Sub", ["a", "b"], ["difference"]),
        helper.make_node("Sigmoid", ["difference"], ["chance"]),
    ]
    return graph(nodes, [value("b", [None, 1]), value("a", [None, 1])], [value("chance", [None, 1])])


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    """What scikit-learn answers for the batch."""
    return np.asarray(logistic().predict_proba(frame(8)))


@pytest.mark.parametrize("zipmap", [True, False])
def test_a_table_of_floats_gives_what_scikit_learn_gives(zipmap: bool, expected: np.ndarray) -> None:
    with worker(table_model(zipmap)) as model:
        assert model.predict_proba(batch()) == pytest.approx(expected, abs=1e-5)
        assert model.facts["inputs"] is None
        assert model.facts["input_count"] == 2
        assert model.facts["classes"] == CLASSES


def test_zipmap_answers_are_put_into_the_manifests_order(expected: np.ndarray) -> None:
    with (
        worker(table_model(zipmap=True), classes=["yes", "no"]) as model,
        pytest.raises(
            CandidateFailed, match="has its classes in the order no, yes; the manifest names yes, no"
        ),
    ):
        model.warm()


def test_named_inputs_are_found_by_name_and_one_column_is_the_second_class() -> None:
    with worker(columns_model()) as model:
        answer = model.predict_proba(pa.table({"a": [1.0, 0.0], "b": [0.0, 2.0]}))
        chance = 1 / (1 + np.exp([-1.0, 2.0]))
        assert answer == pytest.approx(np.column_stack([1 - chance, chance]), abs=1e-6)
        assert model.facts["inputs"] == ["b", "a"]


def test_named_inputs_that_are_not_the_manifests_are_said() -> None:
    with (
        worker(columns_model(), inputs=["a", "c"]) as model,
        pytest.raises(CandidateFailed, match="wants other columns: b, a; the manifest names a, c"),
    ):
        model.warm()


def test_text_and_whole_numbers_reach_their_inputs() -> None:
    """A word and a number: P(yes) is the number over ten where the word is what it should be, else 0."""
    nodes = [
        helper.make_node(
            "LabelEncoder", ["word"], ["known"], domain="ai.onnx.ml", keys_strings=["ok"], values_floats=[1.0]
        ),
        helper.make_node("Cast", ["count"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["number", "ten"], ["tenth"]),
        helper.make_node("Mul", ["known", "tenth"], ["chance"]),
    ]
    inputs = [value("word", [None, 1], TensorProto.STRING), value("count", [None, 1], TensorProto.INT64)]
    ten = helper.make_tensor("ten", TensorProto.FLOAT, [], [10.0])
    data = graph(nodes, inputs, [value("chance", [None, 1])], {"ai.onnx.ml": 3}, initializer=[ten])
    with worker(data, inputs=["word", "count"]) as model:
        answer = model.predict_proba(pa.table({"word": ["ok", "no", None], "count": [3, 3, 5]}))
        assert answer[:, 1] == pytest.approx([0.3, 0.0, 0.0], abs=1e-6)


def test_one_text_input_of_any_name_is_given_the_text() -> None:
    nodes = [
        helper.make_node(
            "LabelEncoder",
            ["text_in"],
            ["chance"],
            domain="ai.onnx.ml",
            keys_strings=["ok"],
            values_floats=[1.0],
        )
    ]
    data = graph(
        nodes, [value("text_in", [None], TensorProto.STRING)], [value("chance", [None])], {"ai.onnx.ml": 3}
    )
    with worker(data, inputs=["comment"]) as model:
        assert model.predict_proba(pa.table({"comment": ["ok", "bad"]}))[:, 1].tolist() == [1.0, 0.0]


def test_names_in_the_metadata_are_believed(expected: np.ndarray) -> None:
    model = onnx.load_model_from_string(table_model(zipmap=False))
    for key, text in (("inputs", '["a", "b"]'), ("classes", "no,yes")):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, text
    with worker(model.SerializeToString()) as named:
        assert named.facts["inputs"] == ["a", "b"]
        assert named.predict_proba(batch()) == pytest.approx(expected, abs=1e-5)


def test_1_6_gigabytes_asked_for_by_130_bytes_end_at_the_memory_limit() -> None:
    """It passes every check of the file; only the limit helps."""
    nodes = [
        helper.make_node("Expand", ["X", "size"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["chance"], keepdims=0),
    ]
    size = helper.make_tensor("size", TensorProto.INT64, [2], [400_000_000, 1])
    data = graph(nodes, [value("X", [1, 1])], [value("chance", [])], initializer=[size])
    with worker(data, inputs=["a"]) as model, pytest.raises(CandidateFailed) as failure:
        model.predict_proba(pa.table({"a": [1.0]}))
    assert str(failure.value) == "memory limit (300 MB) reached"


@pytest.fixture(scope="module")
def float_in() -> list[Any]:
    """Describe a table of two floats."""
    return [value("X", [None, 2])]


def refused() -> Iterator[tuple[str, bytes, str]]:
    """Yield files that are refused before anything runs, and why."""
    probabilities = [value("P", [None, 2])]
    inputs = [value("X", [None, 2])]
    soft = helper.make_node("Softmax", ["X"], ["P"])
    yield "text", b"this is no model at all, only words", "model.onnx is not an ONNX file"
    yield "zeros", bytes(100), "model.onnx is not an ONNX file"
    yield "cut off", table_model(zipmap=False)[:-9], "model.onnx is not an ONNX file"
    custom = [helper.make_node("Evil", ["X"], ["P"], domain="com.example")]
    custom_words = r"model.onnx needs custom operators \(com.example\): only ONNX's own are allowed"
    yield "custom operator", graph(custom, inputs, probabilities, {"com.example": 1}), custom_words
    branch = helper.make_graph(custom, "branch", [], probabilities)
    hidden = helper.make_node("If", ["go"], ["P"], then_branch=branch, else_branch=branch)
    go = helper.make_tensor("go", TensorProto.BOOL, [], [True])
    yield (
        "in a branch",
        graph([hidden], inputs, probabilities, {"com.example": 1}, initializer=[go]),
        custom_words,
    )
    outside = helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, 2.0])
    outside.ClearField("float_data")
    outside.data_location = TensorProto.EXTERNAL
    entry = outside.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    add = [helper.make_node("Add", ["X", "w"], ["P"])]
    yield (
        "external data",
        graph(add, inputs, probabilities, initializer=[outside]),
        "keeps data outside the file",
    )
    constant = [helper.make_node("Constant", [], ["w"], value=outside), *add]
    yield "external constant", graph(constant, inputs, probabilities), "keeps data outside the file"
    label = [helper.make_node("ArgMax", ["X"], ["P"], axis=1)]
    yield (
        "label alone",
        graph(label, inputs, [value("P", [None, 1], TensorProto.INT64)]),
        "has no output with probabilities",
    )
    yield (
        "unknown operator",
        graph([helper.make_node("NoSuch", ["X"], ["P"])], inputs, probabilities),
        "cannot load",
    )
    yield (
        "three columns",
        graph([soft], [value("X", [None, 3])], probabilities),
        "wants 3 columns; the manifest names 2",
    )


@pytest.mark.parametrize(("data", "words"), [pytest.param(d, w, id=name) for name, d, w in refused()])
def test_files_that_are_refused_and_why(data: bytes, words: str) -> None:
    with worker(data) as model, pytest.raises(CandidateFailed, match=words):
        model.warm()


def test_text_where_numbers_are_wanted_is_said() -> None:
    with worker(table_model(zipmap=False)) as model, pytest.raises(CandidateFailed, match="was given text"):
        model.predict_proba(pa.table({"a": ["x"], "b": ["y"]}))


GOOD = table_model(zipmap=True)


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255), cut=st.integers(0, len(GOOD)))
def test_no_damage_to_a_file_breaks_the_reader(position: int, byte: int, cut: int) -> None:
    """It reads on or says that this is no ONNX file; nothing else."""
    damaged = bytearray(GOOD)
    damaged[position] = byte
    for data in (bytes(damaged), bytes(damaged[:cut])):
        try:
            summarise(data)
        except NotOnnx:
            continue


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_no_noise_breaks_the_reader(noise: bytes) -> None:
    try:
        summarise(noise)
    except NotOnnx:
        return


def test_graphs_nested_without_end_are_refused() -> None:
    """Deeper than protobuf itself would write, so written byte by byte: graph in attribute in node in graph ..."""

    def field(number: int, payload: bytes) -> bytes:
        length, encoded = len(payload), b""
        while length >= 0x80:
            encoded, length = encoded + bytes([length & 0x7F | 0x80]), length >> 7
        return bytes([number << 3 | 2]) + encoded + bytes([length]) + payload

    def nested(depth: int) -> bytes:
        inner = b""
        for _ in range(depth):
            inner = field(1, field(5, field(6, inner)))
        return field(7, inner) + field(8, b"")

    summarise(nested(30))
    with pytest.raises(NotOnnx):
        summarise(nested(40))


def test_the_worker_for_onnx_loads_neither_scikit_learn_nor_pandas() -> None:
    """Its start is a fraction of a second because of that."""
    with worker(table_model(zipmap=False)) as model:
        model.predict_proba(batch())
        mapped = Path(f"/proc/{model.pid}/maps").read_text()
    assert "onnxruntime" in mapped
    assert "/sklearn/" not in mapped
    assert "/pandas/" not in mapped
