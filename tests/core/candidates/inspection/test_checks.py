"""Each check that a file can fail, with the sentence that says why; those that depend on it are not passed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import skops.io
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from lookingglass.candidates import FILE_CHECKS, approve_file, inspect_file, register, retire
from lookingglass.errors import LookingGlassError
from lookingglass.home import Home
from tests.core.candidates.conftest import ANA
from tests.core.candidates.inspection.looking import outcomes, saved, sentence, state
from tests.core.candidates.models import INPUTS, acting, frame, half, labels, logistic


def hostile_onnx(domain: str = "", external: bool = False) -> bytes:
    """Return an ONNX file that wants a foreign operator or data outside of itself."""
    model = onnx.load_from_string(
        to_onnx(logistic(), initial_types=[("X", FloatTensorType([None, 2]))]).SerializeToString()
    )
    if domain:
        model.opset_import.append(onnx.helper.make_opsetid(domain, 1))
        model.graph.node[0].domain = domain
    if external:
        tensor = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [1], [1.0])
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="../../etc/passwd")
        model.graph.initializer.append(tensor)
    return bytes(model.SerializeToString())


def truncated(data: bytes) -> bytes:
    """Return the first half of a file, as after a broken upload."""
    return data[: len(data) // 2]


def failing() -> dict[str, tuple[str, bytes, str, str]]:
    """Return file name, content, the code of the check that fails, and a part of its sentence."""
    table, outcome = frame(), labels(frame())
    columns = LogisticRegression().fit(table.rename(columns={"b": "income"}), outcome)
    other = LogisticRegression().fit(table, (outcome == "yes").astype(int))
    boosted = HistGradientBoostingClassifier(categorical_features=[0]).fit(
        table.assign(a=(table["a"] > 0).astype(int)), outcome
    )
    unnamed = to_onnx(logistic(), initial_types=[("X", FloatTensorType([None, 2]))]).SerializeToString()
    good = skops.io.dumps(logistic())
    scores = b"example_id,score\n" + b"".join(f"e{n},0.5\n".encode() for n in range(4000))
    return {
        "nothing": ("model.skops", b"", "file-not-empty", "model.skops is empty"),
        "unknown": ("model.pt", b"torch", "format-known", "is of no known format"),
        "a pickle": ("model.joblib", b"\x80\x04N.", "no-code-in-file", "is a pickle, a program"),
        "a pickle in disguise": ("m.bin", b"\x80\x04N.", "no-code-in-file", "is a pickle, a program"),
        "foreign type": (
            "m.skops",
            skops.io.dumps(boosted),
            "no-code-in-file",
            "holds types that are not allowed",
        ),
        "foreign operator": (
            "m.onnx",
            hostile_onnx(domain="evil"),
            "no-code-in-file",
            "needs custom operators (evil)",
        ),
        "data outside": (
            "m.onnx",
            hostile_onnx(external=True),
            "no-code-in-file",
            "keeps data outside the file",
        ),
        "not skops": ("m.skops", b"hello", "loads-in-isolation", "is not a skops file"),
        "cut off": ("m.skops", truncated(good), "loads-in-isolation", "m.skops is cut off or damaged"),
        "not onnx": ("m.onnx", b"hello", "loads-in-isolation", "is not an ONNX file"),
        "other columns": ("m.skops", skops.io.dumps(columns), "inputs-exist", "wants columns income that"),
        "no column names": ("m.onnx", unnamed, "inputs-exist", "does not name its columns (it takes 2)"),
        "other classes": ("m.skops", skops.io.dumps(other), "classes-match", "has other classes: 0, 1"),
        "text for a score": (
            "p.csv",
            scores.replace(b"e2000,0.5", b"e2000,half"),
            "scores-readable",
            "row 2,001, column score: 'half' is not a number from 0 to 1",
        ),
        "binary in the middle": (
            "p.csv",
            scores[:20_000] + b"\x00\xff\xfe" + scores[20_000:],
            "scores-readable",
            "p.csv is neither Parquet nor UTF-8 text from line",
        ),
        "NUL in the middle": (
            "p.csv",
            scores[:20_000] + b"\x00" + scores[20_000:],
            "scores-readable",
            "p.csv is neither Parquet nor UTF-8 text from line",
        ),
        "Parquet by name": ("p.parquet", truncated(b"PAR1" + scores), "scores-readable", "p.parquet"),
        "other ids": ("p.csv", b"example_id,score\nz,0.5\n", "examples-known", "none of its 1 ids is in"),
    }


FAILING = failing()


@pytest.mark.parametrize("case", FAILING)
def test_a_file_that_cannot_be_one_fails_its_check(home: Home, tmp_path: Path, case: str) -> None:
    """The check has its sentence, those that depend on it are not called passed, and register says the same."""
    name, data, code, words = FAILING[case]
    path = saved(tmp_path, name, data)
    before = state(home)
    proposal = inspect_file(home, path, actor=ANA)
    assert outcomes(proposal)[code] == "failed"
    assert [each for each, outcome in outcomes(proposal).items() if outcome == "failed"] == [code]
    assert words in sentence(proposal, code)
    assert proposal.refusal == sentence(proposal, code)
    assert proposal.manifest is None
    assert proposal.waits_for_approval == case.startswith("a pickle")
    with pytest.raises(LookingGlassError) as refused:
        register(home, "bad", path, proposal=proposal, actor=ANA)
    assert words in str(refused.value)
    assert state(home) == before


def test_columns_and_classes_are_looked_at_apart(home: Home, tmp_path: Path) -> None:
    """Both mistakes are told at once, with what the model says of itself."""
    table = frame().rename(columns={"b": "income"})
    model = LogisticRegression().fit(table, (labels(frame()) == "yes").astype(int))
    proposal = inspect_file(home, saved(tmp_path, "m.skops", skops.io.dumps(model)), actor=ANA)
    found = outcomes(proposal)
    assert (found["inputs-exist"], found["classes-match"], found["answers-trial-rows"]) == (
        "failed",
        "failed",
        "not applicable",
    )
    assert (proposal.model_inputs, proposal.model_classes) == (("a", "income"), ("0", "1"))
    assert (proposal.inputs, proposal.classes) == (("a",), ())


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({"inputs": ["b", "a"]}, "inputs-exist", "wants its columns in the order a, b"),
        ({"inputs": ["a"]}, "inputs-exist", "wants other columns: a, b; the manifest names a"),
        ({"inputs": ["a", "a"]}, "inputs-exist", "wants other columns"),
        ({"classes": ["yes", "no"]}, "classes-match", "has its classes in the order no, yes"),
        ({"format": "skops"}, "loads-in-isolation", "is not a skops file"),
        ({"format": "http"}, "format-known", "There is no format 'http' to add"),
    ],
)
def test_what_a_person_says_is_checked_against_the_model(
    home: Home, model_file: Path, said: dict[str, Any], code: str, words: str
) -> None:
    proposal = inspect_file(home, model_file, actor=ANA, **said)
    assert outcomes(proposal)[code] == "failed"
    assert words in sentence(proposal, code)


def test_the_same_model_under_another_name_is_a_tip_and_no_refusal(home: Home, model_file: Path) -> None:
    register(home, "first", model_file, actor=ANA)
    proposal = inspect_file(home, model_file, actor=ANA)
    assert outcomes(proposal)["new-model"] == "tip"
    assert sentence(proposal, "new-model").startswith("first is the same model: ana registered it on ")
    retire(home, "first", ANA)
    assert "retired since" in sentence(inspect_file(home, model_file, actor=ANA), "new-model")
    assert register(home, "again", model_file, proposal=proposal, actor=ANA).name == "again"


def behaviours() -> dict[str, tuple[Callable[[Any], Any], str]]:
    """Return what a hostile model does with the trial rows, and its sentence."""

    def hang(table: Any) -> Any:
        import time

        time.sleep(1000)

    def eat(table: Any) -> Any:
        return np.ones((4 << 30) // 8)

    def crash(table: Any) -> Any:
        import ctypes

        return ctypes.string_at(0)

    return {
        "hangs": (hang, "no answer within 1 s"),
        "eats memory": (eat, "memory limit (300 MB) reached"),
        "crashes": (crash, "crashed (signal 11)"),
        "answers NaN": (lambda table: half(len(table)) * np.nan, "answered NaN for row 1"),
        "out of range": (lambda table: half(len(table)) * 4 - 1, "that sum to 2"),
    }


@pytest.mark.parametrize("case", list(behaviours()))
def test_an_approved_program_that_misbehaves_fails_its_trial(home: Home, tmp_path: Path, case: str) -> None:
    act, words = behaviours()[case]
    path = saved(tmp_path, "model.joblib", acting(act))
    limits = home.config.limits.model_copy(update={"batch_seconds": 1.0})
    hurried = Home(home.folder, home.config.model_copy(update={"limits": limits}), home.ledger, home.files)
    refused = inspect_file(hurried, path, inputs=INPUTS, actor=ANA)
    assert refused.waits_for_approval
    approve_file(home, refused.sha, "a test", ANA)
    tried = inspect_file(hurried, path, inputs=INPUTS, actor=ANA)
    assert outcomes(tried)["answers-trial-rows"] == "failed"
    assert words in sentence(tried, "answers-trial-rows")
    assert outcomes(tried)["no-code-in-file"] == "tip"
    assert "ana approved this one file" in sentence(tried, "no-code-in-file")


def test_every_check_is_made_somewhere_above() -> None:
    """A code without a test that sees it is one too many."""
    text = Path(__file__).read_text(encoding="utf-8")
    docs = (Path(__file__).parents[4] / "docs" / "candidates.md").read_text(encoding="utf-8")
    for code in FILE_CHECKS:
        assert f'"{code}"' in text, f"no test names the check {code}"
        assert f"| `{code}` |" in docs, f"docs/candidates.md has no line for the check {code}"
