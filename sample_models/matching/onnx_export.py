"""Writes a fitted word-matcher as ONNX with nothing but ONNX's own operators, so that two texts go in as they are.

skl2onnx cuts texts into words with an operator that is not ONNX's own, which Looking Glass refuses. Here
``StringSplit`` cuts at spaces, and the word list holds each word with each punctuation mark behind it, all counted as
the word. Knows nothing of how the model was trained.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from sklearn.pipeline import Pipeline

from sample_models.archive import onnx_file
from sample_models.matching.recipes import CLASSES, INPUTS

OPSET = 20
IR_VERSION = 9
MARKS = ("", ".", ",", ":", ";", "?", "!")


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output


def onnx_bytes(model: Pipeline, name: str) -> bytes:
    """Return ``model`` as ONNX: inputs want and provide, text of shape (rows,); outputs label and probabilities.

    Probabilities are float32 of shape (rows, 2), in the order no, yes.
    """
    side = model.named_steps["sides"].transformers_[0][1].estimator
    texts, components = side.named_steps["texts"], side.named_steps["reduce"].components_
    weights, bias = model.named_steps["model"].coef_[0], model.named_steps["model"].intercept_
    graph = _Graph()
    one = graph.constant("one", np.array(1, np.float32))
    tiny = graph.constant("tiny", np.array(1e-12, np.float32))
    # the length of each text's word weights does not matter: what comes after it is divided by its own length
    graph.constant("idf", np.asarray(texts.idf_, np.float32))
    graph.constant("components", np.ascontiguousarray(components.T, np.float32))
    graph.constant("weights", np.asarray(weights, np.float32).reshape(-1, 1))
    graph.constant("bias", np.asarray(bias, np.float32))
    graph.constant("across", np.array([1], np.int64))
    words = [(word + mark, place) for word, place in sorted(texts.vocabulary_.items()) for mark in MARKS]
    for column in INPUTS:
        lower = graph.add(
            "StringNormalizer",
            [column],
            f"{column}_lower",
            case_change_action="LOWER",
            is_case_sensitive=1,
            locale="C",  # any other may be missing where the model runs; the words are plain English
        )
        split, count = f"{column}_words", f"{column}_count"
        graph.nodes.append(helper.make_node("StringSplit", [lower], [split, count], name=split, delimiter=""))
        counts = graph.add(
            "TfIdfVectorizer",
            [split],
            f"{column}_counts",
            mode="TF",
            min_gram_length=1,
            max_gram_length=1,
            max_skip_count=0,
            ngram_counts=[0],
            ngram_indexes=[place for _, place in words],
            pool_strings=[word for word, _ in words],
        )
        # 1 + log(count) for words that are there, 0 for those that are not
        there = graph.add("Min", [counts, one], f"{column}_there")
        logs = graph.add("Log", [graph.add("Max", [counts, one], f"{column}_atleast")], f"{column}_log")
        weighted = graph.add(
            "Mul", [graph.add("Add", [logs, there], f"{column}_tf"), "idf"], f"{column}_tfidf"
        )
        numbers = graph.add("MatMul", [weighted, "components"], f"{column}_numbers")
        length = graph.add("ReduceL2", [numbers, "across"], f"{column}_length", keepdims=1)
        graph.add("Div", [numbers, graph.add("Max", [length, tiny], f"{column}_safe")], f"{column}_meaning")
    same = graph.add("Mul", [f"{column}_meaning" for column in INPUTS], "same")
    logit = graph.add("Add", [graph.add("MatMul", [same, "weights"], "weighed"), "bias"], "logit")
    yes = graph.add("Sigmoid", [logit], "yes")
    graph.add("Concat", [graph.add("Sub", [one, yes], "no"), yes], "probabilities", axis=1)
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            name,
            [helper.make_tensor_value_info(column, TensorProto.STRING, ["rows"]) for column in INPUTS],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", len(CLASSES)])],
            initializer=graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="sample_models.matching",
        ir_version=IR_VERSION,
    )
    for key, values in (("inputs", INPUTS), ("classes", CLASSES)):
        entry = made.metadata_props.add()
        entry.key, entry.value = key, ",".join(values)
    return onnx_file(made)
