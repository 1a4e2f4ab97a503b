"""Inspecting a file: what is proposed, which checks it passes, and that nothing is stored, recorded or tried twice."""

from __future__ import annotations

import hashlib
import json
import threading
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

from lookingglass.candidates import (
    FILE_CHECKS,
    Proposal,
    Worker,
    approve_file,
    get_candidate,
    inspect_file,
    list_candidates,
    name_trouble,
    register,
    retire,
)
from lookingglass.candidates.checks import read_checks
from lookingglass.config import Limits, write_config
from lookingglass.errors import BadInput, Damaged, LookingGlassError, NotAllowed
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from tests.core.candidates.conftest import ANA, small_config
from tests.core.candidates.models import CLASSES, INPUTS, acting, batch, frame, half, labels, logistic


def outcomes(proposal: Proposal) -> dict[str, str]:
    """Return what came of each check by its code."""
    return {check.code: check.outcome for check in proposal.checks}


def sentence(proposal: Proposal, code: str) -> str:
    """Return what one check found."""
    (found,) = [check.sentence for check in proposal.checks if check.code == code]
    return found


def saved(folder: Path, name: str, data: bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(data)
    return path


def state(home: Home) -> tuple[object, set[Path]]:
    """Return what a mere look must not change: the ledger's head and the stored files."""
    return home.ledger.head(), set(home.files.folder.rglob("*"))


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


def test_what_was_inspected_is_registered_without_a_second_trial(
    home: Home, skops_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks are in the event and with the candidate; the model is not run again."""
    proposal = inspect_file(home, skops_file, actor=ANA)

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("the model was tried again")

    monkeypatch.setattr(Worker, "predict_proba", forbidden)
    monkeypatch.setattr(Worker, "_started", forbidden)
    candidate = register(home, "first", skops_file, proposal=proposal, description="d", actor=ANA)
    payload = home.ledger.event(candidate.seq).payload
    assert payload["tried_rows"] == 5
    assert [each["code"] for each in payload["checks"]] == list(outcomes(proposal))
    assert candidate.checks == proposal.checks
    assert candidate.files == {"model.skops": proposal.sha}
    assert json.loads(json.dumps(candidate.to_json()))["checks"][0]["outcome"] == "passed"


def test_another_file_than_the_inspected_one_is_refused(home: Home, tmp_path: Path, skops_file: Path) -> None:
    """One byte is enough: what was tried is what is registered."""
    path = saved(tmp_path, "model.skops", skops_file.read_bytes())
    proposal = inspect_file(home, path, actor=ANA)
    path.write_bytes(path.read_bytes() + b"x")
    before = state(home)
    with pytest.raises(BadInput, match="was changed since it was inspected"):
        register(home, "first", path, proposal=proposal, actor=ANA)
    assert state(home) == before


def test_a_registration_that_says_other_inputs_is_tried_again(home: Home, skops_file: Path) -> None:
    proposal = inspect_file(home, skops_file, actor=ANA)
    with pytest.raises(BadInput, match="wants its columns in the order a, b"):
        register(home, "first", skops_file, proposal=proposal, inputs=["b", "a"], actor=ANA)


def test_a_refused_proposal_is_not_registered(home: Home, tmp_path: Path) -> None:
    path = saved(tmp_path, "model.skops", b"hello")
    proposal = inspect_file(home, path, actor=ANA)
    with pytest.raises(BadInput, match=r"model\.skops is not a skops file"):
        register(home, "bad", path, proposal=proposal, actor=ANA)
    assert list_candidates(home) == []


def test_the_same_request_twice_registers_once(home: Home, skops_file: Path) -> None:
    first = register(home, "first", skops_file, key="k1", actor=ANA)
    head = home.ledger.head()
    assert register(home, "first", skops_file, key="k1", actor=ANA) == first
    assert home.ledger.head() == head
    with pytest.raises(BadInput, match="The name first is taken"):
        register(home, "first", skops_file, key="k2", actor=ANA)


def test_two_people_registering_one_name_at_once(home: Home, tmp_path: Path, skops_file: Path) -> None:
    """Whoever is first has it; the other is told who that was, and nothing of theirs is recorded."""
    other = saved(tmp_path, "told.csv", b"example_id,score\ne0,0.5\n")
    together = threading.Barrier(2)
    told: list[str] = []

    def add(path: Path, who: str) -> None:
        proposal = inspect_file(home, path, actor=ANA)
        together.wait()
        try:
            register(home, "same", path, proposal=proposal, actor=Actor(who))
            told.append("done")
        except LookingGlassError as error:
            told.append(str(error))

    people = [threading.Thread(target=add, args=pair) for pair in ((skops_file, "bo"), (other, "eva"))]
    for person in people:
        person.start()
    for person in people:
        person.join()
    winner = get_candidate(home, "same").actor
    assert sorted(told)[1] == "done"
    assert f"The name same is taken: {winner} registered it" in sorted(told)[0]
    assert len(home.ledger.events("candidates")) == 1


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
        ({"format": "onnx"}, "loads-in-isolation", "is not an ONNX file"),
        ({"format": "http"}, "format-known", "There is no format 'http' to add"),
    ],
)
def test_what_a_person_says_is_checked_against_the_model(
    home: Home, skops_file: Path, said: dict[str, Any], code: str, words: str
) -> None:
    proposal = inspect_file(home, skops_file, actor=ANA, **said)
    assert outcomes(proposal)[code] == "failed"
    assert words in sentence(proposal, code)


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


def test_the_same_model_under_another_name_is_a_tip_and_no_refusal(home: Home, skops_file: Path) -> None:
    register(home, "first", skops_file, actor=ANA)
    proposal = inspect_file(home, skops_file, actor=ANA)
    assert outcomes(proposal)["new-model"] == "tip"
    assert sentence(proposal, "new-model").startswith("first is the same model: ana registered it on ")
    retire(home, "first", ANA)
    assert "retired since" in sentence(inspect_file(home, skops_file, actor=ANA), "new-model")
    assert register(home, "again", skops_file, proposal=proposal, actor=ANA).name == "again"


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
def test_a_name_is_made_from_the_files(home: Home, skops_file: Path, hint: str, name: str) -> None:
    proposal = inspect_file(home, skops_file, name_hint=hint, actor=ANA)
    assert proposal.name == name
    assert name_trouble(home, proposal.name) is None


def test_a_proposed_name_is_free_and_a_taken_one_is_told(home: Home, skops_file: Path) -> None:
    register(home, "model", skops_file, actor=ANA)
    assert inspect_file(home, skops_file, actor=ANA).name == "model-2"
    assert "The name model is taken: ana registered it on " in str(name_trouble(home, "model"))
    assert "cannot be the name of a candidate" in str(name_trouble(home, "a/b"))


def test_an_uploaded_copy_is_called_by_the_name_that_people_know(home: Home, tmp_path: Path) -> None:
    path = saved(tmp_path, "upload-1", b"hello")
    proposal = inspect_file(home, path, file_name="my\nmodel.skops", actor=ANA)
    assert proposal.format == "skops"
    assert str(proposal.refusal).startswith("my?model.skops is not a skops file")


def test_each_step_is_told(home: Home, skops_file: Path) -> None:
    told: list[str] = []
    inspect_file(home, skops_file, actor=ANA, on_step=told.append)
    assert told == [
        "Starting a process of its own and loading the model in it",
        "Asking the model for 5 rows of the test set",
    ]


def test_a_registration_without_checks_still_reads(home: Home) -> None:
    """Events of before there were checks, and whatever else stands in their place, give none."""
    sha = home.files.add_bytes(b"example_id,score\ne0,0.5\n")
    fields = {"name": "old", "format": "predictions", "file": "p.csv", "classes": CLASSES}
    payload = {"name": "old", "fingerprint": "sha256:0", "manifest": fields, "files": {"p.csv": sha}}
    home.ledger.append("candidates", "candidate_registered", payload, ANA)
    assert get_candidate(home, "old").checks == ()
    assert read_checks("x") == ()
    (odd,) = read_checks([{"code": "gone", "outcome": "splendid", "sentence": "s"}, 7])
    assert (odd.title, odd.outcome) == ("gone", "not applicable")


def test_every_check_is_made_somewhere_above() -> None:
    """A code without a test that sees it is one too many."""
    text = Path(__file__).read_text(encoding="utf-8")
    docs = (Path(__file__).parents[3] / "docs" / "candidates.md").read_text(encoding="utf-8")
    for code in FILE_CHECKS:
        assert f'"{code}"' in text, f"no test names the check {code}"
        assert f"| `{code}` |" in docs, f"docs/candidates.md has no line for the check {code}"


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
