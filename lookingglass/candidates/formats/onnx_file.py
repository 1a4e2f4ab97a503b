"""Reads what must be known of an ONNX file before anything runs it: its operators' domains, external data, classes.

A small reader of the protocol buffer encoding (https://protobuf.dev/programming-guides/encoding) and of the field
numbers of onnx.proto; it copies no tensors, knows no operators and trusts no length it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

ALLOWED_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})

MAX_DEPTH = 32
"""Graphs nested deeper than this (branches within loops within branches) are refused."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

# field numbers of onnx.proto
_MODEL_GRAPH, _MODEL_OPSET, _MODEL_FUNCTION = 7, 8, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_NODE_OP, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_INTS, _ATTRIBUTE_STRINGS = 1, 5, 6, 8, 9
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES = 10, 11, 22, 23
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_FUNCTION_NODE = 7
_CLASS_ATTRIBUTES = {"classlabels_strings", "classlabels_int64s", "classlabels_ints"}


class NotOnnx(Exception):
    """The bytes are not an ONNX model."""


@dataclass
class OnnxSummary:
    """What was found: operator domains, whether any tensor lies outside the file, class labels named by an operator."""

    domains: set[str] = field(default_factory=set)
    external: bool = False
    class_lists: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes that the operators name, None when none does or they disagree."""
        found = set(self.class_lists)
        return self.class_lists[0] if len(found) == 1 else None


def summarise(data: bytes) -> OnnxSummary:
    """Walk through the model in ``data``.

    Raises:
        NotOnnx: a length or a field that no ONNX model has, no graph, or graphs nested too deep.
    """
    summary, graphs, opsets = OnnxSummary(), 0, 0
    for number, value in _fields(memoryview(data)):
        if number == _MODEL_GRAPH:
            graphs += 1
            _walk_graph(_message(value), summary, 0)
        elif number == _MODEL_OPSET:
            opsets += 1
        elif number == _MODEL_FUNCTION:
            for inner_number, inner in _fields(_message(value)):
                if inner_number == _FUNCTION_NODE:
                    _walk_node(_message(inner), summary, 0)
    if graphs != 1 or not opsets:
        raise NotOnnx
    return summary


def _walk_graph(graph: memoryview, summary: OnnxSummary, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotOnnx
    for number, value in _fields(graph):
        if number == _GRAPH_NODE:
            _walk_node(_message(value), summary, depth)
        elif number == _GRAPH_INITIALIZER:
            _look_at_tensor(_message(value), summary)
        elif number == _GRAPH_SPARSE:
            _look_at_sparse(_message(value), summary)


def _walk_node(node: memoryview, summary: OnnxSummary, depth: int) -> None:
    domain = ""
    for number, value in _fields(node):
        if number == _NODE_DOMAIN:
            domain = _text(value)
        elif number == _NODE_ATTRIBUTE:
            _walk_attribute(_message(value), summary, depth)
    summary.domains.add(domain)


def _walk_attribute(attribute: memoryview, summary: OnnxSummary, depth: int) -> None:
    name, labels = "", []
    for number, value in _fields(attribute):
        if number == _ATTRIBUTE_NAME:
            name = _text(value)
        elif number in {_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS}:
            _look_at_tensor(_message(value), summary)
        elif number in {_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES}:
            _look_at_sparse(_message(value), summary)
        elif number in {_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS}:
            _walk_graph(_message(value), summary, depth + 1)
        elif number == _ATTRIBUTE_STRINGS:
            labels.append(bytes(_message(value)).decode("utf-8", errors="replace"))
        elif number == _ATTRIBUTE_INTS:
            labels.extend(str(_signed(item)) for item in _integers(value))
    if name in _CLASS_ATTRIBUTES and labels:
        summary.class_lists.append(tuple(labels))


def _look_at_sparse(sparse: memoryview, summary: OnnxSummary) -> None:
    for number, value in _fields(sparse):
        if number in {1, 2}:  # values, indices
            _look_at_tensor(_message(value), summary)


def _look_at_tensor(tensor: memoryview, summary: OnnxSummary) -> None:
    for number, value in _fields(tensor):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0):
            summary.external = True


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield number, value
            continue
        if kind == _BYTES:
            length, position = _varint(message, position)
        elif kind in {_FIXED64, _FIXED32}:
            length = 8 if kind == _FIXED64 else 4
        else:
            raise NotOnnx
        if length > len(message) - position:
            raise NotOnnx
        yield number, message[position : position + length]
        position += length


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise NotOnnx
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise NotOnnx


def _integers(value: int | memoryview) -> Iterator[int]:
    if isinstance(value, int):
        yield value
        return
    position = 0
    while position < len(value):
        item, position = _varint(value, position)
        yield item


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise NotOnnx
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8", errors="replace")
