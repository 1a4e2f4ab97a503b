"""ONNX files, run by onnxruntime from bytes: no external data, no custom operators. The part that runs is the worker's.

Inputs: one named input per column, or one tensor (n, columns), or images: (n, height, width[, channels]) or
(n, channels, height, width) of plain numbers from 0 to 255, or each one row of numbers.
Outputs: class probabilities (n, classes), a ZipMap list of dictionaries, or for two classes a single column (n,) or
(n, 1), read as the probability of the second class.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lookingglass.candidates.formats.base import AnswerRefused, CodeRefused, Facts, FileRefused, Question
from lookingglass.candidates.formats.images import decoded, holds_images
from lookingglass.candidates.formats.onnx_file import ALLOWED_DOMAINS, NotOnnx, OnnxSummary, summarise

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMPY_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(uint8)": "uint8",
}
_TEXT_TENSOR = "tensor(string)"
_OUT_OF_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate memory", "std::length_error")


class OnnxFormat:
    """A model in the Open Neural Network Exchange format."""

    name = "onnx"
    title = "ONNX file, run by onnxruntime"
    suffixes: tuple[str, ...] = (".onnx",)
    needs_worker = True
    needs_approval = False

    def recognises(self, head: bytes) -> bool:
        """ONNX has no magic; most files begin with the field ``ir_version``."""
        return len(head) > 2 and head[0] == 0x08 and head[1] < 0x20

    def prepare(self) -> None:
        """Import onnxruntime (a tenth of a second; neither scikit-learn nor pandas) and turn its telemetry off."""
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        onnxruntime.set_default_logger_severity(4)

    def load(self, data: bytes) -> OnnxModel:
        """Return the model in ``data``; raises FileRefused for other files, external data and custom operators."""
        try:
            summary = summarise(data)
        except NotOnnx:
            raise FileRefused("is not an ONNX file") from None
        if summary.external:
            raise CodeRefused("keeps data outside the file: save the model with its data in one file")
        custom = sorted(summary.domains - ALLOWED_DOMAINS)
        if custom:
            raise CodeRefused(
                f"needs custom operators ({', '.join(custom[:3])}): only ONNX's own are allowed"
            )
        return OnnxModel(data, summary)


class OnnxModel:
    """An onnxruntime session on one thread."""

    def __init__(self, data: bytes, summary: OnnxSummary) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 - onnxruntime's own classes are not public
            _raise_if_out_of_memory(error)
            raise FileRefused(
                f"is an ONNX file that onnxruntime cannot load ({_first_line(error)})"
            ) from None
        self._inputs = self._session.get_inputs()
        self._output = self._choose_output()
        self.facts = self._read_facts(summary)

    def probabilities(self, question: Question) -> NDArray[Any]:
        """Return the class probabilities of the batch, shape (rows, classes), in the model's own float type."""
        try:
            (answer,) = self._session.run([self._output], self._feed(question))
        except Exception as error:  # noqa: BLE001 - onnxruntime's own classes are not public
            _raise_if_out_of_memory(error)
            raise AnswerRefused(f"could not compute the batch ({_first_line(error)})") from None
        return _as_probabilities(answer, question)

    def _choose_output(self) -> str:
        outputs = self._session.get_outputs()
        maps = [output.name for output in outputs if output.type.startswith("seq(map(")]
        floats = [output.name for output in outputs if output.type in {"tensor(float)", "tensor(double)"}]
        named = [name for name in floats if "prob" in name.lower()]
        choice = [*maps, *named, *reversed(floats)]
        if not choice:
            raise FileRefused("has no output with probabilities: export it with them (not the label alone)")
        return str(choice[0])

    def _read_facts(self, summary: OnnxSummary) -> Facts:
        metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        inputs, classes = _listed(metadata.get("inputs")), _listed(metadata.get("classes")) or summary.classes
        if inputs is not None:
            return Facts(inputs=inputs, classes=classes)
        names = tuple(str(each.name) for each in self._inputs)
        if len(names) > 1:
            return Facts(inputs=names, classes=classes, ordered=False)
        shape = self._inputs[0].shape
        width = 1 if len(shape) == 1 else shape[1] if len(shape) == 2 else None
        count = width if isinstance(width, int) else None
        return Facts(input_count=count, classes=classes, hint=names if count == 1 else None)

    def _feed(self, question: Question) -> dict[str, NDArray[Any]]:
        if len(self._inputs) > 1:
            return {
                each.name: _image_tensor(each, question.columns[each.name])
                if holds_images(question.columns[each.name])
                else self._shaped(each, _convert(question.columns[each.name], each.type))
                for each in self._inputs
            }
        import numpy as np

        only = self._inputs[0]
        values = next(iter(question.columns.values()))
        if len(question.columns) == 1 and holds_images(values):
            return {only.name: _image_tensor(only, values)}
        columns = [_convert(values, only.type) for values in question.columns.values()]
        table = columns[0] if len(only.shape) == 1 and len(columns) == 1 else np.column_stack(columns)
        return {only.name: table}

    @staticmethod
    def _shaped(model_input: Any, values: NDArray[Any]) -> NDArray[Any]:
        return values if len(model_input.shape) == 1 else values.reshape(-1, 1)


