"""Inspecting a file proposes what it holds and how to call it, and keeps, records and runs nothing more."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

from lookingglass.candidates import Worker, inspect_file, name_trouble, register
from lookingglass.config import Limits, write_config
from lookingglass.errors import Damaged, NotAllowed
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from tests.core.candidates.conftest import ANA, small_config
from tests.core.candidates.inspection.looking import outcomes, saved, sentence, state
from tests.core.candidates.models import CLASSES, INPUTS, batch, logistic


def test_a_good_model_passes_every_check_and_nothing_is_kept(home: Home, skops_file: Path) -> None:
    before = state(home)
    proposal = inspect_file(home, skops_file, actor=ANA)
    assert state(home) == before
    assert (proposal.name, proposal.format, proposal.refusal) == ("model", "skops", None)
    assert (list(proposal.inputs), list(proposal.classes)) == (INPUTS, CLASSES)
    assert proposal.sha == hashlib.sha256(skops_file.read_bytes()).hexdigest()
    assert set(outcomes(proposal).values()) == {"passed"}
    assert list(outcomes(proposal)) == [
        "file-not-empty",
        "format-known",
        "no-code-in-file",
        "loads-in-isolation",
        "inputs-exist",
        "classes-match",
        "answers-trial-rows",
        "new-model",
    ]
    assert "It answered 5 rows of version 1" in sentence(proposal, "answers-trial-rows")
    assert "In force: full isolation" in sentence(proposal, "loads-in-isolation")


def test_a_form_can_say_what_the_file_does_not(home: Home, tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "net.onnx",
        to_onnx(logistic(), initial_types=[("X", FloatTensorType([None, 2]))]).SerializeToString(),
    )
    proposal = inspect_file(home, path, inputs=INPUTS, actor=ANA)
    assert proposal.refusal is None
    assert register(home, "net", path, proposal=proposal, actor=ANA).manifest.inputs == tuple(INPUTS)


def test_predictions_are_counted_against_the_test_set(home: Home, tmp_path: Path) -> None:
    part = inspect_file(home, saved(tmp_path, "p.csv", b"example_id,score\ne0,0.5\nnew,1\n"), actor=ANA)
    assert outcomes(part)["examples-known"] == "tip"
    assert "scores 1 of the 8 examples of version 1" in sentence(part, "examples-known")
    assert outcomes(part)["no-code-in-file"] == "not applicable"
    rows = "".join(f"e{number},0.5\n" for number in range(8))
    whole = inspect_file(home, saved(tmp_path, "q.csv", f"example_id,score\n{rows}".encode()), actor=ANA)
    assert outcomes(whole)["examples-known"] == "passed"
    assert outcomes(whole)["scores-readable"] == "passed"


def test_roles_are_asked_before_anything_of_the_file_is_run(tmp_path: Path, skops_file: Path) -> None:
    write_config(tmp_path / "ws", small_config(people={"rob": ["reviewer"]}))
    home = open_home(tmp_path / "ws")
    with pytest.raises(NotAllowed, match="rob may not register a candidate"):
        inspect_file(home, tmp_path / "not-even-there.skops", actor=Actor("rob"))
    home.close()


@pytest.mark.parametrize(
    ("hint", "name"),
    [
        ("boosted 2 (final).skops", "boosted-2-final-.skops"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "model"),
        ("né\x00\n", "n"),
        ("日本語", "candidate"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_name_is_made_from_the_files(home: Home, tmp_path: Path, hint: str, name: str) -> None:
    path = saved(tmp_path, "model.csv", b"example_id,score\ne0,0.5\n")
    proposal = inspect_file(home, path, name_hint=hint, actor=ANA)
    assert proposal.name == name
    assert name_trouble(home, proposal.name) is None


def test_a_proposed_name_is_free_and_a_taken_one_is_told(home: Home, model_file: Path) -> None:
    register(home, "model", model_file, actor=ANA)
    assert inspect_file(home, model_file, actor=ANA).name == "model-2"
    assert "The name model is taken: ana registered it on " in str(name_trouble(home, "model"))
    assert "cannot be the name of a candidate" in str(name_trouble(home, "a/b"))


def test_an_uploaded_copy_is_called_by_the_name_that_people_know(home: Home, tmp_path: Path) -> None:
    path = saved(tmp_path, "upload-1", b"hello")
    proposal = inspect_file(home, path, file_name="my\nmodel.skops", actor=ANA)
    assert proposal.format == "skops"
    assert str(proposal.refusal).startswith("my?model.skops is not a skops file")


def test_each_step_is_told(home: Home, model_file: Path) -> None:
    told: list[str] = []
    inspect_file(home, model_file, actor=ANA, on_step=told.append)
    assert told == [
        "Starting a process of its own and loading the model in it",
        "Asking the model for 5 rows of the test set",
    ]


def test_a_worker_whose_file_cannot_be_read_is_ended(skops_file: Path) -> None:
    """Half started, it would be taken for one that has its model; the next question starts afresh and answers."""
    readable: list[bool] = []

    def read() -> dict[str, bytes]:
        if not readable:
            raise Damaged("the file is missing")
        return {"model.skops": skops_file.read_bytes()}

    with Worker("w", "skops", {"inputs": INPUTS, "classes": CLASSES}, read, Limits()) as worker:
        with pytest.raises(Damaged, match="the file is missing"):
            worker.warm()
        assert worker.pid is None
        readable.append(True)
        assert worker.predict_proba(batch()).shape == (8, 2)
