"""Models and predictions that cannot be used: one line, and nothing is registered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import skops.io

from tests.core.candidates.models import acting, frame, labels, logistic
from tests.core.cli.bad_input.desk import Desk

NOT_SKOPS = "is not a skops file: save the model with skops.io.dump."


def saved(model: Any) -> bytes:
    """Return a model as skops writes it."""
    return bytes(skops.io.dumps(model))


def renamed() -> Any:
    """Return a model that was trained on other columns."""
    table = frame()
    return logistic().fit(table.rename(columns={"a": "income"}), labels(table))


def with_other_classes() -> Any:
    """Return a model that was trained on other labels."""
    table = frame()
    return logistic().fit(table, np.where(labels(table) == "yes", "denied", "approved"))


def without_answers() -> Any:
    """Return a model whose coefficients are not numbers."""
    model = logistic()
    model.coef_[:] = np.nan
    return model


def never(table: Any) -> Any:
    """Keep the caller waiting."""
    while True:
        pass


MODELS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "not a skops file": ("m.skops", lambda: b"hello", NOT_SKOPS),
    "not an ONNX file": ("m.onnx", lambda: b"hello", "is not an ONNX file."),
    "not a model": (
        "m.skops",
        lambda: saved({"a": 1}),
        "holds a dict that has no predict_proba: save a classifier that answers with probabilities "
        "(CalibratedClassifierCV gives one to those that do not).",
    ),
    "wants other columns": (
        "m.skops",
        lambda: saved(renamed()),
        "wants columns income that the workspace does not have.",
    ),
    "has other classes": (
        "m.skops",
        lambda: saved(with_other_classes()),
        "has other classes: approved, denied; the label outcome has no, yes. Train it with these values.",
    ),
    "answers NaN": ("m.skops", lambda: saved(without_answers()), "answered NaN for row 1 of the batch."),
    "empty": ("m.skops", lambda: b"", "is empty: choose the file again, or save it again."),
}  # fmt: skip


@pytest.mark.parametrize("case", MODELS)
def test_a_model_that_cannot_be_used_is_not_registered(case: str, desk: Desk) -> None:
    name, make, message = MODELS[case]
    path = desk.file(make(), name)
    assert desk.refused("candidates", "add", desk.workspace, "m", path) == [
        f"{name} {message} Nothing was changed."
    ]


ACTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "nothing": (lambda table: None, " answered a NoneType that is no table of numbers."),
    "never": (never, ": no answer within 2 s."),
}


@pytest.mark.parametrize("case", ACTS)
def test_a_model_that_answers_wrongly_or_never_is_not_registered(case: str, desk: Desk) -> None:
    """The limit of [limits] in workspace.toml holds, and the hanging process is gone."""
    act, message = ACTS[case]
    path = desk.file(acting(act), "m.joblib")
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    assert desk.call("candidates", "approve", desk.workspace, sha, "--reason", "a test")[0] == 0
    add = ["candidates", "add", desk.workspace, "m", path, "--inputs", "a,b"]
    assert desk.refused(*add) == [f"m.joblib{message} Nothing was changed."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "example_id;score\ne0;0.5\n",
            "p.csv has the one column example_id;score: separate its two columns,",
        ),
        ("example_id,score,score\ne0,1,1\n", "p.csv: the column 'score' is in the header twice."),
        ("example_id,score\ne0,2\n", "p.csv: row 1, column score: '2' is not a number from 0 to 1. Nothing"),
        ("example_id,score\nq,1\n", "p.csv: none of its 1 ids is in the test set (its first is 'q',"),
    ],
)
def test_a_predictions_file_that_is_none(text: str, message: str, desk: Desk) -> None:
    (line,) = desk.refused("candidates", "add", desk.workspace, "p", desk.file(text, "p.csv"))
    assert line.startswith(message)