def _image_tensor(model_input: Any, values: NDArray[Any]) -> NDArray[Any]:
    """Return images in the rank and order of axes that the model declares; rows, columns, channels if it does not."""
    import numpy as np

    wanted, shape = _NUMPY_TYPES.get(model_input.type), list(model_input.shape)
    if wanted is None or wanted == "bool":
        raise AnswerRefused(f"takes inputs of a kind that images are not ({model_input.type})")
    images = decoded(values).astype(wanted)
    if len(shape) == 2:
        return images.reshape(len(images), -1)
    if len(shape) not in (3, 4) or (len(shape) == 3 and images.ndim == 4):
        raise AnswerRefused(f"takes an input of {len(shape)} dimensions, which images are not")
    if len(shape) == 3:
        return images
    images = images if images.ndim == 4 else images[:, :, :, None]
    channels = images.shape[3]
    if shape[1] == channels and shape[3] != channels:
        return np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return images


def _convert(values: NDArray[Any], tensor_type: str) -> NDArray[Any]:
    if tensor_type == _TEXT_TENSOR:
        return _as_text(values)
    wanted = _NUMPY_TYPES.get(tensor_type)
    if wanted is None:
        raise AnswerRefused(f"takes inputs of a kind that tables do not have ({tensor_type})")
    try:
        return values.astype(wanted)
    except (TypeError, ValueError):
        raise AnswerRefused("takes numbers and was given text: check the order of its inputs") from None


def _as_text(values: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.array(["" if value is None or value != value else str(value) for value in values], dtype=object)


def _as_probabilities(answer: Any, question: Question) -> NDArray[Any]:
    import numpy as np

    if isinstance(answer, list):
        names = list(answer[0]) if answer and isinstance(answer[0], dict) else []
        by_name = {str(name): name for name in names}
        if set(by_name) != set(question.classes):
            raise AnswerRefused(
                f"answered for the classes {', '.join(by_name) or 'none'}, not {', '.join(question.classes)}"
            )
        order = [by_name[name] for name in question.classes]
        return np.array([[row[name] for name in order] for row in answer], dtype=np.float32)
    array = np.asarray(answer)
    if len(question.classes) == 2 and (array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1)):
        second = array.reshape(-1)
        return np.column_stack([1 - second, second])
    return array


def _listed(text: str | None) -> tuple[str, ...] | None:
    """Return the names in a metadata entry: a JSON list, or names with commas between them."""
    if not text:
        return None
    try:
        names = json.loads(text)
    except ValueError:
        names = text.split(",")
    if not isinstance(names, list):
        return None
    return tuple(str(name).strip() for name in names)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__


def _raise_if_out_of_memory(error: Exception) -> None:
    if isinstance(error, MemoryError) or any(sign in str(error) for sign in _OUT_OF_MEMORY):
        raise MemoryError from None
