"""Model files hold what the libraries would write, and nothing of the day, the process or chance."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import onnx
import skops.io

from sample_models.archive import onnx_file, skops_bytes


def test_skops_archive_holds_what_skops_would_write() -> None:
    """Renumbering changes neither values nor which objects are shared, and leaves nothing of the day or the process."""
    shared = np.arange(3.0)
    original = {"a": shared, "b": shared, "c": [np.array(["x", "y"]), 1.5, None], "file": "kept"}
    data = skops_bytes(original)
    loaded = skops.io.loads(data, trusted=[])
    assert loaded["a"] is loaded["b"]
    assert loaded["c"][1:] == [1.5, None]
    assert list(loaded["c"][0]) == ["x", "y"]
    assert loaded["file"] == "kept"
    np.testing.assert_array_equal(loaded["a"], shared)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == ["1.npy", "2.npy", "schema.json"]


def test_onnx_file_does_not_depend_on_the_order_of_operator_sets() -> None:
    """skl2onnx names the sets in an order that changes from run to run; the file has one order."""
    opsets = [onnx.helper.make_opsetid("ai.onnx.ml", 3), onnx.helper.make_opsetid("", 17)]

    def graph(order: list[onnx.OperatorSetIdProto]) -> onnx.ModelProto:
        numbers = [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 1]) for name in "ab"
        ]
        node = onnx.helper.make_node("Identity", ["a"], ["b"])
        made = onnx.helper.make_graph([node], "same", numbers[:1], numbers[1:])
        return onnx.helper.make_model(made, opset_imports=order)

    first, second = (onnx_file(graph(order)) for order in (opsets, opsets[::-1]))
    assert first == second
    assert [each.domain for each in onnx.load_from_string(first).opset_import] == ["", "ai.onnx.ml"]
